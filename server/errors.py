"""What can go wrong below the handlers; the handlers turn each into an answer.

A StartError's text tells the operator what to do, an OperatorFault's why not; a StoreError is of a call to
MongoDB, and BadDocument of what is stored.
"""

from typing import Any


class AmoebaError(Exception):
    """What the program itself raises."""


class StartError(AmoebaError):
    """The process cannot start; the text tells the operator what to do."""


class FolderInUse(StartError):
    """Another process owns the data folder."""


class MongodNotFound(StartError):
    """No mongod program, and no MONGODB_URI."""


class MongodFailed(StartError):
    """Mongod was started and is of no use."""


class NotReplicaSet(StartError):
    """The MongoDB at MONGODB_URI has no transactions."""


class NotFound(AmoebaError):
    """There is no such thing, or the caller is not to know of it."""


class Withheld(AmoebaError):
    """The add-on is not shown in the caller's country."""


class Forbidden(AmoebaError):
    """`facts` are told with the refusal: what else is so."""

    def __init__(self, **facts: bool) -> None:
        super().__init__(facts)
        self.facts = facts


class Busy(AmoebaError):
    """As many as there is room for wait for the same work: 503, try again later."""


class PreconditionFailed(AmoebaError):
    """The stored object is not the one that the caller knows."""


class NotShown(AmoebaError):
    """A package that takes more than it may to be looked into, or is none."""


class OperatorFault(AmoebaError):
    """What an operator asked for cannot be; the text says why."""


class UsageFault(AmoebaError):
    """What an operator typed does not fit together, or not to the settings: nothing was begun."""


class BadDocument(AmoebaError):
    """No StoreError: trying again does not help, and what has nothing to do with it goes on."""

    def __init__(self, collection: str, id_: Any, reason: str) -> None:
        super().__init__(f"{collection} {id_} is damaged: {reason}")


class StoreError(AmoebaError):
    """`code` is MongoDB's error code where it gave one; `transient` asks for a retry."""

    def __init__(self, text: str = "", *, code: int | None = None, transient: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.transient = transient


class Unavailable(StoreError):
    """Not reachable or not answering in time: 503, try again later."""


class Duplicate(StoreError):
    """`field` is the path of the unique field ("slug"), `value` the value that is taken."""

    def __init__(self, collection: str, field: str, value: Any) -> None:
        super().__init__(f"{collection}: {field} {value!r} is taken")
        self.collection = collection
        self.field = field
        self.value = value


class Conflict(StoreError):
    """Somebody else changed the document first."""


class Unstorable(StoreError):
    """MongoDB cannot hold this document."""


class Refused(StoreError):
    """Not allowed for our user."""


class BadCounter(StoreError):
    """No number can be given: an operator has to load the counter anew."""

    def __init__(self, counter: str) -> None:
        super().__init__(f"counter {counter} is damaged: run.py check names it, run.py load mends it")


class ReadOnly(StoreError):
    """The site is in read-only mode."""


class StreamLost(StoreError):
    """The change stream cannot go on where it stopped: read everything again."""
