"""MongoDB's driver: the only module that imports it.

Has clients, time limits and BSON, and translates exceptions to those of `server/errors.py`; all other modules
use `store.py`. Motor and PyMongo's own asynchronous client have the same calls but for four, which are
functions here; Motor works in threads, PyMongo on the event loop.

Thread rule: as `store.py`.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from inspect import isawaitable
from typing import Any, Final, TypeVar

import bson
import pymongo
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from conf.mongodb import DRIVERS
from index.runtime.collector import gc_paused
from server.errors import (
    AccessDenied,
    Conflict,
    Duplicate,
    StartError,
    StoreError,
    StreamLost,
    Unavailable,
    Unstorable,
)
from server.retry import Backoff
from server.storage.operations import Document, Position, Update

T = TypeVar("T")

_APPLICATION: Final = "amoeba"
IDLE: Final = 1.0  # seconds without a command in a transaction; a live one sends them milliseconds apart
_MAX_ENDED: Final = 100  # transactions at a time
# Seconds until a silent server is given up, with all calls that wait for it. The calls have shorter limits of
# their own, because a server that is merely slow must be able to come back to a start.
_CONNECT: Final = 30.0
_SOCKET: Final = 300.0  # for calls without a limit of their own
_CLOSE: Final = 0.5
_CLIENTS: Final[Mapping[str, Any]] = {"motor": AsyncIOMotorClient, "pymongo": AsyncMongoClient}
_DURABLE: Final = WriteConcern(w="majority", j=True)
_SNAPSHOT: Final = ReadConcern("snapshot")
# A text that is no UTF-8, or a date beyond Python's, must not make the documents beside it unreadable.
_LENIENT: Final[Mapping[str, Any]] = {
    "unicode_decode_error_handler": "replace",
    "datetime_conversion": DatetimeConversion.DATETIME_AUTO,
}
_STRICT_CODEC: Final[CodecOptions[dict[str, Any]]] = CodecOptions()
_LENIENT_CODEC: Final[CodecOptions[dict[str, Any]]] = CodecOptions(**_LENIENT)
# MongoDB's error codes by what they mean here; every other one is a fault of ours.
_DUPLICATE = 11000
# A mongod that restarts becomes primary some milliseconds before it has read the keys that sign its cluster
# time, and meanwhile rejects commands with such a time before it does anything.
_KEY_NOT_READ = 211
_KEY_RETRY: Final = Backoff(0.01, 0.25)
_CODES: Mapping[int, type[StoreError]] = (
    {112: Conflict}
    | dict.fromkeys((13, 18), AccessDenied)  # Unauthorized, AuthenticationFailed
    | dict.fromkeys((136, 222, 260, 280, 286), StreamLost)  # history gone, token of another log
    | dict.fromkeys((10334, 17419, 17420), Unstorable)  # too large
    # Time limits, locks, killed cursors and transactions, a full disk.
    | dict.fromkeys((24, 43, 46, 50, 202, 225, 237, 251, 256, 262, 14031), Unavailable)
    # Other members not reached, starting, ending, no primary.
    | dict.fromkeys((6, 7, 89, 91, 94, 133, 134, 189, _KEY_NOT_READ, 9001), Unavailable)
    | dict.fromkeys((10107, 11600, 11602, 13435, 13436), Unavailable)
)
_LABELS: Mapping[str, type[StoreError]] = {
    "NonResumableChangeStreamError": StreamLost,
    "ResumableChangeStreamError": Unavailable,
    "TransientTransactionError": Unavailable,
    "RetryableWriteError": Unavailable,
}


async def run_command(uri: str, command: Document, timeout: float) -> dict[str, Any]:
    """One administrative command on a connection of its own."""
    client = open_client(uri, timeout)
    try:
        with calls(timeout):
            answer: dict[str, Any] = await client.admin.command(command)
        return answer
    finally:
        await close_client(client)


def open_client(uri: str, timeout: float, driver: str = DRIVERS[0]) -> Any:
    """A client, which connects in the background; `timeout` is a call's, `driver` one of conf/mongodb.py.

    Raises StartError for an unusable URI.
    """
    milliseconds = int(timeout * 1000)
    # At DEBUG the driver logs whole commands: secrets, addresses, sessions.
    logging.getLogger("pymongo.command").setLevel(logging.INFO)
    try:
        return _CLIENTS[driver](
            uri,
            appname=_APPLICATION,
            w="majority",
            journal=True,
            readConcernLevel="majority",
            readPreference="primary",
            retryWrites=True,
            retryReads=True,
            serverSelectionTimeoutMS=milliseconds,
            connectTimeoutMS=int(_CONNECT * 1000),
            socketTimeoutMS=int(_SOCKET * 1000),
            waitQueueTimeoutMS=milliseconds,
            maxPoolSize=64,
            # A server that comes back is noticed within a second.
            heartbeatFrequencyMS=1000,
            **_LENIENT,
        )
    except (ConfigurationError, ValueError) as fault:
        raise StartError(f"MONGODB_URI cannot be used: {fault}") from fault


async def close_client(client: Any) -> None:
    """Without waiting for a server that does not answer."""
    with pymongo.timeout(_CLOSE):
        await _awaited(client.close())


async def aggregate(collection: Any, stages: list[dict[str, Any]], **options: Any) -> Any:
    """The cursor."""
    return await _awaited(collection.aggregate(stages, **options))


async def start_session(client: Any) -> Any:
    return await _awaited(client.start_session())


async def start_snapshot(client: Any) -> Any:
    """A session all of whose reads are of one moment, that of the first."""
    return await _awaited(client.start_session(snapshot=True))


async def start_transaction(session: Any) -> None:
    """What it reads is one moment's; what it writes is durable."""
    with calls(None):
        await _awaited(session.start_transaction(read_concern=_SNAPSHOT, write_concern=_DURABLE))


