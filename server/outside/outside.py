"""The outside services that requests use, if the settings name them."""

from conf.settings.settings import Settings
from server.auth.sign_in.provider import IdentityProvider
from server.outside.recommender import Recommender


class OutsideServices:
    """A service is None if the settings do not name it; none is contacted before it is needed."""

    def __init__(self, settings: Settings) -> None:
        self.recommender: Recommender | None = None
        self.provider: IdentityProvider | None = None
        if settings.recommendation_url:
            self.recommender = Recommender(settings.recommendation_url, settings.recommendation_timeout)
        if settings.oidc_issuer and settings.oidc_client_id:
            self.provider = IdentityProvider(
                settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
            )

    async def close(self) -> None:
        for service in (self.recommender, self.provider):
            if service is not None:
                await service.close()
