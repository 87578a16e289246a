#!/usr/bin/env python3
"""Amoeba: the add-ons API in one cell. `run.py --help` lists the commands.

`serve` is the life of the process, top to bottom: settings, bind, open the
site, say so, wait for a signal, close. Every other command is a module of
`server/commands/` with `add_parser(subparsers)` and `async run(args, settings)`;
SIGTERM and Ctrl-C end one in order, its mongod included.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tqdm import tqdm

from conf.settings import SETTINGS, Settings, SettingsError, describe, load_settings
from handlers.urls import make_app
from index.heap import give_back_large_blocks
from server.commands import apikey, basket, demo, dump, load, mail, readonly, token, user
from server.demo.loading import DEFAULT_COUNT, load_demo
from server.errors import AmoebaError
from server.site import Site
from server.store import Store

COMMANDS: Final = (load, dump, demo, user, token, apikey, basket, readonly, mail)
TRY: Final = (
    "/api/v5/addons/search/?q=tab&app=firefox&lang=en-US",
    "/api/v5/addons/autocomplete/?q=tab",
    "/api/v5/site/",
)
STOPPING: Final = (signal.SIGTERM, signal.SIGINT)
_TURN: Final = 0.0005  # seconds
_HEADER_ROOM: Final = 65536  # Tornado drops what is larger without an answer; our own limits come first


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 not everything went well, 2 could not start; 130, 143: see `_run`."""
    args = _parser().parse_args(argv)
    flags = {setting.name: getattr(args, setting.name, None) for setting in SETTINGS}
    try:
        settings = load_settings(flags, os.environ, Path(args.config) if args.config else None)
    except SettingsError as error:
        print(f"amoeba: {error}", file=sys.stderr)
        return 2
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        return int(asyncio.run(_run(args, settings)))
    except (AmoebaError, OSError) as error:
        print(f"amoeba: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


async def _run(args: argparse.Namespace, settings: Settings) -> int:
    """The command's exit status; ended by a signal, 128 + its number, as shells have it.

    A signal cancels the command, once, so that it lets go of what it holds and
    its mongod stops. `serve` puts a way of its own in place of this one.
    """
    task = asyncio.current_task()
    received: list[signal.Signals] = []

    def cancel(number: signal.Signals) -> None:
        if task and not received:
            print(f"amoeba: ending on {number.name}", file=sys.stderr, flush=True)
            task.cancel()
        received.append(number)

    for number in STOPPING:
        asyncio.get_running_loop().add_signal_handler(number, cancel, number)
    try:
        return int(await args.run(args, settings))
    except asyncio.CancelledError:
        if not received:
            raise
        # At once: a thread may wait for a pipe, for ever, and nothing else is left to do.
        os._exit(128 + received[0])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run.py", description="The add-ons API in one cell.", epilog="Each command has its own --help."
    )
    parser.add_argument("--config", metavar="FILE", help="TOML file of settings (or AMOEBA_CONFIG)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands)
    for command in COMMANDS:
        command.add_parser(commands)
    return parser


def _add_serve(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="run the server",
        description="Serve the API until SIGTERM or Ctrl-C.",
        epilog="settings, as AMOEBA_<NAME> in the environment or in the TOML file:\n\n" + describe(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", metavar="H", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", metavar="N", help="port to listen on; 0 takes a free one (8000)")
    parser.add_argument("--data-dir", metavar="DIR", help="folder of the embedded deployment (var)")
    parser.add_argument(
        "--demo",
        nargs="?",
        type=int,
        const=DEFAULT_COUNT,
        metavar="N",
        help=f"load N generated add-ons first, if they are not there ({DEFAULT_COUNT})",
    )
    parser.set_defaults(run=serve)


async def serve(args: argparse.Namespace, settings: Settings) -> int:
    # Threads that prepare the catalogue let the event loop through after this long (Python's own: 5 ms).
    sys.setswitchinterval(_TURN)
    give_back_large_blocks()
    sockets = bind_sockets(settings.port, settings.host)
    port = sockets[0].getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    site = Site(settings, f"http://{host}:{port}")
    server = HTTPServer(
        make_app(site),
        max_header_size=settings.max_header_bytes + _HEADER_ROOM,
        max_body_size=settings.max_body_bytes,
        idle_connection_timeout=settings.idle_timeout,
        body_timeout=settings.body_timeout,
    )
    server.add_sockets(sockets)
    stop = _stop_on_signals()
    try:
        if await _open(site, args.demo, stop):
            _announce(f"http://{host}:{port}")
            await stop.wait()
    finally:
        server.stop()
        await _close(server, site, settings.shutdown_timeout)
    return 0


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, stop.set)
    return stop


async def _open(site: Site, demo_count: int | None, stop: asyncio.Event) -> bool:
    """False when a signal came before the site was ready."""
    with tqdm(unit=" add-ons", desc="reading the catalogue", disable=None, file=sys.stderr) as bar:

        def show(count: int) -> None:
            bar.update(count)

        async def prepare(store: Store) -> None:
            if demo_count is not None:
                await load_demo(store, demo_count)

        opening = asyncio.create_task(site.open(show, prepare))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((opening, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not opening.done():
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
            return False
        await opening
    return True


def _announce(url: str) -> None:
    print(f"listening on {url}", flush=True)
    print("try " + "\n    ".join(url + path for path in TRY), flush=True)


async def _close(server: HTTPServer, site: Site, patience: float) -> None:
    """Requests under way may end; then everything closes, mongod last."""
    try:
        async with asyncio.timeout(patience / 2):
            await server.close_all_connections()
    except TimeoutError:
        logging.getLogger(__name__).warning("some requests did not end in time")
    await site.close()


if __name__ == "__main__":
    sys.exit(main())
