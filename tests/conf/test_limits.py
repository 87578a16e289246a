"""The table of bounds is whole, and conf/README.md prints it as it is."""

import pytest

from conf import limits
from conf.settings.settings import SETTINGS
from tests.program import ROOT

README = (ROOT / "conf" / "README.md").read_text()
# Settings that bound what a caller may send or make the server hold, and their units.
SETTINGS_OF_KIND = {
    "max_url_bytes": "bytes",
    "max_header_bytes": "bytes",
    "max_body_bytes": "bytes",
    "inbound_max_bytes": "bytes",
    "max_package_bytes": "bytes",
    "header_timeout": "seconds",
    "body_timeout": "seconds",
    "idle_timeout": "seconds",
    "write_timeout": "seconds",
    "unread_mb": "MB",
    "max_connections": "connections",
}


def test_every_maximum_has_a_row() -> None:
    assert {name for name in vars(limits) if name.startswith("MAX_")} == limits.BOUNDS.keys()


@pytest.mark.parametrize("name", limits.BOUNDS)
def test_the_page_prints_the_row(name: str) -> None:
    bound = limits.BOUNDS[name]
    assert f"| {bound.subject} | {getattr(limits, name):,} {bound.unit} | {bound.beyond} |" in README


@pytest.mark.parametrize("name", SETTINGS_OF_KIND)
def test_the_page_prints_the_setting(name: str) -> None:
    default = next(setting.default for setting in SETTINGS if setting.name == name)
    assert f"(`{name.upper()}`) | {default:,.0f} {SETTINGS_OF_KIND[name]} |" in README
