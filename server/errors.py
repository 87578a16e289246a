"""Exceptions of everything below the handlers, which turn them into answers.

The text of a StartError says what the operator can do, that of an OperatorFault why something cannot be done.
A StoreError is about a call to MongoDB, and BadDocument about stored data.
"""

from typing import Any


class AmoebaError(Exception):
    """The base of the program's own exceptions."""


class StartError(AmoebaError):
    """The process cannot start; the text tells the operator what to do."""


class FolderInUse(StartError):
    """Another process owns the data folder."""


class MongodNotFound(StartError):
    """No mongod program, and no MONGODB_URI."""


class MongodFailed(StartError):
    """mongod was started, but does not work."""


class NotReplicaSet(StartError):
    """The MongoDB at MONGODB_URI has no transactions."""


class NotFound(AmoebaError):
    """The object does not exist, or the caller must not know of it."""


class Withheld(AmoebaError):
    """The add-on is not shown in the caller's country."""


class Forbidden(AmoebaError):
    """The caller lacks a permission; `facts` are further keys of the answer."""

    def __init__(self, **facts: bool) -> None:
        super().__init__(facts)
        self.facts = facts


class Busy(AmoebaError):
    """Too many callers wait for the same kind of work: 503, try again later."""


class PreconditionFailed(AmoebaError):
    """The stored object has changed since the caller read it."""


class NotBrowsable(AmoebaError):
    """The package exceeds the limits for reading it, or is invalid."""


class OperatorFault(AmoebaError):
    """The operator asked for something impossible; the text says why."""


class UsageFault(AmoebaError):
    """Invalid arguments of a command, which run.py reports as argparse does."""


class BadDocument(AmoebaError):
    """A stored document is damaged. Not a StoreError, because a retry does not help, and all else works."""

    def __init__(self, collection: str, id_: Any, reason: str) -> None:
        super().__init__(f"{collection} {id_} is damaged: {reason}")


class StoreError(AmoebaError):
    """`code` is MongoDB's error code, if it sent one; `transient`: the transaction should be retried."""

    def __init__(self, text: str = "", *, code: int | None = None, transient: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.transient = transient


class Unavailable(StoreError):
    """Not reachable or not answering in time: 503, try again later."""


class Duplicate(StoreError):
    """`field` is the path of the unique field ("slug"), `value` the value in use."""

    def __init__(self, collection: str, field: str, value: Any) -> None:
        super().__init__(f"{collection}: {field} {value!r} is taken")
        self.collection = collection
        self.field = field
        self.value = value


class Conflict(StoreError):
    """Somebody else changed the document first."""


class Unstorable(StoreError):
    """MongoDB cannot store this document."""


class AccessDenied(StoreError):
    """MongoDB refuses our credentials, or our user lacks a right."""


class BadCounter(StoreError):
    """The counter is damaged, so no number can be assigned; an operator has to load it again."""

    def __init__(self, counter: str) -> None:
        super().__init__(f"counter {counter} is damaged: run.py check names it, run.py load mends it")


class ReadOnly(StoreError):
    """The site is in read-only mode."""


class StreamLost(StoreError):
    """The change stream cannot be resumed, so everything has to be read again."""
