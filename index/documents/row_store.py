"""Compiled objects of add-ons (compiled.py) among the records of the snapshot.

    store = RowStore(records)
    store.put("row", "v5", 7, digest, record)
    store.get("row", "v5", {7: digest})     -> {7: record}; what is not there is left out
    store.forget(7)

A cache: every record is known by the digest of what it was made of, so one that is out of date is not
there. Objects of a kind look much alike, so the first one is the dictionary of the others.

Event loop only.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import lz4.block

from index.snapshot.records import COMPILED, ID, Records

DIGEST_BYTES: Final = 8
# Changes that wait for a checkpoint; what is compiled while there are as many is not kept.
_MOST_WAITING: Final = 4000


def digest(*parts: bytes) -> bytes:
    """Of what decides a record."""
    return hashlib.blake2b(b"".join(parts), digest_size=DIGEST_BYTES).digest()


class RowStore:
    def __init__(self, records: Records) -> None:
        self._records = records
        self._dictionaries: dict[bytes, bytes] = {}

    @property
    def has_room(self) -> bool:
        """Whether it is worth while to compile."""
        return self._records.is_kept and self._records.waiting < _MOST_WAITING

    def get(self, kind: str, version: str, digests: Mapping[int, bytes]) -> dict[int, bytes]:
        """Raises Damaged."""
        found: dict[int, bytes] = {}
        name = _name(kind, version)
        dictionary = self._dictionary(name) if self._records.is_kept else None
        if dictionary is None:
            return found
        ids = {name + ID.pack(addon_id): addon_id for addon_id in digests}
        for key, value in self._records.get_many(ids):
            addon_id = ids[key]
            if value[:DIGEST_BYTES] == digests[addon_id]:
                found[addon_id] = lz4.block.decompress(value[DIGEST_BYTES:], dict=dictionary)
        return found

    def put(self, kind: str, version: str, addon_id: int, digest: bytes, record: bytes) -> None:
        name = _name(kind, version)
        dictionary = self._dictionary(name)
        if dictionary is None:
            dictionary = self._dictionaries[name] = record
            self._records.put(name, record)
        packed = lz4.block.compress(record, dict=dictionary)
        self._records.put(name + ID.pack(addon_id), digest + packed)

    def forget(self, addon_id: int) -> None:
        for name in self._dictionaries:
            self._records.drop(name + ID.pack(addon_id))

    def _dictionary(self, name: bytes) -> bytes | None:
        found = self._dictionaries.get(name)
        if found is None and (found := self._records.get(name)) is not None:
            self._dictionaries[name] = found
        return found


def _name(kind: str, version: str) -> bytes:
    return COMPILED + f"{version}{kind[0]}".encode()
