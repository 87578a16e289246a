"""What is releases for update checks answers them as all versions would (contract/updates.md 4 to 6)."""

import random
from typing import Any

from conf.appversion import version_number
from conf.model.addons import AddonDoc, VersionDoc
from conf.vocabulary import APPS, DEFAULT_MAX
from index.updates import all_releases, pack_releases, unpack_releases
from server.updates import UpdateQuery, newest_compatible
from tests.factories import make_addon, make_file, make_version

NUMBERS = ("42.0", "57.0", "58.0a1", "58.*", "60.0", "*")
ASKED = ("41.0", "42.0", "57.0", "58.0a1", "58.0", "58.9", "60.0", "61.0", "x")
MODES = ("strict", "normal", "ignore")


def some_versions(rnd: random.Random) -> list[VersionDoc]:
    """Some of them with ranges that no application is in, for what is stored may be odd."""
    return [
        make_version(
            id=number,
            version=str(number),
            is_strict_compatibility_enabled=rnd.random() < 0.4,
            compatibility={
                app: {"min": rnd.choice(NUMBERS), "max": rnd.choice(NUMBERS)}
                for app in rnd.sample(["firefox", "android", "prism"], rnd.choice((0, 1, 1, 2)))
            },
        )
        for number in range(rnd.choice((1, 2, 5, 12)))
    ]


def plainly(addon: AddonDoc, version: VersionDoc, query: UpdateQuery) -> bool:
    """The rule as the contract has it."""
    span: Any = version["compatibility"].get(query.app)
    if span is None and not version["compatibility"] and addon["type"] == "dictionary":
        span = {"min": APPS[query.app].default_min, "max": DEFAULT_MAX}
    if span is None or version_number(span["min"]) > query.version:
        return False
    counts = query.mode == "strict" or (query.mode == "normal" and version["is_strict_compatibility_enabled"])
    return not counts or version_number(span["max"]) >= query.version


def test_no_check_misses_what_is_left_out() -> None:
    rnd = random.Random(13)
    left_out = 0
    for _ in range(300):
        addon = make_addon(type=rnd.choice(("extension", "dictionary")), versions=some_versions(rnd))
        releases = unpack_releases(pack_releases(addon, addon["versions"], bytes))
        left_out += len(addon["versions"]) - len(releases.useful)
        for app in ("firefox", "android"):
            for query in (UpdateQuery(app, version_number(one), mode, "") for one in ASKED for mode in MODES):
                fitting = [one["version"] for one in addon["versions"] if plainly(addon, one, query)]
                newest = newest_compatible(releases, query)
                assert (newest and newest.number) == (fitting[0] if fitting else None), (addon, query)
        everything = [release.number for release in all_releases(releases, bytes)]
        assert everything == [version["version"] for version in addon["versions"]]
    assert left_out > 300, "so that checks read little"


def test_hundreds_of_versions_leave_one_to_look_at() -> None:
    versions = [make_version(id=number, version=f"1.{number}") for number in range(500, 0, -1)]
    addon = make_addon(versions=versions)
    [only] = unpack_releases(pack_releases(addon, versions, bytes)).useful
    assert only.number == "1.500"


def test_a_file_for_each_operating_system() -> None:
    """contract/updates.md 6"""
    files = [
        make_file(id=1, platform="linux", status="disabled", url="/gone"),
        make_file(id=2, platform="mac", url="/mac"),
        make_file(id=3, platform="windows", url="/windows"),
    ]
    addon = make_addon(versions=[make_version(files=files)])
    [release] = unpack_releases(pack_releases(addon, addon["versions"], bytes)).useful
    systems = {"WINNT": "/windows", "Darwin": "/mac", "Linux": "/mac", "": "/mac"}
    assert {system: release.file(system).url for system in systems} == systems
