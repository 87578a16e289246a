"""`run.py status`: show the state of the server and of what it uses.

Show whether a server runs and is ready, MongoDB, what is stored, maintenance mode,
what waits for Basket, webhooks, mail and validation, and free disk space. "doctor"
says what is wrong and how to fix it.
"""

import argparse
import json
import shutil
import time
from pathlib import Path
from typing import Any

from conf.release import RELEASE
from conf.settings.settings import Settings
from server.cli.opening import CommandContext, with_store
from server.embedded.mongod import is_owner
from server.operating.local_server import LocalServer
from server.operating.queues import read_queues
from server.site_state import State
from server.storage.store import Store


def add_arguments(parser: Any) -> None:
    parser.add_argument("--json", action="store_true", help="as one JSON object")


@with_store
async def run(args: argparse.Namespace, context: CommandContext) -> None:
    status = await read_status(context.store, context.settings)
    if args.json:
        print(json.dumps(status))
        return
    width = max(map(len, status))
    for name, value in status.items():
        print(f"{name:{width}}  {value}")


async def read_status(store: Store, settings: Settings) -> dict[str, Any]:
    """Lines for people, by their titles. Raises Unavailable."""
    state = (await State.load(store)).current
    health = await LocalServer(settings).health()
    where = "private" if not settings.mongodb_uri else "at MONGODB_URI"
    status: dict[str, Any] = {
        "server": _server(health, settings),
        "release": RELEASE,
        "MongoDB": f"{await store.version()}, {where}",
        "data folder": str(Path(settings.data_dir).absolute()),
    }
    for name in ("addons", "users", "ratings", "uploads", "fs.files"):
        status[name.removeprefix("fs.")] = await store.size(name)
    status["read-only"] = "on" if state.read_only else "off"
    status["notice"] = state.notice or "none"
    for name, queue in (await read_queues(store)).items():
        age = f", the oldest for {queue.oldest:.0f} s" if queue.pending else ""
        status[name.replace("_", " ")] = f"{queue.pending} pending{age}, {queue.parked} parked"
    folder = next(
        path
        for path in (Path(settings.data_dir).absolute(), *Path(settings.data_dir).absolute().parents)
        if path.exists()
    )
    room = shutil.disk_usage(folder)
    status["disk"] = f"{room.free / 1e9:.1f} of {room.total / 1e9:.1f} GB free"
    status["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return status


def _server(health: dict[str, Any] | None, settings: Settings) -> str:
    if health is None:
        return "does not run" if is_owner(settings) else f"does not answer at {LocalServer(settings).address}"
    state = "ready" if health.get("ready") else "starting"
    return f"{state} at {LocalServer(settings).address}, {health.get('addons')} public add-ons"
