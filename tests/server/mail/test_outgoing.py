"""Notes and what belongs to them in load and dump; mail as operators see and steer it."""

import json
from pathlib import Path
from typing import Any

import pytest

from conf.model.activity import MAX_ATTACHMENT_BYTES
from server.embedded.mongod import OwnMongod
from server.intake.json_values import BadRecord
from server.intake.kinds import KINDS, validated
from server.storage.store import Store
from tests.mongod_fixture import DATABASE
from tests.program import Program
from tests.server.intake.load_into_store import dumped, load_files
from tests.server.mail.mail_people import AUTHOR, fill, token_row

NOTE = {
    "kind": "note",
    "_id": 5,
    "addon_id": 1,
    "version_id": 10,
    "user_id": 7,
    "date": "2026-01-01T00:00:00Z",
    "action": "approved",
    "comments": "Good.",
    "policies": ["One."],
    "attachment": {"name": "a.txt", "size": 6},
}
LINES: list[dict[str, Any]] = [
    NOTE,
    {"kind": "attachment", "_id": 5, "name": "a.txt", "type": "text/plain", "content": "YSBmaWxl"},
    {
        "kind": "review_due",
        "_id": 10,
        "addon_id": 1,
        "due": "2026-01-04T00:00:00Z",
        "reason": "developer-reply",
    },
    {"kind": "reply_token", **token_row(AUTHOR)},
    {"kind": "seen_mail", "_id": "0" * 64, "date": "2026-01-01T00:00:00Z", "outcome": "note", "note_id": 5},
]


async def test_a_dump_gives_back_what_was_loaded(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    await load_files(store, [file])
    lines = [json.loads(line) for line in (await dumped(store)).splitlines()]
    assert [line for line in lines if line["kind"] != "counter"] == LINES
    assert await store.next_id("note") == 6


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (NOTE | {"_id": 0}, "_id"),
        (NOTE | {"date": "yesterday"}, "no date"),
        (NOTE | {"action": ""}, "no action"),
        (LINES[1] | {"content": "%"}, "not base64"),
        (LINES[1] | {"content": "AAAA" * (MAX_ATTACHMENT_BYTES // 3 + 1)}, "larger than"),
        (LINES[3] | {"_id": "short"}, "no token"),
    ],
)
def test_bad_records(line: dict[str, Any], reason: str) -> None:
    document = {key: value for key, value in line.items() if key != "kind"}
    with pytest.raises(BadRecord, match=reason):
        validated(KINDS[line["kind"]], document)


class TestCommand:
    @pytest.fixture
    def env(self, mongod: OwnMongod) -> dict[str, str]:
        uri = {"AMOEBA_MONGODB_URI": mongod.uri, "AMOEBA_MONGODB_DATABASE": DATABASE}
        return uri | {"AMOEBA_INBOUND_EMAIL_DOMAIN": "example.org"}

    @pytest.fixture
    def run_mail(self, tmp_path: Path, env: dict[str, str]) -> Any:
        def run(*arguments: str, status: int = 0) -> str:
            program = Program("mail", *arguments, output=tmp_path / "out", env=env)
            assert program.wait() == status, program.stderr
            return program.stdout

        return run

    async def test_parked_mail(self, store: Store, run_mail: Any) -> None:
        parked = {"state": "parked", "tries": 3, "due": 0.0, "error": "554 No"}
        for id in ("one", "two"):
            await store.database["mail_outbox"].insert_one({"_id": id, **parked})
        assert "outbox: 0 pending, 2 parked" in (status_output := run_mail("status"))
        assert "parked  one  3 tries: 554 No" in status_output
        assert run_mail("drop", "one") == "1 dropped\n"
        assert run_mail("retry") == "1 to be tried again\n"
        assert "outbox: 1 pending, 0 parked" in run_mail("status")

    async def test_token(self, store: Store, run_mail: Any) -> None:
        await fill(store)
        row = token_row(AUTHOR)
        assert run_mail("token", "tab-tree", "10", "ann") == f"reviewreply+{row['_id']}@example.org\n"
        run_mail("token", "tab-tree", "12345", "ann", status=1)
        run_mail("token", "tab-tree", "10", "nobody", status=1)
