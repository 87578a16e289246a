"""BSON's layout, for who takes documents apart without decoding them: https://bsonspec.org/spec.html

    split_documents(first + second)   -> [first, second], as views

Pure; any thread.
"""

from typing import Final

# Types of values; the first one of a document is its fifth byte.
STRING: Final = 0x02
INT32: Final = 0x10
INT64: Final = 0x12


def split_documents(batch: bytes) -> list[memoryview]:
    """The documents of concatenated BSON: each begins with its length."""
    view, at = memoryview(batch), 0
    documents = []
    while at < len(batch):
        end = at + int.from_bytes(view[at : at + 4], "little")
        documents.append(view[at:end])
        at = end
    return documents
