"""429: a caller who writes too often (contract/auth.md 6).

def throttle(self) -> None:
    check(self, {"POST": "rating_post", "PATCH": "rating_edit"})
"""

from collections.abc import Mapping

from conf.messages import counted
from handlers.http import client
from handlers.http.base import ApiHandler
from handlers.http.errors import Refusal


def check(handler: ApiHandler, scopes: Mapping[str, str]) -> None:
    """Count the request in its verb's scope of conf/limits.py THROTTLES, if it has one. Raises Refusal."""
    scope = scopes.get(handler.request.method or "")
    if scope is None:
        return
    site = handler.site
    address = client.address(handler.request, site.settings)
    wait = site.throttles.hit(scope, handler.caller.user, address)
    if wait:
        body = {"detail": counted("throttled", wait, handler.locale_name)}
        raise Refusal(429, body, {"Retry-After": str(wait)})
