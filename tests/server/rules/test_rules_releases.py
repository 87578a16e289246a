"""Packages described, versions added, add-ons begun (contract/writes.md 3, 3.1, 5).

Rules: contract/packages.md 4.3.
"""

import json
from typing import Any

import pytest
from tornado.httputil import HTTPFile

from conf.model.addons import AddonDoc
from server.rules import listing, releases
from server.rules.faults import Invalid
from server.rules.fields import read_fields
from server.rules.releases import Numbers
from server.rules.uploads import packages, uploaded
from server.rules.values.translated import TranslationFormat
from tests.factories import make_addon, make_file, make_version

NOW = "2026-05-06T07:08:09Z"
FORMAT = TranslationFormat(flat=False, locale="en-US")
HASH = "sha256:" + "0a" * 32
HASH_TEXT = "Enter a hash of the form sha256:<64 hexadecimal digits>."
NUMBERS = Numbers(addon=50, version=60, file=70, license=80)
ALL = frozenset({packages.SIGNED, packages.LANGUAGE_PACKS})
MIT = {"id": 8, "slug": "MIT", "name": None, "text": None, "url": None}
UUID = "7b5c4ab4-6bb1-4b4b-8a8a-6d6d6d6d6d6d"
INVALID = ["Upload is not valid."]
NULL = ["This field may not be null."]
COMPLETE = {"name": {"en-US": "Tabs"}, "summary": {"en-US": "Tabs."}, "categories": ["tabs"]}
LISTED = "This field is required for add-ons with listed versions."


def package(
    granted: frozenset[str] = frozenset(), addon_type: str = "extension", **sent: Any
) -> dict[str, Any]:
    return packages.read_package({"version": "2.0", **sent}, FORMAT, addon_type, granted)


def body(call: Any, *args: Any, status: int = 400, **sent: Any) -> Any:
    with pytest.raises(Invalid) as caught:
        call(*args, **sent)
    assert caught.value.status == status
    return caught.value.body("en-US")


def created(metadata: dict[str, Any], **sent: Any) -> AddonDoc:
    context = listing.ListingContext(FORMAT, "https://addons.example.org", "extension", lambda slug: False)
    values = read_fields(listing.fields(context), metadata)
    return releases.new_addon(
        values, package(license="MIT", **sent), NUMBERS, "{new}", "new-slug", owner_id=7, now=NOW
    )


class TestUpload:
    @pytest.mark.parametrize(
        ("sent", "told"),
        [
            (None, NULL),
            ("", NULL),
            ("foo", ["“foo” is not a valid UUID."]),
            (3, ["“3” is not a valid UUID."]),
        ],
    )
    def test_what_names_none(self, sent: Any, told: Any) -> None:
        assert body(uploaded.read_upload_id, sent) == {"upload": told}

    @pytest.mark.parametrize(
        ("found", "told"),
        [
            (None, [f"Object with uuid={UUID} does not exist."]),
            ({"user_id": 8, "package": {}, "submitted": False}, INVALID),
            ({"user_id": 7, "package": None, "submitted": False}, INVALID),
            ({"user_id": 7, "package": {}, "submitted": True}, INVALID),
        ],
        ids=["unknown", "another's", "invalid, or not processed", "used"],
    )
    def test_what_cannot_be_used(self, found: Any, told: Any) -> None:
        key = uploaded.read_upload_id(UUID)
        assert body(uploaded.check_usable, found, key, 7) == {"upload": told}

    def test_it_is_required_of_those_who_may_not_describe_packages(self) -> None:
        told = body(packages.check_describes, describes=False)
        assert told == {"upload": ["This field is required."]}
        packages.check_describes(describes=True)


