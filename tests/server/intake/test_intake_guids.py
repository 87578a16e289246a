"""Which guids `load` takes: those of real catalogues, which are older than the rule."""

import pytest

from server.intake.addons import read_addon
from server.intake.json_values import BadRecord
from tests.server.intake.amo_objects import make_v4


@pytest.mark.parametrize("guid", ["letscube", "#genid1", "X", "{}", "updated pagerankstatus", "{{ec8030f7}}"])
def test_guids_older_than_the_rule_are_kept(guid: str) -> None:
    """19 of `amo-names-2013` are such."""
    assert read_addon(make_v4(guid=guid))["guid"] == guid


@pytest.mark.parametrize("guid", ["123", "a/b", "a,b", "a\nb", ""])
def test_what_no_address_or_list_could_hold_is_none(guid: str) -> None:
    with pytest.raises(BadRecord, match="bad guid"):
        read_addon(make_v4(guid=guid))
