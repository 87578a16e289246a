"""`run.py log`: print what was done, by whom and when.

Print what was done to add-ons, ratings and accounts: by API callers, and by
operators with "run.py addon" and "run.py load --merge", newest last.

Each line has the date, kind, add-on, version, who did it ("operator": from the shell),
the caller's address if stored, and details as JSON. With --json each is one JSON object.
"""

import argparse
from typing import Any

import orjson

from conf.model.activity import ActivityDoc
from server.activity_log import LogQuery, read_log
from server.auth.account_admin import find_user
from server.cli.arguments import add_listing
from server.cli.opening import CommandContext, with_store
from server.cli.output import print_listing
from server.services.review.moderation import find_addon


def add_arguments(parser: Any) -> None:
    parser.add_argument("--user", metavar="USER", help="only by this account: id, username or e-mail address")
    parser.add_argument("--addon", metavar="ADDON", help="only to this add-on: id, slug or guid")
    parser.add_argument("--kind", metavar="KIND", help="only of this kind, such as addon-deleted")
    add_listing(parser)


@with_store
async def run(args: argparse.Namespace, context: CommandContext) -> None:
    user = await find_user(context.store, args.user) if args.user else None
    addon = await find_addon(context.store, args.addon) if args.addon else None
    query = LogQuery(user and user["_id"], addon and addon["_id"], args.kind, args.since)
    entries = read_log(context.store, query, args.limit)
    await print_listing(entries, _as_json if args.json else _as_text, "entries")


def _as_json(entry: ActivityDoc) -> str:
    fields = {
        "id": entry["_id"],
        "date": entry["date"],
        "kind": entry["action"],
        **{key: entry.get(key) for key in ("addon_id", "version_id", "user_id", "details", "address")},
    }
    return orjson.dumps(fields).decode()


def _as_text(entry: ActivityDoc) -> str:
    words = [entry["date"], entry["action"]]
    if entry["addon_id"] is not None:
        words.append(f"addon:{entry['addon_id']}")
    if entry["version_id"] is not None:
        words.append(f"version:{entry['version_id']}")
    words.append("operator" if entry["user_id"] is None else f"user:{entry['user_id']}")
    words += [entry["address"]] if entry["address"] else []
    words += [orjson.dumps(entry["details"]).decode()] if entry["details"] else []
    return "  ".join(words)
