"""What may be said of a version and done to it (contract/writes.md 5)."""

from typing import Any

import pytest

from conf.model.addons import AddonDoc
from server.activity_log import version_records
from server.rules import versions
from server.rules.faults import Invalid
from server.rules.fields import read_fields
from server.rules.values.translated import TranslationFormat
from tests.factories import make_addon, make_file, make_version

NOW = "2026-05-06T07:08:09Z"
FORMAT = TranslationFormat(flat=False, locale="en-US")
NULL = ["This field may not be null."]
MIT = {"id": 8, "slug": "MIT", "name": None, "text": None, "url": None}
OWN = {"id": 5, "slug": None, "name": {"en-US": "Mine"}, "text": {"en-US": "Do."}, "url": None}
APPROVED = make_version(id=10, version="1.0")
AWAITING = make_version(
    id=11, version="2.0", created="2025-01-01T00:00:00Z", files=[make_file(status="unreviewed")]
)
REJECTED = make_version(id=12, version="3.0", files=[make_file(status="disabled")])
FIXED = "This type of add-on does not allow custom compatibility."
RECOMMENDED = [{"group": "recommended", "apps": ["firefox"]}]
SOURCE = ["Source cannot be changed because this version has been reviewed by Mozilla."]


def edited(addon: AddonDoc, version_id: int = 10, describes: bool = True, **sent: Any) -> AddonDoc:
    readers = versions.edit_fields(FORMAT, addon["type"], describes=describes)
    return versions.edited(addon, version_id, read_fields(readers, sent), 99, NOW)


def faults(addon: AddonDoc, version_id: int = 10, **sent: Any) -> Any:
    with pytest.raises(Invalid) as caught:
        edited(addon, version_id, **sent)
    return caught.value.body("en-US")


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("compatibility", ["android"], {"android": {"min": "48.0", "max": "*"}}),
        ("compatibility", ["thunderbird"], {"thunderbird": {"min": "5.0", "max": "*"}}),
        ("compatibility", ["firefox"], {"firefox": {"min": "57.0", "max": "*"}}),
        ("compatibility", {"firefox": {"max": "99.*"}}, {"firefox": {"min": "57.0", "max": "99.*"}}),
        (
            "compatibility",
            {"firefox": {}, "android": {"min": "121.0a1"}},
            {"firefox": {"min": "57.0", "max": "*"}, "android": {"min": "121.0a1", "max": "*"}},
        ),
        ("license", "MIT", MIT),
        ("release_notes", {"en-US": "Better."}, {"en-US": "Better."}),
        ("approval_notes", "Look here.", "Look here."),
        ("source", "/source.zip", "/source.zip"),
        ("is_disabled", True, True),
    ],
)
def test_what_is_sent_is_stored(field: str, sent: Any, stored: Any) -> None:
    addon = make_addon(versions=[AWAITING, APPROVED])
    after = edited(addon, **{field: sent})
    version = versions.get_version(after, 10)
    assert version[field] == stored  # type: ignore[literal-required]
    if field != "compatibility" or stored != APPROVED["compatibility"]:
        assert (version["modified"], after["modified"]) == (NOW, NOW)
    assert after["versions"][0] == AWAITING
    assert addon == make_addon(versions=[AWAITING, APPROVED]), "what was given is changed"


def test_nothing_new_leaves_the_document_alone() -> None:
    addon = make_addon()
    assert edited(addon, license="MPL-2.0", approval_notes="", is_disabled=False) is addon


@pytest.mark.parametrize(
    ("field", "sent", "told"),
    [
        ("compatibility", None, NULL),
        ("compatibility", "firefox", ["Invalid value"]),
        ("compatibility", [], ["Invalid value"]),
        ("compatibility", [1], ["Invalid value"]),
        ("compatibility", {"firefox": "57.0"}, ["Invalid value"]),
        ("compatibility", ["nokia"], ["Invalid app specified"]),
        ("compatibility", {"firefox": {"min": "x"}}, ["Unknown min app version specified"]),
        ("compatibility", {"firefox": {"min": "*"}}, ["Unknown min app version specified"]),
        ("compatibility", {"firefox": {"min": "57.*"}}, ["Unknown min app version specified"]),
        ("compatibility", {"firefox": {"min": "\u0665\u0667"}}, ["Unknown min app version specified"]),
        ("compatibility", {"firefox": {"max": 57}}, ["Unknown max app version specified"]),
        (
            "compatibility",
            {"firefox": {"min": "x", "max": "y"}},
            ["Unknown min app version specified", "Unknown max app version specified"],
        ),
        ("license", None, NULL),
        ("license", "foo", ["License with slug=foo does not exist."]),
        ("license", "CC-BY-4.0", ["Wrong add-on type for this license."]),
        ("custom_license", None, NULL),
        ("custom_license", "x", ["Invalid data. Expected a dictionary, but got str."]),
        ("custom_license", {"name": {"en-US": "Mine"}}, {"text": ["This field is required."]}),
        (
            "custom_license",
            {"name": {"en-US": "Mine"}, "text": {"fr": "x"}},
            {"text": ['A value in the default locale of "en-US" is required.']},
        ),
        (
            "release_notes",
            {"fr": "Mieux."},
            ['A value in the default locale of "en-US" is required if other translations are set.'],
        ),
        ("approval_notes", None, NULL),
        ("is_disabled", None, NULL),
        ("is_disabled", "x", ["Must be a valid boolean."]),
    ],
)
def test_field_faults(field: str, sent: Any, told: Any) -> None:
    assert faults(make_addon(), **{field: sent}) == {field: told}


