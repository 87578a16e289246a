"""The usable Python drivers of MongoDB, and how long each of its release series is supported.

https://www.mongodb.com/legal/support-policy/lifecycles
"""

from datetime import date
from typing import Final

# Values of the setting `mongodb_driver`. The default is the first, which is supported until May 2027.
DRIVERS: Final = ("motor", "pymongo")
# Series before the first are out of support; nothing is known about others that are missing.
SUPPORTED_UNTIL: Final = {
    (6, 0): date(2025, 7, 31),
    (7, 0): date(2027, 8, 31),
    (8, 0): date(2029, 10, 31),
    (8, 2): date(2026, 7, 31),  # a minor release is supported until the next one
}


def support_warning(version: str, today: date) -> str | None:
    """A warning if a MongoDB of this version ("6.0.5") is out of support, else None; see server/README.md."""
    major, minor = (int(number) for number in version.split(".")[:2])
    until = SUPPORTED_UNTIL.get((major, minor))
    if (major, minor) < min(SUPPORTED_UNTIL):
        since = ""
    elif until and until < today:
        since = f" since {until:%B %Y}"
    else:
        return None
    return f"{version} is out of support{since}: {major}.{minor} gets no more fixes"
