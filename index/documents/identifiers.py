"""What an identifier in a path names: an id, a guid or a slug (contract/addons.md 2)."""

import re
from typing import Final, Literal

from conf.numbers import LARGEST, read_number
from conf.vocabulary import GUID_PATTERN

_GUID: Final = re.compile(GUID_PATTERN)

IdentifierKind = Literal["id", "guid", "slug"]


def identify(identifier: str) -> tuple[IdentifierKind, str]:
    """Decided by shape alone, so one look-up is enough.

    Digits only are an id, also where a slug of digits were stored; numbers no
    id can have are left as slugs, which match nothing.
    """
    number = read_number(identifier)
    if number is not None:
        return ("slug", identifier) if number == LARGEST else ("id", str(number))
    return ("guid", identifier) if _GUID.fullmatch(identifier) else ("slug", identifier)