class TestPackage:
    def test_a_number_will_do(self) -> None:
        found = package()
        assert (found["version"], found["channel"], len(found["files"])) == ("2.0", "listed", 1)
        assert found["files"][0].keys() | {"id", "created", "status"} == make_file().keys()

    def test_everything_a_manifest_says(self) -> None:
        file = {"url": "/f.xpi", "hash": HASH, "size": "7", "permissions": ["tabs", "tabs"]}
        found = package(channel="unlisted", file=file, name="Tabs", type="dictionary", guid="a@b.example")
        assert (found["channel"], found["type"], found["guid"]) == ("unlisted", "dictionary", "a@b.example")
        assert found["name"] == {"en-US": "Tabs"}
        assert found["files"][0] | file | {"size": 7, "permissions": ["tabs"]} == found["files"][0]

    @pytest.mark.parametrize(
        ("sent", "told"),
        [
            ({"version": None}, {"version": NULL}),
            ({"version": "a b"}, {"version": ["Enter a valid version number."]}),
            ({"version": "9" * 256}, {"version": ["Ensure this field has no more than 255 characters."]}),
            ({"channel": "beta"}, {"channel": ['"beta" is not a valid choice.']}),
            ({"type": "foo"}, {"type": ['"foo" is not a valid choice.']}),
            ({"type": "language"}, {"type": ["You cannot submit a language pack"]}),
            ({"guid": "foo"}, {"guid": ["Invalid guid parameter"]}),
            (
                {"guid": "x@mozilla.com"},
                {"guid": ["You cannot submit an add-on using an ID ending with this suffix: @mozilla.com"]},
            ),
            (
                {"file": {"is_mozilla_signed_extension": True}},
                {"file": ["You cannot submit a Mozilla Signed Extension"]},
            ),
            (
                {"file": {"size": -1}},
                {"file": {"size": ["Ensure this value is greater than or equal to 0."]}},
            ),
            *(
                ({"file": {"hash": hash}}, {"file": {"hash": [told]}})
                for hash, told in (
                    ("", "This field may not be blank."),
                    ("sha256:", HASH_TEXT),
                    ("sha256:00", HASH_TEXT),
                    ("0a" * 32, HASH_TEXT),
                    ("md5:" + "0a" * 32, HASH_TEXT),
                    (HASH + "0", HASH_TEXT),
                    (HASH.upper(), HASH_TEXT),
                )
            ),
            ({"file": {"url": "x"}}, {"file": {"url": ["Enter a valid URL."]}}),
            ({"files": []}, {"files": ["This list may not be empty."]}),
            (
                {"files": [{}, {"platform": "beos"}]},
                {"files": {"1": {"platform": ['"beos" is not a valid choice.']}}},
            ),
            ({"source": "x"}, {"source": ["Enter a valid URL."]}),
        ],
    )
    def test_faults(self, sent: Any, told: Any) -> None:
        assert body(package, **sent) == told

    def test_who_may_signs_and_translates(self) -> None:
        found = package(
            ALL, type="language", guid="x@mozilla.com", file={"is_mozilla_signed_extension": True}
        )
        assert found["type"] == "language"


