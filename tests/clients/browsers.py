"""Firefox ESR and Thunderbird install a package from the download address, find its update, install that."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple

from conf.model.addons import FileDoc
from conf.settings.loading import load_settings
from server.cli.opening import open_context
from server.files.files import Files
from tests.clients.marionette import Browser
from tests.clients.npm import Skipped
from tests.factories import make_addon, make_file, make_user, make_version
from tests.handlers.loaded_server import load
from tests.packages import package
from tests.program import Program

GUID: Final = "updates@example.org"
_CHECK: Final = (
    "/update/VersionCheck.php?reqVersion=%REQ_VERSION%&id=%ITEM_ID%&version=%ITEM_VERSION%"
    "&maxAppVersion=%ITEM_MAXAPPVERSION%&status=%ITEM_STATUS%&appID=%APP_ID%&appVersion=%APP_VERSION%"
    "&appOS=%APP_OS%&appABI=%APP_ABI%&locale=%APP_LOCALE%&currentAppVersion=%CURRENT_APP_VERSION%"
    "&updateType=%UPDATE_TYPE%&compatMode=%COMPATIBILITY_MODE%"
)
_INSTALL: Final = """
    const {AddonManager} = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
    const install = await AddonManager.getInstallForURL(arguments[0]);
    await install.install();
    return (await AddonManager.getAddonByID(arguments[1])).version;
"""
_UPDATE: Final = """
    const {AddonManager} = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
    const addon = await AddonManager.getAddonByID(arguments[0]);
    const install = await new Promise((found, fail) => addon.findUpdates({
        onUpdateAvailable: (_, install) => found(install),
        onNoUpdateAvailable: () => fail("no update"),
    }, AddonManager.UPDATE_WHEN_USER_REQUESTED));
    const notes = install.releaseNotesURI && install.releaseNotesURI.spec;
    await install.install();
    return [(await AddonManager.getAddonByID(arguments[0])).version, notes];
"""


class Published(NamedTuple):
    """The server, and where the older version of the add-on is."""

    url: str
    file: str


def installs_and_updates(program: str, app: str, folder: Path) -> str:
    """What was seen. Raises Skipped, AssertionError, RuntimeError."""
    if shutil.which(program) is None:
        raise Skipped(f"{program} is not installed (Debian: apt-get install {program})")
    with published(folder, app) as server:
        prefs: dict[str, Any] = {
            "xpinstall.signatures.required": False,
            "extensions.update.requireBuiltInCerts": False,
            "extensions.install.requireBuiltInCerts": False,
            "extensions.autoDisableScopes": 0,
            "extensions.update.url": server.url + _CHECK,
            "extensions.update.background.url": server.url + _CHECK,
        }
        with Browser(program, folder / "profile", prefs) as browser:
            version = browser.run("return Services.appinfo.version")
            assert browser.run(_INSTALL, server.url + server.file, GUID) == "1.0"
            updated, notes = browser.run(_UPDATE, GUID)
            assert updated == "1.1", updated
            assert notes and "/versions/1.1/updateinfo/" in notes, notes
    return f"{program} {version}: 1.0 installed, 1.1 found and installed"


@contextmanager
def published(folder: Path, app: str) -> Iterator[Published]:
    """An add-on with two versions for the application, served."""
    packages = [
        package(version=number, browser_specific_settings={"gecko": {"id": GUID}})
        for number in ("1.0", "1.1")
    ]
    stored = asyncio.run(_store(folder, packages))
    versions = [
        make_version(
            id=number,
            version=f"1.{number}",
            compatibility={app: {"min": "60.0", "max": "*"}},
            created=f"2024-01-0{number + 1}T00:00:00Z",
            release_notes={"en-US": "Better."},
            files=[_file(number + 1, app, id_)],
        )
        for number, id_ in enumerate(stored)
    ]
    addon = make_addon(guid=GUID, versions=versions[::-1])
    load(folder, [{"kind": "user", **make_user()}, {"kind": "addon", **addon}])
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"))
    with Program(*words, output=folder / "serve") as program:
        program.wait_listening()
        yield Published(program.url, f"/{app}/downloads/file/1/type:attachment/x.xpi")
        assert program.loud_records() == []


def _file(id: int, app: str, stored: str) -> FileDoc:
    return make_file(id=id, url=f"/{app}/downloads/file/{id}/x.xpi", hash=stored, stored=stored)


async def _store(folder: Path, packages: list[bytes]) -> list[str]:
    settings = load_settings({"data_dir": str(folder / "data")}, {}, None)
    async with open_context(settings) as here:
        return [(await Files(here.store).put(BytesIO(content))).id for content in packages]