async def _awaited(answer: Any) -> Any:
    """What one driver gives at once and the other has to be waited for."""
    return await answer if isawaitable(answer) else answer


async def end_abandoned(client: Any, timeout: float) -> int:
    """End the transactions of our user and program that are idle; how many there were. Raises StoreError.

    Their process died: MongoDB keeps them open, and what they wrote locked, for a minute. One that is
    merely slow and ended by mistake does no harm: its process is told so and runs it again.
    """
    idle = {
        "appName": _APPLICATION,
        "desc": "inactive transaction",
        "transaction.timeInactiveMicros": {"$gt": int(IDLE * 1_000_000)},
    }
    stages = [
        {"$currentOp": {"idleSessions": True}},
        {"$match": idle},
        {"$limit": _MAX_ENDED},
        {"$project": {"lsid": 1}},
    ]
    with calls(timeout):
        cursor = {"batchSize": _MAX_ENDED}
        reply = await client.admin.command({"aggregate": 1, "pipeline": stages, "cursor": cursor})
        sessions = [{"id": operation["lsid"]["id"]} for operation in reply["cursor"]["firstBatch"]]
        if sessions:
            await client.admin.command({"killSessions": sessions})
    return len(sessions)


def position_at(time: Any) -> Position | None:
    """A time of MongoDB's operation log; None if it sent none."""
    return (time.time, time.inc) if time else None


def seconds_silent(client: Any) -> float:
    """Seconds since the primary last answered the driver, which asks every second; infinite without one."""
    servers = client.topology_description.server_descriptions().values()
    answered = max((server.last_update_time for server in servers if server.is_writable), default=-math.inf)
    return time.monotonic() - answered


def describe_servers(client: Any, fault: StoreError | None) -> str:
    """The servers and their faults: those that the driver knows, else `fault`."""
    servers = client.topology_description.server_descriptions()
    names = [host if host.endswith(".sock") else f"{host}:{port}" for host, port in servers]
    faults = [_short_message(server.error) for server in servers.values() if server.error] or (
        [str(fault)] if fault else []
    )
    if len(names) == 1:
        faults = [text.removeprefix(f"{names[0]}: ") for text in faults]
    return (", ".join(names) or "an address not known yet") + (f" ({'; '.join(faults)})" if faults else "")


def is_rejected(client: Any) -> bool:
    """Whether every server of the URI has said that it is not of the URI's replica set."""
    topology = client.topology_description
    servers = topology.server_descriptions().values()
    # The driver forgets such servers, or the only one that it may ask becomes a fault of the settings.
    is_set = topology.topology_type_name == "ReplicaSetNoPrimary"
    return all(isinstance(server.error, ConfigurationError) for server in servers) and bool(servers or is_set)


def limited(timeout: float | None) -> AbstractContextManager[object]:
    """A time limit in seconds for all calls in the block together, or None."""
    return nullcontext() if timeout is None else pymongo.timeout(timeout)


@contextmanager
def calls(timeout: float | None) -> Iterator[None]:
    """A context for calls of the driver, with a time limit (None: the call's own) and our exceptions."""
    try:
        with limited(timeout):
            yield
    except (PyMongoError, BSONError, OverflowError, UnicodeEncodeError) as fault:
        raise _translate(fault) from fault


