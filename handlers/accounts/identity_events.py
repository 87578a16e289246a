"""`/api/auth/fxa-notification`: events of identities, from the identity provider (contract/auth.md 8.4)."""

import logging
from typing import ClassVar

from handlers.http.base import ANYBODY, SiteResource
from handlers.http.replies import errors
from server.auth.sign_in.provider import NotIdentified, ProviderUnavailable
from server.services.accounts.sign_in import apply_events

log = logging.getLogger(__name__)


class IdentityEventHandler(SiteResource):
    """The event is a signed token in the header; the body is ignored."""

    title = "Identity Event"
    access: ClassVar = {"POST": ANYBODY}  # the token must be signed with the provider's key

    async def post(self) -> None:
        provider = self.site.outside.provider
        if provider is None:
            raise self.not_found()
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise NotIdentified("no token")
            claims = await provider.event_claims(token.strip())
        except NotIdentified as fault:
            log.info("an identity event is not taken: %s", fault)
            raise self.error(403, "event_invalid") from None
        except ProviderUnavailable as fault:
            provider.outages.warning("the identity provider cannot be used: %s", fault)
            raise errors.provider_away(self.locale_name) from None
        await apply_events(self.site, claims)
        self.send_json("202 Accepted", 202)
