"""Who may use a verb of a resource, said beside it and checked before or while it is handled.

    access = {"GET": ANYBODY, "PATCH": Access(signed_in=True, throttle="rating_edit")}
    access = {"GET": Access(VISIBLE), "PATCH": Access(EDITORS, submits=True, throttle="submission")}

A server does not start with a verb that nothing is said of (handlers/urls.py). Sources:
contract/auth.md 3, 5.2, 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from server.auth.access.addon_access import Rule, passes
from server.auth.callers import Caller


@dataclass(frozen=True, slots=True)
class Access:
    """`rule` is about the document of the path; all else is checked before one is looked for."""

    rule: Rule = ()  # its tests, of which the caller passes one; (): the handler says who
    signed_in: bool = False  # strangers are 401
    permission: str | tuple[str, ...] | None = None  # who lacks it, or all of these, is 401 or 403
    submits: bool = False  # who is known needs an accepted agreement and no restriction: SUBMITTER
    throttle: str | None = None  # the scope of conf/limits.py THROTTLES that the request counts in

    def admits(self, caller: Caller) -> bool:
        """Whether the verb is open to the caller at all."""
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
