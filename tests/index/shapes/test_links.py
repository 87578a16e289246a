"""Links that lead off the site (contract/requests.md 8.1).

Rules: contract/requests.md 8.
"""

import pytest

from index.shapes.html import LINKS_ONLY, PROSE, Markup
from index.shapes.links import Links, clean, unwrap, with_campaign

BASE = "https://outgoing.prod.mozaws.net/v1"
VECTOR = (
    f"{BASE}/964f423a9a312ae5293257cb4a305d0b3b1753afbdc2ab10f0cc5a4008beb1e3/"
    "https%3A//example.com/%3Fa=b&c=d"
)


@pytest.fixture
def links() -> Links:
    return Links(BASE, "secret", "https://addons.example")


@pytest.mark.parametrize("base", [BASE, f"{BASE}/", f"{BASE}//"])
def test_vector_of_the_reference(base: str) -> None:
    assert Links(base, "secret", "https://addons.example").wrap("https://example.com/?a=b&c=d") == VECTOR


def test_escaped_address_is_signed_as_the_plain_one(links: Links) -> None:
    assert links.wrap("https://example.com/?a=b&amp;c=d") == VECTOR


def test_everything_but_a_few_characters_is_quoted(links: Links) -> None:
    assert links.wrap("http://münchen.example/a b#c~d-e_f.g?h=i&j=k:l").endswith(
        "/http%3A//m%C3%BCnchen.example/a%20b%23c~d-e_f.g%3Fh=i&j=k%3Al"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://outgoing.prod.mozaws.net/v1/abc/https%3A//example.com/",
        "https://addons.mozilla.org/firefox/",
        "https://ADDONS.mozilla.org/firefox/",
        "https://addons.example/en-US/firefox/addon/tab-tree/",
    ],
    ids=["redirector", "amo", "amo-in-capitals", "own-site"],
)
def test_own_hosts_stay_as_they_are(links: Links, url: str) -> None:
    assert links.wrap(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://addons.mozilla.org@evil.example/",
        "https://addons.mozilla.org.evil.example/",
        "https://evil.example/https://addons.mozilla.org/",
        "https://evil.example\\@addons.mozilla.org/",
        "https://addons.example:8443/",
    ],
)
def test_a_host_that_only_looks_like_ours_is_wrapped(links: Links, url: str) -> None:
    assert links.wrap(url).startswith(f"{BASE}/")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.com/",
        "example.com",
        "",
        "/path",
        "http://[x",
    ],
)
def test_what_is_not_of_the_web_leads_nowhere(links: Links, url: str) -> None:
    assert links.wrap(url) == "/"


def test_without_redirector_links_stay() -> None:
    plain = Links(None, None, "https://addons.example")
    assert plain.wrap("https://example.com/?a=b&c=d") == "https://example.com/?a=b&c=d"
    stored = clean("see https://example.com/", PROSE)
    assert stored == 'see <a href="https://example.com/" rel="nofollow">https://example.com/</a>'
    assert plain.wrap_all(stored) == stored


@pytest.mark.parametrize(
    "url, expected",
    [
        ("", ""),
        ("https://paypal.me/x", "https://paypal.me/x?{}"),
        ("https://paypal.me/x?a=1", "https://paypal.me/x?a=1&{}"),
        ("https://paypal.me/x?a=1#top", "https://paypal.me/x?a=1&{}#top"),
        ("https://paypal.me/x?{}", "https://paypal.me/x?{}"),
    ],
    ids=["unset", "plain", "after-others", "before-fragment", "once-only"],
)
def test_contributions_address_says_where_visitors_come_from(url: str, expected: str) -> None:
    campaign = "utm_content=product-page-contribute&utm_medium=referral&utm_source=addons.mozilla.org"
    assert with_campaign(url.format(campaign)) == expected.format(campaign)


@pytest.mark.parametrize("host", ["outgoing.prod.mozaws.net", "prod.outgoing.prod.webservices.mozgcp.net"])
def test_address_behind_a_link_of_amo(host: str) -> None:
    wrapped = f"https://{host}/v1/{'0' * 64}/https%3A//example.com/%3Fa=b&c=d"
    assert unwrap(wrapped) == "https://example.com/?a=b&c=d"
    assert unwrap("https://example.com/v1/x") == "https://example.com/v1/x"


@pytest.mark.parametrize("kind", [PROSE, LINKS_ONLY])
@pytest.mark.parametrize(
    "redirector", ["https://prod.outgoing.prod.webservices.mozgcp.net/v1", "https://our.own.example/leave"]
)
def test_link_of_a_redirector_in_a_text_is_stored_plain_and_signed_by_us(
    links: Links, redirector: str, kind: Markup
) -> None:
    foreign = f"{redirector}/{'0' * 64}/https%3A//example.com/%3Fa=b&amp;c=d"
    stored = clean(f'<a href="{foreign}">x</a>', kind)
    assert stored == '<a href="https://example.com/?a=b&amp;c=d" rel="nofollow">x</a>'
    assert VECTOR.replace("&", "&amp;") in links.wrap_all(stored)


def test_what_comes_back_from_readers_is_stored_as_it_was(links: Links) -> None:
    stored = clean("<b>See</b> www.example.org & <i>more</i>", PROSE)
    assert clean(links.wrap_all(stored), PROSE) == stored


def test_links_are_remembered_within_bounds(links: Links) -> None:
    for number in range(10_000):
        links.wrap(f"https://example.com/{number}")
    info = links._cached_redirected.cache_info()
    assert info.maxsize is not None
    assert info.currsize <= info.maxsize < 10_000
    links.wrap("https://example.com/" + "x" * 1000)
    assert links._cached_redirected.cache_info().misses == info.misses, "a very long one is not kept"
