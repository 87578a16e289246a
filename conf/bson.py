"""The layout of BSON, to split documents without decoding them: https://bsonspec.org/spec.html

    split_documents(first + second)   -> [first, second], as views

Pure; any thread.
"""

from typing import Final

# Types of values; the type of a document's first value is its fifth byte.
STRING: Final = 0x02
INT32: Final = 0x10
INT64: Final = 0x12


def split_documents(batch: bytes) -> list[memoryview]:
    """The documents of concatenated BSON: each begins with its length."""
    view, position = memoryview(batch), 0
    documents = []
    while position < len(batch):
        end = position + int.from_bytes(view[position : position + 4], "little")
        documents.append(view[position:end])
        position = end
    return documents
