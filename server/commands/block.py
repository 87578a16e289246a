"""`run.py block`: show, add and remove blocks of versions.

Show and change the blocklist, whether a server runs or not; a running one
shows it within a second.

Blocked versions cannot be submitted, and the files of stored ones are disabled.
Removing a block lets them be submitted again; files that it disabled stay
disabled until a reviewer approves them.

A block is printed as a line of a dump, which "run.py load" reads.
"""

import argparse
from typing import Any

from conf.model.curated import BlockDoc
from server.cli.opening import CommandContext, with_store
from server.intake.kinds import KINDS
from server.operating.dump import line
from server.services import blocks


def add_arguments(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    show = verbs.add_parser("show", help="print one block, or all")
    show.add_argument("guid", nargs="?", metavar="GUID")
    add = verbs.add_parser("add", help="block versions of a guid")
    remove = verbs.add_parser("remove", help="remove versions of a guid from the list")
    for parser, none in ((add, "all that are stored"), (remove, "all")):
        parser.add_argument("guid", metavar="GUID")
        parser.add_argument(
            "--version",
            action="append",
            default=[],
            dest="versions",
            metavar="VERSION",
            help=f"may be repeated; none: {none}",
        )
    add.add_argument("--soft", action="store_true", help="programs warn, and users may continue to use it")
    add.add_argument("--reason", metavar="TEXT", help="shown to users who have it installed")
    add.add_argument(
        "--url", metavar="ADDRESS", help='address of a page with more information; "" removes it'
    )


@with_store
async def run(args: argparse.Namespace, context: CommandContext) -> None:
    if args.verb == "show":
        query = {"guid": args.guid} if args.guid else {}
        async for batch in context.store.scan(blocks.COLLECTION, query=query, sort=[("_id", 1)], folded=True):
            for block in batch:
                _print(block)  # type: ignore[arg-type]
        return
    if args.verb == "add":
        texts = blocks.BlockTexts(args.reason, args.url)
        _print(
            await blocks.add(context.changes, context.store, args.guid, args.versions, texts, soft=args.soft)
        )
        return
    remaining = await blocks.remove(context.changes, args.guid, args.versions)
    if remaining is not None:
        _print(remaining)


def _print(block: BlockDoc) -> None:
    print(line(KINDS["block"], dict(block)).decode().strip())
