"""Publishes a package for an operator, as its author would: upload, validation, version.

    release = await publish(site, None, package, Publication("listed", {}, {"license": "MIT"}))

Event loop only.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from conf.model.addons import AddonDoc, UserDoc
from index import facts
from server.errors import Forbidden, NotFound, OperatorFault
from server.files.uploaded_file import UploadedFile
from server.rules.faults import Invalid
from server.services.editing import Actor, Release, actor_for
from server.services.review.resubmission import addon_to_update
from server.services.uploads import submissions, uploads
from server.site import Site

_LOCALE = "en-US"


class Publication(NamedTuple):
    """The fields beside the package, as POST of an add-on and of a version takes them."""

    channel: str | None  # None: as the newest version, `listed` for a new add-on
    listing: Mapping[str, Any]
    version: Mapping[str, Any]


class PublishFault(OperatorFault):
    """Why a package was not published."""


async def publish(
    site: Site, user: UserDoc | None, package: UploadedFile, publication: Publication
) -> Release:
    """Publish as `user`, or as the first owner of the package's add-on.

    Raises PublishFault, Unavailable, ReadOnly.
    """
    inspection = await site.validator.inspect(package, listed=publication.channel == "listed")
    _check(inspection.result)
    guid = inspection.result["metadata"].get("id")
    addon = await site.store.find_addon("guid", guid) if guid else None
    user = user or await _owner(site, addon)
    if user is None:
        raise PublishFault(f"there is no add-on {guid or 'without an id'} yet: name its owner with --user")
    addon = await addon_to_update(site.store, addon, user["_id"])
    newest = facts.versions(addon, "all_with_deleted")[:1] if addon else ()
    channel = publication.channel or next((version["channel"] for version in newest), "listed")
    actor = actor_for(user)
    upload = await uploads.store_upload(site, package, uploads.new_upload(actor, package, channel))
    result = (await site.validator.validated(upload["_id"]))["validation"]
    _check(result)
    version = {**publication.version, "upload": upload["_id"]}
    try:
        return await _release(site, actor, addon, version, publication.listing)
    except Invalid as error:
        raise PublishFault("; ".join(_lines(error.body(_LOCALE)))) from None
    except Forbidden:
        raise PublishFault(f"{user['username']} may not change it: disabled, or by other authors") from None
    except NotFound:
        raise PublishFault(f"add-on {guid} is deleted") from None


async def _release(
    site: Site, actor: Actor, addon: AddonDoc | None, version: dict[str, Any], listing: Mapping[str, Any]
) -> Release:
    if addon is None:
        return await submissions.create(site, actor, {**listing, "version": version})
    if not listing:
        return await submissions.add_version(site, actor, addon, version)
    return await submissions.replace(site, actor, addon, {**listing, "version": version}, addon["guid"] or "")


async def _owner(site: Site, addon: AddonDoc | None) -> UserDoc | None:
    """The first owner."""
    owners = [author["user_id"] for author in addon["authors"] if author["role"] == "owner"] if addon else []
    user = await site.store.find_one("users", {"_id": owners[0]}) if owners else None
    return cast(UserDoc | None, user)


def _check(result: Mapping[str, Any]) -> None:
    if not result["success"]:
        raise PublishFault("; ".join(_errors(result)))


def _errors(result: Mapping[str, Any]) -> Iterator[str]:
    for message in result["messages"]:
        if message["type"] == "error":
            prefix = f"{message['file']}: " if message["file"] else ""
            yield f"{prefix}{message['message']}"


def _lines(faults: Any, prefix: str = "") -> Iterator[str]:
    """The faults of a write, each with its field in front."""
    if isinstance(faults, dict):
        for name, inner in faults.items():
            yield from _lines(inner, f"{prefix}{name}: " if name != "non_field_errors" else prefix)
    elif isinstance(faults, list):
        for inner in faults:
            yield from _lines(inner, prefix)
    else:
        yield f"{prefix}{faults}"
