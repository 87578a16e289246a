"""Transactions whose process died: MongoDB keeps them open, and what they wrote locked, for a minute.

A writer that meets such a lock ends the transaction that holds it. One that is
merely slow and ended by mistake does no harm: its process is told so and runs it
again (`Store.run_transaction`).

Thread rule: event loop only. The database is given, the driver is not imported.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

DriverCalls = Callable[[float | None], AbstractContextManager[None]]

# Seconds without a command. Between two commands of a living one lie milliseconds.
IDLE: Final = 1.0
_MOST: Final = 100


async def end_abandoned(admin: Any, application: str, calls: DriverCalls, timeout: float) -> int:
    """End the transactions of our user and `application` that are idle; how many there were.

    `admin` is the database of that name. Raises StoreError.
    """
    idle = {
        "appName": application,
        "desc": "inactive transaction",
        "transaction.timeInactiveMicros": {"$gt": int(IDLE * 1_000_000)},
    }
    pipeline = [
        {"$currentOp": {"idleSessions": True}},
        {"$match": idle},
        {"$limit": _MOST},
        {"$project": {"lsid": 1}},
    ]
    with calls(timeout):
        reply = await admin.command({"aggregate": 1, "pipeline": pipeline, "cursor": {"batchSize": _MOST}})
        sessions = [{"id": found["lsid"]["id"]} for found in reply["cursor"]["firstBatch"]]
        if sessions:
            await admin.command({"killSessions": sessions})
    return len(sessions)
