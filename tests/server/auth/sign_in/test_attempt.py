"""Where a sign-in may lead, and what proves that an answer is the browser's own (contract/auth.md 8.1)."""

import base64
from urllib.parse import quote

from server.auth.sign_in.attempt import HOME, Attempt, next_path, safe_path

SAFE = (
    *("/", "/de/firefox/", "/en-US/firefox/search/?q=a%5Cb&x=//y", "/a#//b", "/a?next=https://evil.example"),
    *("/ä/日本", "/a b", "/a//b", "/@evil.example", "/.//evil.example", "/100%"),
)
UNSAFE = (
    *("", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/a\\..\\b", "evil"),
    *("https://evil.example/", " /a", "HTTPS:/", "javascript:alert(1)", "data:text/html,x", "?a=1", "#a"),
    *("/%5Cevil.example", "/%2F-is-no-name", "%2F%2Fevil.example", "/%2Fevil.example", "/%252Fevil.example"),
    *("/%255Cevil", "/a\nLocation: x", "/a\r\n\r\n<b>", "/%0d%0aSet-Cookie:x", "/%250d", "/\t/evil.example"),
    *(
        "/\x00",
        "/%00",
        "/\u2028x",
        "/\x7f",
        "/\u202egnp.exe",
        "\t//evil.example",
        "/" + "a" * 3000,
        "//",
        " /a",
    ),
)


def test_paths() -> None:
    assert [path for path in SAFE if safe_path(path) != path] == []
    assert [path for path in UNSAFE if safe_path(path) is not None] == []
    assert safe_path(None) is None


def test_a_state_carries_a_path_and_no_other() -> None:
    attempt = Attempt.begin()
    for path in SAFE:
        state = attempt.state_for(path)
        assert attempt.is_state(state) and next_path(state) == path
        assert quote(state, safe=":-_") == state
    for path in UNSAFE:
        coded = base64.urlsafe_b64encode(path.encode()).decode()
        for text in (coded, coded.rstrip("=")):
            assert next_path(f"x:{text}") == HOME
    for state in ("", ":", "x", "x:%", "x:_w", "x:L", "x:" + "L" * 40_000, "x:é", "x:\ud800"):
        assert next_path(state) == HOME
    others = ("", ":", "x", "é", "\ud800", attempt.key, attempt.nonce)
    assert not any(attempt.is_state(state) for state in others)


def test_attempts_have_nothing_in_common() -> None:
    one, other = Attempt.begin(), Attempt.begin()
    derived = [
        text
        for attempt in (one, other)
        for text in (attempt.key, attempt.nonce, attempt.verifier, attempt.challenge, attempt.state_for(None))
    ]
    assert len(set(derived)) == 10
    assert all(len(text) == 43 for text in derived)  # 256 bits each
    assert not other.is_state(one.state_for("/"))
    assert Attempt.from_cookie(one.key) == one
    for cookie in (None, "", "x" * 42, "x" * 44, "x" * 42 + "é", one.key + "\n"):
        assert Attempt.from_cookie(cookie) is None
    assert one.key not in repr(one)
