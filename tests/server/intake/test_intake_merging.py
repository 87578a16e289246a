"""States of one add-on, in any order, become one document; what JSON cannot tell stays."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.intake.merging import merge_states, merge_user_states
from server.intake.records import AddonState, parse_record
from tests.factories import make_addon, make_file, make_user, make_version
from tests.server.intake.amo_objects import make_file_object, make_v4, make_version_object

Document = dict[str, Any]


def day(number: int) -> str:
    return f"2021-01-{number:02}T00:00:00Z"


def state(updated: int, version: int = 10, ratings: int = 10, **fields: Any) -> AddonState:
    """The add-on on a day, its current version made on day `version`."""
    file = make_file_object(id=version * 10, created=day(version))
    record = make_v4(
        last_updated=day(updated),
        current_version=make_version_object(id=version, version=f"{version}.0", files=[file]),
        ratings={"average": 4.0, "bayesian_average": 4.0, "count": ratings, "text_count": 0},
    )
    parsed = parse_record(record | fields)
    assert isinstance(parsed, AddonState)
    return parsed


def merged(*states: AddonState, stored: Document | None = None) -> Document:
    """Loaded one after the other."""
    for one in states:
        stored = merge_states(stored, [one])
    assert stored is not None
    return stored


def content(document: Document) -> Document:
    """All but the number of the revision, which counts how it came about."""
    return {key: value for key, value in document.items() if key != "revision"}


def numbers(addon: Document) -> list[str]:
    return [version["version"] for version in addon["versions"]]


def test_versions_gather_newest_first() -> None:
    assert numbers(merged(state(11, 10), state(13, 12), state(12, 11))) == ["12.0", "11.0", "10.0"]


def test_newest_state_gives_the_fields() -> None:
    addon = merged(state(13, slug="new", tags=["b"]), state(12, slug="old", tags=["a"]))
    assert (addon["slug"], addon["tags"], addon["last_updated"]) == ("new", ["b"], day(13))


def test_guid_may_change() -> None:
    addon = merged(state(12, guid="a-eff@b.example"), state(13, guid="a@b.example"))
    assert addon["guid"] == "a@b.example"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_one_moment_more_ratings_are_later(order: tuple[int, int]) -> None:
    states = [state(12, ratings=10, tags=["old"]), state(12, ratings=11, tags=["new"])]
    assert merged(*(states[index] for index in order))["tags"] == ["new"]


def test_of_one_moment_and_as_many_ratings_the_last_loaded_wins() -> None:
    assert merged(state(12, tags=["a"]), state(12, tags=["b"]))["tags"] == ["b"]


def test_ratings_given_here_do_not_make_a_state_older() -> None:
    stored = merged(state(12, ratings=10))
    stored |= {"ratings": stored["ratings"] | {"count": 99}, "modified": day(20)}
    assert merged(state(12, ratings=10, tags=["b"]), stored=stored)["tags"] == ["b"]


def test_same_state_again_changes_nothing() -> None:
    stored = merged(state(11, 10), state(12, 11))
    assert merge_states(stored, [state(11, 10)]) is stored
    assert merge_states(stored, [state(11, 10), state(12, 11)]) is stored


def test_several_states_at_once_are_one_revision() -> None:
    stored = merge_states(None, [state(11, 10), state(12, 11)])
    assert stored["revision"] == 1
    assert merge_states(stored, [state(13, 12), state(14, 13)])["revision"] == 2


def test_nothing_given_is_changed() -> None:
    stored = merged(state(11, 10))
    before = repr(stored)
    merge_states(stored, [state(13, 12, tags=["new"])])
    assert repr(stored) == before


def test_newer_state_of_a_version_is_kept() -> None:
    reviewed = make_version_object(
        id=10, version="10.0", reviewed=day(12), files=[make_file_object(id=100, created=day(10))]
    )
    for states in (
        (state(11), state(13, current_version=reviewed)),
        (state(13, current_version=reviewed), state(11)),
    ):
        assert merged(*states)["versions"][0]["reviewed"] == day(12)


def test_withdrawn_version_is_public_no_longer() -> None:
    """Version 12 was current, then 11 was again: 12 is not to be shown."""
    states = [state(11, 11), state(13, 12), state(14, 11)]
    for order in (states, states[::-1], [states[1], states[2], states[0]]):
        addon = merged(*order)
        assert numbers(addon) == ["12.0", "11.0"]
        assert [version["files"][0]["status"] for version in addon["versions"]] == ["disabled", "public"]


STATES = st.lists(
    st.builds(
        lambda updated, version, ratings, tag, author: state(
            updated,
            version,
            ratings,
            tags=[tag],
            authors=[{"id": author, "username": f"u{author}", "name": tag}],
        ),
        updated=st.integers(12, 28),
        version=st.integers(1, 12),
        ratings=st.integers(0, 3),
        tag=st.sampled_from("abc"),
        author=st.integers(1, 3),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda parsed: parsed.as_of,
)


@given(STATES.flatmap(lambda states: st.tuples(st.just(states), st.permutations(states))))
def test_order_of_loading_does_not_matter(orders: tuple[list[AddonState], list[AddonState]]) -> None:
    one, other = orders
    assert content(merged(*one)) == content(merged(*other)) == content(merge_states(None, one))
    users = [[user for parsed in order for user in parsed.users if user["_id"] == 1] for order in orders]
    if users[0]:
        assert content(merge_user_states(None, users[0])) == content(merge_user_states(None, users[1]))


PRIVATE = cast(
    Document,
    make_addon(
        _id=7,
        pending_authors=[{"user_id": 9, "role": "developer", "listed": True}],
        content_review={"state": 2, "policies": ["x"], "comments": "Fine.", "reviewed": day(2)},
        region_exclusions=["BR"],
        hotness=0.5,
        colors=[{"h": 1, "s": 2, "l": 3, "ratio": 0.5}],
        eula={"en-US": "Be nice."},
        is_noindexed=True,
        last_updated=day(1),
        versions=[
            make_version(id=3, channel="unlisted"),
            make_version(id=2, files=[make_file(id=20, status="disabled")]),
            make_version(id=1, deleted=True),
        ],
    ),
)


@pytest.mark.parametrize(
    "field",
    ["pending_authors", "content_review", "region_exclusions", "hotness", "colors", "eula", "is_noindexed"],
)
def test_what_json_does_not_tell_stays(field: str) -> None:
    addon = merged(state(12, has_eula=True), stored=PRIVATE)
    assert addon[field] == PRIVATE[field]


def test_versions_json_does_not_show_stay() -> None:
    addon = merged(state(12), stored=PRIVATE)
    assert [version["id"] for version in addon["versions"] if version["id"] < 10] == [3, 2, 1]
    assert [version for version in addon["versions"] if version["id"] < 10] == PRIVATE["versions"]


def test_an_eula_that_is_gone_goes() -> None:
    assert merged(state(12, has_eula=False), stored=PRIVATE)["eula"] is None


def test_notes_of_a_version_stay_when_its_public_part_is_loaded() -> None:
    stored = merged(state(12))
    stored["versions"][0] |= {"approval_notes": "Look.", "human_reviewed": True}
    version = merged(state(13), stored=stored)["versions"][0]
    assert (version["approval_notes"], version["human_reviewed"]) == ("Look.", True)


def test_version_changed_here_is_not_reset() -> None:
    stored = merged(state(12))
    stored["versions"][0] |= {"is_disabled": True, "release_notes": {"en-US": "Mine"}, "modified": day(20)}
    version = merged(state(13), stored=stored)["versions"][0]
    assert (version["is_disabled"], version["release_notes"]) == (True, {"en-US": "Mine"})


def test_authors_keep_their_roles_and_the_hidden_their_place() -> None:
    stored = PRIVATE | {
        "authors": [
            {"user_id": 3, "role": "developer", "listed": True, "position": 0},
            {"user_id": 4, "role": "owner", "listed": False, "position": 1},
            {"user_id": 5, "role": "owner", "listed": True, "position": 2},
        ]
    }
    authors = [{"id": 6, "username": "six"}, {"id": 3, "username": "three"}]
    assert merged(state(12, authors=authors), stored=stored)["authors"] == [
        {"user_id": 6, "role": "owner", "listed": True, "position": 0},
        {"user_id": 3, "role": "developer", "listed": True, "position": 1},
        {"user_id": 4, "role": "owner", "listed": False, "position": 2},
    ]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(10, {"1": 0, "2": 1, "3": 2, "4": 3, "5": 4}, id="adds up"),
        pytest.param(11, dict.fromkeys("12345", 0), id="adds up no longer"),
    ],
)
def test_scores_stay_while_they_add_up(count: int, expected: dict[str, int]) -> None:
    assert merged(state(12, ratings=count), stored=PRIVATE)["ratings"]["grouped_counts"] == expected


def test_user_keeps_what_is_private() -> None:
    stored = cast(Document, make_user(_id=3, modified=day(1)))
    fragment = state(12).users[0]
    user = merge_user_states(stored, [fragment])
    assert (user["display_name"], user["email"], user["revision"]) == ("Ann", "ann@example.org", 2)
    assert user["picture"] == "/userpics/0/0/3.png?modified=1"
    assert merge_user_states(user, [fragment]) is user


def test_user_changed_since_is_not_reset() -> None:
    stored = cast(Document, make_user(_id=3, display_name="Anna", modified=day(20)))
    assert merge_user_states(stored, [state(12).users[0]])["display_name"] == "Anna"
