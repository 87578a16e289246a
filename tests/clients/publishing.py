"""Publishing programs against our server, each with its own words: a package goes in, a version comes out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from server.auth.apikeys import make_api_key
from tests.clients.npm import Ran, run, sent_here
from tests.factories import make_user
from tests.handlers.loaded_server import load
from tests.handlers.signed_client import KEYRING, SECRET, Api
from tests.handlers.upload_client import upload
from tests.packages import MANIFEST, package
from tests.program import Program

OWNER: Final = make_user(_id=7, username="ann")
GUID: Final = "tree@example.org"
_SOURCE: Final = {"data_collection_permissions": {"required": ["none"]}}


class World(NamedTuple):
    api: Api
    key: str
    secret: str
    folder: Path

    def versions(self) -> list[Any]:
        """Of the add-on, newest first."""
        path = f"addons/addon/{GUID}/versions/?filter=all_with_unlisted"
        answer = self.api.ask("GET", "v5", path, OWNER)
        return answer.json["results"] if answer.status == 200 else []

    def source(self, version: str) -> Path:
        """A folder with an extension."""
        folder = self.folder / f"source-{version}"
        folder.mkdir()
        gecko = {"gecko": {"id": GUID, **_SOURCE}}
        manifest = MANIFEST | {"version": version, "browser_specific_settings": gecko}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        return folder

    def package(self, version: str, name: str = "tree.zip") -> Path:
        file = self.folder / f"{version}-{name}"
        gecko = {"gecko": {"id": GUID, **_SOURCE}}
        file.write_bytes(package(version=version, browser_specific_settings=gecko))
        return file


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A server that approves what is clean, and a user with an API key."""
    secret, key = make_api_key(OWNER["_id"], 1, KEYRING)
    load(folder, [{"kind": "user", **OWNER}, {"kind": "apikey", **key}])
    env = {"AMOEBA_SECRET_KEY": SECRET, "AMOEBA_AUTO_APPROVE": "true", "AMOEBA_THROTTLING": "false"}
    with Program(
        "serve", "--port", "0", "--data-dir", str(folder / "data"), output=folder / "serve", env=env
    ) as program:
        program.wait_listening()
        api = Api(program.url)
        try:
            yield World(api, key["_id"], secret, folder)
        finally:
            api.close()
        assert program.loud_records() == []


def ended_well(ran: Ran) -> None:
    assert ran.status == 0, f"exit status {ran.status}: {ran.output[-1500:]}"


def web_ext(spec: str, folder: Path) -> str:
    """Signs a new add-on, then a new version of it; each is downloaded."""
    with world(folder) as it:
        for count, version in enumerate(("1.0", "1.1"), 1):
            artifacts = folder / f"signed-{version}"
            words = (
                *("sign", "--no-config-discovery", "--channel", "unlisted", "--no-input"),
                *("--source-dir", str(it.source(version)), "--artifacts-dir", str(artifacts)),
                *("--api-key", it.key, "--api-secret", it.secret),
                *("--amo-base-url", f"{it.api.base}/api/v5/"),
            )
            ended_well(run(spec, "web-ext", *words, folder=folder))
            assert [path.suffix for path in artifacts.glob("*.xpi")] == [".xpi"]
            assert len(it.versions()) == count
    return "new add-on, new version, both downloaded"


def publish_browser_extension(spec: str, folder: Path) -> str:
    with world(folder) as it:
        assert _create(it, it.package("1.0")) == 201
        words = (
            *("--firefox-zip", str(it.package("1.1")), "--firefox-extension-id", GUID),
            *("--firefox-jwt-issuer", it.key, "--firefox-jwt-secret", it.secret),
            *("--firefox-channel", "listed"),
        )
        ended_well(run(spec, "publish-extension", *words, folder=folder, env=sent_here(it.api.base, folder)))
        assert [version["version"] for version in it.versions()] == ["1.1", "1.0"]
    return "new version"


def _create(it: World, file: Path) -> int:
    """A first listed version, for programs that only make further ones."""
    uploaded = upload(it.api, OWNER, file.read_bytes())
    body = {
        "categories": {"firefox": ["tabs"]},
        "summary": {"en-US": "Tabs in a tree."},
        "version": {"upload": uploaded["uuid"], "license": "MPL-2.0"},
    }
    return it.api.ask("PUT", "v5", f"addons/addon/{GUID}/", OWNER, body).status
