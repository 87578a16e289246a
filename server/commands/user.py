"""`run.py user`: create and change accounts.

Create and change accounts, whether a server runs or not; a running one follows
within a second. USER is an id, a username or an e-mail address.

A permission is App:Action, such as Addons:Review; Addons:* and *:* work too.
"""

import argparse
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, cast

from conf.model.addons import UserDoc
from conf.settings.settings import Settings
from server import clock
from server.auth import account_admin
from server.auth.credentials.sessions import end_sessions
from server.cli.arguments import count
from server.cli.opening import CommandContext, open_context
from server.cli.reporting import ProgressReporter
from server.errors import Duplicate, UsageFault
from server.services.accounts.account_deletion import delete

# Never shown, because tokens depend on it.
_HIDDEN: Final = {"auth_id"}


def add_arguments(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    _add_add(verbs)
    _add_list(verbs)
    for name, verb in _VERBS.items():
        parser = verbs.add_parser(name, help=verb.help)
        parser.add_argument("user", metavar="USER", help="id, username or e-mail address")
        if name in ("grant", "revoke"):
            parser.add_argument("permissions", nargs="+", metavar="PERMISSION", help="as App:Action")
        elif name == "email":
            parser.add_argument("address", metavar="ADDRESS", help='"" removes it')
        elif name == "delete":
            parser.add_argument("--yes", action="store_true", help="required, because it cannot be undone")


def _add_list(verbs: Any) -> None:
    parser = verbs.add_parser("list", help="print accounts, a line each")
    parser.add_argument("--permission", metavar="PERMISSION", help="who holds it by this name")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_add(verbs: Any) -> None:
    parser = verbs.add_parser("add", help="make an account and print its id")
    parser.add_argument("username", metavar="USERNAME")
    parser.add_argument("--id", type=count, metavar="N", help="its id; unset: the next free one")
    parser.add_argument("--email", metavar="ADDRESS")
    parser.add_argument("--display-name", metavar="NAME")
    parser.add_argument(
        "--permission", action="append", default=[], metavar="PERMISSION", help="may be repeated"
    )
    parser.add_argument(
        "--no-agreement",
        action="store_true",
        help="leave the developer agreement unaccepted: no API key works and nothing can be submitted",
    )


async def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.verb == "delete" and not args.yes:
        raise UsageFault(
            "a deleted account cannot be restored, nor add-ons of this author alone; add --yes to delete it"
        )
    async with open_context(settings) as context:
        try:
            if args.verb == "add":
                await _add(context, args)
            elif args.verb == "list":
                await _list(context, args)
            else:
                user = await account_admin.find_user(context.store, args.user)
                print(await _VERBS[args.verb].run(context, user, args))
        except Duplicate as fault:
            name = fault.field.strip("_")
            raise account_admin.AccountFault(f"another account has this {name}") from fault
    return 0


async def _add(context: CommandContext, args: argparse.Namespace) -> None:
    user = await account_admin.create_user(
        context.store,
        context.changes,
        args.username,
        id=args.id,
        email=args.email,
        display_name=args.display_name,
        permissions=sorted(set(args.permission)),
        read_dev_agreement=None if args.no_agreement else clock.now(),
    )
    print(user["_id"])


async def _show(context: CommandContext, user: UserDoc, args: argparse.Namespace) -> str:
    keys = await context.store.find("apikeys", {"user_id": user["_id"], "active": True})
    sessions = await context.store.count(
        "sessions", {"user_id": user["_id"], "expires": {"$gt": clock.now()}}
    )
    account = _visible(user) | {"api_keys": [key["_id"] for key in keys], "sessions": sessions}
    return json.dumps(account, indent=2, ensure_ascii=False)


def _visible(user: UserDoc) -> dict[str, Any]:
    return {name: value for name, value in user.items() if name not in _HIDDEN}


async def _list(context: CommandContext, args: argparse.Namespace) -> None:
    query = {"permissions": args.permission} if args.permission else None
    async for users in context.store.scan("users", query=query, sort=[("_id", 1)], whole=True):
        for user in cast(list[UserDoc], users):
            print(json.dumps(_visible(user), ensure_ascii=False) if args.json else _line(user))


def _line(user: UserDoc) -> str:
    words = [str(user["_id"]), user["username"], user["email"] or "-"]
    words += [word for word in ("deleted", "banned") if user[word]]
    return "  ".join([*words, *user["permissions"]])


async def _email(context: CommandContext, user: UserDoc, args: argparse.Namespace) -> str:
    _check_not_deleted(user)
    user = await account_admin.set_email(context.changes, user["_id"], args.address)
    return f"{user['username']} has {user['email'] or 'no address'}"


async def _delete(context: CommandContext, user: UserDoc, args: argparse.Namespace) -> str:
    _check_not_deleted(user)
    with ProgressReporter(f"deleting {user['username']}", None):
        await delete(context.changes, user, None)
    return f"{user['username']} is deleted"


def _check_not_deleted(user: UserDoc) -> None:
    if user["deleted"]:
        raise account_admin.AccountFault(f"{user['username']} is deleted")


async def _grant(context: CommandContext, user: UserDoc, args: argparse.Namespace) -> str:
    return _permissions(await account_admin.grant(context.changes, user["_id"], args.permissions))


async def _revoke(context: CommandContext, user: UserDoc, args: argparse.Namespace) -> str:
    return _permissions(await account_admin.revoke(context.changes, user["_id"], args.permissions))


def _permissions(user: UserDoc) -> str:
    return f"{user['username']} holds {', '.join(user['permissions']) or 'no permission'}"


async def _agree(context: CommandContext, user: UserDoc, args: argparse.Namespace) -> str:
    await account_admin.set_fields(context.changes, user["_id"], read_dev_agreement=clock.now())
    return f"{user['username']} has accepted the developer agreement"


async def _ban(context: CommandContext, user: UserDoc, args: argparse.Namespace) -> str:
    await account_admin.ban(context.changes, user["_id"])
    return f"{user['username']} is banned"


async def _unban(context: CommandContext, user: UserDoc, args: argparse.Namespace) -> str:
    await account_admin.set_fields(context.changes, user["_id"], banned=False)
    return f"{user['username']} is not banned"


async def _sign_out(context: CommandContext, user: UserDoc, args: argparse.Namespace) -> str:
    await end_sessions(context.changes, user["_id"], wait=False)
    return f"every session and token of {user['username']} has ended"


class _Verb(NamedTuple):
    """An action on an account; `run` returns the text to print."""

    run: Callable[[CommandContext, UserDoc, argparse.Namespace], Awaitable[str]]
    help: str


_VERBS: Final = {
    "show": _Verb(_show, "print an account as JSON"),
    "email": _Verb(_email, "change the e-mail address"),
    "grant": _Verb(_grant, "grant permissions"),
    "revoke": _Verb(_revoke, "revoke permissions"),
    "agree": _Verb(_agree, "accept the developer agreement on the user's behalf"),
    "ban": _Verb(_ban, "refuse all credentials, end all sessions and tokens"),
    "unban": _Verb(_unban, "end a ban; the user has to sign in again"),
    "sign-out": _Verb(_sign_out, "end all sessions and tokens"),
    "delete": _Verb(_delete, "delete permanently, as the user could, with add-ons that have no other author"),
}
