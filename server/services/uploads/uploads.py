"""Uploaded packages, before they become versions (contract/uploads.md 2).

    upload = await create(site, actor, sent)      # validated by server/packages/validation/validator.py
    upload = await find(site, user_id, "0f5c…")

Event loop only.
"""

import uuid
from typing import Any, Final, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.model.uploads import UploadDoc
from conf.vocabulary import CHANNELS
from server import clock
from server.changes import Change
from server.errors import Forbidden, NotFound
from server.files.uploaded_file import UploadedFile
from server.rules.faults import bare_fault
from server.services.editing import Actor, Sent, actor_for
from server.site import Site
from server.storage.lease_queue import new_record
from server.storage.operations import Insert, Update

UPLOADS: Final = "uploads"
VALIDATIONS: Final = "validations"
_MAX_NAME: Final = 255


async def find_sender(site: Site, upload: UploadDoc) -> Actor:
    """The sender as an actor, with the current account. Raises Forbidden if it is deleted or banned."""
    user = await site.store.find_one("users", {"_id": upload["user_id"]})
    if user is None or user["banned"] or user["deleted"]:
        raise Forbidden
    return actor_for(cast(UserDoc, user), upload["address"])


async def is_superseded(site: Site, addon: AddonDoc | None, upload: UploadDoc) -> bool:
    """Whether somebody sent a newer package for the same version."""
    signing, created = upload["signing"], upload["created"]
    query = uploads_for_version(addon, upload["user_id"], signing["guid"], signing["version"])
    later = {"$or": [{"created": {"$gt": created}}, {"created": created, "_id": {"$gt": upload["_id"]}}]}
    return bool(await site.store.find(UPLOADS, query | later, limit=1))


def uploads_for_version(
    addon: AddonDoc | None, user_id: int | None, guid: str, number: str
) -> dict[str, Any]:
    """A query for uploads for one version: the user's own, and those of the add-on's authors."""
    users = {author["user_id"] for author in addon["authors"]} if addon else set()
    return {
        "signing.folded": guid.casefold(),
        "signing.version": number,
        "user_id": {"$in": sorted(users | {user_id} - {None})},
    }


async def create(site: Site, actor: Actor, sent: Sent) -> UploadDoc:
    """Raises Invalid, Unavailable, ReadOnly."""
    file, channel = sent.get("upload"), sent.get("channel")
    if not isinstance(file, UploadedFile):
        raise bare_fault("upload_missing")
    if channel not in CHANNELS:
        raise bare_fault("channel_missing")
    return await store_upload(site, file, new_upload(actor, file, channel))


def new_upload(actor: Actor, file: UploadedFile, channel: str) -> UploadDoc:
    """The document, before the bytes are stored."""
    return UploadDoc(
        _id=uuid.uuid4().hex,
        user_id=actor.id,
        channel=channel,
        name=file.name[-_MAX_NAME:],
        stored="",
        size=file.size,
        address=actor.address,
        created=clock.now(),
        validation=None,
        package=None,
        submitted=False,
    )


async def store_upload(site: Site, file: UploadedFile, upload: UploadDoc) -> UploadDoc:
    """Store the bytes, then the document, and queue it for validation.

    Raises Unavailable, ReadOnly.
    """
    stored = await site.files.put(file.content)
    upload |= {"stored": stored.id, "size": stored.size}
    await site.store.write([Insert(UPLOADS, upload), Insert(VALIDATIONS, new_record(_id=upload["_id"]))])
    site.validator.wake()
    return upload


async def find(site: Site, user_id: int, name: str) -> UploadDoc:
    """The user's upload by its uuid, in any spelling. Raises NotFound."""
    try:
        key = uuid.UUID(name).hex
    except ValueError:
        raise NotFound(name) from None
    upload = await site.store.find_one(UPLOADS, {"_id": key, "user_id": user_id})
    if upload is None:
        raise NotFound(name)
    return cast(UploadDoc, upload)


async def mark_used(change: Change, key: str) -> None:
    """Mark the upload as used, in the transaction that makes a version of it."""
    await change.apply(Update(UPLOADS, key, {"$set": {"submitted": True}}))


async def read_page(site: Site, user_id: int, skip: int, limit: int) -> list[UploadDoc]:
    """The user's uploads, newest first."""
    query, newest = {"user_id": user_id}, (("created", -1), ("_id", 1))
    return cast(list[UploadDoc], await site.store.find(UPLOADS, query, sort=newest, skip=skip, limit=limit))


def shape(upload: UploadDoc, url: str) -> dict[str, Any]:
    """The JSON of the API; `url` is the upload's own address."""
    validation = upload["validation"]
    return {
        "uuid": upload["_id"],
        "channel": upload["channel"],
        "processed": validation is not None,
        "submitted": upload["submitted"],
        "url": url,
        "valid": bool(validation and validation["success"]),
        "validation": validation,
        "version": upload.get("version"),
    }
