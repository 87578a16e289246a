"""`run.py readonly`: switch maintenance mode on or off, or show it.

Switch read-only mode on or off, or show it. It is stored, so it survives restarts,
and every server on the same MongoDB follows within a second.

While it is on, reads work as usual and every write of the API answers 503, except
the write of the site status itself (PATCH /api/v5/site/). Commands of the shell work
as usual, too.

"off" also removes the notice; --notice "" removes only the notice.
"""

import argparse
from typing import Any

from conf.settings.settings import Settings
from server.cli.opening import open_context
from server.errors import UsageFault
from server.site_state import State


def add_arguments(parser: Any) -> None:
    parser.add_argument("mode", choices=("on", "off", "status"))
    parser.add_argument(
        "--notice", metavar="TEXT", help="text that the site shows to everybody; with on or off"
    )


async def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.mode == "status" and args.notice is not None:
        raise UsageFault("--notice goes with on or off")
    changes = _changes(args.mode, args.notice)
    async with open_context(settings) as context:
        state = await State.load(context.store)
        current = await state.set(**changes) if changes else state.current
    print(f"read-only: {'on' if current.read_only else 'off'}")
    print(f"notice: {current.notice or 'none'}")
    return 0


def _changes(mode: str, notice: str | None) -> dict[str, Any]:
    """The changes of the state; empty for `status`."""
    if mode == "status":
        return {}
    changes: dict[str, Any] = {"read_only": mode == "on"}
    if notice is not None or mode == "off":
        changes["notice"] = notice or None
    return changes
