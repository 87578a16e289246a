"""Identifiers of add-ons: an id, a guid or a slug (contract/addons.md 2)."""

import re
from typing import Final, Literal

from conf.numbers import MAX_NUMBER, read_number
from conf.vocabulary import GUID_PATTERN

_GUID: Final = re.compile(GUID_PATTERN)

IdentifierKind = Literal["id", "guid", "slug"]


def identify(identifier: str) -> tuple[IdentifierKind, str]:
    """Decided by shape alone, so one look-up is enough.

    Digits alone are an id, even if an add-on has such a slug; a number too large for an id
    passes for a slug, which matches nothing.
    """
    number = read_number(identifier)
    if number is not None:
        return ("slug", identifier) if number == MAX_NUMBER else ("id", str(number))
    return ("guid", identifier) if _GUID.fullmatch(identifier) else ("slug", identifier)


class IdentifierIndex:
    """Add-ons by guid, or by slug, whatever its case.

    Where several differ in case alone, the oldest add-on owns the identifier, so that nobody takes over
    another's; the next oldest follows once the owner is removed.
    """

    def __init__(self) -> None:
        self.owners: dict[str, int] = {}  # by lower-cased identifier
        self.claimants: dict[str, list[int]] = {}  # the owner among them; only where there are several

    def add(self, identifier: str, addon_id: int) -> None:
        # `lower` always copies, and memory holds the identifier already: 50,000 copies are 10 MB.
        key = identifier if identifier.islower() else identifier.lower()
        owner = self.owners.setdefault(key, addon_id)
        if owner != addon_id:
            self.claimants.setdefault(key, [owner]).append(addon_id)
            self.owners[key] = min(owner, addon_id)

    def remove(self, identifier: str, addon_id: int) -> None:
        key = identifier.lower()
        claimants = self.claimants.pop(key, [addon_id])
        claimants.remove(addon_id)
        if len(claimants) > 1:
            self.claimants[key] = claimants
        if claimants:
            self.owners[key] = min(claimants)
        else:
            del self.owners[key]
