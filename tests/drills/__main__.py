"""The drills, one or all, with a printed table.

    python -m tests.drills                        # all of them, short
    python -m tests.drills --full                 # all of them, as often as it takes to be sure
    python -m tests.drills mongod-killed --full   # one

Every drill starts servers of its own, on loopback and in a temporary folder, and
ends them. The exit status is 1 when something did not hold.
"""

import argparse
import sys

from tests.drills.plan import DRILLS, run
from tests.drills.report import Outcome, Skipped, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description="Faults, really done.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(DRILLS)}")
    parser.add_argument("--full", action="store_true", help="the full number of times; an hour for all")
    options = parser.parse_args()
    if unknown := set(options.names) - DRILLS.keys():
        parser.error(f"no such drill: {', '.join(sorted(unknown))}; there are {', '.join(DRILLS)}")
    outcomes = [one for name in options.names or DRILLS for one in _tell(name, options.full)]
    print(table(outcomes))
    return 1 if any(outcome.failed for outcome in outcomes) else 0


def _tell(name: str, full: bool) -> list[Outcome]:
    print(f"{name} ...", file=sys.stderr, flush=True)
    try:
        return run(name, full)
    except Skipped as reason:
        print(f"{name} skipped: {reason}", file=sys.stderr)
        return []
    except Exception as fault:  # the other drills are still worth running
        outcome = Outcome(name, "broke off")
        print(fault, file=sys.stderr)
        outcome.add("the drill comes to its end", False, f"{type(fault).__name__}: {fault}".splitlines()[0])
        return [outcome]


if __name__ == "__main__":
    sys.exit(main())
