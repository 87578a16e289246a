"""Who writes to an add-on, and what they sent, as the services are given both."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.shapes.markup import cleaned_values
from server.auth.callers import Caller
from server.auth.permissions import has
from server.rules.packages import SUBMIT
from server.rules.sizes import check_sent
from server.rules.translated import Manner

Sent = Mapping[str, Any]  # the fields of a body as they came; files are tornado's HTTPFile


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes to an add-on, from where and how."""

    caller: Caller
    address: str  # of the network; kept with submissions
    manner: Manner

    @property
    def id(self) -> int:
        assert self.caller.id is not None  # strangers pass no rule for writes
        return self.caller.id

    @property
    def describes(self) -> bool:
        """Whether packages and images, which cannot be uploaded, are described (server/rules/packages.py)."""
        return self.can(SUBMIT)

    def can(self, permission: str) -> bool:
        return has(self.caller.user, permission)


async def clean(values: dict[str, Any]) -> dict[str, Any]:
    """What was read of a body with its markup clean: not on the loop, for it may take long.

    Raises Invalid.
    """
    check_sent(values)
    return await asyncio.to_thread(cleaned_values, values)
