"""The rules of who may see what, written from the reference alone, and the documents they are tried on.

A role is a letter, a rule the letters it lets in. Sources: contract/addons.md 3,
7, 8 and contract/auth.md 5. Nothing of the program takes part here.
"""

from dataclasses import dataclass, field
from typing import Any

from conf.model.addons import AddonDoc, VersionDoc
from server.auth.credentials.tokens import make_token
from server.auth.keys.keyring import Keyring, Secret
from tests.factories import make_addon, make_file, make_user, make_version

SECRET = "the matrix signs with this"
KEYRING = Keyring([Secret(SECRET)])
WORD = "quetzalcoatlus"  # in the name of every add-on here
BLOCKED = "DE"

# letter: (what it is, permissions); the authors are so of every add-on.
ROLES: dict[str, tuple[str, list[str]]] = {
    "-": ("anonymous", []),
    "s": ("stranger", []),
    "a": ("author", []),
    "h": ("author not shown", []),
    "l": ("listed reviewer", ["Addons:Review"]),
    "c": ("content reviewer", ["Addons:ContentReview"]),
    "t": ("theme reviewer", ["Addons:ThemeReview"]),
    "u": ("unlisted reviewer", ["Addons:ReviewUnlisted"]),
    "v": ("viewer", ["ReviewerTools:View"]),
    "w": ("unlisted viewer", ["ReviewerTools:ViewUnlisted"]),
    "d": ("viewer of deleted", ["Addons:ViewDeleted"]),
    "e": ("editor of add-ons", ["Addons:Edit"]),
    "*": ("admin", ["*:*"]),
}
EVERYBODY = "".join(ROLES)
AUTHORS = "ah"
# By what an add-on is and ever had; deleted versions count.
LISTED_REVIEWERS = {"extension": "lc*", "statictheme": "t*"}
VIEWERS = "v*"
UNLISTED_REVIEWERS, UNLISTED_VIEWERS = "u*", "uw*"
DELETED_VIEWERS = "d*"
REGION_FREE = "e*"
USERS = {
    letter: make_user(_id=id, username=f"role{id}", permissions=permissions, auth_id=str(id))
    for id, (letter, (_, permissions)) in enumerate(ROLES.items(), 1000)
    if letter != "-"
}


@dataclass(frozen=True)
class State:
    """One add-on: how it is made, and what strangers find; `flags` are developer's and Mozilla's."""

    id: int
    versions: str  # letters of VERSIONS
    open: bool = False  # strangers may see it
    flags: tuple[bool, bool] = (False, False)
    deleted: bool = False
    blocked: bool = False
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return str(self.fields.get("type", "extension"))

    @property
    def listed_reviewers(self) -> str:
        ever_listed = any(VERSIONS[letter]["channel"] == "listed" for letter in self.versions)
        return LISTED_REVIEWERS[self.type] if ever_listed else ""

    @property
    def unlisted_matter(self) -> bool:
        channels = {VERSIONS[letter]["channel"] for letter in self.versions}
        return "unlisted" in channels or "listed" not in channels

    @property
    def listed_insiders(self) -> str:
        return AUTHORS + self.listed_reviewers + VIEWERS

    @property
    def unlisted_insiders(self) -> str:
        return AUTHORS + (UNLISTED_VIEWERS if self.unlisted_matter else "")

    @property
    def note_readers(self) -> str:
        return AUTHORS + self.listed_reviewers + (UNLISTED_REVIEWERS if self.unlisted_matter else "")

    @property
    def visitors(self) -> str:
        """Who may see the add-on itself."""
        if self.deleted:
            return DELETED_VIEWERS
        return EVERYBODY if self.open else self.listed_insiders + self.unlisted_insiders

    def filtered(self, which: str | None) -> tuple[str, str]:
        """Of one value of `filter`: the letters of the versions, and who may ask.

        Rules: contract/addons.md 7.1, 7.2 and 7.3.
        """
        return {
            None: ("".join(v for v in self.versions if v in "ab"), EVERYBODY),
            "all_without_unlisted": (
                "".join(v for v in self.versions if v in "abcdr"),
                self.listed_insiders + self.unlisted_insiders,
            ),
            "all_with_unlisted": (
                "".join(v for v in self.versions if v in "abcdru"),
                AUTHORS + UNLISTED_VIEWERS,
            ),
            "all_with_deleted": (self.versions, DELETED_VIEWERS),
        }[which]

    def version_readers(self, letter: str) -> str:
        if letter in "ab":
            return EVERYBODY
        if letter in "xy":
            return DELETED_VIEWERS
        return self.unlisted_insiders if letter == "u" else self.listed_insiders


