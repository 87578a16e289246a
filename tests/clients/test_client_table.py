"""The clients that are run (tests/clients) are those that their page names."""

import re

from tests.clients.__main__ import CLIENTS
from tests.program import ROOT


def test_page_has_every_client() -> None:
    page = (ROOT / "tests" / "clients" / "README.md").read_text()
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE) == list(CLIENTS)
