"""`run.py apikey`: make an API key.

Make an API key for USER and print it with its secret, which is shown only this once.
The user's previous key stops working.

A script signs a JSON Web Token (HS256) with the secret: "iss" is the key, "iat"
the current time, "exp" at most 300 seconds later; and sends it as
    Authorization: JWT TOKEN
"""

import argparse
import json
import sys
from typing import Any

from server.auth import account_admin
from server.auth.credentials import stored_apikeys
from server.cli.opening import CommandContext, open_keyring, with_store


def add_arguments(parser: Any) -> None:
    parser.add_argument("user", metavar="USER", help="id, username or e-mail address")
    parser.add_argument("--revoke", action="store_true", help="revoke the key and make no new one")
    parser.add_argument("--json", action="store_true", help='print {"key": ..., "secret": ...}')


@with_store
async def run(args: argparse.Namespace, context: CommandContext) -> None:
    user = await account_admin.find_user(context.store, args.user)
    if args.revoke:
        count = await stored_apikeys.revoke(context.changes, user["_id"])
        print(f"{count} API keys of {user['username']} stopped working")
        return
    keyring = await open_keyring(context)
    secret, key = await stored_apikeys.renew(context.changes, keyring, user["_id"])
    if args.json:
        print(json.dumps({"key": key["_id"], "secret": secret}))
    else:
        print(f"key: {key['_id']}\nsecret: {secret}")
    if user["read_dev_agreement"] is None:
        print(
            f"amoeba: the key works once {user['username']} has accepted the developer agreement"
            f" (run.py user agree {user['_id']})",
            file=sys.stderr,
        )