async def repeat_read(read: Callable[[], Awaitable[T]], seconds: float) -> T:
    """The value of `read`, which is repeated for so many seconds while a restarted mongod rejects it.

    The driver does so for the other codes of a mongod that stops or restarts. A write is not repeated,
    because it may be the driver's second attempt, and the first may have been stored.
    """
    end = time.monotonic() + seconds
    for pause in _KEY_RETRY:
        try:
            return await read()
        except OperationFailure as fault:
            if fault.code != _KEY_NOT_READ or time.monotonic() + pause > end:
                raise
        await asyncio.sleep(pause)
    raise AssertionError("back-off never ends")


def _translate(fault: Exception) -> StoreError:
    if not isinstance(fault, PyMongoError) or isinstance(fault, DocumentTooLarge):
        return Unstorable(str(fault))
    details = _details(fault)
    code = details.get("code")
    if code == _DUPLICATE:
        return _duplicate(details)
    transient = code == _KEY_NOT_READ or fault.has_error_label("TransientTransactionError")
    kind = _CODES.get(code or 0) or _fault_class(fault)
    return kind(details.get("errmsg") or _short_message(fault), code=code, transient=transient)


def _short_message(fault: Exception) -> str:
    """The message without the driver's settings, and without all that it knows of the servers."""
    return str(fault).partition(" (configured")[0].partition(", Timeout:")[0]


def _fault_class(fault: PyMongoError) -> type[StoreError]:
    if isinstance(fault, ConfigurationError):  # found at the first call
        return Unavailable if fault.__cause__ else AccessDenied  # a name server did not know the name, yet
    if isinstance(fault, ConnectionFailure | WTimeoutError) or fault.timeout:
        return Unavailable
    return next((kind for label, kind in _LABELS.items() if fault.has_error_label(label)), StoreError)


def _details(fault: PyMongoError) -> Mapping[str, Any]:
    """The server's details; of a batch, those of the first request that failed."""
    details = fault.details if isinstance(fault, OperationFailure | NotPrimaryError) else None
    if not isinstance(details, Mapping):
        return {}
    return next(iter(details.get("writeErrors") or ()), details)


def _duplicate(details: Mapping[str, Any]) -> Duplicate:
    field, value = next(iter(details.get("keyValue", {}).items()), ("", None))
    # "E11000 duplicate key error collection: amoeba.addons index: guid dup key: ..."
    namespace = str(details.get("errmsg", "")).partition("collection: ")[2].partition(" ")[0]
    return Duplicate(namespace.partition(".")[2], field, value)


def outcome_unknown(fault: StoreError) -> bool:
    """Whether a commit may have been made: its answer was lost, or a restarted mongod does not tell yet."""
    cause = fault.__cause__
    is_lost = isinstance(cause, PyMongoError) and cause.has_error_label("UnknownTransactionCommitResult")
    return is_lost or fault.code == _KEY_NOT_READ


def bulk_outcome(fault: StoreError) -> tuple[int, dict[int, StoreError]]:
    """How many were changed, and the faults by request; none if the fault is not of single requests."""
    cause = fault.__cause__
    if not isinstance(cause, BulkWriteError) or cause.details.get("writeConcernErrors"):
        return 0, {}
    details = cause.details
    faults = {
        error["index"]: _translate(OperationFailure(error.get("errmsg", ""), error.get("code"), error))
        for error in details["writeErrors"]
    }
    return details["nUpserted"] + details["nModified"], faults


def decode(raw: bytes, strict: bool = False) -> list[dict[str, Any]]:
    """The documents of concatenated BSON; any thread. Without the garbage collector, in half the time.

    Raises Unstorable for invalid BSON; with `strict`, also for texts that are no UTF-8, whose invalid bytes
    become U+FFFD otherwise.
    """
    with gc_paused(), calls(None):
        return bson.decode_all(raw, _STRICT_CODEC if strict else _LENIENT_CODEC)


def encode(document: Document) -> Document:
    """The document as BSON, which is cheap to write and to pickle. Raises Unstorable."""
    with calls(None):
        return RawBSONDocument(bson.encode(document))


def decoded(document: Document) -> Document:
    """The document that `encode` was given."""
    return decode(bytes(document.raw))[0] if isinstance(document, RawBSONDocument) else document


def replacement(document: Document) -> Any:
    """A request of a bulk write: replace by `_id`, or insert."""
    return pymongo.ReplaceOne({"_id": document["_id"]}, document, upsert=True)


def update_request(update: Update) -> Any:
    """A request of a bulk write; ignores the revision."""
    return pymongo.UpdateOne({"_id": update.id}, update.changes, upsert=update.upsert)
