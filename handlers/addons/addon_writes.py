"""Add-ons created, edited, put and deleted (contract/writes.md 3 and 4)."""

from typing import Any

from itsdangerous import BadSignature

from conf.limits import DELETE_CONFIRM_AGE
from conf.model.addons import AddonDoc
from handlers.addons.access import DELETERS
from handlers.addons.addons import AddonHandler
from handlers.addons.editing import AddonEditing
from handlers.addons.submitting import (
    create,
    developer_view,
    numbers_for,
    read_submission,
    submitted_view,
    terms_for,
)
from handlers.http import client
from handlers.http.errors import not_found
from handlers.http.request import ReadRequest
from index.documents.identifiers import identify
from server import clock
from server.activity_log import listing_records, record, release_records
from server.changes import NewRecord
from server.rules import listing, releases
from server.rules.faults import Fault, Invalid, bare, under
from server.rules.fields import read

_SALT = "amoeba.delete"


class AddonCreateHandler(AddonEditing):
    title = "Addon"
    signed_in = ("POST",)

    async def post(self) -> None:
        ask = self.ask()
        values, package = await read_submission(self, self.sent(), None)
        addon = await create(self, values, package, client.address(self.request, self.site.settings))
        self.send_json(submitted_view(self, ask, addon, addon["versions"][0]["id"]), 201)


class AddonWriteHandler(AddonEditing, AddonHandler):
    submits = ("PUT", "PATCH")

    async def patch(self, identifier: str) -> None:
        ask = self.ask()
        addon = await self.writable(ask, identifier)
        sent = self.sent()
        terms = await terms_for(self, sent, addon, addon["type"])
        values = await self.clean(read({**listing.fields(terms), **listing.icon_fields(terms)}, sent))
        now = clock.now()
        addon = await self.edit(addon, lambda newest: listing.edited(newest, values, now), self._recorded)
        self.send_json(developer_view(self, ask, addon))

    def _recorded(self, old: AddonDoc, new: AddonDoc) -> list[NewRecord]:
        return listing_records(old, new, self.user_id)

    async def put(self, identifier: str) -> None:
        """By guid only: an add-on that is not there is created."""
        if identify(identifier)[0] != "guid":
            raise not_found(self.locale_name)
        ask = self.ask()
        known = await self.site.store.find_addon_id("guid", identifier)
        found = await self.site.store.find_one("addons", {"_id": known}, {"status": 1})
        if found is None or found["status"] == "deleted":  # whose guid nobody gets again, as `create` finds
            await self._put_new(ask, identifier)
        else:
            await self._put_version(ask, identifier)

    async def _put_new(self, ask: ReadRequest, guid: str) -> None:
        if self.caller.is_anonymous:
            raise self.denied()
        values, package = await read_submission(self, self.sent(), None)
        _check_guid(package, guid)
        addon = await create(self, values, package, client.address(self.request, self.site.settings))
        self.send_json(submitted_view(self, ask, addon, addon["versions"][0]["id"]), 201)

    async def _put_version(self, ask: ReadRequest, guid: str) -> None:
        addon = await self.writable(ask, guid)
        values, package = await read_submission(self, self.sent(), addon)
        _check_guid(package, guid)
        numbers = await numbers_for(self.site, package, addon["_id"])
        address = client.address(self.request, self.site.settings)
        now = clock.now()

        def change(newest: AddonDoc) -> AddonDoc:
            edited = listing.edited(newest, values, now)
            with under("version"):
                return releases.released(edited, package, numbers, now)

        def recorded(old: AddonDoc, new: AddonDoc) -> list[NewRecord]:
            version = next(one for one in new["versions"] if one["id"] == numbers.version)
            return [*self._recorded(old, new), *release_records(new, version, self.user_id, address)]

        addon = await self.edit(addon, change, recorded)
        self.send_json(submitted_view(self, ask, addon, numbers.version))

    async def delete(self, identifier: str) -> None:
        ask = self.ask()
        addon = await self.writable(ask, identifier, DELETERS)
        self._check_token(ask.params.get("delete_confirm", ""), addon["_id"])
        now = clock.now()
        await self.edit(
            addon,
            lambda newest: listing.deleted(newest, now),
            lambda old, new: [record("addon-deleted", new, self.user_id, details={"slug": old["slug"]})],
            DELETERS,
        )
        self.send_nothing()

    def _check_token(self, token: str, addon_id: int) -> None:
        if not token:
            raise bare("delete_token_missing")
        signer = self.site.accounts.keys.ring.signer(_SALT)
        try:
            named = signer.unsign(token, max_age=DELETE_CONFIRM_AGE)
        except BadSignature:
            raise bare("delete_token_invalid") from None
        if named != str(addon_id).encode():
            raise bare("delete_token_invalid")


def _check_guid(package: dict[str, Any], guid: str) -> None:
    """Raises Invalid unless the package is of the add-on the path names."""
    named = package.get("guid")
    if named is None or named.casefold() != guid.casefold():
        fault = Fault("guid_missing" if named is None else "guid_mismatch")
        raise Invalid({"version": {"upload": [fault]}})


class DeleteConfirmHandler(AddonEditing):
    """The first of the two steps of a deletion: a token for this add-on, valid for a minute."""

    title = "Addon Delete Confirm"
    submits = ()

    async def get(self, identifier: str) -> None:
        addon = await self.writable(self.ask(), identifier, DELETERS)
        token = self.site.accounts.keys.ring.signer(_SALT).sign(str(addon["_id"]))
        self.send_json({"delete_confirm": token.decode()})
