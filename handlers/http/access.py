"""Who may use a method of a resource: declared in its class, checked before or while it is handled.

    access = {"GET": ANYBODY, "PATCH": Access(signed_in=True, throttle="rating_edit")}
    access = {"GET": Access(VISIBLE), "PATCH": Access(EDITORS, submits=True, throttle="submission")}

A server does not start if a method has no Access (handlers/urls.py). Sources: contract/auth.md 3, 5.2, 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from server.auth.access.addon_access import Rule, passes
from server.auth.callers import Caller


@dataclass(frozen=True, slots=True)
class Access:
    """`rule` is checked on the document of the path; everything else before the document is read."""

    rule: Rule = ()  # tests, of which the caller has to pass one; (): the handler decides
    signed_in: bool = False  # anonymous callers are answered 401
    permission: str | tuple[str, ...] | None = None  # needed, or one of several; else 401 or 403
    submits: bool = False  # signed-in callers must have accepted the agreement and not be denied
    throttle: str | None = None  # the scope of conf/limits.py THROTTLES that the request counts in

    def admits(self, caller: Caller) -> bool:
        """Whether the caller may use the method at all."""
        if self.signed_in and caller.is_anonymous:
            return False
        needed = (self.permission,) if isinstance(self.permission, str) else self.permission
        return needed is None or caller.has(*needed)

    def allows(self, caller: Caller, document: Any, *, safe: bool) -> bool:
        """Whether the caller may use it on this document."""
        return passes(self.rule, caller, document, safe=safe)


ANYBODY: Final = Access()
SIGNED_IN: Final = Access(signed_in=True)

PUBLIC: Final[Mapping[str, Access]] = {"GET": ANYBODY}
