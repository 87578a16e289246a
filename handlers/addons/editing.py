"""What every write to an add-on has in common (contract/auth.md 3 and 5, contract/writes.md 1).

Who may submit is decided before any object is looked at, as is how often; then
the add-on is found and the caller's right to it checked, then the body read.
The change itself is a function of the add-on, applied to its newest state.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from conf.gates import enabled
from conf.limits import MAX_TEXTS_BYTES
from conf.model.addons import AddonDoc
from handlers.addons.access import EDITORS, Rule, load_addon, passes
from handlers.http import client, throttling
from handlers.http.base import SAFE, ApiHandler
from handlers.http.errors import detail, not_found
from handlers.http.request import ReadRequest
from index.shapes.markup import cleaned_values
from server.auth.callers import Mechanism
from server.auth.permissions import has
from server.changes import Edited, NewRecord
from server.errors import Duplicate
from server.rules.faults import Fault, Invalid, field
from server.rules.sizes import check_size
from server.rules.translated import Manner

AddonChange = Callable[[AddonDoc], AddonDoc]
Recorded = Callable[[AddonDoc, AddonDoc], Sequence[NewRecord]]

UNSAFE: Final = ("POST", "PUT", "PATCH", "DELETE")
_AGREEMENT: Final = "{site}/{locale}/developers/addon/agreement/"


def _nothing(old: AddonDoc, new: AddonDoc) -> Sequence[NewRecord]:
    return ()


class AddonEditing(ApiHandler):
    """A resource of an add-on that its authors write to; in a class with a page's handler it comes first."""

    mechanisms: ClassVar[tuple[Mechanism, ...]] = ("jwt", "session")
    max_json_bytes = MAX_TEXTS_BYTES
    # Verbs that need an accepted agreement and no restriction (SUBMITTER of contract/auth.md 5.1).
    submits: ClassVar[tuple[str, ...]] = UNSAFE
    # Verb -> scope of conf/limits.py THROTTLES.
    throttle_scopes: ClassVar[dict[str, str]] = dict.fromkeys(UNSAFE, "submission")

    def admit(self) -> None:
        super().admit()
        if self.request.method in self.submits and not self.caller.is_anonymous:
            self._check_submitter()

    def throttle(self) -> None:
        throttling.check(self, self.throttle_scopes)

    def _check_submitter(self) -> None:
        """Raises Refusal 403 with the reason (contract/writes.md 1.4)."""
        user, settings = self.caller.user, self.site.settings
        assert user is not None
        if (user["read_dev_agreement"] or "") < settings.developer_agreement_date:
            url = _AGREEMENT.format(site=self.site_url, locale=self.locale_name)
            raise detail(403, "agreement_outdated", self.locale_name, url=url)
        denied = tuple(settings.denied_submitters)
        email = (user["email"] or "").lower()
        named = {email, "@" + email.rpartition("@")[2]} & {entry.lower() for entry in denied}
        networks = tuple(entry for entry in denied if "@" not in entry)
        if (email and named) or client.is_listed(client.address(self.request, settings), networks):
            raise detail(403, "email_restricted", self.locale_name)

    @property
    def site_url(self) -> str:
        return self.site.shapes[self.version].context.site_url

    @property
    def user_id(self) -> int:
        assert self.caller.id is not None
        return self.caller.id

    def can(self, permission: str) -> bool:
        return has(self.caller.user, permission)

    def manner(self) -> Manner:
        return Manner(flat=enabled(self.version, "flat_translations"), locale=self.locale_name)

    def sent(self) -> dict[str, Any]:
        """The body's fields and files in one; files are tornado's HTTPFile."""
        body = self.body()
        return {**body.fields, **body.files}

    async def clean(self, values: dict[str, Any]) -> dict[str, Any]:
        """What was read of the body with its markup clean: not on the loop, for it may take long."""
        return await asyncio.to_thread(cleaned_values, values)

    async def writable(self, ask: ReadRequest, identifier: str, need: Rule = EDITORS) -> AddonDoc:
        """The add-on, for a caller who may write to it; a deleted one is nobody's.

        Raises Refusal 404, 451, 401, 403.
        """
        addon = await load_addon(self, ask, identifier, need)
        if addon["status"] == "deleted":
            raise not_found(self.locale_name)
        return addon

    async def edit(
        self, addon: AddonDoc, change: AddonChange, recorded: Recorded = _nothing, need: Rule = EDITORS
    ) -> AddonDoc:
        """The add-on as stored after `change`, which may find a newer state of it than the caller's right
        was checked on: so it is checked again. Raises Refusal, Invalid.
        """

        def apply(newest: AddonDoc) -> Edited[AddonDoc]:
            self._check_still(newest, need)
            new = change(newest)
            check_size(newest, new)
            return Edited(new, recorded(newest, new) if new != newest else ())

        try:
            return await self.site.changes.edit_addon(addon["_id"], apply)
        except Duplicate as taken:
            raise as_invalid(taken) from None

    def _check_still(self, addon: AddonDoc, need: Rule) -> None:
        if addon["status"] == "deleted":
            raise not_found(self.locale_name)
        if not passes(need, self.caller, addon, safe=self.request.method in SAFE):
            raise self.denied(
                is_disabled_by_developer=addon["disabled_by_user"],
                is_disabled_by_mozilla=addon["status"] == "disabled",
            )


def as_invalid(taken: Duplicate) -> Invalid:
    """A unique value that somebody else took meanwhile."""
    if taken.field == "slug":
        return field("slug", "slug_taken")
    return Invalid({"version": [Fault("guid_duplicate")]}, status=409)
