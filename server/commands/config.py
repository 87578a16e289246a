"""`run.py config show`: the settings of a run, and where each comes from."""

import argparse
import json
import sys
from typing import Any

from conf.settings.settings import SETTINGS, Setting, Settings

HELP = "show the settings, and where they come from"
DESCRIPTION = """\
Show every setting as a server would have it that is started with the same
environment and file (--config), and where its value comes from: a line of the TOML
file, a variable of the environment, a flag, or the default. Secrets are only said to
be set.

Names of settings (port, AMOEBA_PORT) show those alone, --changed what is no default.
"""


def add_arguments(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    show = verbs.add_parser("show", help="values and their sources")
    show.add_argument("names", nargs="*", metavar="NAME", help="a setting; none: all")
    show.add_argument("--changed", action="store_true", help="what is no default alone")
    show.add_argument("--json", action="store_true", help="as one JSON object")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    known = {word: setting for setting in SETTINGS for word in (setting.name, setting.variable)}
    wrong = [name for name in args.names if name not in known]
    if wrong:
        print(f"amoeba: no setting: {', '.join(wrong)}", file=sys.stderr)
        return 2
    chosen = [known[name] for name in args.names] or list(SETTINGS)
    if args.changed:
        chosen = [setting for setting in chosen if setting.name in args.sources]
    rows = {one.name: (one.displayed(settings), args.sources.get(one.name, "default")) for one in chosen}
    if args.json:
        print(
            json.dumps({name: {"value": value, "source": source} for name, (value, source) in rows.items()})
        )
        return 0
    for name, (value, source) in rows.items():
        print(
            f"{name} = {as_toml(value)}  # {source}"
            if value is not None
            else f"# {name} is unset  # {source}"
        )
    return 0


def as_toml(value: Any) -> str:
    """A setting's value as TOML has it, which JSON's forms are too."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def changed_as_toml(settings: Settings, changed: dict[str, str]) -> str:
    """What is no default as a file of settings, secrets in full; `changed` has the names."""
    chosen: list[Setting] = [setting for setting in SETTINGS if setting.name in changed]
    values = {setting.name: getattr(settings, setting.name) for setting in chosen}
    return "".join(f"{name} = {as_toml(value)}\n" for name, value in values.items() if value is not None)
