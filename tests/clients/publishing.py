"""Publishing programs against our server, each with its own words: a package goes in, a version comes out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from server.auth.credentials.apikeys import make_api_key
from tests.clients.npm import Ran, run, run_script, sent_here
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


def web_ext(spec: str, flag: str, path: str, folder: Path) -> str:
    """Signs a new add-on, then a new version of it; each is downloaded. `flag` takes the API's address."""
    with world(folder) as it:
        for count, version in enumerate(("1.0", "1.1"), 1):
            artifacts = folder / f"signed-{version}"
            words = (
                *("sign", "--no-config-discovery", "--channel", "unlisted", "--no-input"),
                *("--source-dir", str(it.source(version)), "--artifacts-dir", str(artifacts)),
                *("--api-key", it.key, "--api-secret", it.secret),
                *(flag, it.api.base + path),
            )
            ended_well(run(spec, "web-ext", *words, folder=folder))
            assert [path.suffix for path in artifacts.glob("*.xpi")] == [".xpi"]
            assert len(it.versions()) == count
    return "new add-on, new version, both downloaded"


_SIGN_ADDON: Final = """
import { signAddon } from "sign-addon";
const found = await signAddon({ ...given, disableProgressBar: true });
if (!found.success || found.downloadedFiles.length != 1) throw new Error(JSON.stringify(found));
console.log(found.id);
"""


def sign_addon(spec: str, folder: Path) -> str:
    """A package without an id, then the next version of what that became."""
    with world(folder) as it:
        guid = None
        for number in ("1.0", "1.1"):
            file = folder / f"{number}.xpi"
            file.write_bytes(package(version=number, browser_specific_settings=None))
            values = {"xpiPath": str(file), "version": number, "apiKey": it.key, "apiSecret": it.secret}
            values |= {"apiUrlPrefix": f"{it.api.base}/api/v4", "downloadDir": str(folder)}
            ran = run_script(spec, _SIGN_ADDON, values | ({"id": guid} if guid else {}), folder)
            ended_well(ran)
            guid = ran.output.split()[-1]
        assert len(list(folder.glob("*-1.*.xpi"))) == 2, list(folder.iterdir())
    return "new add-on without an id, new version of it, both downloaded"


_DEPLOY: Final = """
import { createReadStream } from "node:fs";
import deploy from "firefox-extension-deploy";
await deploy({ ...given, src: createReadStream(given.src) });
"""


def firefox_extension_deploy(spec: str, folder: Path) -> str:
    with world(folder) as it:
        for number in ("1.0", "1.1"):
            values = {"issuer": it.key, "secret": it.secret, "id": GUID, "version": number}
            values |= {"src": str(it.package(number))}
            ended_well(run_script(spec, _DEPLOY, values, folder, sent_here(it.api.base, folder)))
        assert [version["version"] for version in it.versions()] == ["1.1", "1.0"]
    return "new add-on, new version"


_AMO_UPLOAD: Final = """
import { signAddon } from "amo-upload";
console.log(await signAddon({ ...given, pollInterval: 1000 }));
"""


def amo_upload(spec: str, folder: Path) -> str:
    with world(folder) as it:
        assert _create(it, it.package("1.0")) == 201
        values: dict[str, Any] = {"apiKey": it.key, "apiSecret": it.secret, "addonId": GUID}
        file = it.package("1.1")
        values |= {"apiPrefix": it.api.base, "addonVersion": "1.1", "distFile": str(file)}
        values |= {"sourceFile": str(it.package("1.1", "source.zip")), "releaseNotes": {"en-US": "Better."}}
        values |= {"approvalNotes": "Look.", "compatibility": ["firefox"], "output": str(folder / "a.xpi")}
        ended_well(run_script(spec, _AMO_UPLOAD, values, folder))
        [version, _] = it.versions()
        assert (version["version"], version["release_notes"]) == ("1.1", {"en-US": "Better."})
        assert version["source"], version
        assert (folder / "a.xpi").read_bytes() == file.read_bytes()
    return "new version with its source, downloaded"


_SEMANTIC: Final = """
import { prepare, publish, verifyConditions } from "semantic-release-amo";
const { options, version } = given;
const logger = { log: console.log, warn: console.log };
const context = { env: process.env, logger, nextRelease: { version, notes: "# Better" }, cwd: process.cwd() };
for (const step of [verifyConditions, prepare, publish]) await step(options, context);
"""


def semantic_release_amo(spec: str, folder: Path) -> str:
    with world(folder) as it:
        assert _create(it, it.package("1.0")) == 201
        options = {"addonId": GUID, "addonDirPath": str(it.source("1.1")), "submitReleaseNotes": True}
        env = {"AMO_API_KEY": it.key, "AMO_API_SECRET": it.secret, "AMO_BASE_URL": f"{it.api.base}/"}
        ended_well(run_script(spec, _SEMANTIC, {"options": options, "version": "1.2.0"}, folder, env))
        assert [version["version"] for version in it.versions()] == ["1.2.0", "1.0"]
        assert it.versions()[0]["release_notes"] == {"en-US": "**Better**"}
    return "new version with its release notes"


def publish_browser_extension(spec: str, folder: Path) -> str:
    with world(folder) as it:
        assert _create(it, it.package("1.0")) == 201
        words = (
            *("--firefox-zip", str(it.package("1.1")), "--firefox-extension-id", GUID),
            *("--firefox-jwt-issuer", it.key, "--firefox-jwt-secret", it.secret),
            *("--firefox-channel", "listed"),
            # Without, version 5 sends an empty text, at which `fetch` of Node before 24 stops for good.
            *("--firefox-sources-zip", str(it.package("1.1", "source.zip"))),
        )
        ended_well(run(spec, "publish-extension", *words, folder=folder, env=sent_here(it.api.base, folder)))
        assert [version["version"] for version in it.versions()] == ["1.1", "1.0"]
        assert it.versions()[0]["source"]
    return "new version with its source"


def _create(it: World, file: Path) -> int:
    """A first listed version, for programs that only make further ones."""
    uploaded = upload(it.api, OWNER, file.read_bytes())
    body = {
        "categories": {"firefox": ["tabs"]},
        "summary": {"en-US": "Tabs in a tree."},
        "version": {"upload": uploaded["uuid"], "license": "MPL-2.0"},
    }
    return it.api.ask("PUT", "v5", f"addons/addon/{GUID}/", OWNER, body).status
