"""Source archives of versions (contract/uploads.md 5.3)."""

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from server.embedded.mongod import OwnMongod
from tests.handlers.signed_client import Api
from tests.handlers.upload_client import send, upload
from tests.handlers.writable_server import ADMIN, OWNER, SPARE, STRANGER, addon, writing
from tests.packages import package

BROKEN = {"source": ["Invalid or broken archive."]}
KIND = "Unsupported file type, please upload an archive file (.zip, .tar.gz, .tgz, .tar.bz2)."


@pytest.fixture(scope="module")
def api(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with writing(tmp_path_factory.mktemp("sources"), mongod, *map(addon, SPARE)) as started:
        yield started


def tar(mode: str, kind: bytes = tarfile.REGTYPE) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("src/a.js")
        member.type, member.linkname = kind, "/etc/passwd" if kind == tarfile.SYMTYPE else ""
        archive.addfile(member)
    return content.getvalue()


def patch(api: Api, number: int, source: Any, user: Any = OWNER) -> Any:
    return send(api, user, "PATCH", f"v5/addons/addon/{number}/versions/{number * 10}/", source=source)


ARCHIVES = {
    "zip": ("src.zip", package()),
    "tar.gz": ("src.tar.gz", tar("w:gz")),
    "tgz": ("SRC.TGZ", tar("w:gz")),
    "tar.bz2": ("src.tar.bz2", tar("w:bz2")),
    "tar.xz": ("src.tar.xz", tar("w:xz")),
}


@pytest.mark.parametrize("archive", ARCHIVES.values(), ids=ARCHIVES)
def test_archives_are_kept(api: Api, number: int, archive: tuple[str, bytes]) -> None:
    answer = patch(api, number, archive)
    assert answer.status == 200, answer.body
    source = answer.json["source"]
    assert source.startswith(f"https://addons.example.org/firefox/downloads/source/{number * 10}/")
    assert source.endswith(archive[0].lower().removeprefix("src"))
    path = source.removeprefix("https://addons.example.org")
    assert api.request("GET", path).status == 404
    got = api.ask("GET", "v5", f"addons/addon/{number}/versions/{number * 10}/", OWNER).json
    assert got["source"] == source
    assert patch(api, number, "").json["source"] is None


@pytest.mark.parametrize(
    ("archive", "told"),
    [
        (("src.rar", package()), {"source": [KIND]}),
        (("src", package()), {"source": [KIND]}),
        (("src.zip", b"nothing"), BROKEN),
        (("src.tar.gz", b""), BROKEN),
        (("src.tgz", tar("w:gz")[:-20]), BROKEN),
        (("src.tar.gz", tar("w:gz", tarfile.SYMTYPE)), BROKEN),
        (("src.tar.bz2", tar("w:bz2", tarfile.CHRTYPE)), BROKEN),
    ],
    ids=["rar", "no ending", "no zip", "empty", "cut off", "a link", "a device"],
)
def test_what_is_none_is_refused(api: Api, archive: tuple[str, bytes], told: Any) -> None:
    answer = patch(api, SPARE[-1], archive)
    assert (answer.status, answer.json) == (400, told)


def test_with_an_upload(api: Api, number: int) -> None:
    settings = {"gecko": {"id": f"addon{number}@example.org"}}
    uuid = upload(api, OWNER, package(version="2.0", browser_specific_settings=settings))["uuid"]
    path = f"v5/addons/addon/{number}/versions/"
    answer = send(api, OWNER, "POST", path, upload=uuid, source=ARCHIVES["zip"])
    assert answer.status == 201, answer.body
    created = answer.json
    assert f"/downloads/source/{created['id']}/" in created["source"]


def test_not_after_a_review_and_not_by_strangers(api: Api, number: int) -> None:
    settings = {"gecko": {"id": f"addon{number}@example.org"}}
    uuid = upload(api, OWNER, package(version="2.0", browser_specific_settings=settings))["uuid"]
    created = send(api, OWNER, "POST", f"v5/addons/addon/{number}/versions/", upload=uuid).json
    path = f"v5/addons/addon/{number}/versions/{created['id']}/"
    assert send(api, STRANGER, "PATCH", path, source=ARCHIVES["zip"]).status == 403
    assert send(api, None, "PATCH", path, source=ARCHIVES["zip"]).status == 401
    decided = api.ask("POST", "v5", f"{path[3:]}review/", ADMIN, {"decision": "approve"})
    assert decided.status < 300, decided.body
    answer = send(api, OWNER, "PATCH", path, source=ARCHIVES["zip"])
    assert answer.status == 400
    assert answer.json["source"][0].startswith("Source cannot be changed")