# Newest first, as lists show them. a, b: listed and approved; c: awaiting review; r: rejected;
# d: withdrawn by its developer; u: unlisted; x, y: deleted, of either channel.
VERSIONS: dict[str, dict[str, Any]] = {
    "c": {"channel": "listed", "files": [make_file(status="unreviewed")]},
    "u": {"channel": "unlisted"},
    "a": {"channel": "listed"},
    "r": {"channel": "listed", "files": [make_file(status="disabled")]},
    "d": {"channel": "listed", "is_disabled": True},
    "x": {"channel": "listed", "deleted": True},
    "y": {"channel": "unlisted", "deleted": True},
    "b": {"channel": "listed"},
}
ORDER = "".join(VERSIONS)
MIXED = ORDER
LISTED = "carxb"

STATES: dict[str, State] = {
    "public": State(1, MIXED, open=True),
    "public, listed only": State(2, "carb", open=True),
    "public, without versions": State(3, "", open=True),
    "disabled by developer": State(4, "carb", flags=(True, False), fields={"disabled_by_user": True}),
    "disabled by developer, mixed": State(5, MIXED, flags=(True, False), fields={"disabled_by_user": True}),
    "disabled by Mozilla": State(6, MIXED, flags=(False, True), fields={"status": "disabled"}),
    "disabled by both": State(
        7, "a", flags=(True, True), fields={"status": "disabled", "disabled_by_user": True}
    ),
    "nominated": State(8, "c", fields={"status": "nominated"}),
    "nominated, mixed": State(9, "cuxy", fields={"status": "nominated"}),
    "incomplete": State(10, "", fields={"status": "incomplete"}),
    "rejected": State(11, "r", fields={"status": "rejected"}),
    "unlisted only": State(12, "uy", fields={"status": "incomplete"}),
    "unlisted now, listed once": State(13, "ux", fields={"status": "incomplete"}),
    "deleted": State(14, "xy", deleted=True, fields={"status": "deleted", "slug": None}),
    "blocked in a region": State(15, "carb", open=True, blocked=True),
    "blocked and nominated": State(16, "cu", blocked=True, fields={"status": "nominated"}),
    "blocked and deleted": State(17, "x", deleted=True, blocked=True, fields={"status": "deleted"}),
    "theme": State(18, LISTED, fields={"status": "nominated", "type": "statictheme"}),
    "public theme": State(19, MIXED, open=True, fields={"type": "statictheme"}),
}


def version_id(state: State, letter: str) -> int:
    return state.id * 100 + ORDER.index(letter)


def version_number(letter: str) -> str:
    return f"{len(ORDER) - ORDER.index(letter)}.0"


def addon_of(state: State) -> AddonDoc:
    made: dict[str, Any] = {
        "_id": state.id,
        "guid": f"{WORD}-{state.id}@example.org",
        "slug": f"{WORD}-{state.id}",
        "name": {"en-US": f"{WORD.title()} {state.id}"},
        "authors": [
            {"user_id": USERS["a"]["_id"], "role": "owner", "listed": True, "position": 0},
            {"user_id": USERS["h"]["_id"], "role": "developer", "listed": False, "position": 1},
        ],
        "region_exclusions": [BLOCKED] if state.blocked else [],
        "eula": {"en-US": f"EULA of {state.id}"},
        "target_locale": "de",
        "versions": [_version(state, letter) for letter in ORDER if letter in state.versions],
    }
    return make_addon(**made | state.fields)


def _version(state: State, letter: str) -> VersionDoc:
    made: dict[str, Any] = {
        "id": version_id(state, letter),
        "version": version_number(letter),
        "created": f"2024-01-{20 - ORDER.index(letter):02}T00:00:00Z",
        "approval_notes": "for reviewers only",
    }
    return make_version(**made | VERSIONS[letter])


def dump() -> list[dict[str, Any]]:
    """Everything, as lines of a dump."""
    users = [{"kind": "user", **user} for user in USERS.values()]
    return users + [{"kind": "addon", **addon_of(state)} for state in STATES.values()]


def authorization(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_token(USERS[role], KEYRING)}"} if role in USERS else {}