class TestRelease:
    @pytest.mark.parametrize("channel", ["listed", "unlisted"])
    def test_a_version_is_the_newest_and_waits_unless_unlisted(self, channel: str) -> None:
        addon = releases.with_new_version(make_addon(), package(channel=channel), NUMBERS, NOW)
        new, old = addon["versions"]
        assert old == make_version()
        assert (new["id"], new["channel"], new["created"], addon["modified"]) == (60, channel, NOW, NOW)
        assert new["license"] == old["license"]
        assert new["compatibility"] == {"firefox": {"min": "42.0", "max": "*"}}
        [file] = new["files"]
        assert (file["id"], file["status"]) == (70, "unreviewed" if channel == "listed" else "public")
        assert file["url"] == "/firefox/downloads/file/70/tab_tree-2.0.xpi"
        assert addon["status"] == "public"

    @pytest.mark.parametrize(
        ("addon_type", "compatibility"),
        [
            ("extension", {"firefox": {"min": "42.0", "max": "*"}}),
            ("statictheme", {"firefox": {"min": "53.0", "max": "*"}}),
            ("dictionary", {"firefox": {"min": "61.0", "max": "*"}}),
            ("search", {}),
        ],
    )
    def test_what_it_is_made_for_by_default(self, addon_type: str, compatibility: Any) -> None:
        addon = make_addon(type=addon_type)
        new = releases.with_new_version(addon, package(type=addon_type), NUMBERS, NOW)["versions"][0]
        assert new["compatibility"] == compatibility

    @pytest.mark.parametrize(
        ("old", "channel", "statuses"),
        [
            pytest.param({}, "listed", ["disabled"], id="awaiting"),
            pytest.param({}, "unlisted", ["unreviewed"], id="an-unlisted-one-comes"),
            pytest.param({"channel": "unlisted"}, "listed", ["unreviewed"], id="unlisted"),
            pytest.param({"deleted": True}, "listed", ["unreviewed"], id="deleted"),
            pytest.param({"is_disabled": True}, "listed", ["disabled"], id="withdrawn"),
            pytest.param(
                {"files": [make_file(), make_file(id=9, status="unreviewed")]},
                "listed",
                ["public", "disabled"],
                id="in-part",
            ),
        ],
    )
    def test_what_is_older_and_awaits_its_review_is_disabled(
        self, old: Any, channel: str, statuses: list[str]
    ) -> None:
        older = make_version(**({"files": [make_file(status="unreviewed")]} | old))
        addon = make_addon(versions=[older])
        sent = package(channel=channel, license="MIT")
        new = releases.with_new_version(addon, sent, NUMBERS, NOW)["versions"][1]
        assert [file["status"] for file in new["files"]] == statuses
        assert (new["modified"] == NOW) == (new["files"] != older["files"])

    def test_a_promoted_group_has_to_approve_it_anew(self) -> None:
        addon = make_addon(promoted=[{"group": "recommended", "apps": ["firefox"]}])
        assert releases.with_new_version(addon, package(), NUMBERS, NOW)["versions"][0]["approvals"] == []

    def test_a_listed_version_nominates_an_incomplete_addon(self) -> None:
        addon = make_addon(status="incomplete", versions=[make_version(channel="unlisted")])
        assert releases.with_new_version(addon, package(), NUMBERS, NOW)["status"] == "nominated"
        assert (
            releases.with_new_version(addon, package(channel="unlisted"), NUMBERS, NOW)["status"]
            == "incomplete"
        )

    def test_several_files_have_numbers_in_a_row(self) -> None:
        addon = releases.with_new_version(
            make_addon(), package(files=[{"platform": "linux"}, {"platform": "mac"}]), NUMBERS, NOW
        )
        assert [(file["id"], file["platform"]) for file in addon["versions"][0]["files"]] == [
            (70, "linux"),
            (71, "mac"),
        ]

    @pytest.mark.parametrize(
        ("version", "number", "text"),
        [
            pytest.param(make_version(), "1.0", "Version 1.0 already exists.", id="exists"),
            pytest.param(
                make_version(version="1.0A"), "1.0a", "Version 1.0a already exists.", id="in-another-case"
            ),
            pytest.param(
                make_version(deleted=True),
                "1.0",
                "Version 1.0 was uploaded before and deleted.",
                id="deleted",
            ),
        ],
    )
    def test_a_number_is_used_once(self, version: Any, number: str, text: str) -> None:
        addon, sent = make_addon(versions=[version]), package(version=number)
        told = body(releases.with_new_version, addon, sent, NUMBERS, NOW, status=409)
        assert told == {"version": [text]}

    @pytest.mark.parametrize(
        ("addon", "text"),
        [
            pytest.param(
                {"disabled_by_user": True},
                "Listed versions cannot be submitted while add-on is disabled.",
                id="disabled",
            ),
            pytest.param(
                {"status": "rejected"},
                "Listed versions cannot be submitted while add-on listing is rejected.",
                id="rejected",
            ),
            pytest.param(
                {"categories": {"firefox": []}, "summary": None},
                "Addon metadata is required to be set to create a listed version: ['categories', 'summary'].",
                id="metadata-incomplete",
            ),
        ],
    )
    def test_a_listed_version_needs_a_listing(self, addon: Any, text: str) -> None:
        told = body(releases.with_new_version, make_addon(**addon), package(), NUMBERS, NOW)
        assert told == {"non_field_errors": [text]}

    @pytest.mark.parametrize(
        ("addon", "sent", "field", "text"),
        [
            pytest.param(
                *({}, {"type": "statictheme"}, "upload"),
                "The type (Theme) does not match the type of your add-on on AMO (Extension)",
                id="another-type",
            ),
            pytest.param(
                *({}, {"guid": "x@example.org"}, "upload"),
                "The add-on ID in your manifest.json (x@example.org) does not match the ID of your "
                "add-on on AMO (tab-tree@example.org)",
                id="another-guid",
            ),
            pytest.param(
                *({"versions": []}, {}, "license"),
                "This field, or custom_license, is required for listed versions.",
                id="no-licence",
            ),
        ],
    )
    def test_faults(self, addon: Any, sent: Any, field: str, text: str) -> None:
        told = body(releases.with_new_version, make_addon(**addon), package(**sent), NUMBERS, NOW)
        assert told == {field: [text]}

    @pytest.mark.parametrize(
        "addon",
        [
            {"disabled_by_user": True},
            {"status": "rejected"},
            {"summary": None, "status": "incomplete"},
            {"versions": []},
        ],
    )
    def test_an_unlisted_version_needs_none_of_that(self, addon: Any) -> None:
        releases.with_new_version(make_addon(**addon), package(channel="unlisted"), NUMBERS, NOW)


