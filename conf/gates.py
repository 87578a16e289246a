"""The differences between API versions in handling requests.

    enabled("v3", "featured_endpoint")  -> True

`gates.toml` names the versions that have each gate. Where sources disagree, contract/versions.md decides. How
objects look in a version is in index/shapes.
"""

from typing import Final

from conf.tables import read_table

GATES: Final[dict[str, frozenset[str]]] = {
    gate: frozenset(versions) for gate, versions in read_table("gates.toml").items()
}

# Default sort without `q` (contract/versions.md 5, contract/search.md 3.3).
DEFAULT_SORTS: Final[dict[str, tuple[str, ...]]] = {
    "v3": ("downloads",),
    "v4": ("recommended", "downloads"),
    "v5": ("recommended", "users"),
}

_SEED_SORTS: Final = frozenset(
    {"created", "downloads", "hotness", "random", "rating", "relevance", "updated", "users"}
)
# v4 has v3's keys and the one its changelog adds (2019-05-23).
SORTS: Final[dict[str, frozenset[str]]] = {
    "v3": _SEED_SORTS,
    "v4": _SEED_SORTS | {"recommended"},
    "v5": _SEED_SORTS | {"recommended", "name", "ratings"},
}


def enabled(version: str, gate: str) -> bool:
    """Whether `version` ("v3") has `gate`; an unknown gate is a KeyError."""
    return version in GATES[gate]
