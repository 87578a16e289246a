"""MongoDB's drivers for Python that are known here; its release series, and until when each gets corrections.

https://www.mongodb.com/legal/support-policy/lifecycles
"""

from datetime import date
from typing import Final

# By the setting `mongodb_driver`. The first is the default; it gets corrections until May 2027.
DRIVERS: Final = ("motor", "pymongo")
# By series. Those before the first are out of support, others that are missing are unknown.
SUPPORTED_UNTIL: Final = {
    (6, 0): date(2025, 7, 31),
    (7, 0): date(2027, 8, 31),
    (8, 0): date(2029, 10, 31),
    (8, 2): date(2026, 7, 31),  # minor releases get none after the next one has come
}


def support_warning(version: str, today: date) -> str | None:
    """That a MongoDB of this version ("6.0.5") is out of support, where it is; see server/README.md."""
    major, minor = (int(number) for number in version.split(".")[:2])
    until = SUPPORTED_UNTIL.get((major, minor))
    if (major, minor) < min(SUPPORTED_UNTIL):
        since = ""
    elif until and until < today:
        since = f" since {until:%B %Y}"
    else:
        return None
    return f"{version} is out of support{since}: {major}.{minor} gets no more fixes"
