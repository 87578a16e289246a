"""What can go wrong below the handlers; the handlers turn each into an answer.

AmoebaError
├── StartError          the process cannot start; the text tells the operator what to do
│   ├── FolderInUse     another process owns the data folder
│   ├── MongodNotFound  no mongod program, and no MONGODB_URI
│   ├── MongodFailed    mongod was started and is of no use
│   └── NotReplicaSet   the MongoDB at MONGODB_URI has no transactions
├── NotFound            there is no such thing, or the caller is not to know of it
├── Withheld            the add-on is not shown in the caller's country
├── Forbidden           the caller has not the right
├── OperatorFault       what an operator asked for cannot be; the text says why
├── BadDocument         a stored document that is not as the model says, so nobody can work with it
└── StoreError          a call to MongoDB
    ├── Unavailable     not reachable or not answering in time: 503, try again later
    ├── Duplicate       a unique value is taken
    ├── Conflict        somebody else changed the document first
    ├── Unstorable      MongoDB cannot hold this document
    ├── Refused         not allowed for our user
    ├── ReadOnly        the site is in read-only mode
    └── StreamLost      the change stream cannot go on where it stopped: read everything again
"""

from typing import Any


class AmoebaError(Exception):
    pass


class StartError(AmoebaError):
    pass


class FolderInUse(StartError):
    pass


class MongodNotFound(StartError):
    pass


class MongodFailed(StartError):
    pass


class NotReplicaSet(StartError):
    pass


class NotFound(AmoebaError):
    pass


class Withheld(AmoebaError):
    pass


class Forbidden(AmoebaError):
    """`facts` are told with the refusal: what else is so."""

    def __init__(self, **facts: bool) -> None:
        super().__init__(facts)
        self.facts = facts


class OperatorFault(AmoebaError):
    pass


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
    pass


class Duplicate(StoreError):
    """`field` is the path of the unique field ("slug"), `value` the value that is taken."""

    def __init__(self, collection: str, field: str, value: Any) -> None:
        super().__init__(f"{collection}: {field} {value!r} is taken")
        self.collection = collection
        self.field = field
        self.value = value


class Conflict(StoreError):
    pass


class Unstorable(StoreError):
    pass


class Refused(StoreError):
    pass


class BadCounter(StoreError):
    """No number can be given: an operator has to load the counter anew."""

    def __init__(self, counter: str) -> None:
        super().__init__(f"counter {counter} is damaged: run.py check names it, run.py load mends it")


class ReadOnly(StoreError):
    pass


class StreamLost(StoreError):
    pass
