"""`run.py token`: print a token for a user, or change the server's secret.

Print a token that signs USER in for 30 days, to be sent as
    Authorization: Bearer TOKEN
or with --session the key of a new session, to be sent as
    Authorization: Session KEY
"run.py user sign-out USER" ends all of a user's tokens and sessions.

--rotate gives the server a new secret. Tokens signed with the old one stay valid
until they expire. With --forget every token and session of every user ends within
a second, in every server. API keys stay valid either way. If the secret comes from
the setting secret_key, this command only seals API keys with the first secret in it,
and says what is left to do.
"""

import argparse
import sys
from typing import Any

from conf.settings.settings import Settings
from server.auth import account_admin
from server.auth.credentials import stored_apikeys
from server.auth.credentials.tokens import make_token
from server.auth.keys.keyring import Keyring
from server.auth.keys.keystores import key_store
from server.cli.opening import CommandContext, open_context, open_keyring
from server.errors import UsageFault
from server.webhooks import endpoints


def add_arguments(parser: Any) -> None:
    parser.add_argument("user", nargs="?", metavar="USER", help="id, username or e-mail address")
    parser.add_argument("--session", action="store_true", help="start a session and print its key")
    parser.add_argument("--rotate", action="store_true", help="make a new secret")
    parser.add_argument("--forget", action="store_true", help="with --rotate: invalidate the old one")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    if bool(args.user) == args.rotate or (args.forget and not args.rotate):
        raise UsageFault("give a USER, or --rotate with or without --forget")
    async with open_context(settings) as context:
        return await (_rotate if args.rotate else _sign_in)(context, args)


async def _sign_in(context: CommandContext, args: argparse.Namespace) -> int:
    user = await account_admin.find_user(context.store, args.user)
    if user["deleted"] or user["banned"]:
        raise account_admin.AccountFault(
            f"{user['username']} is {'deleted' if user['deleted'] else 'banned; run.py user unban ends that'}"
        )
    keyring = await open_keyring(context)
    if args.session:
        print((await account_admin.start_session(context.changes, keyring, user))[0])
    else:
        print(make_token(user, keyring))
    return 0


async def _rotate(context: CommandContext, args: argparse.Namespace) -> int:
    """Rotate the secret; the old one is needed until those of API keys and webhooks are sealed again."""
    keys = key_store(context.settings, context.store)
    ring = await keys.rotate()
    sealed, lost = await stored_apikeys.reseal(context.store, Keyring(ring))
    sealed_webhooks, lost_webhooks = await endpoints.reseal(context.store, Keyring(ring))
    print(f"{sealed} API keys and {sealed_webhooks} secrets of webhooks are sealed with the newest secret")
    for name in lost:
        print(f"{name} was sealed by another server: make a new key", file=sys.stderr)
    for name in lost_webhooks:
        print(f"{name} was sealed by another server: run.py webhook rotate", file=sys.stderr)
    lost += lost_webhooks
    if context.settings.secret_key:
        print(_left_to_do(len(ring)), file=sys.stderr)
        return 1 if lost or args.forget or len(ring) == 1 else 0
    if args.forget:
        await keys.drop_retired()
    return 1 if lost else 0


def _left_to_do(secrets: int) -> str:
    """What is left to do by hand if the secret is a setting, which no command can change."""
    if secrets == 1:
        return (
            "amoeba: nothing is rotated, because secret_key is a setting. Put a new secret in front of it,"
            " separated by a comma, restart every server with both, and run this command again with both."
        )
    return (
        "amoeba: nothing is forgotten yet, because secret_key is a setting. Remove the old secrets and"
        " restart every server: then the tokens and sessions of the old ones end."
    )
