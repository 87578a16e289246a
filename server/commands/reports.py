"""`run.py reports`: print abuse reports.

Print abuse reports about add-ons, accounts, ratings and collections, newest last.

Each line has the date, the target, the reporter, the country, and the report's
fields as JSON. With --json each is one JSON object, as in a dump. REPORT_DAYS says
how many days reports are kept.
"""

import argparse
from typing import Any

import orjson

from conf.model.reports import TARGET_FIELDS, ReportDoc
from server.cli.arguments import add_listing
from server.cli.opening import CommandContext, with_store
from server.cli.output import print_listing
from server.reports import ReportQuery, read_reports


def add_arguments(parser: Any) -> None:
    parser.add_argument("--target", choices=list(TARGET_FIELDS), help="only about targets of this kind")
    parser.add_argument("--guid", metavar="GUID", help="only about this add-on")
    add_listing(parser)


@with_store
async def run(args: argparse.Namespace, context: CommandContext) -> None:
    reports = read_reports(context.store, ReportQuery(args.target, args.guid, args.since), args.limit)
    await print_listing(reports, _as_json if args.json else _as_text, "reports")


def _as_json(report: ReportDoc) -> str:
    return orjson.dumps(report).decode()


def _as_text(report: ReportDoc) -> str:
    target = [report["target"]]
    target += [report["guid"]] if report["guid"] else []
    target += [str(report["target_id"])] if report["target_id"] is not None else []
    reporter = "anonymous" if report["reporter_id"] is None else f"user:{report['reporter_id']}"
    words = [report["created"], ":".join(target), reporter, report["country"] or "--"]
    return "  ".join([*words, orjson.dumps(report["fields"]).decode()])