@pytest.mark.parametrize(
    ("addon_type", "field", "sent", "told"),
    [
        ("dictionary", "compatibility", ["firefox"], [FIXED]),
        ("dictionary", "compatibility", {"firefox": {"min": "70.0"}}, [FIXED]),
        ("persona", "compatibility", ["firefox"], [FIXED]),
        ("statictheme", "license", "MIT", ["Wrong add-on type for this license."]),
        ("statictheme", "custom_license", {"name": {}}, ["Wrong add-on type for this license."]),
    ],
)
def test_faults_of_types(addon_type: str, field: str, sent: Any, told: Any) -> None:
    assert faults(make_addon(type=addon_type), **{field: sent}) == {field: told}


def test_both_licences_are_one_too_many() -> None:
    both: dict[str, Any] = {
        "license": "MIT",
        "custom_license": {"name": {"en-US": "x"}, "text": {"en-US": "y"}},
    }
    text = "Both `license` and `custom_license` cannot be provided together."
    assert faults(make_addon(), **both) == {"license": [text]}


def test_an_authors_own_licence_is_new_or_changed_wherever_it_is() -> None:
    new = edited(make_addon(), custom_license={"name": {"en-US": "Mine"}, "text": {"en-US": "Do."}})
    assert new["versions"][0]["license"] == OWN | {"id": 99}
    both = make_addon(versions=[make_version(id=11, license=OWN), make_version(license=OWN)])
    changed = edited(both, custom_license={"text": {"en-US": "Do not."}})
    assert [version["license"] for version in changed["versions"]] == [
        OWN | {"text": {"en-US": "Do not."}}
    ] * 2


@pytest.mark.parametrize("sent", ["/other.zip", None])
def test_a_reviewed_source_stays(sent: Any) -> None:
    addon = make_addon(versions=[make_version(source="/source.zip", human_reviewed=True)])
    assert faults(addon, source=sent) == {"source": SOURCE}


@pytest.mark.parametrize(
    ("addon", "version_id", "status"),
    [
        pytest.param(make_addon(), 10, "incomplete", id="the-only-one"),
        pytest.param(make_addon(versions=[AWAITING, APPROVED]), 10, "nominated", id="another-waits"),
        pytest.param(make_addon(versions=[AWAITING, APPROVED]), 11, "public", id="one-that-waits"),
        pytest.param(
            make_addon(status="nominated", versions=[AWAITING]), 11, "incomplete", id="the-only-that-waits"
        ),
        pytest.param(
            make_addon(versions=[make_version(id=11, channel="unlisted"), APPROVED]),
            11,
            "public",
            id="unlisted",
        ),
        pytest.param(make_addon(status="rejected"), 10, "rejected", id="of-a-rejected-listing"),
        pytest.param(
            make_addon(categories={}, versions=[AWAITING, APPROVED]), 10, "incomplete", id="without-metadata"
        ),
    ],
)
@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_the_status_follows(addon: AddonDoc, version_id: int, status: str, how: str) -> None:
    if how == "deleted":
        assert versions.deleted(addon, version_id, NOW)["status"] == status
    else:
        assert edited(addon, version_id, is_disabled=True)["status"] == status


def test_a_version_given_back_makes_the_addon_public_again() -> None:
    withdrawn = edited(make_addon(), is_disabled=True)
    assert withdrawn["status"] == "incomplete"
    assert edited(withdrawn, is_disabled=False)["status"] == "public"


def test_a_rejected_version_cannot_be_withdrawn_too() -> None:
    addon = make_addon(versions=[REJECTED, APPROVED])
    assert faults(addon, 12, is_disabled=True) == {"is_disabled": ["File is already disabled."]}


PROMOTED = [
    pytest.param([], RECOMMENDED, True, id="the-one-before-is-not-approved"),
    pytest.param(RECOMMENDED, RECOMMENDED, False, id="the-one-before-is-approved"),
    pytest.param([], [{"group": "strategic", "apps": ["firefox"]}], False, id="without-badge"),
    pytest.param([], [], False, id="not-promoted"),
]


@pytest.mark.parametrize(("before", "promoted", "refused"), PROMOTED)
@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_a_badge_is_not_lost_by_going_back(before: Any, promoted: Any, refused: bool, how: str) -> None:
    newest = make_version(id=11, version="2.0", created="2025-01-01T00:00:00Z", approvals=promoted)
    addon = make_addon(promoted=promoted, versions=[newest, make_version(approvals=before)])
    text = (
        f"The latest approved version of this Recommended add-on cannot be {how} because the previous "
        "version was not approved for Recommended promotion. Please contact AMO Admins if you need help "
        "with this."
    )
    if not refused:
        versions.deleted(addon, 11, NOW)
        edited(addon, 11, is_disabled=True)
    elif how == "disabled":
        assert faults(addon, 11, is_disabled=True) == {"is_disabled": [text]}
    else:
        with pytest.raises(Invalid) as caught:
            versions.deleted(addon, 11, NOW)
        assert caught.value.body("en-US") == [text]


def test_what_reviewers_are_to_see_is_a_note() -> None:
    before = make_addon()
    after = edited(before, approval_notes="Look.", source="/s.zip", license="MIT", is_disabled=True)
    records = version_records(before, after, 10, 7)
    found = {record.document["action"]: record.collection for record in records}
    assert found == {
        "version-edited": "activity",
        "version-switched": "activity",
        "notes-for-reviewers-changed": "notes",
        "source-code-uploaded": "notes",
    }
    [note] = [one.document for one in records if one.document.get("action") == "notes-for-reviewers-changed"]
    assert (note["comments"], note["version_id"], note["user_id"]) == ("Look.", 10, 7)
