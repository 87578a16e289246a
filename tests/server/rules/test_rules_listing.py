"""What an edit of a listing does beside storing what was sent (contract/writes.md 3.2, 4.1, 4.3)."""

from typing import Any

import pytest

from conf.model.addons import AddonDoc
from server.activity_log import listing_records
from server.rules import listing
from server.rules.faults import Invalid
from server.rules.fields import read_fields
from server.rules.values.translated import TranslationFormat
from tests.factories import make_addon, make_file, make_version

NOW = "2026-05-06T07:08:09Z"
CONTEXT = listing.ListingContext(
    translation_format=TranslationFormat(flat=False, locale="en-US"),
    site_url="https://addons.example.org",
    addon_type="extension",
    is_slug_taken=lambda slug: False,
)
AWAITING = make_version(id=11, version="2.0", files=[make_file(status="unreviewed")])
UNLISTED = make_version(channel="unlisted")
REQUIRED = {"categories": ["This field is required for add-ons with listed versions."]}


def edited(addon: AddonDoc, **sent: Any) -> AddonDoc:
    readers = {**listing.fields(CONTEXT), **listing.icon_fields(CONTEXT)}
    return listing.edited(addon, read_fields(readers, sent), NOW)


def faults(addon: AddonDoc, **sent: Any) -> Any:
    with pytest.raises(Invalid) as caught:
        edited(addon, **sent)
    return caught.value.body("en-US")


def default(locale: str, *fields: str) -> dict[str, list[str]]:
    return {field: [f'A value in the default locale of "{locale}" is required.'] for field in fields}


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("name", {"fr": "Arbre"}, {"en-US": "Tab Tree", "fr": "Arbre"}),
        ("description", {"en-US": "Long."}, {"en-US": "Long."}),
        ("homepage", {"en-US": "https://example.org/"}, {"en-US": "https://example.org/"}),
        ("support_email", {"en-US": "a@b.example"}, {"en-US": "a@b.example"}),
        ("contributions_url", "https://paypal.me/x", "https://paypal.me/x"),
        ("slug", "new-slug", "new-slug"),
        ("tags", ["privacy", "music"], ["privacy", "music"]),
        ("categories", ["bookmarks"], {"firefox": ["bookmarks"]}),
        ("is_experimental", True, True),
        ("requires_payment", True, True),
        ("icon", None, {}),
    ],
)
def test_what_is_sent_is_stored_and_dated(field: str, sent: Any, stored: Any) -> None:
    before = make_addon(icons={"64": "/old.png"})
    after = edited(before, **{field: sent})
    key = {"icon": "icons"}.get(field, field)
    assert after[key] == stored  # type: ignore[literal-required]
    assert after["modified"] == NOW
    assert after["last_updated"] == before["last_updated"]
    assert before == make_addon(icons={"64": "/old.png"}), "what was given is changed"


def test_nothing_new_leaves_the_document_alone() -> None:
    addon = make_addon()
    assert edited(addon, name={"en-US": "Tab Tree"}, tags=[], slug="tab-tree") is addon


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"name": {"en-US": None}}, default("en-US", "name")),
        ({"name": None, "summary": None}, default("en-US", "name", "summary")),
        ({"default_locale": "ja"}, default("ja", "name", "summary")),
        ({"categories": []}, REQUIRED),
        (
            {"description": {"fr": "x"}},
            {
                "description": [
                    'A value in the default locale of "en-US" is required if other translations are set.'
                ]
            },
        ),
    ],
)
def test_a_listing_stays_complete(sent: dict[str, Any], told: Any) -> None:
    assert faults(make_addon(), **sent) == told


def test_the_default_locale_moves_with_its_texts() -> None:
    sent = {"default_locale": "ja", "name": {"ja": "木"}, "summary": {"ja": "木です"}}
    assert edited(make_addon(), **sent)["default_locale"] == "ja"


def test_an_unlisted_addon_needs_no_listing() -> None:
    addon = make_addon(status="incomplete", versions=[UNLISTED])
    assert edited(addon, name=None, summary=None, categories=[])["name"] is None


@pytest.mark.parametrize(("state", "after"), [(0, 0), (1, 1), (2, 1), (3, 3), (4, 4)])
@pytest.mark.parametrize("field", ["name", "summary"])
def test_accepted_content_waits_for_another_look_once_it_changed(field: str, state: int, after: int) -> None:
    review = {"state": state, "policies": [], "comments": None, "reviewed": "2026-01-01T00:00:00Z"}
    changed = edited(make_addon(content_review=review), **{field: {"en-US": "Something else"}})
    assert (changed["content_review"]["state"], changed["content_review"]["reviewed"]) == (after, None)


@pytest.mark.parametrize(
    "sent", [{"description": {"en-US": "x"}}, {"tags": ["music"]}, {"name": {"en-US": "Tab Tree"}}]
)
def test_other_edits_leave_the_content_review(sent: dict[str, Any]) -> None:
    review = {"state": 2, "policies": [], "comments": None, "reviewed": "2026-01-01T00:00:00Z"}
    assert edited(make_addon(content_review=review), **sent)["content_review"] == review


def test_completed_metadata_nominate_an_incomplete_listing() -> None:
    addon = make_addon(status="incomplete", categories={}, versions=[AWAITING])
    assert edited(addon, summary={"en-US": "More."})["status"] == "incomplete"
    assert edited(addon, categories=["tabs"])["status"] == "nominated"


def test_metadata_change_no_other_status() -> None:
    """A listing whose versions are not known here stays as it is."""
    assert edited(make_addon(versions=[]), tags=["music"])["status"] == "public"


