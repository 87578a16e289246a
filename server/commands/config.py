"""`run.py config`: show the settings, and where their values come from.

Show every setting as a server would see it that is started with the same
environment and file (--config), and where its value comes from: a line of the TOML
file, an environment variable, a flag, or the default. Of secrets it only says whether
they are set.

Names of settings (port or AMOEBA_PORT) restrict the list to these, --changed to
settings that differ from their defaults.
"""

import argparse
import json
from typing import Any

from conf.settings.settings import SETTINGS, Settings
from server.errors import UsageFault


def add_arguments(parser: Any) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    show = verbs.add_parser("show", help="values and their sources")
    show.add_argument("names", nargs="*", metavar="NAME", help="a setting; default: all")
    show.add_argument("--changed", action="store_true", help="only settings that differ from their defaults")
    show.add_argument("--json", action="store_true", help="as one JSON object")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    by_name = {word: setting for setting in SETTINGS for word in (setting.name, setting.variable)}
    if unknown := [name for name in args.names if name not in by_name]:
        raise UsageFault(f"there is no setting {', '.join(unknown)}; run.py config show lists all")
    chosen = [by_name[name] for name in args.names] or list(SETTINGS)
    if args.changed:
        chosen = [setting for setting in chosen if setting.name in args.sources]
    rows = {
        setting.name: {
            "value": setting.displayed(settings),
            "source": args.sources.get(setting.name, "default"),
        }
        for setting in chosen
    }
    if args.json:
        print(json.dumps(rows))
        return 0
    for name, row in rows.items():
        text = f"# {name} is unset" if row["value"] is None else f"{name} = {as_toml(row['value'])}"
        print(f"{text}  # {row['source']}")
    return 0


def as_toml(value: Any) -> str:
    """A setting's value in TOML, of which JSON's forms are a part."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def changed_as_toml(settings: Settings, changed: dict[str, str]) -> str:
    """A file of the settings that are not defaults, named by `changed`, with secrets in full."""
    values = {
        setting.name: getattr(settings, setting.name) for setting in SETTINGS if setting.name in changed
    }
    return "".join(f"{name} = {as_toml(value)}\n" for name, value in values.items() if value is not None)
