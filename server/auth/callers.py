"""The caller of a request: the user whose credential was accepted, and the credential's scheme."""

from dataclasses import dataclass
from typing import Final, Literal

from conf.model.addons import UserDoc

# The mechanisms a handler accepts (contract/auth.md 1): API keys, the server's own credentials, the console's
# cookie.
Mechanism = Literal["jwt", "session", "console"]
Scheme = Literal["jwt", "session", "bearer", "console"]


def has(user: UserDoc | None, permission: str) -> bool:
    """Whether the user holds the permission `App:Action`, by name or by `App:*`, `*:Action` or `*:*`."""
    granted = user["permissions"] if user is not None else ()
    if not granted:
        return False
    app, _, action = permission.partition(":")
    return any(name in granted for name in (permission, f"{app}:*", f"*:{action}", "*:*"))


@dataclass(frozen=True, slots=True)
class Caller:
    """`user` and `mechanism` are None for a request without a credential.

    The user document is shared with other requests: read it, never change it.
    """

    user: UserDoc | None = None
    mechanism: Scheme | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.user is None

    @property
    def id(self) -> int | None:
        return self.user["_id"] if self.user else None

    def has(self, *permissions: str) -> bool:
        """Whether the caller holds one of the permissions."""
        return any(has(self.user, permission) for permission in permissions)


ANONYMOUS: Final = Caller()


class AuthenticationFailed(Exception):
    """`key` names a text of conf/messages.toml, which `values` complete; `code` is a constant for programs.

    The contract has both (contract/auth.md 1.3 and 2.2).
    """

    def __init__(self, key: str, code: str | None = None, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.code = code
        self.values = values
