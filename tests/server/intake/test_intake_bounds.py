"""What is loaded is as it was, markup cleaned; what no read could take is named and not cut."""

from typing import Any

import pytest

from conf.limits import MAX_ADDON_LINKS, MAX_ADDON_TEXT, MAX_DESCRIPTION, MAX_VERSION_TEXT
from server.intake.json_values import BadRecord
from server.intake.records import AddonState, FullDocument, parse_record
from tests.factories import make_addon, make_version
from tests.server.intake.amo_objects import make_v4, make_version_object

LONG = "Long. " * MAX_DESCRIPTION  # no author may write that; AMO's policies have such
TOO_LONG = "x" * (MAX_ADDON_TEXT + 1)


def test_longer_than_may_be_written_is_kept_whole() -> None:
    state = parse_record(make_v4(description={"en-US": LONG}))
    line = parse_record({"kind": "addon", **make_addon(description={"en-US": LONG})})
    assert isinstance(state, AddonState) and isinstance(line, FullDocument)
    assert state.addon["description"] == line.document["description"] == {"en-US": LONG}


@pytest.mark.parametrize(
    ("fields", "version", "reason"),
    [
        (
            {"description": {"en-US": TOO_LONG}},
            {},
            f"The texts of an add-on may have no more than {MAX_ADDON_TEXT} characters together.",
        ),
        (
            {"description": {"en-US": "http://a.b/ " * (MAX_ADDON_LINKS + 1)}},
            {},
            f"The texts of an add-on may have no more than {MAX_ADDON_LINKS} links together.",
        ),
        (
            {},
            {"release_notes": {"en-US": TOO_LONG}},
            f"The texts of a version may have no more than {MAX_VERSION_TEXT} characters together.",
        ),
    ],
    ids=["text", "links", "notes"],
)
def test_more_than_a_read_can_take_is_named(fields: Any, version: Any, reason: str) -> None:
    for record in (
        make_v4(**fields, current_version=make_version_object(**version)),
        {"kind": "addon", **make_addon(**fields, versions=[make_version(**version)])},
    ):
        with pytest.raises(BadRecord) as error:
            parse_record(record)
        assert str(error.value) == reason


def test_markup_is_cleaned_of_either_form() -> None:
    raw, clean = {"en-US": "<b>x</b> <script>"}, {"en-US": "<b>x</b> &lt;script&gt;"}
    state = parse_record(make_v4(description=raw, current_version=make_version_object(release_notes=raw)))
    versions = [make_version(release_notes=raw)]
    line = parse_record({"kind": "addon", **make_addon(description=raw, versions=versions)})
    assert isinstance(state, AddonState) and isinstance(line, FullDocument)
    assert state.addon["description"] == state.versions[0]["release_notes"] == clean
    assert line.document["description"] == line.document["versions"][0]["release_notes"] == clean


def test_an_eula_whose_text_is_not_told_is_a_link_to_it() -> None:
    page = "https://addons.mozilla.org/addon/tab-tree/eula/"
    state = parse_record(make_v4(has_eula=True))
    assert isinstance(state, AddonState)
    assert state.addon["eula"] == {"en-US": f'<a href="{page}" rel="nofollow">{page}</a>'}
