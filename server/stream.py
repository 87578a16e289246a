"""A change stream over the whole database, read in batches.

The driver's own iterator hands out one event a thread hop; after a bulk load
there are ten thousands. So the stream is opened and read with MongoDB's own
commands (`aggregate` with $changeStream, `getMore`), a batch a hop, and its
events carry no documents: what changed is read again by id.

    stream = await store.watch()          # from now on
    batch = await stream.next()           # within a quarter of a second, possibly empty
    stream = await store.watch(batch.token)
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Self

from server.errors import StoreError, StreamLost
from server.operations import Position

Calls = Callable[[float | None], AbstractContextManager[None]]
Token = Mapping[str, Any]

# Events a batch; fewer than that means that the end of the log was reached.
BATCH = 1000
# How long MongoDB waits for a first event, in milliseconds.
WAIT = 250
_DOCUMENT = {"insert", "update", "replace", "delete"}
# A resume token is a string of hexadecimal digits: a type, then seconds and counter of its time.
_TOKEN_TYPE = "82"


@dataclass(frozen=True, slots=True)
class Batch:
    """`events` are (collection, id). All changes up to `position` are in this batch or an earlier one."""

    events: list[tuple[str, Any]]
    token: Token
    position: Position
    complete: bool  # the end of the log was reached


class Stream:
    """One reader at a time."""

    def __init__(self, database: Any, session: Any, calls: Calls, timeout: float) -> None:
        self._database = database
        self._session = session
        self._calls = calls
        self._timeout = timeout
        self._cursor = 0
        self._name = ""
        self.first: Batch

    @classmethod
    async def open(
        cls, database: Any, calls: Calls, timeout: float, followed: Sequence[str], token: Token | None
    ) -> Self:
        """`first` is the batch that came with the opening. Raises StreamLost, Unavailable."""
        with calls(timeout):
            session = await database.client.start_session()
        stream = cls(database, session, calls, timeout)
        options = {"startAfter": dict(token)} if token else {}
        try:
            with calls(timeout):
                reply = await database.command(
                    {
                        "aggregate": 1,
                        "pipeline": [{"$changeStream": options}, *_pipeline(followed)],
                        "cursor": {"batchSize": BATCH},
                        "readConcern": {"level": "majority"},
                    },
                    session=session,
                )
        except StoreError:
            await stream.close()
            raise
        stream._cursor = reply["cursor"]["id"]
        stream._name = reply["cursor"]["ns"].partition(".")[2]
        stream.first = stream._batch(reply["cursor"], "firstBatch")
        return stream

    async def next(self) -> Batch:
        """The changes since the last call. Raises StreamLost (read everything anew), Unavailable."""
        command = {
            "getMore": self._cursor,
            "collection": self._name,
            "batchSize": BATCH,
            "maxTimeMS": WAIT,
        }
        # The time limit of a call would take the place of maxTimeMS; the socket's own limit holds.
        with self._calls(None):
            reply = await self._database.command(command, session=self._session)
        return self._batch(reply["cursor"], "nextBatch")

    def _batch(self, cursor: Mapping[str, Any], key: str) -> Batch:
        events = cursor[key]
        for event in events:
            if event["operationType"] not in _DOCUMENT:
                raise StreamLost(f"{event['operationType']} of a collection")
        if not cursor["id"]:
            raise StreamLost("the server ended the change stream")
        token = cursor["postBatchResumeToken"]
        complete = len(events) < BATCH
        position = _time_of(token)
        if not complete:
            # The rest of a transaction, which has one time, may be in the next batch.
            position = (position[0], position[1] - 1)
        found = [(event["ns"]["coll"], event["documentKey"]["_id"]) for event in events]
        return Batch(found, token, position, complete)

    async def close(self) -> None:
        if self._cursor:
            with suppress(StoreError), self._calls(self._timeout):
                await self._database.command(
                    {"killCursors": self._name, "cursors": [self._cursor]}, session=self._session
                )
        with suppress(StoreError), self._calls(self._timeout):
            await self._session.end_session()


def _pipeline(followed: Sequence[str]) -> list[dict[str, Any]]:
    ended = {"operationType": {"$in": ["dropDatabase", "invalidate"]}}
    wanted = {"ns.coll": {"$in": list(followed)}}
    kept = {"operationType": 1, "ns": 1, "documentKey._id": 1}
    return [{"$match": {"$or": [wanted, ended]}}, {"$project": kept}]


def _time_of(token: Token) -> Position:
    data = token["_data"]
    if not data.startswith(_TOKEN_TYPE):
        raise StreamLost("a resume token of unknown form")
    return int(data[2:10], 16), int(data[10:18], 16)
