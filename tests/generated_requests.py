"""Requests that schemathesis makes out of the description of each API version, valid ones and others.

    python -m tests.generated_requests [--examples 50] [--versions v5] [--part 1/3]

No answer is a 5xx, and each has a status, a media type and a body that the description has for it. The
command starts a demonstration server of its own and asks as an administrator, writes included; the suite
has a sample of reads (tests/handlers/api_description/test_generated.py).
"""

import argparse
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from conf.vocabulary import VERSIONS
from server.demo.people import FIRST_USER
from tests.client import Client
from tests.program import Program
from tests.shell_commands import Shell

CHECKS: Final = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
READS: Final = ("GET",)
# One answers when there is something new, the other ends the credential that the rest needs.
NOT_ASKED: Final = ("/changes/", "/accounts/session/")
LEFT_OUT: Final = ("fields",)  # parameters that take away what a schema requires
ENDS_THE_RUN: Final = ("read_only",)  # of a body: the rest would be 503


def faults(
    base: str,
    version: str,
    *,
    examples: int,
    verbs: Collection[str] = (),
    token: str = "",
    part: tuple[int, int] = (1, 1),
) -> Iterator[str]:
    """What is wrong with a version's answers, an operation at a time; without `verbs`, of all.

    `part` (1, 3) is of every third operation, from the first.
    """
    root = f"{base}/api/{version}"
    with closing(Client(base)) as client:
        document = client.get(f"/api/{version}/openapi.json").json
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    operations = schemathesis.openapi.from_dict(document).get_all_operations()
    for found in islice(operations, part[0] - 1, None, part[1]):
        operation: Any = found.ok()  # type: ignore[union-attr]  # else it raises what is wrong
        if operation.path in NOT_ASKED or (verbs and operation.method.upper() not in verbs):
            continue
        try:
            _try(operation, root, examples, headers)
        except (Exception, FailureGroup) as fault:  # the other operations are to be seen too
            yield f"{operation.method.upper()} {version}{operation.path}: {fault}"


def _try(operation: Any, root: str, examples: int, headers: Mapping[str, str]) -> None:
    """Raises what a check raises."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        for name in LEFT_OUT:
            (case.query or {}).pop(name, None)
        if isinstance(case.body, dict) and operation.path == "/site/":
            for name in ENDS_THE_RUN:
                case.body.pop(name, None)
        answer = case.call(base_url=root, headers=dict(headers), timeout=30)
        case.validate_response(answer, checks=CHECKS)

    run()


def _part(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    return int(number), int(of)


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.generated_requests")
    arguments.add_argument("--examples", type=int, default=50, help="of each operation")
    arguments.add_argument("--versions", nargs="*", choices=VERSIONS, default=VERSIONS)
    arguments.add_argument("--part", type=_part, default=(1, 1), help="1/3: every third operation")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        words = ("serve", "--port", "0", "--data-dir", str(folder / "data"), "--demo", "300")
        with Program(*words, output=folder / "output") as program:
            program.wait_listening()
            shell = Shell(folder / "data", program.env)
            shell("user", "grant", str(FIRST_USER), "*:*")
            token = shell("token", str(FIRST_USER))
            wrong = 0
            for version in chosen.versions:
                options = {"examples": chosen.examples, "token": token, "part": chosen.part}
                for fault in faults(program.url, version, **options):
                    print(fault, end="\n\n", flush=True)
                    wrong += 1
    print(f"{wrong} operations have faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
