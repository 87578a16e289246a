"""What follows from an add-on document alone.

Rules: contract/addons.md 3.4 and 7.
"""

from typing import Any

import pytest

from conf.model.addons import VersionDoc
from index import facts
from index.documents.identifiers import identify
from tests.factories import make_addon, make_file, make_version


def version(id: int, created: str = "2024-01-01", **fields: Any) -> VersionDoc:
    status = fields.pop("status", "public")
    date = f"{created}T00:00:00Z"
    return make_version(
        id=id, **{"created": date, "modified": date, "files": [make_file(status=status)], **fields}
    )


def number(version: VersionDoc | None) -> int | None:
    return version and version["id"]


@pytest.mark.parametrize(
    "identifier, expected",
    [
        ("7", ("id", "7")),
        ("007", ("id", "7")),
        ("tab-tree", ("slug", "tab-tree")),
        ("7up", ("slug", "7up")),
        ("٧", ("slug", "٧")),
        ("@foo", ("guid", "@foo")),
        ("Tab.Tree@Example.org", ("guid", "Tab.Tree@Example.org")),
        ("{2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c}", ("guid", "{2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c}")),
        ("{not-a-uuid}", ("slug", "{not-a-uuid}")),
        ("a b@example.org", ("slug", "a b@example.org")),
        ("a@b\n", ("slug", "a@b\n")),
    ],
)
def test_shape_of_an_identifier_decides_what_it_names(identifier: str, expected: tuple[str, str]) -> None:
    assert identify(identifier) == expected


@pytest.mark.parametrize(
    "fields, public, disabled",
    [
        ({}, True, False),
        ({"disabled_by_user": True}, False, True),
        ({"status": "disabled"}, False, True),
        ({"status": "nominated"}, False, False),
        ({"status": "incomplete"}, False, False),
        ({"status": "deleted"}, False, False),
    ],
    ids=lambda value: str(value),
)
def test_only_status_and_developer_decide_about_visibility(
    fields: dict[str, Any], public: bool, disabled: bool
) -> None:
    addon = make_addon(**fields)
    assert (facts.is_public(addon), facts.is_disabled(addon)) == (public, disabled)


def test_a_public_addon_without_current_version_is_not_searchable() -> None:
    assert facts.is_searchable(make_addon())
    assert not facts.is_searchable(make_addon(versions=[version(1, channel="unlisted")]))
    assert not facts.is_searchable(make_addon(disabled_by_user=True))


@pytest.mark.parametrize(
    "status, versions, expected",
    [
        ("public", [version(2, "2024-02-01"), version(1)], 2),
        ("public", [version(1), version(2, "2024-02-01")], 2),
        ("public", [version(2, "2024-02-01", status="unreviewed"), version(1)], 1),
        ("public", [version(2, "2024-02-01", deleted=True), version(1)], 1),
        ("public", [version(2, "2024-02-01", channel="unlisted"), version(1)], 1),
        ("public", [version(2, "2024-02-01", is_disabled=True), version(1)], 1),
        ("public", [version(2, modified="2024-01-01T00:00:09Z"), version(3)], 2),
        ("public", [version(2), version(3)], 3),
        ("public", [version(1, status="disabled")], None),
        ("public", [], None),
        ("nominated", [version(2, "2024-02-01", status="unreviewed"), version(1)], 2),
        ("nominated", [version(2, "2024-02-01", status="disabled"), version(1)], 1),
        ("disabled", [version(1, status="disabled")], None),
        ("deleted", [version(1)], None),
    ],
    ids=[
        "newest",
        "newest-in-any-order",
        "approved-only",
        "not-deleted",
        "listed-only",
        "not-withdrawn",
        "later-modified-breaks-ties",
        "higher-id-breaks-ties",
        "none-approved",
        "none-at-all",
        "awaiting-review-will-do",
        "rejected-will-not",
        "all-rejected",
        "deleted-addon",
    ],
)
def test_current_version(status: str, versions: list[VersionDoc], expected: int | None) -> None:
    assert number(facts.current_version(make_addon(status=status, versions=versions))) == expected


def test_a_file_of_any_platform_approves_a_version() -> None:
    files = [make_file(id=1, platform="mac", status="disabled"), make_file(id=2, platform="linux")]
    assert facts.is_approved(make_version(files=files))


