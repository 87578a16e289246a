#!/usr/bin/env python3
"""Amoeba: the add-ons API in one cell. `run.py --help` lists the commands.

It reads the settings and runs the command. SIGTERM and Ctrl-C end the command in an orderly way, and
its mongod as well. `serve` continues in `handlers/serving.py`; every other command is a module of
`server/commands/` with `async run(args, settings)`, and optionally `add_arguments(parser)` and EPILOG.
The module's docstring is the help: the text after the colon of the first line, and the description.
Only the module of the requested command is imported.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from conf.limits import DEMO_ADDONS
from conf.settings.loading import load_with_sources
from conf.settings.settings import SETTINGS, Settings, describe
from conf.settings.sources import SettingsError
from index.runtime.collector import gc_paused_then_frozen
from server.addresses import bind
from server.cli.arguments import demo_count
from server.cli.streams import ignore_output_faults
from server.embedded.mongod import starting
from server.errors import AmoebaError, OperatorFault, UsageFault
from server.telemetry.log_format import set_up_logging

COMMANDS: Final = (
    "load", "dump", "check", "verify", "demo", "addon", "log", "user", "token", "apikey", "basket",
    "readonly", "mail", "reports", "block", "publish", "status", "doctor", "config", "backup", "restore",
    "explain", "mirror", "replay", "webhook",
)  # fmt: skip
STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 success, 1 something went wrong, 2 could not start; 130, 143: see `_run`."""
    _open_missing_streams()
    args = _parser(argv).parse_args(argv)
    flags = {setting.name: getattr(args, setting.name, None) for setting in SETTINGS}
    try:
        toml = Path(args.config) if args.config else None
        settings, args.sources = load_with_sources(flags, os.environ, toml)
    except SettingsError as error:
        print(f"amoeba: {error}", file=sys.stderr)
        return 2
    is_server = args.run is serve
    set_up_logging(settings.log_level, settings.log_format if is_server else "text")
    try:
        return int(asyncio.run(_run(args, settings)))
    except UsageFault as error:
        args.parser.print_usage(sys.stderr)
        print(f"{args.parser.prog}: error: {error}", file=sys.stderr)
        return 2
    except (AmoebaError, OSError) as error:
        print(f"amoeba: {_reason(error)}", file=sys.stderr)
        return 1 if isinstance(error, OperatorFault) else 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _reason(error: Exception) -> str:
    """The text of an error; for an OSError without its number, with which Python's own text begins."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _open_missing_streams() -> None:
    """Open those that the caller closed, to nowhere: else files and sockets would get their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = os.fdopen(os.open(os.devnull, os.O_RDWR), mode)
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)


async def _run(args: argparse.Namespace, settings: Settings) -> int:
    """The command's exit status; after a signal it is 128 + its number, as in shells.

    The first signal cancels the command, so that it cleans up and its mongod stops. `serve` replaces these
    handlers.
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
        # Exits at once, because a thread may wait for a pipe without end, and nothing else is left to do.
        os._exit(128 + received[0])


class Parser(argparse.ArgumentParser):
    """A parser of the program, a command or a verb; the common options may be given to each of them."""

    def __init__(self, **options: Any) -> None:
        options |= {"conflict_handler": "resolve", "formatter_class": argparse.RawDescriptionHelpFormatter}
        super().__init__(**options)
        self.set_defaults(parser=self)  # so `args.parser` is the innermost parser, such as that of a verb
        for flag, metavar, help in (
            ("--config", "FILE", "TOML file of settings (default: AMOEBA_CONFIG)"),
            ("--data-dir", "DIR", "folder for everything the server stores (var)"),
        ):
            # SUPPRESS, because an outer parser may have set it.
            self.add_argument(flag, metavar=metavar, help=help, default=argparse.SUPPRESS)

    def format_help(self) -> str:
        """As argparse; but an epilog may be a function, because some text is only read for the help."""
        epilog: Any = self.epilog
        self.epilog = epilog() if callable(epilog) else epilog
        return super().format_help()


def _parser(argv: Sequence[str] | None) -> argparse.ArgumentParser:
    """The parser with the command in `argv`, or with all commands if that names none."""
    parser = Parser(
        prog="run.py", description="The add-ons API in one cell.", epilog="Each command has its own --help."
    )
    parser.set_defaults(config=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    selected = _find_command(argv)
    _add_serve(commands)
    for name in COMMANDS:
        if selected is None or name == selected:
            _add_command(commands, name)
    return parser


def _find_command(argv: Sequence[str] | None) -> str | None:
    """The command in `argv`, if it is one."""
    parser = Parser(add_help=False, exit_on_error=False)
    parser.add_argument("command", nargs="?")
    try:
        command = parser.parse_known_args(argv)[0].command
    except argparse.ArgumentError:
        return None
    return command if command in ("serve", *COMMANDS) else None


def _add_command(commands: Any, name: str) -> None:
    module = import_module(f"server.commands.{name}")
    title, _, description = str(module.__doc__).partition("\n\n")
    help, epilog = title.partition(": ")[2].removesuffix("."), getattr(module, "EPILOG", None)
    parser = commands.add_parser(name, help=help, description=description, epilog=epilog)
    getattr(module, "add_arguments", lambda parser: None)(parser)
    parser.set_defaults(run=module.run)


def _add_serve(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="run the server",
        description="Serve the API until SIGTERM or Ctrl-C.",
        epilog=lambda: "settings, as AMOEBA_<NAME> in the environment or in the TOML file:\n\n" + describe(),
    )
    parser.add_argument("--host", metavar="H", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", metavar="N", help="port to listen on; 0 takes a free one (8000)")
    parser.add_argument(
        "--demo",
        nargs="?",
        type=demo_count,
        const=DEMO_ADDONS,
        metavar="N",
        help=f"load N generated add-ons first, unless they are stored ({DEMO_ADDONS})",
    )
    parser.set_defaults(run=serve)


async def serve(args: argparse.Namespace, settings: Settings) -> int:
    """Serve until a signal; mongod starts while the rest of the program is imported, because each takes a
    second.
    """
    stop = asyncio.Event()
    for number in STOPPING:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sockets = bind(settings)
    ignore_output_faults()
    if not settings.mongodb_uri:
        print(f"data folder {Path(settings.data_dir).absolute()}", flush=True)
    async with starting(settings) as database:
        with gc_paused_then_frozen():
            serving = await asyncio.to_thread(import_module, "handlers.serving")
        fill = None if args.demo is None else partial(import_module("server.commands.demo").fill, args.demo)
        await serving.serve(settings, sockets, database, fill, stop)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Exits at once, because a thread of the driver may wait minutes for MongoDB, and nothing is left to do.
    os._exit(status)
