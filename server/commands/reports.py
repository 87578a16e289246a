"""`run.py reports`: what callers reported as abuse."""

import argparse
import sys
from typing import Any

import orjson

from conf.model.reports import TARGET_FIELDS, ReportDoc
from conf.settings.settings import Settings
from server.commands.arguments import add_listing
from server.commands.opening import opened
from server.reports import ReportQuery, read_reports

HELP = "what callers reported as abuse"
DESCRIPTION = """\
Print abuse reports of add-ons, accounts, ratings and collections, newest last.

A report: date, what it is about, who sent it, from which country, and what it
says as JSON. With --json one object a line, as in a dump. REPORT_DAYS says how
many days reports are kept.
"""


def add_arguments(parser: Any) -> None:
    parser.add_argument("--target", choices=list(TARGET_FIELDS), help="about one of these")
    parser.add_argument("--guid", metavar="GUID", help="about this add-on")
    add_listing(parser)


async def run(args: argparse.Namespace, settings: Settings) -> int:
    query = ReportQuery(args.target, args.guid, args.since)
    told = False
    async with opened(settings) as here:
        async for reports in read_reports(here.store, query, args.limit):
            told = True
            print("\n".join(map(_as_json if args.json else _as_text, reports)))
    if not told:
        print("no reports", file=sys.stderr)
    return 0


def _as_json(report: ReportDoc) -> str:
    return orjson.dumps(report).decode()


def _as_text(report: ReportDoc) -> str:
    target = [report["target"]]
    target += [report["guid"]] if report["guid"] else []
    target += [str(report["target_id"])] if report["target_id"] is not None else []
    reporter = "anonymous" if report["reporter_id"] is None else f"user:{report['reporter_id']}"
    words = [report["created"], ":".join(target), reporter, report["country"] or "--"]
    return "  ".join([*words, orjson.dumps(report["fields"]).decode()])
