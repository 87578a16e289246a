"""Who is calling: the user a credential proved, and how."""

from dataclasses import dataclass
from typing import Final, Literal

from conf.model.addons import UserDoc

# What handlers list (contract/auth.md 1): API keys, and the server's own credentials.
Mechanism = Literal["jwt", "session"]
Scheme = Literal["jwt", "session", "bearer"]


@dataclass(frozen=True, slots=True)
class Caller:
    """`user` and `mechanism` are None for somebody who showed no credential.

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


ANONYMOUS: Final = Caller()
