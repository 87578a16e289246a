"""What the demonstration catalogue can say in one language."""

from typing import NamedTuple


class Language(NamedTuple):
    """Lists are one string, parted by `|`. Gaps: {t} and {u} things, {r} a role, {c} a coined word."""

    things: str
    roles: str
    names: str
    sentences: str
    summaries: str
    dotted: bool = False  # the capital of i is İ
