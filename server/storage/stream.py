"""A change stream over the whole database, read in batches.

The driver's iterator needs a thread switch for each event, and a bulk load makes tens of thousands. So the
stream is opened and read with MongoDB's commands (`aggregate` with $changeStream, `getMore`), a batch at a
time. Events have no documents, because subscribers read changed ones again by id.

    stream = await store.watch()          # from now on
    batch = await stream.next()           # within a quarter of a second, possibly empty
    stream = await store.watch(batch.token)
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from server.errors import StoreError, StreamLost
from server.storage.driver import calls, position_at
from server.storage.operations import Position, ResumeToken

# Events in a batch; fewer mean that the end of the stream was reached.
BATCH = 1000
# How long MongoDB waits for a first event, in milliseconds.
WAIT = 250
CLOSE_TIMEOUT = 1.0  # seconds
_DOCUMENT_CHANGES = {"insert", "update", "replace", "delete"}
NO_POSITION: Position = (0, 0)


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """`events` are (collection, id). All changes up to `position` are in this batch or an earlier one."""

    events: list[tuple[str, Any]]
    token: ResumeToken
    position: Position
    complete: bool  # the end of the stream was reached


class Stream:
    """One reader at a time."""

    def __init__(self, database: Any, session: Any, timeout: float) -> None:
        self._database = database
        self._session = session
        self._timeout = timeout
        self._cursor = 0
        self._name = ""
        self._committed = NO_POSITION
        self.first: ChangeBatch

    @classmethod
    async def open(
        cls,
        database: Any,
        session: Any,
        timeout: float,
        followed: Sequence[str],
        token: ResumeToken | None,
    ) -> Self:
        """Open a stream in a `session` of its own; `first` is the batch that came with the opening.

        Raises StreamLost, Unavailable.
        """
        stream = cls(database, session, timeout)
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
        stream.first = stream._batch(reply, "firstBatch")
        return stream

    async def next(self) -> ChangeBatch:
        """The changes since the last call. Raises StreamLost (read everything anew), Unavailable."""
        command = {
            "getMore": self._cursor,
            "collection": self._name,
            "batchSize": BATCH,
            "maxTimeMS": WAIT,
        }
        # Without a time limit, which would replace maxTimeMS; the socket's own limit holds.
        try:
            with calls(None):
                reply = await self._database.command(command, session=self._session)
        except StoreError:
            self._cursor = 0
            raise
        return self._batch(reply, "nextBatch")

    def _batch(self, reply: Mapping[str, Any], key: str) -> ChangeBatch:
        cursor = reply["cursor"]
        events = cursor[key]
        for event in events:
            if event["operationType"] not in _DOCUMENT_CHANGES:
                raise StreamLost(f"{event['operationType']} of a collection")
        if not cursor["id"]:
            raise StreamLost("the server ended the change stream")
        changes = [(event["ns"]["coll"], event["documentKey"]["_id"]) for event in events]
        complete = len(events) < BATCH
        position = self._position(events, complete)
        # The next reply will have everything that was committed when this one was made.
        self._committed = position_at(reply.get("operationTime")) or NO_POSITION
        return ChangeBatch(changes, cursor["postBatchResumeToken"], position, complete)

    def _position(self, events: Sequence[Mapping[str, Any]], complete: bool) -> Position:
        last = position_at(events[-1]["clusterTime"]) if events else None
        if complete:
            return max(last or NO_POSITION, self._committed)
        # Further events of a transaction, which has one time, may be in the next batch.
        return (last[0], last[1] - 1) if last else NO_POSITION

    async def close(self) -> None:
        """Close the cursor, unless the last call failed."""
        if self._cursor:
            command = {"killCursors": self._name, "cursors": [self._cursor]}
            with suppress(StoreError), calls(min(self._timeout, CLOSE_TIMEOUT)):
                await self._database.command(command, session=self._session)
        with suppress(StoreError), calls(self._timeout):
            await self._session.end_session()


def _pipeline(followed: Sequence[str]) -> list[dict[str, Any]]:
    ending = {"operationType": {"$in": ["dropDatabase", "invalidate"]}}
    followed_only = {"ns.coll": {"$in": list(followed)}}
    fields = {"operationType": 1, "ns": 1, "documentKey._id": 1, "clusterTime": 1}
    return [{"$match": {"$or": [followed_only, ending]}}, {"$project": fields}]