@pytest.mark.parametrize(
    "versions, expected",
    [
        ([version(1), version(2, channel="unlisted")], 2),
        (
            [
                version(2, "2024-02-01", channel="unlisted", status="unreviewed"),
                version(1, channel="unlisted"),
            ],
            2,
        ),
        (
            [version(2, "2024-02-01", channel="unlisted", status="disabled"), version(1, channel="unlisted")],
            1,
        ),
        ([version(2, channel="unlisted", deleted=True)], None),
        ([version(1)], None),
    ],
    ids=["unlisted", "any-review-state", "not-disabled", "not-deleted", "listed-does-not-count"],
)
def test_latest_unlisted_version(versions: list[VersionDoc], expected: int | None) -> None:
    assert number(facts.latest_unlisted_version(make_addon(versions=versions))) == expected


@pytest.mark.parametrize(
    "which, expected",
    [
        (None, [5, 1]),
        ("all_without_unlisted", [5, 2, 1]),
        ("all_with_unlisted", [5, 4, 2, 1]),
        ("all_with_deleted", [5, 4, 3, 2, 1]),
    ],
)
def test_filter_of_the_versions_list(which: str | None, expected: list[int]) -> None:
    addon = make_addon(
        versions=[
            version(1, "2024-01-01"),
            version(2, "2024-01-02", status="disabled"),
            version(3, "2024-01-03", deleted=True),
            version(4, "2024-01-04", channel="unlisted"),
            version(5, "2024-01-05"),
        ]
    )
    assert [version["id"] for version in facts.versions(addon, which)] == expected
    if which is None:
        assert facts.public_versions(addon) == facts.versions(addon)


def test_deleted_versions_count_for_the_channels_an_addon_ever_had() -> None:
    addon = make_addon(versions=[version(1, deleted=True), version(2, channel="unlisted", deleted=True)])
    assert facts.has_versions(addon, "listed")
    assert facts.has_versions(addon, "unlisted")
    assert not facts.has_versions(make_addon(), "unlisted")
    assert not facts.has_versions(make_addon(versions=[]), "listed")


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({}, ("firefox",)),
        ({"versions": [make_version(compatibility={"firefox": {}, "sunbird": {}})]}, ("firefox",)),
        ({"versions": []}, ()),
        ({"versions": [make_version(compatibility={})]}, ()),
        (
            {"type": "dictionary", "versions": [make_version(compatibility={})]},
            ("firefox", "thunderbird", "seamonkey", "android"),
        ),
        ({"type": "dictionary"}, ("firefox",)),
    ],
    ids=["declared", "obsolete-app", "no-version", "none-declared", "dictionary", "declaring-dictionary"],
)
def test_supported_apps(fields: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert facts.supported_apps(make_addon(**fields)) == expected


RECOMMENDED = {"group": "recommended", "apps": ["firefox", "android"]}
LINE = {"group": "line", "apps": ["firefox"]}


@pytest.mark.parametrize(
    "promoted, approvals, expected",
    [
        ([], None, []),
        ([RECOMMENDED], None, [RECOMMENDED]),
        ([LINE, RECOMMENDED], None, [RECOMMENDED, LINE]),
        ([RECOMMENDED], [], []),
        ([RECOMMENDED], [LINE], []),
        (
            [RECOMMENDED],
            [{"group": "recommended", "apps": ["android"]}],
            [{"group": "recommended", "apps": ["android"]}],
        ),
        ([LINE], [RECOMMENDED, LINE], [LINE]),
        (
            [{"group": "later", "apps": ["firefox"]}, LINE],
            None,
            [LINE, {"group": "later", "apps": ["firefox"]}],
        ),
    ],
    ids=[
        "none",
        "approved-for-all",
        "lowest-group-first",
        "approved-for-nothing",
        "approved-for-another-group",
        "approved-for-one-app",
        "approved-for-more-than-it-is-in",
        "unknown-group-last",
    ],
)
def test_promotion_needs_an_approved_version(promoted: Any, approvals: Any, expected: Any) -> None:
    addon = make_addon(promoted=promoted, versions=[make_version(approvals=approvals)])
    assert facts.promotions(addon) == expected
    assert facts.is_recommended(addon) == any(promotion["group"] == "recommended" for promotion in expected)


def test_an_addon_without_current_version_is_not_promoted() -> None:
    assert facts.promotions(make_addon(promoted=[RECOMMENDED], versions=[])) == []