class TestCreation:
    def test_a_listed_addon_is_nominated(self) -> None:
        addon = created(COMPLETE, type="extension")
        assert addon.keys() == make_addon().keys(), "not the model's keys"
        assert (addon["_id"], addon["guid"], addon["slug"]) == (50, "{new}", "new-slug")
        assert (addon["status"], addon["created"], addon["last_updated"]) == ("nominated", NOW, None)
        assert addon["authors"] == [{"user_id": 7, "role": "owner", "listed": True, "position": 0}]
        assert addon["versions"][0]["license"] == MIT
        json.dumps(addon)

    def test_an_unlisted_one_stays_incomplete(self) -> None:
        assert created({}, channel="unlisted")["status"] == "incomplete"

    def test_metadata_default_to_the_manifest(self) -> None:
        addon = created({"categories": ["tabs"]}, name="Tabs", summary="Tabs.", default_locale="en-US")
        assert (addon["name"], addon["status"]) == ({"en-US": "Tabs"}, "nominated")
        assert created({**COMPLETE}, name="Other")["name"] == {"en-US": "Tabs"}

    @pytest.mark.parametrize(
        ("missing", "fields"),
        [
            (("categories",), ["categories"]),
            (("name", "summary"), ["name", "summary"]),
            (tuple(COMPLETE), None),
        ],
    )
    def test_a_listing_must_be_complete(self, missing: Any, fields: Any) -> None:
        metadata = {key: value for key, value in COMPLETE.items() if key not in missing}
        wanted = fields or ["categories", "name", "summary"]
        assert body(created, metadata) == {field: [LISTED] for field in wanted}

    def test_the_default_locale_needs_the_texts(self) -> None:
        told = body(created, {**COMPLETE, "default_locale": "ja"})
        text = 'A value in the default locale of "ja" is required.'
        assert told == {"name": [text], "summary": [text]}


def test_a_file_is_no_source() -> None:
    file = HTTPFile(filename="s.zip", body=b"x", content_type="application/zip")
    assert body(package, source=file) == {"source": ["Files cannot be uploaded to this server."]}
