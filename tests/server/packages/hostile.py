"""Packages that nobody should send, generated: the same ones for the same seed.

    for sent in packages(seed=13, count=500):
        sent.kind, sent.name, sent.content

`python -m tests.server.packages.hostile_run` sends them to a server.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final, NamedTuple

from tests.server.packages import hostile_archives as archives
from tests.server.packages import hostile_manifests as manifests


class Hostile(NamedTuple):
    kind: str
    name: str  # of the file
    content: bytes


def packages(seed: int, count: int) -> Iterator[Hostile]:
    """Every kind in turn."""
    kinds = list(KINDS)
    for place in range(count):
        kind = kinds[place % len(kinds)]
        content = KINDS[kind](Random(f"{seed} {place}"))
        yield Hostile(kind, "tree.crx" if kind.startswith("crx") else "tree.xpi", content)


KINDS: Final[dict[str, Callable[[Random], bytes]]] = {
    **{
        "bomb": archives.real_bomb,
        "declared bomb": archives.declared_bomb,
        "hidden bomb": archives.hidden_bomb,
        "overlapping": archives.overlapping,
    },
    **{
        "path": archives.path_trick,
        "long name": archives.long_name,
        "many members": archives.many_members,
        "special": archives.special,
    },
    **{
        "duplicate": archives.duplicate,
        "flags": archives.odd_flags,
        "two names": archives.two_names,
        "zip64": archives.zip64,
        "end": archives.lying_end,
    },
    **{
        "comment": archives.comment,
        "around": archives.around,
        "cut": archives.cut,
        "flipped": archives.flipped,
        "noise": archives.noise,
        "crx": archives.crx,
    },
    **{
        "manifest bytes": manifests.manifest_bytes,
        "deep": manifests.deep,
        "fields": manifests.odd_fields,
        "values": manifests.many_values,
    },
    **{
        "locales": manifests.locales,
        "picture": manifests.picture,
        "nested": archives.nested,
        "folder": archives.folder,
    },
}
