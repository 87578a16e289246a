"""What the resources of an add-on share: how it is found for the caller, and who may submit.

Who may submit is decided before any object is looked at, as is how often; then
the add-on is found and the caller's right to it checked, then the body read
(contract/auth.md 3 and 5).
"""

from typing import Any, ClassVar, Final

from conf.gates import enabled
from conf.model.addons import AddonDoc
from handlers.http.access import Access
from handlers.http.base import KEYS_AND_SESSIONS, SAFE_METHODS, ApiHandler
from server.addresses import is_listed
from server.auth.access.addon_access import EDITORS, OWNERS
from server.rules.values.translated import TranslationFormat
from server.services import addons
from server.services.editing import Actor, Release

# Who writes to an add-on, as most of its resources have it.
SUBMITTING: Final = Access(EDITORS, submits=True, throttle="submission")
OWNING: Final = Access(OWNERS, throttle="submission")
_AGREEMENT: Final = "{site}/{locale}/developers/addon/agreement/"


class AddonResource(ApiHandler):
    """In a class with a page's handler it comes first."""

    mechanisms = KEYS_AND_SESSIONS
    has_long_texts = True
    has_regions: ClassVar[bool] = True  # whether the country matters in which an add-on is not shown

    def admit(self) -> None:
        super().admit()
        if self.verb_access.submits and not self.caller.is_anonymous:
            self._check_submitter()

    def _check_submitter(self) -> None:
        """Raises Refusal 403 with the reason (contract/writes.md 1.4)."""
        user, settings = self.caller.user, self.site.settings
        assert user is not None
        if (user["read_dev_agreement"] or "") < settings.developer_agreement_date:
            url = _AGREEMENT.format(site=self.site.addresses.site_url, locale=self.locale_name)
            raise self.error(403, "agreement_outdated", url=url)
        denied = tuple(settings.denied_submitters)
        email = (user["email"] or "").lower()
        named = {email, "@" + email.rpartition("@")[2]} & {entry.lower() for entry in denied}
        networks = tuple(entry for entry in denied if "@" not in entry)
        if (email and named) or is_listed(self.address, networks):
            raise self.error(403, "email_restricted")

    async def load(self, identifier: str) -> AddonDoc:
        """The add-on of the path, if the caller may use the verb on it. Raises as addons.find."""
        country = self.read_request().country if self.has_regions else None
        safe = self.request.method in SAFE_METHODS
        rule = self.verb_access.rule
        return await addons.find(self.site, self.caller, identifier, rule, safe=safe, country=country)

    @property
    def actor(self) -> Actor:
        """The caller of a write."""
        translation_format = TranslationFormat(
            flat=enabled(self.version, "flat_translations"), locale=self.locale_name
        )
        return Actor(self.caller, self.address, translation_format, self.check_newest)

    def check_newest(self, addon: AddonDoc) -> None:
        """Raises PreconditionFailed for an add-on that is not as the caller knows it; here all are."""

    def author_view(self, addon: AddonDoc) -> dict[str, Any]:
        """An add-on as its authors are shown it."""
        shapes, view = self.site.shapes[self.version], self.read_request().view
        shape = shapes.detail(addon, self.site.catalogue.documents.users, view)
        return shapes.with_unlisted(shape, addon, view)

    def author_version(self, release: Release) -> dict[str, Any]:
        """A version as the add-on's authors are shown it."""
        shapes, view = self.site.shapes[self.version], self.read_request().view
        return shapes.version(release.addon, release.version, view, "detail", private=True)

    def release_view(self, release: Release) -> dict[str, Any]:
        """The answer to a submission: the add-on, with the version just made (contract/packages.md 5)."""
        return self.author_view(release.addon) | {"version": self.author_version(release)}
