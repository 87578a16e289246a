"""Which numbers loaded documents use up, by counter (`Store.next_id`).

A counter has the name of what it numbers: `addon`, `version`, `file`, `preview`,
`user`, and so on for the kinds whose `_id` is a number.
"""

from collections.abc import Iterable, Sequence
from typing import Any

MutableDocument = dict[str, Any]


def used_numbers(kind: str, documents: Sequence[MutableDocument]) -> dict[str, int]:
    """The highest number of each counter in documents of one kind."""
    found = {kind: _highest(documents, "_id")}
    if kind == "addon":
        versions = [version for addon in documents for version in addon["versions"]]
        found["version"] = _highest(versions, "id")
        found["file"] = _highest((file for version in versions for file in version["files"]), "id")
        found["preview"] = _highest((one for addon in documents for one in addon["previews"]), "id")
    return {counter: number for counter, number in found.items() if number}


def _highest(documents: Iterable[MutableDocument], key: str) -> int:
    numbers = (document[key] for document in documents)
    return max((number for number in numbers if isinstance(number, int)), default=0)
