"""Texts and addresses of AMO's JSON become what the model keeps."""

from typing import Any

import pytest

from server.intake import texts
from server.intake.json_values import BadRecord

OLD = "https://outgoing.prod.mozaws.net/v1/" + "0a" * 32
NEW = "https://prod.outgoing.prod.webservices.mozgcp.net/v1/" + "0a" * 32


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param(
            f"{OLD}/https%3A//example.com/%3Fa=b&c=d", "https://example.com/?a=b&c=d", id="old host"
        ),
        pytest.param(f"{NEW}/http%3A//example.com/%23top", "http://example.com/#top", id="new host"),
        pytest.param(f"{OLD}/https%3A//example.com/a%2520b", "https://example.com/a%20b", id="unquoted once"),
        pytest.param(
            f"{OLD}/https%3A//example.com/%E3%82%BF%E3%83%96", "https://example.com/タブ", id="UTF-8"
        ),
        pytest.param(
            "https://example.com/outgoing/v1/", "https://example.com/outgoing/v1/", id="no redirector"
        ),
        pytest.param("see outgoing.prod.mozaws.net", "see outgoing.prod.mozaws.net", id="its name alone"),
        pytest.param(
            f'<a href="{OLD}/https%3A//x.org/%3Fp=1&amp;q=2">x</a> <a href="{NEW}/https%3A//y.org/">',
            '<a href="https://x.org/?p=1&amp;q=2">x</a> <a href="https://y.org/">',
            id="in HTML, entities stay",
        ),
        pytest.param(
            f'<a href="{OLD}/https%3A//x.org/%22onclick=%3Cb%3E">',
            '<a href="https://x.org/%22onclick=%3Cb%3E">',
            id="what would end the attribute stays quoted",
        ),
    ],
)
def test_redirector_links_become_their_targets(value: str, plain: str) -> None:
    assert texts.unwrap(value) == plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, None, id="null"),
        pytest.param({}, None, id="no translation"),
        pytest.param("", None, id="empty string of lang"),
        pytest.param("Jeux", {"de": "Jeux"}, id="string of lang is the default locale's"),
        pytest.param({"fr": "Jeux", "en-US": "Games"}, {"fr": "Jeux", "en-US": "Games"}, id="object"),
        pytest.param(
            {"en-US": "Games", "fr": None, "_default": "en-US"}, {"en-US": "Games"}, id="v5 fallback"
        ),
        pytest.param({"fr": None}, None, id="nothing but null"),
        pytest.param({"fr": ""}, {"fr": ""}, id="empty translation is kept"),
        pytest.param(
            {"pt_br": "Jogos", "bn-BD": "x"}, {"pt-BR": "Jogos", "bn-BD": "x"}, id="locale spelling"
        ),
    ],
)
def test_translated_fields_in_every_form(value: Any, expected: dict[str, str] | None) -> None:
    assert texts.translated(value, "de", "name") == expected


@pytest.mark.parametrize("value", [3, ["x"], {"fr": 3}, {"no locale": "x"}, {"": "x"}])
def test_translated_field_of_another_sort_is_refused(value: Any) -> None:
    with pytest.raises(BadRecord, match="name"):
        texts.translated(value, "en-US", "name")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("https://example.org/", id="string"),
        pytest.param({"en-US": "https://example.org/"}, id="v3 and v4"),
        pytest.param({"en-US": f"{OLD}/https%3A//example.org/"}, id="wrapped on request"),
        pytest.param({"url": {"en-US": "https://example.org/"}, "outgoing": {"en-US": NEW}}, id="v5"),
        pytest.param({"url": "https://example.org/", "outgoing": NEW}, id="v5 with a string"),
    ],
)
def test_homepage_in_every_form(value: Any) -> None:
    assert texts.translated_url(value, "en-US", "homepage") == {"en-US": "https://example.org/"}


UTM = "utm_content=product-page-contribute&utm_medium=referral&utm_source=addons.mozilla.org"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("", "", id="unset"),
        pytest.param(None, "", id="null"),
        pytest.param(f"https://ko-fi.com/a?{UTM}", "https://ko-fi.com/a", id="parameters of AMO's go"),
        pytest.param(f"https://paypal.com/d?id=1&{UTM}", "https://paypal.com/d?id=1", id="others stay"),
        pytest.param(
            "https://ko-fi.com/a?utm_source=me", "https://ko-fi.com/a?utm_source=me", id="another source"
        ),
        pytest.param({"url": f"https://ko-fi.com/a?{UTM}", "outgoing": NEW}, "https://ko-fi.com/a", id="v5"),
        pytest.param(
            f"{OLD}/https%3A//ko-fi.com/a%3F{UTM}",
            "https://ko-fi.com/a",
            id="wrapped on request",
        ),
    ],
)
def test_contributions_url_is_the_plain_one(value: Any, expected: str) -> None:
    assert texts.contributions_url(value) == expected


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, None),
        ("data:image/png;base64,AAAA", None),
        ("https://addons.cdn.mozilla.net/static/img/addon-icons/default-64.png", None),
        ("https://addons.mozilla.org/static-server/img/zamboni/anon_user.png", None),
        (
            "https://addons.cdn.mozilla.net/user-media/addon_icons/0/7-64.png?modified=1",
            "/addon_icons/0/7-64.png?modified=1",
        ),
        ("https://addons.thunderbird.net/user-media/userpics/3.png", "/userpics/3.png"),
        ("/user-media/userpics/3.png", "/userpics/3.png"),
        ("/userpics/3.png", "/userpics/3.png"),
        ("https://pictures.example/3.png", "https://pictures.example/3.png"),
    ],
)
def test_pictures_become_paths_below_the_media_url(value: str | None, path: str | None) -> None:
    assert texts.media_path(value, "icon") == path


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (
            "https://addons.mozilla.org/firefox/downloads/file/1/a-1.xpi?src=",
            "/firefox/downloads/file/1/a-1.xpi",
        ),
        (
            "https://addons.mozilla.org/en-US/firefox/downloads/file/1/a.xpi",
            "/firefox/downloads/file/1/a.xpi",
        ),
        ("/firefox/downloads/file/1/a-1.xpi", "/firefox/downloads/file/1/a-1.xpi"),
        ("https://files.example/a.xpi?x=1", "https://files.example/a.xpi?x=1"),
    ],
)
def test_downloads_become_paths_below_the_site(value: str, path: str) -> None:
    assert texts.file_path(value, "url") == path
