"""One secret takes the place of another while both are good."""

import pytest

from server.auth.keys.shared_secrets import is_shared_secret, newest

NEW, OLD = "new-" * 5, "old-" * 5


@pytest.mark.parametrize(
    ("setting", "good", "bad"),
    [
        (OLD, [OLD], [NEW, "", OLD + ","]),
        (f"{NEW}, {OLD}", [NEW, OLD], ["", "new-", f"{NEW} "]),
        ("sesame, open now", ["sesame, open now"], ["sesame", "open now"]),
        (None, [], ["", "None", OLD]),
    ],
    ids=["one", "two", "one with a comma", "none"],
)
def test_what_is_good(setting: str | None, good: list[str], bad: list[str]) -> None:
    assert [is_shared_secret(sent, setting) for sent in good] == [True] * len(good)
    assert [is_shared_secret(sent, setting) for sent in bad] == [False] * len(bad)


def test_the_newest_is_sent() -> None:
    assert newest(f"{NEW},{OLD}") == NEW and newest("sesame, open now") == "sesame, open now"
