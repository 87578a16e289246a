"""`run.py mirror`: fill the catalogue from another server, and keep it current.

Copy the public catalogue of another server of this API (v5, or v4) by its public API, and
keep the copy current until SIGTERM or Ctrl-C; with --once until it is current. A server may
run on the data folder meanwhile, which shows each add-on at once. It may be ended at any
time, even by kill -9: started again it goes on where it was.

Taken: add-ons in all languages, versions, licences, policies, authors, ratings and replies,
language tools' locales, the list browsers show, other browsers' extensions, versions of
applications; with --files the packages, each held against its sha256. Ids stay the same.
Not taken, because the public API does not show them whole: what is not public, roles of
authors, accounts' profiles, collections, blocks, shelves, statistics, pictures (their paths
are: set MEDIA_URL to the source's until they are moved); of a v5 source which application a
category is of, and platforms of old files; from an export, or with --guids, texts that lack
the add-on's own language.

From another Amoeba all of it comes by its export, and then what changes by its change feed.
Elsewhere the search is read page by page, in slices if it shows only its first pages; what
is new or differs is read whole. What could not be reached or taken is named, and tried
again with the next round.

An add-on that is no longer public there is disabled here, once the source has said so of
this add-on (401, 403, 404, 410); it is never deleted, and comes back if it does there. If
more than --max-gone are missing from what a round saw, or are named by changes before the
next one, no more are disabled, and a mirror that follows looks again with the next round.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from conf.release import RELEASE
from conf.settings.settings import Settings
from server.cli.opening import opened
from server.cli.preparing import prepare
from server.cli.reporting import ProgressReporter
from server.errors import OperatorFault, StartError, UsageFault
from server.mirror.client import BadAnswer, PoliteClient, Politeness, SourceUnavailable
from server.mirror.mirror import PARTS, Mirror, Options
from server.mirror.state import forget

EPILOG = (
    "exit status: 0 all is taken, 1 something could not be, 2 nothing was done,\n"
    "143 ended by SIGTERM, 130 by Ctrl-C"
)
_LISTED: Final = 100  # faults that are repeated at the end
_MAX_NAMES: Final = 100_000


def add_arguments(parser: Any) -> None:
    parser.add_argument("url", metavar="BASE_URL", help="https://addons.example.org")
    parser.add_argument("--once", action="store_true", help="end when all is current")
    parser.add_argument(
        "--every", type=_positive, default=3600.0, metavar="SECONDS", help="time between rounds (3600)"
    )
    parser.add_argument("--rate", type=_positive, default=2.0, metavar="N", help="requests a second (2)")
    parser.add_argument(
        "--timeout", type=_positive, default=60.0, metavar="SECONDS", help="an answer may take (60)"
    )
    parser.add_argument("--files", action="store_true", help="take packages as well")
    parser.add_argument(
        "--skip",
        action="append",
        choices=PARTS,
        default=[],
        help="leave out; may be repeated. details: without export/ what its search shows is enough",
    )
    parser.add_argument(
        "--guids", metavar="FILE", type=Path, help="only these add-ons: guids, ids or slugs, one a line"
    )
    parser.add_argument(
        "--max-gone", type=int, default=100, metavar="N", help="add-ons that a round may disable (100)"
    )
    parser.add_argument(
        "--restart", action="store_true", help="forget how far it is, of another source too; data stays"
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
        async with opened(settings) as context:
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
    say = mirror.writer.listener.say
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
    say = writer.listener.say
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
