"""The server that the tests of reviewers' tools share: its people, its add-ons, and who gets its mail."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from aiosmtpd.controller import Controller

from server.embedded.mongod import OwnMongod
from tests.factories import make_file, make_user, make_version
from tests.handlers.loaded_server import environment
from tests.handlers.signed_client import SECRET, Api, lines, signed
from tests.handlers.writable_server import SETTINGS, SUBMITTER, USERS, addon
from tests.server.mail.test_mailer import Postman
from tests.shell_commands import Shell

MANAGER = make_user(_id=30, username="mia", permissions=["Reviews:Admin"])
UNLISTED = make_user(
    _id=31, username="uli", email="uli@example.org", permissions=["Addons:ReviewUnlisted", "Addons:Review"]
)
THEMES = make_user(
    _id=32,
    username="theo",
    email="theo@example.org",
    permissions=["Addons:ThemeReview", "Addons:ContentReview"],
)
TOOL = make_user(_id=33, username="other", permissions=["Addons:Submit"])
LOOKING = make_user(_id=34, username="lou", email="lou@example.org", permissions=["ReviewerTools:View"])
LOOKING_UNLISTED = make_user(
    _id=35, username="lea", email="lea@example.org", permissions=["ReviewerTools:ViewUnlisted"]
)
CUSTOMS = make_user(_id=36, username="customs", permissions=["Scanners:PatchResults"])
SERVICE = make_user(_id=37, username="scan.example", permissions=["Scanners:PatchResults"])
LABELLER = make_user(_id=38, username="lil", permissions=["Admin:ScannersResultsView"])
LATE, PAST = "2999-01-02T03:04:05Z", "2020-01-02T03:04:05Z"
MIXED = 50  # an add-on with a listed and an unlisted version: 500 and 501
CANNED = [
    {"_id": 1, "title": "Code", "response": "It loads code.", "category": "Other"},
    {"_id": 2, "title": "Data", "response": "It sends data.", "category": "Privacy reasons"},
]


PEOPLE = (MANAGER, UNLISTED, THEMES, TOOL, LOOKING, LOOKING_UNLISTED, CUSTOMS, SERVICE, LABELLER)


def _results() -> list[dict[str, Any]]:
    rows = ((901, "yara", "good"), (902, "yara", None), (903, "yara", "bad"), (904, "mad", "bad"))
    return [
        {
            "_id": id,
            "version_id": 20,
            "scanner": scanner,
            "label": label,
            "results": {"any": ["thing"]},
            "model_version": "1.1",
            "created": PAST,
        }
        for id, scanner, label in rows
    ]


def waiting(number: int, **fields: Any) -> dict[str, Any]:
    """Add-on `number`, whose version awaits its review."""
    version = make_version(id=number * 10, files=[make_file(id=number * 10, status="unreviewed")])
    return addon(number, status="nominated", versions=[version], **fields)


def _addons() -> list[dict[str, Any]]:
    both = [
        make_version(id=501, version="1.1", channel="unlisted", files=[make_file(id=501)]),
        make_version(id=500, files=[make_file(id=500)]),
    ]
    return [
        *map(addon, range(1, 10)),
        *map(waiting, range(10, 14)),
        waiting(14, type="statictheme", categories={}),
        addon(15, status="deleted", slug=None),
        *map(addon, range(20, 30)),
        addon(MIXED, versions=both),
        waiting(51),
        waiting(53),
        addon(54),
        addon(52),
    ]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Reviewing(NamedTuple):
    """The server, its mail, and the shell on its data."""

    api: Api
    postman: Postman
    shell: Shell

    def log(self, number: int) -> dict[str, Any]:
        """What was recorded of an add-on, activity and notes, by action."""
        dumped = map(orjson.loads, self.shell("dump").splitlines())
        records = [one for one in dumped if one["kind"] in ("activity", "note") and one["addon_id"] == number]
        return {one["action"]: one for one in records}

    def waiting_syncs(self) -> int:
        """The number of objects that wait to be synced with Basket."""
        return int(self.shell("basket", "status").split()[0])


@contextmanager
def reviewing(folder: Path, mongod: OwnMongod) -> Iterator[Reviewing]:
    documents = [
        *lines("user", *USERS, *PEOPLE),
        *lines("addon", *_addons()),
        *lines("resubmission", {"_id": "never@example.org", "denied": True, "modified": PAST}),
        *lines("canned_response", *reversed(CANNED)),
        *lines("scanner_result", *_results()),
    ]
    postman, port = Postman(), _free_port()
    mail = {"AMOEBA_EMAIL_SENDING": "true", "AMOEBA_SMTP_PORT": str(port), "AMOEBA_MAIL_INTERVAL": "0.3"}
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with signed(folder, documents, mongod, **SETTINGS, **mail, AMOEBA_AUTO_APPROVE="true") as api:
            env = environment(folder, mongod) | {"AMOEBA_SECRET_KEY": SECRET}
            yield Reviewing(api, postman, Shell(folder / "data", env))
    finally:
        controller.stop()


def act(
    api: Api, number: int, action: str, user: Any = MANAGER, body: Any = None, version: str = "v5"
) -> Any:
    """An action of an administrator or reviewer on an add-on."""
    verb = "PATCH" if action == "flags" else "POST"
    return api.ask(verb, version, f"reviewers/addon/{number}/{action}/", user, body)


def decide(api: Api, number: int, version_id: int, user: Any, decision: str = "approve") -> Any:
    path = f"addons/addon/{number}/versions/{version_id}/review/"
    return api.ask("POST", "v5", path, user, {"decision": decision, "comments": "So."})


def described(guid: str, version: str, channel: str = "listed") -> dict[str, Any]:
    """A package that is elsewhere."""
    return {"guid": guid, "version": version, "channel": channel, "license": "MIT"}


def submitted(api: Api, number: int, channel: str, version: str) -> Any:
    """A new version."""
    body = described(f"addon{number}@example.org", version, channel)
    answer = api.ask("POST", "v5", f"addons/addon/{number}/versions/", SUBMITTER, body)
    assert answer.status == 201, answer.json
    return answer.json
