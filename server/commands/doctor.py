"""`run.py doctor`: report what is wrong, and how to fix it.

Check the settings (run it with the server's flags, environment and file), the data
folder, the disk, the system's limits, MongoDB and its clock, the secret, the queues,
the server, and whether the services in the settings can be reached.
Nothing is changed, and other services are only connected to.

The exit status is 1 if there is a fault; warnings do not count.
"""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any, Final

from conf.settings.settings import Settings
from server.cli.opening import open_context
from server.errors import AmoebaError
from server.operating.diagnosis import diagnose_host, diagnose_store
from server.operating.findings import Finding

_PATIENCE: Final = 15.0  # seconds
_MARKS: Final = {"ok": "ok     ", "warning": "WARNING", "fault": "FAULT  "}


async def _check_mongodb(settings: Settings) -> list[Finding]:
    """Check MongoDB; unlike other commands, this one does not wait for it for ever."""
    if not settings.mongodb_uri and not Path(settings.data_dir).exists():
        return [Finding("ok", "MongoDB", "nothing is stored yet")]
    try:
        async with asyncio.timeout(_PATIENCE), open_context(settings) as context:
            return await diagnose_store(settings, context.store)
    except TimeoutError:
        fault = f"does not answer within {_PATIENCE:.0f} s"
    except AmoebaError as error:
        fault = str(error)
    remedy = (
        "see mongod/log in the data folder"
        if not settings.mongodb_uri
        else "check that MONGODB_URI is right, and that MongoDB runs"
    )
    return [Finding("fault", "MongoDB", fault, remedy)]


def add_arguments(parser: Any) -> None:
    parser.add_argument("--json", action="store_true", help="as a JSON list")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    findings = await diagnose_host(settings, args.sources)
    findings += await _check_mongodb(settings)
    if args.json:
        print(json.dumps([finding._asdict() for finding in findings]))
    else:
        for finding in findings:
            print(f"{_MARKS[finding.level]} {finding.about}: {finding.text}")
            if finding.remedy:
                print(f"        -> {finding.remedy}")
    return int(any(finding.level == "fault" for finding in findings))
