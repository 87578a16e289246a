"""Answers of discovery: what they leave out, and their items (contract/extras.md 5)."""

import pytest

from server.intake.merging import merge_states
from server.intake.records import AddonState, FullDocument, expand, parse_record
from tests.server.intake.amo_objects import make_discovery, make_file_object, make_v4, make_version_object
from tests.server.intake.test_intake_records import parsed_state, read


def test_an_item_of_discovery_is_an_addon_and_an_item() -> None:
    other, item, addon, _ = map(parse_record, expand(make_discovery()))
    assert isinstance(other, AddonState) and isinstance(addon, AddonState) and isinstance(item, FullDocument)
    assert (other.addon["_id"], addon.addon["_id"]) == (9, 7)
    assert item.document == {
        "_id": 1_000_000_009,
        "addon_id": 9,
        "position": 0,
        "editions": [],
        "heading": {"en-US": "Trees!"},
        "description": {"en-US": "Tabs & trees."},
        "is_recommendation": False,
    }


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("/firefox/downloads/file/100/tab_tree-1.0-an+fx.xpi", "1.0"),
        ("/firefox/downloads/file/100/tab_tree-2.0b1.xpi", "2.0b1"),
        ("/firefox/downloads/file/100/tab-2-go-3.4.xpi", "3.4"),
        ("/firefox/downloads/file/100/tab_tree.xpi", "0"),
        ("", "0"),
    ],
)
def test_a_number_that_is_not_told_is_in_the_files_name_or_nowhere(url: str, number: str) -> None:
    version = make_version_object(files=[make_file_object(url=url)])
    del version["version"]
    silent = make_v4(current_version=version)
    assert read(silent)["versions"][0]["version"] == number
    stored = merge_states(None, [parsed_state(make_v4(current_version=make_version_object(version="9.9")))])
    assert merge_states(stored, [parsed_state(silent)])["versions"][0]["version"] == "9.9"
