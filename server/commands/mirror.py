"""`run.py mirror`: copy the catalogue of another server, and keep it current.

Copy the public catalogue of another server of this API (v5, or v4) through its public API,
and keep the copy current until SIGTERM or Ctrl-C; with --once until it is current. A server
may run on the data folder meanwhile and shows each add-on at once. You can stop mirror at any
time, even with kill -9; started again, it continues where it was.

Copied: add-ons in all languages, versions, licences, policies, authors, ratings and replies,
language tools' locales, the discovery list, browser mappings, versions of applications; with
--files the packages, whose SHA-256 is checked. Ids stay the same.
Not copied, because the public API does not show them completely: whatever is not public, roles
of authors, accounts' profiles, collections, blocks, shelves, statistics, pictures (only their
paths: set MEDIA_URL to the source's until you have moved them); from a v5 source also the
applications of categories, and the platforms of old files; from an export, or with --guids,
texts that are missing in the add-on's default language.

From another Amoeba it reads the export, and then the change feed. From other servers it reads
the search page by page, in slices if only the first pages can be reached; whatever is new or
different is read completely. What could not be reached or copied is listed, and tried again in
the next round.

An add-on that is no longer public at the source is disabled here, once the source confirms it
(401, 403, 404, 410). It is never deleted, and is enabled again if it becomes public again. If
more than --max-gone add-ons disappear in one round, no more are disabled, and a mirror that
keeps running checks again in the next round.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from conf.release import RELEASE
from conf.settings.settings import Settings
from server.cli.opening import open_context
from server.cli.preparing import prepare
from server.cli.reporting import ProgressReporter
from server.errors import OperatorFault, StartError, UsageFault
from server.mirror.client import BadAnswer, PoliteClient, Politeness, SourceUnavailable
from server.mirror.mirror import PARTS, Mirror, Options
from server.mirror.state import forget

EPILOG = (
    "exit status: 0 all was copied, 1 something could not be, 2 nothing was done,\n"
    "143 ended by SIGTERM, 130 by Ctrl-C"
)
_LISTED: Final = 100  # faults that are repeated at the end
_MAX_NAMES: Final = 100_000


def add_arguments(parser: Any) -> None:
    parser.add_argument("url", metavar="BASE_URL", help="https://addons.example.org")
    parser.add_argument("--once", action="store_true", help="end when the copy is current")
    parser.add_argument(
        "--every", type=_positive, default=3600.0, metavar="SECONDS", help="time between rounds (3600)"
    )
    parser.add_argument("--rate", type=_positive, default=2.0, metavar="N", help="requests a second (2)")
    parser.add_argument(
        "--timeout", type=_positive, default=60.0, metavar="SECONDS", help="timeout of a request (60)"
    )
    parser.add_argument("--files", action="store_true", help="copy packages, too")
    parser.add_argument(
        "--skip",
        action="append",
        choices=PARTS,
        default=[],
        help="leave out; may be repeated. details: the search results are enough, if there is no export/",
    )
    parser.add_argument(
        "--guids", metavar="FILE", type=Path, help="only these add-ons: guids, ids or slugs, one per line"
    )
    parser.add_argument(
        "--max-gone", type=int, default=100, metavar="N", help="most add-ons that a round may disable (100)"
    )
    parser.add_argument(
        "--restart",
        action="store_true",
        help="start from the beginning, also with another source; stored data stays",
    )


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.001 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0.001 to 1,000,000")
    return number


async def run(args: argparse.Namespace, settings: Settings) -> int:
    base = _base(args.url)
    options = Options(
        names=_names(args.guids) if args.guids else (),
        skipped=frozenset(args.skip),
        max_package=settings.max_package_bytes if args.files else None,
        max_gone=args.max_gone,
        period=args.every,
    )
    agent = f"Amoeba/{RELEASE} mirror{f' (+{settings.site_url})' if settings.site_url else ''}"
    client = PoliteClient(base, Politeness(rate=args.rate, timeout=args.timeout), agent)
    try:
        async with open_context(settings) as context:
            if args.restart:
                await forget(context.store)
            try:
                mirror = await Mirror.open(context.store, context.changes, client, options, _phase)
            except OperatorFault as fault:
                raise StartError(str(fault)) from fault
            status = await _run(mirror, client, args)
            await prepare(context)
            return status
    finally:
        await client.close()


async def _run(mirror: Mirror, client: PoliteClient, args: argparse.Namespace) -> int:
    say = mirror.writer.listener.print_line
    try:
        await mirror.run_round()
    except (SourceUnavailable, BadAnswer, OperatorFault) as fault:
        say(f"amoeba: stopped: {fault}")
        return max(1, await _report(mirror, client))
    status = await _report(mirror, client)
    if not args.once:
        say(f"following {client.base}{'' if mirror.follows else f', every {args.every:.0f} s'}")
        await mirror.keep_current()
    return status


@contextmanager
def _phase(title: str, total: int | None, unit: str) -> Iterator[ProgressReporter]:
    with ProgressReporter(title, total, unit, estimated=True) as reporter:
        yield reporter


async def _report(mirror: Mirror, client: PoliteClient) -> int:
    """Print what was done, and what was not; returns the exit status."""
    writer, state = mirror.writer, mirror.state
    say = writer.listener.print_line
    faults = {key: reason for key, reason in writer.faults.items() if not key.startswith("addon:")}
    count = await state.count_faults() + len(faults)
    addons = {f"addon:{addon['_id']}": addon["fault"] or "" for addon in await state.faults(_LISTED)}
    for key, reason in list((addons | faults).items())[:_LISTED]:
        say(f"not taken: {key}: {reason}")
    if count > _LISTED:
        say(f"not taken: {count - _LISTED} others")
    unreached = state.document["unreached"]
    for slice_ in unreached[:_LISTED]:
        say(f"not reached: {slice_}")
    say(
        f"{await state.count()} add-ons of {client.base} ({mirror.source.version}) are here;"
        f" {writer.counts.new} documents new, {writer.counts.changed} changed,"
        f" {writer.disabled} add-ons disabled, {count} not taken, {client.requests} requests"
    )
    return 1 if count or unreached else 0


def _base(url: str) -> str:
    """The scheme and host of an address. Raises UsageFault."""
    with suppress(ValueError):
        parts = urlsplit(url)
        is_port = parts.port is None or parts.port > 0  # ValueError for none at all
        if parts.scheme in ("http", "https") and parts.hostname and parts.username is None and is_port:
            return f"{parts.scheme}://{parts.netloc}"
    raise UsageFault(f"{url!r} is not the address of a server, such as https://addons.example.org")


def _names(path: Path) -> list[str]:
    """Raises UsageFault."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageFault(f"{path}: {fault}") from None
    names = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not names or len(names) > _MAX_NAMES:
        raise UsageFault(f"{path} names {len(names)} add-ons; from 1 to {_MAX_NAMES} can be")
    return names
