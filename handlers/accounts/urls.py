"""The routes of accounts and of what belongs to them."""

from typing import Final

from handlers.accounts.accounts import AccountHandler, PictureHandler, ProfileHandler, SessionHandler
from handlers.accounts.collections import CollectionAddonsHandler
from handlers.http.route import USER, Route

ACCOUNT: Final = f"accounts/account/{USER}/"

ACCOUNT_ROUTES: Final = (
    Route("accounts/session/", SessionHandler),
    Route("accounts/profile/", ProfileHandler),
    Route(ACCOUNT, AccountHandler),
    Route(f"{ACCOUNT}picture/", PictureHandler),
    Route(f"{ACCOUNT}collections/([^/]+)/addons/", CollectionAddonsHandler),
)
