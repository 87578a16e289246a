"""The base class of an add-on's resources: finds the add-on for the caller, and checks who may submit.

Who may submit, and how often, is checked before any object is read; then the add-on is
found and the caller's permission for it checked, and then the body is read
(contract/auth.md 3 and 5).
"""

from typing import Any, ClassVar, Final

from conf.gates import enabled
from conf.model.addons import AddonDoc
from handlers.http.base import KEYS_AND_SESSIONS, Access, ApiHandler
from server.addresses import is_listed
from server.auth.access.addon_access import EDITORS, OWNERS
from server.rules.values.translated import TranslationFormat
from server.services import addons
from server.services.editing import Actor, Release

# The access that most writes to an add-on need.
SUBMITTING: Final = Access(EDITORS, submits=True, throttle="submission")
OWNING: Final = Access(OWNERS, throttle="submission")
_AGREEMENT: Final = "{site}/{locale}/developers/addon/agreement/"


class AddonResource(ApiHandler):
    """Comes first among the bases of a class that is a PageHandler, too."""

    mechanisms = KEYS_AND_SESSIONS
    has_long_texts = True
    has_regions: ClassVar[bool] = True  # whether an add-on can be withheld from the caller's country

    def check_permissions(self) -> None:
        super().check_permissions()
        if self.method_access.submits and not self.caller.is_anonymous:
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
        matching = {email, "@" + email.rpartition("@")[2]} & {entry.lower() for entry in denied}
        networks = tuple(entry for entry in denied if "@" not in entry)
        if (email and matching) or is_listed(self.address, networks):
            raise self.error(403, "email_restricted")

    async def load(self, identifier: str) -> AddonDoc:
        """The add-on of the path, if the caller may use the method on it. Raises as addons.find."""
        country = self.read_request().country if self.has_regions else None
        rule = self.method_access.rule
        return await addons.find(self.site, self.caller, identifier, rule, safe=self.is_safe, country=country)

    @property
    def actor(self) -> Actor:
        """The caller of a write."""
        translation_format = TranslationFormat(
            flat=enabled(self.version, "flat_translations"), locale=self.locale_name
        )
        return Actor(self.caller, self.address, translation_format, self.check_newest)

    def check_newest(self, addon: AddonDoc) -> None:
        """Raises PreconditionFailed if If-Match does not match; here it is not checked."""

    def author_view(self, addon: AddonDoc) -> dict[str, Any]:
        """The add-on as its authors see it."""
        shapes, view = self.site.shapes[self.version], self.read_request().view
        shape = shapes.detail(addon, self.site.catalogue.documents.users, view)
        return shapes.with_unlisted(shape, addon, view)

    def author_version(self, release: Release) -> dict[str, Any]:
        """A version as the add-on's authors see it."""
        shapes, view = self.site.shapes[self.version], self.read_request().view
        return shapes.version(release.addon, release.version, view, "detail", private=True)

    def release_view(self, release: Release) -> dict[str, Any]:
        """The answer to a submission: the add-on, with its new version (contract/packages.md 5)."""
        return self.author_view(release.addon) | {"version": self.author_version(release)}
