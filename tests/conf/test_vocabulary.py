"""The contract's words and numbers: truths about the tables.

Rules: contract/addons.md 13, 13.2, 13.4, 13.5 and 13.7.
"""

import gzip
import json
import re
from pathlib import Path

import pytest

from conf import vocabulary as words


@pytest.mark.parametrize(
    ("text", "is_guid"),
    [
        ("{2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c}", True),
        ("{2E5FF8C8-32FE-46D0-9FC8-6B8986621F3C}", True),
        ("uBlock0@raymondhill.net", True),
        ("@foo", True),
        ("a_b.c-d@e_f.g-h", True),
        ("{not-a-uuid}", False),
        ("2e5ff8c8-32fe-46d0-9fc8-6b8986621f3c", False),
        ("tab-tree", False),
        ("a@", False),
        ("a b@c", False),
        ("ä@b", False),
        ("a@b\n", False),
    ],
)
def test_guid_pattern(text: str, is_guid: bool) -> None:
    assert bool(re.fullmatch(words.GUID_PATTERN, text)) is is_guid


@pytest.mark.parametrize(
    ("text", "is_slug"),
    [("tab-tree", True), ("日本語_2~", True), ("a b", False), ("a.b", False), ("a/b", False), ("", False)],
)
def test_slug_pattern(text: str, is_slug: bool) -> None:
    assert bool(re.fullmatch(words.SLUG_PATTERN, text)) is is_slug


@pytest.mark.parametrize(
    "table",
    [words.APPS, words.TYPES, words.PROMOTED_GROUPS, words.PLATFORMS],
    ids=["apps", "types", "groups", "os"],
)
def test_numbers_are_unique(table: dict[str, tuple[object, ...]]) -> None:
    numbers = [row[0] for row in table.values()]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("table", [words.ADDON_STATUSES, words.FILE_STATUSES, words.CHANNELS])
def test_statuses_have_numbers_of_their_own(table: dict[str, int]) -> None:
    assert len(set(table.values())) == len(table)


@pytest.mark.parametrize(
    ("alias", "platform"),
    [
        ("winnt", "windows"),
        ("darwin", "mac"),
        ("freebsd", "bsd"),
        ("5", "windows"),
        ("0", "any"),
        ("any", None),
    ],
)
def test_platform_aliases(alias: str, platform: str | None) -> None:
    assert words.PLATFORM_ALIASES.get(alias) == platform


def test_badged_groups_are_recommended_and_line() -> None:
    assert words.BADGED_GROUPS == ("recommended", "line")
    assert {group.name for group in words.PROMOTED_GROUPS.values() if group.bump > 1} == {
        "recommended",
        "line",
    }


def test_curated_guids_are_guids() -> None:
    assert all(re.fullmatch(words.GUID_PATTERN, guid) for guid in words.CURATED_GUIDS)


@pytest.mark.parametrize(
    "tag",
    [
        "antivirus",
        "chat",
        "coupon",
        "dailymotion",
        "download",
        "mp3",
        "reddit",
        "roblox",
        "scholar",
        "torrent",
        "video downloader",
        "vpn",
        "wayback machine",
        "whatsapp",
        "word counter",
        "zoom",
        "user scripts",
    ],
)
def test_tags_of_the_real_catalogue_are_known(tag: str) -> None:
    assert tag in words.TAGS


def test_tags_are_those_of_the_real_catalogue(shared_data: Path) -> None:
    with gzip.open(shared_data / "amo-v5-search-2025-02.jsonl.gz", "rt") as lines:
        tags = {tag for line in lines for tag in json.loads(line)["meta"].get("tags", ())}
    assert tags == words.TAGS


@pytest.mark.parametrize("text", ["\u212a@x.org", "k@\u017f.org", "\u0131@x.org"])
def test_a_guid_is_of_ascii(text: str) -> None:
    """Signs that have an ASCII letter for their other case."""
    assert re.fullmatch(words.GUID_PATTERN, "K@S.org") and not re.fullmatch(words.GUID_PATTERN, text)