def test_disabling_withdraws_what_waits_for_review() -> None:
    changed = edited(make_addon(versions=[AWAITING, make_version()]), is_disabled=True)
    assert changed["disabled_by_user"]
    assert [version["is_disabled"] for version in changed["versions"]] == [True, False]
    assert changed["status"] == "public"
    nominated = edited(make_addon(status="nominated", versions=[AWAITING]), is_disabled=True)
    assert nominated["status"] == "incomplete"


def test_enabling_changes_the_flag_alone() -> None:
    addon = make_addon(disabled_by_user=True)
    assert edited(addon, is_disabled=False) == addon | {"disabled_by_user": False, "modified": NOW}


def test_a_deleted_addon_frees_its_slug_and_keeps_its_guid() -> None:
    gone = listing.deleted(make_addon(versions=[AWAITING, make_version(deleted=True)]), NOW)
    assert (gone["status"], gone["slug"], gone["guid"]) == ("deleted", None, "tab-tree@example.org")
    assert all(version["deleted"] for version in gone["versions"])
    assert [version["modified"] for version in gone["versions"]] == [NOW, make_version()["modified"]]
    assert gone["authors"] == make_addon()["authors"]


def kinds(before: AddonDoc, after: AddonDoc) -> list[tuple[str, Any]]:
    records = [dict(record.document) for record in listing_records(before, after, 7)]
    return [(one["action"], one["details"].get("property") or one["details"].get("tag")) for one in records]


def test_every_change_is_recorded_some_apart() -> None:
    before = make_addon(tags=["music", "search"])
    after = edited(before, name={"fr": "Arbre"}, slug="arbre", tags=["search", "privacy"], is_disabled=True)
    assert kinds(before, after) == [
        ("property-edited", "name"),
        ("slug-changed", "slug"),
        ("disabled-by-developer", None),
        ("tag-added", "privacy"),
        ("tag-removed", "music"),
    ]


@pytest.mark.parametrize(
    ("stored", "sent", "after"),
    [
        pytest.param({}, ["tabs"], {"firefox": ["tabs"]}, id="an-array-is-firefox's"),
        pytest.param(
            {"firefox": ["tabs"], "android": ["performance"]},
            ["performance", "bookmarks"],
            {"android": ["performance"], "firefox": ["bookmarks"]},
            id="a-slug-of-another-application-stays-there",
        ),
        pytest.param(
            {"firefox": ["tabs"]},
            {"android": ["performance"]},
            {"android": ["performance"]},
            id="object-replaces",
        ),
        pytest.param(
            {"firefox": ["productivity"]}, ["productivity"], {"firefox": ["productivity"]}, id="kept"
        ),
    ],
)
def test_categories_are_placed(stored: Any, sent: Any, after: Any) -> None:
    context = listing.ListingContext(
        CONTEXT.translation_format, CONTEXT.site_url, "extension", CONTEXT.is_slug_taken, categories=stored
    )
    values = read_fields(listing.fields(context), {"categories": sent})
    assert listing.edited(make_addon(categories=stored), values, NOW)["categories"] == after


@pytest.mark.parametrize(
    ("field", "sent", "told"),
    [
        ("categories", ["nothing"], ["Invalid category name."]),
        ("categories", ["abstract"], ["Invalid category name."]),
        ("categories", [7], ["Invalid category name."]),
        ("categories", {"nokia": []}, ["Invalid app name."]),
        ("categories", "tabs", ['Expected a list of items but got type "str".']),
        ("categories", None, ["This field may not be null."]),
        ("categories", ["other", "tabs"], ['The "other" category cannot be combined with another category']),
        (
            "categories",
            ["tabs", "bookmarks", "appearance", "privacy-security"],
            ["You can have only 3 categories."],
        ),
        ("tags", None, ["This field may not be null."]),
        ("tags", "music", ['Expected a list of items but got type "str".']),
        ("tags", ["music", "foo"], {"1": ['"foo" is not a valid choice.']}),
        ("default_locale", None, ["This field may not be null."]),
        ("default_locale", "foo", ['"foo" is not a valid choice.']),
        ("is_disabled", None, ["This field may not be null."]),
        ("is_experimental", "x", ["Must be a valid boolean."]),
        ("requires_payment", 3, ["Must be a valid boolean."]),
        ("icon", "x", ["No file was submitted."]),
        ("name", {"en-US": "x" * 51}, ["Ensure this field has no more than 50 characters."]),
        ("summary", {"en-US": "x" * 251}, ["Ensure this field has no more than 250 characters."]),
    ],
)
def test_field_faults(field: str, sent: Any, told: Any) -> None:
    assert faults(make_addon(), **{field: sent}) == {field: told}


def test_ten_tags_and_those_the_addon_has_already() -> None:
    context = listing.ListingContext(
        CONTEXT.translation_format, CONTEXT.site_url, "extension", CONTEXT.is_slug_taken, tags=("old tag",)
    )
    assert read_fields(listing.fields(context), {"tags": ["old tag"]}) == {"tags": ["old tag"]}
    eleven = sorted(listing.TAGS)[:11]
    assert faults(make_addon(), tags=eleven) == {"tags": ["Ensure this field has no more than 10 elements."]}


def test_an_address_in_a_summary_is_refused_and_one_that_is_stored_stays() -> None:
    stored = {"en-US": "See https://example.org/"}
    before = make_addon(summary=stored)
    assert edited(before, name={"fr": "Arbre"})["summary"] == stored
    assert edited(before, summary={"fr": "Voir"})["summary"] == stored | {"fr": "Voir"}
    for text in ("See https://example.org/", "See example.org"):
        assert faults(before, summary={"fr": text}) == {"summary": ["URLs are not allowed."]}
