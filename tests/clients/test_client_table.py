"""The clients that are run (tests/clients) are those that README names."""

import re

from tests.clients.__main__ import CLIENTS
from tests.program import ROOT


def test_readme_has_every_client() -> None:
    readme = (ROOT / "README.md").read_text()
    section = readme.partition("### Programs that were run")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", section, re.MULTILINE) == list(CLIENTS)
