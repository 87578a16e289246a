"""`run.py addon`: show, disable, enable, delete or promote add-ons.

Show and change add-ons, whether a server runs or not; a running one shows the change
within a second. ADDON is an id, a slug or a guid.

Every change is a write like those of the API: the log has it (run.py log) with
its --reason and who did it (--by), Basket is told, and what leaves a review note
as a reviewer's decision leaves one here, too.

"run.py load --merge" changes any other field of an add-on.
"""

import argparse
import json
import sys
from typing import Any, Final

from conf.model.addons import AddonDoc
from conf.settings.settings import Settings
from conf.vocabulary import APPS, PROMOTED_GROUPS
from index import facts
from server.auth.account_admin import find_user
from server.changes import Changes
from server.cli.opening import CommandContext, open_context
from server.errors import UsageFault
from server.intake.kinds import KINDS
from server.operating.dump import line
from server.services.review import moderation


def add_arguments(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    for name, help in _HELP.items():
        parser = verbs.add_parser(name, help=help)
        count = "+" if name in ("show", "disable", "enable", "delete") else 1
        parser.add_argument("addons", nargs=count, metavar="ADDON", help="id, slug or guid")
        _add_verb_arguments(name, parser)
        if name != "show":
            parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the log")
            parser.add_argument("--by", metavar="USER", help="account that decided it, for the log")


def _add_verb_arguments(verb: str, parser: Any) -> None:
    """Arguments of this verb only."""
    if verb == "delete":
        parser.add_argument("--yes", action="store_true", help="required, because it cannot be undone")
    elif verb == "status":
        parser.add_argument("status", nargs="?", choices=moderation.STATUSES, help="default: print it")
    elif verb == "promote":
        parser.add_argument("group", choices=PROMOTED_GROUPS)
        parser.add_argument(
            "--app",
            action="append",
            choices=APPS,
            help="may be repeated; default: all applications it supports",
        )
    elif verb == "demote":
        parser.add_argument("group", nargs="?", choices=PROMOTED_GROUPS, help="default: all groups")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.verb == "delete" and not args.yes:
        raise UsageFault(
            "a deleted add-on cannot be restored, nor its guid used again; add --yes to delete it"
        )
    async with open_context(settings) as context:
        has_actor = args.verb != "show" and args.by
        by = (await find_user(context.store, args.by))["_id"] if has_actor else None
        # A fault of one add-on does not stop the others.
        return max([await _run_addon(context, name, args, by) for name in args.addons])


async def _run_addon(context: CommandContext, name: str, args: argparse.Namespace, by: int | None) -> int:
    try:
        addon = await moderation.find_addon(context.store, name)
        if args.verb == "show":
            print(json.dumps(json.loads(line(KINDS["addon"], dict(addon))), indent=2, ensure_ascii=False))
            return 0
        if args.verb != "status" or args.status:
            addon = await _change(context.changes, addon["_id"], args, by)
        print(_state(addon))
    except moderation.AddonFault as fault:
        print(f"amoeba: {fault}", file=sys.stderr)
        return 1
    return 0


async def _change(changes: Changes, addon_id: int, args: argparse.Namespace, by: int | None) -> AddonDoc:
    match args.verb:
        case "disable":
            return await moderation.disable(changes, addon_id, args.reason, by)
        case "enable":
            return await moderation.enable(changes, addon_id, args.reason, by)
        case "delete":
            return await moderation.delete(changes, addon_id, args.reason, by)
        case "status":
            return await moderation.set_status(changes, addon_id, args.status, args.reason, by)
        case "promote":
            apps = args.app or ()
            return await moderation.promote(changes, addon_id, args.group, apps, args.reason, by)
        case _:
            return await moderation.demote(changes, addon_id, args.group, args.reason, by)


def _state(addon: AddonDoc) -> str:
    """An add-on on one line."""
    words = [f"addon:{addon['_id']}", addon["slug"] or addon["guid"] or "", addon["status"]]
    if addon["disabled_by_user"]:
        words.append("disabled by its developer")
    groups = [
        f"{promotion['group']} ({', '.join(promotion['apps'])})" for promotion in facts.promotions(addon)
    ]
    return "  ".join(filter(None, words + groups))


_HELP: Final = {
    "show": 'print as JSON, in the form that "load --merge" reads',
    "disable": "hide from everybody except authors and reviewers; authors cannot undo it",
    "enable": "undo disable; the status follows from the versions",
    "delete": "delete permanently, as its owner could",
    "status": "print its status, or set it",
    "promote": "add to a promoted group, such as recommended",
    "demote": "remove from a promoted group, or from all",
}
