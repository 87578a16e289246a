"""The routes of accounts, sign-in, notifications and collections."""

from typing import Final

from handlers.accounts.accounts import AccountHandler, PictureHandler, ProfileHandler, SessionHandler
from handlers.accounts.collection_addons import CollectionAddonHandler, CollectionAddonsHandler
from handlers.accounts.collections import CollectionHandler, CollectionListHandler
from handlers.accounts.identity_events import IdentityEventHandler
from handlers.accounts.notifications import NotificationsHandler
from handlers.accounts.sign_in import CALLBACK, CallbackHandler, LoginStartHandler
from handlers.accounts.unsubscribe import UnsubscribeHandler, UnsubscribePageHandler
from handlers.http.route import USER, Route

ACCOUNT_SITE_ROUTES: Final = (
    Route(CALLBACK, CallbackHandler),
    Route(
        "[A-Za-z-]{2,10}/[a-z]{2,10}/users/unsubscribe/([^/]+)/([^/]+)/([^/]+)/",
        UnsubscribePageHandler,
        label="users/unsubscribe/",
    ),
    Route("api/auth/fxa-notification/?", IdentityEventHandler, label="api/auth/fxa-notification"),
)
ACCOUNT: Final = f"accounts/account/{USER}/"

ACCOUNT_ROUTES: Final = (
    Route("accounts/login/start/", LoginStartHandler),
    Route("accounts/authenticate/", CallbackHandler, gate="authenticate"),
    Route("accounts/session/", SessionHandler),
    Route("accounts/profile/", ProfileHandler),
    Route("accounts/unsubscribe/", UnsubscribeHandler),
    Route(ACCOUNT, AccountHandler),
    Route(f"{ACCOUNT}picture/", PictureHandler),
    Route(f"{ACCOUNT}notifications/", NotificationsHandler),
    Route(f"{ACCOUNT}collections/", CollectionListHandler),
    Route(f"{ACCOUNT}collections/([^/]+)/", CollectionHandler),
    Route(f"{ACCOUNT}collections/([^/]+)/addons/", CollectionAddonsHandler),
    Route(f"{ACCOUNT}collections/([^/]+)/addons/([^/]+)/", CollectionAddonHandler),
)
