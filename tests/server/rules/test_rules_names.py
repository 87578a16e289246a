"""Names, slugs, guids, addresses (contract/writes.md 3.1, 3.2)."""

from typing import Any

import pytest

from conf.vocabulary import CONTRIBUTION_DOMAINS, RESERVED_GUID_SUFFIXES
from server.rules.faults import Invalid
from server.rules.fields import FieldReader, read_fields, string
from server.rules.values import links, names

LETTERS = "Ensure this field contains at least one letter or number character."
TRADEMARK = "Add-on names cannot contain the Mozilla or Firefox trademarks."
DENIED = "This slug cannot be used. Please choose another."
SLUG = "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."
URL = "Enter a valid URL."
OWN = (
    "This field can only be used to link to external websites. "
    "URLs on https://addons.example.org are not allowed."
)
HTTPS = "URLs must start with https://."
SPONSORS = "URL path for GitHub Sponsors must contain /sponsors/."
DOMAIN = (
    "URL domain must be one of [buymeacoffee.com, donate.mozilla.org, flattr.com, github.com, ko-fi.com, "
    "liberapay.com, www.micropayment.de, opencollective.com, www.patreon.com, www.paypal.com, paypal.me]."
)

NAME = string(check=names.check_untrademarked)
SLUG_FIELD = names.slug(lambda slug: slug == "taken")
EXTERNAL = string(check=links.external("https://addons.example.org"))
EMAIL = string(check=links.check_email)
GUID = string(check=lambda guid: names.check_guid(guid, allow_reserved=False))

CASES: list[tuple[FieldReader, Any, list[str] | None]] = [
    (NAME, "Tabs", None),
    (NAME, "日本語", None),
    (NAME, "7", None),
    (NAME, "Tabs for Firefox", None),
    (NAME, "Tools for Mozilla", None),
    (NAME, "~ - !", [LETTERS]),
    (NAME, "Firefox Tabs", [TRADEMARK]),
    (NAME, "F.i.r.e.f.o.x", None),
    (NAME, "MOZILLA", [TRADEMARK]),
    (NAME, "Firefox for Firefox", [TRADEMARK]),
    (NAME, "Ｆｉｒｅｆｏｘ", [TRADEMARK]),
    (SLUG_FIELD, "tab-tree_2~", None),
    (SLUG_FIELD, "baum-ä", None),
    (SLUG_FIELD, "tab tree", [SLUG]),
    (SLUG_FIELD, "a/b", [SLUG]),
    (SLUG_FIELD, "a@b", [SLUG]),
    (SLUG_FIELD, "", ["This field may not be blank."]),
    (SLUG_FIELD, None, ["This field may not be null."]),
    (SLUG_FIELD, "123", [DENIED]),
    (SLUG_FIELD, 102030, [DENIED]),
    (SLUG_FIELD, "Search", [DENIED]),
    (SLUG_FIELD, "taken", ["addon with this slug already exists."]),
    (SLUG_FIELD, "a" * 31, ["Ensure this field has no more than 30 characters."]),
    (EXTERNAL, "https://example.org/a?b#c", None),
    (EXTERNAL, "http://bücher.example:8080", None),
    (EXTERNAL, "http://192.0.2.1/", None),
    (EXTERNAL, "example.org", [URL]),
    (EXTERNAL, "ftp://example.org", [URL]),
    (EXTERNAL, "javascript:alert(1)", [URL]),
    (EXTERNAL, "https://localhost/", [URL]),
    (EXTERNAL, "https://exa mple.org/", [URL]),
    (EXTERNAL, "https://example.org:99999/", [URL]),
    (EXTERNAL, "https://[::1/", [URL]),
    (EXTERNAL, "https://ADDONS.example.org/x", [OWN]),
    (EMAIL, "a@b.example", None),
    (EMAIL, "a", ["Enter a valid email address."]),
    (EMAIL, "a@b", ["Enter a valid email address."]),
    (EMAIL, "a b@c.example", ["Enter a valid email address."]),
    *((links.contributions, f"https://{domain}/sponsors/x", None) for domain in CONTRIBUTION_DOMAINS),
    (links.contributions, "https://ko-fi.com/x", None),
    (links.contributions, "https://github.com/x", [SPONSORS]),
    (links.contributions, "https://github.com/x/sponsors/", [SPONSORS]),
    (links.contributions, "https://github.com/sponsorship", [SPONSORS]),
    (links.contributions, "https://GitHub.com/", [SPONSORS]),
    (links.contributions, "http://github.com/x", [SPONSORS, HTTPS]),
    (links.contributions, "", ["This field may not be blank."]),
    (links.contributions, "paypal", [URL]),
    (links.contributions, "https://patreon.com/x", [DOMAIN]),
    (links.contributions, "https://www.paypal.me/x", [DOMAIN]),
    (links.contributions, "http://paypal.me/x", [HTTPS]),
    (links.contributions, "http://example.org/x", [DOMAIN, HTTPS]),
    (GUID, "{2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c}", None),
    (GUID, "tabs@example.org", None),
    (GUID, "tabs", ["Invalid guid parameter"]),
    *(
        (GUID, "x" + suffix, ["You cannot submit an add-on using an ID ending with this suffix: " + suffix])
        for suffix in RESERVED_GUID_SUFFIXES
    ),
]


@pytest.mark.parametrize(("reader", "sent", "texts"), CASES)
def test_field(reader: FieldReader, sent: Any, texts: list[str] | None) -> None:
    if texts is None:
        assert read_fields({"field": reader}, {"field": sent}) == {"field": sent}
        return
    with pytest.raises(Invalid) as caught:
        read_fields({"field": reader}, {"field": sent})
    assert caught.value.body("en-US") == {"field": texts}


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("See https://example.org/tabs", True),
        ("See HTTP://EXAMPLE", True),
        ("ftp://x", True),
        ("www.example", True),
        ('<a href="/x">x</a>', True),
        ("More at example.com.", True),
        ("(EXAMPLE.ORG)", True),
        ("tabs.example.co.uk/path?x", True),
        ("t.me/tabs", True),
        ("пример.рф", True),
        ("例子.中国", True),
        ("Works with Node.js and Vue.js", False),
        ("New in v1.2.3", False),
        ("Tabs, e.g. many, i.e. all", False),
        ("Write to ann.me@example.org", False),
        ("It is done.It works.", False),
        ("Wait...it loads", False),
        ("and/or, 24/7, 3.5 times", False),
        ("a:// b", True),
        (":// nothing", False),
    ],
)
def test_what_counts_as_a_url(text: str, has: bool) -> None:
    assert links.has_url(text) == has


def test_null_takes_the_contributions_address_away() -> None:
    assert links.contributions(None) == ""


def test_who_may_use_trademarks_and_reserved_suffixes_does() -> None:
    names.check_name("Firefox")
    names.check_guid("x@mozilla.org", allow_reserved=True)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Tab Tree!", "tab-tree"),
        ("Ärger im Baum", "ärger-im-baum"),
        ("a" * 40, "a" * 30),
        ("!!!", "addon-7"),
        ("123", "addon-7"),
        ("Search", "addon-7"),
    ],
)
def test_a_slug_is_made_from_a_name(name: str, slug: str) -> None:
    assert names.slug_from(name, 7) == slug


@pytest.mark.parametrize(
    ("slug", "name"),
    [("tab-tree", "tab_tree"), ("tab~tree--2", "tab_tree_2"), ("ärger", "arger"), ("木", "7"), ("", "7")],
)
def test_files_are_called_by_the_slug(slug: str, name: str) -> None:
    """contract/packages.md 4.5"""
    assert names.file_name(slug, 7) == name
