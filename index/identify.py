"""What an identifier in a path names: an id, a guid or a slug (reference/addons.md 2)."""

import re
from typing import Final, Literal

from conf.vocabulary import GUID_PATTERN

_GUID: Final = re.compile(GUID_PATTERN)
_LARGEST_ID: Final = 2**63 - 1

Kind = Literal["id", "guid", "slug"]


def identify(identifier: str) -> tuple[Kind, str]:
    """Decided by shape alone, so one look-up is enough.

    Digits only are an id, also where a slug of digits were stored; numbers no
    id can have are left as slugs, which match nothing.
    """
    if identifier.isascii() and identifier.isdigit():
        return ("id", identifier) if int(identifier[:20]) <= _LARGEST_ID else ("slug", identifier)
    return ("guid", identifier) if _GUID.fullmatch(identifier) else ("slug", identifier)
