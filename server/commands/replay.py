"""`run.py replay`: send recorded requests to two servers and compare their responses.

Send recorded requests to two servers at the same time, each address once, and sort the pairs
of responses into four classes, weighted by how often each address was requested:

    identical          the same status, the same body once JSON is read, the same headers
                       of the contract
    data differs       the same status, headers and shape, but other values or rows
    behaviour differs  another status, header, key, type, order or rule of pages
    error              no response in time, 429, 5xx, broken JSON, more than 16 MiB

FILE has one address per line, with or without a count before it ("12 /api/v5/…", as from
uniq -c), or is an access log: nginx's (combined), or ours (JSON lines, which have no query
strings); "-" is standard input. Requests other than GET are left out, and counted.

Differences are grouped by kind and place, each with the smallest example. The addresses of
--a and --b are treated as equal; --site-a and --site-b name further addresses of a server.
"""

import argparse
import asyncio
import json
import sys
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

from conf.settings.settings import Settings
from server.cli.arguments import count
from server.cli.reporting import ProgressReporter
from server.errors import StartError, UsageFault
from server.replay.answers import Answer, compare
from server.replay.differences import CLASSES, IDENTICAL
from server.replay.recording import Recording, read_recording
from server.replay.rules import IGNORABLE, read_rules
from server.replay.sending import Pace, Pair
from server.replay.tally import Group, Tally

EPILOG = (
    "words of --ignore:\n"
    + "".join(f"    {name:12} {text}\n" for name, text in IGNORABLE.items())
    + "    any other    a key, or the end of a path: is_disabled, current_version.files, headers.vary\n\n"
    + "exit status: 0 all are identical, 1 some differ, 2 some have no answer that could be compared"
)
_MAX_GROUPS: Final = 40  # groups that are printed
_MAX_CONNECTIONS: Final = 64


def add_arguments(parser: Any) -> None:
    parser.add_argument("file", metavar="FILE", help="recorded requests")
    for name in ("a", "b"):
        parser.add_argument(f"--{name}", metavar="URL", required=True, type=_base, help=f"server {name}")
        parser.add_argument(
            f"--site-{name}",
            metavar="URL",
            action="append",
            default=[],
            type=_base,
            help=f"another address that {name} uses for itself",
        )
    parser.add_argument(
        "--ignore", metavar="WHAT", action="append", default=[], help="see below; may be repeated"
    )
    parser.add_argument(
        "--rate", type=float, default=20, metavar="N", help="addresses per second; 0: no limit (20)"
    )
    parser.add_argument("--connections", type=count, default=4, metavar="N", help="concurrent requests (4)")
    parser.add_argument(
        "--timeout", type=float, default=10, metavar="S", help="timeout of a request in seconds (10)"
    )
    parser.add_argument("--json", action="store_true", help="the whole report as one JSON object")


def _base(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address such as https://addons.example.org")
    return text.rstrip("/")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    if not 1 <= args.connections <= _MAX_CONNECTIONS:
        raise UsageFault(f"--connections is from 1 to {_MAX_CONNECTIONS}")
    if not (args.timeout > 0 and args.rate >= 0):
        raise UsageFault("--timeout is more than 0, --rate at least 0")
    rules = read_rules(args.ignore, (args.a, *args.site_a), (args.b, *args.site_b))
    recording = await _read(args.file)
    if not recording.counts:
        skipped = ", ".join(f"{number} {reason}" for reason, number in recording.skipped.items())
        raise StartError(f"{args.file} has no request to send ({skipped or 'is empty'})")
    tally = Tally()
    pace = Pace(args.connections, args.rate, args.timeout)
    with ProgressReporter("replaying", len(recording.counts), "addresses") as reporter:

        async def record_answers(target: str, a: Answer, b: Answer) -> None:
            differences = await asyncio.to_thread(compare, target, a, b, rules)
            tally.add(target, recording.counts[target], differences)
            reporter.progress(1)

        async with Pair(args.a, args.b, pace) as pair:
            await pair.fetch_all(recording.counts, record_answers)
    if args.json:
        print(json.dumps(_report(args, recording, tally)))
    else:
        _print(args, recording, tally)
    return tally.exit_status


async def _read(file: str) -> Recording:
    """Raises OSError."""
    loop = asyncio.get_running_loop()
    with ProgressReporter("reading", unit="lines") as reporter:

        def read() -> Recording:
            stream: BinaryIO = sys.stdin.buffer if file == "-" else open(file, "rb")  # noqa: SIM115
            with stream:
                return read_recording(
                    stream, lambda lines: loop.call_soon_threadsafe(reporter.progress, lines)
                )

        return await asyncio.to_thread(read)


def _report(args: argparse.Namespace, recording: Recording, tally: Tally) -> dict[str, Any]:
    return {
        "a": args.a,
        "b": args.b,
        "ignored": args.ignore,
        "requests": recording.requests,
        "addresses": len(recording.counts),
        "left_out": recording.skipped,
        **tally.as_json(),
    }


def _print(args: argparse.Namespace, recording: Recording, tally: Tally) -> None:
    print(
        f"{recording.requests} requests for {len(recording.counts)} addresses\n  a  {args.a}\n  b  {args.b}"
    )
    for reason, number in recording.skipped.items():
        print(f"{number} lines left out: {reason}")
    print()
    for name in CLASSES:
        share = 100 * tally.requests[name] / recording.requests
        print(f"{name:18}{tally.requests[name]:12}  {share:5.1f} %")
    groups = tally.groups()
    for name in CLASSES[::-1]:
        class_groups = [group for group in groups[:_MAX_GROUPS] if group.outcome == name != IDENTICAL]
        if class_groups:
            print(f"\n{name}")
        for group in class_groups:
            _print_group(group)
    if len(groups) > _MAX_GROUPS:
        print(f"\n{len(groups) - _MAX_GROUPS} more; --json has them")


def _print_group(group: Group) -> None:
    example = group.example
    print(f"  {group.kind}: {group.path}   {group.requests} requests, {group.addresses} addresses")
    print(f"      {group.address}")
    if example.path != group.path:
        print(f"      {example.path}")
    for side, value in (("a", example.a), ("b", example.b)):
        print(f"      {side}: {'nothing' if value is None else value}")
