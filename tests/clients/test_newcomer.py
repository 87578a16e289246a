"""A newcomer's first hour in a real browser, a test a step, in order; without Chromium they are skipped.

What is lost and restored: tests/server/commands/test_backup_commands.py; the whole, with web-ext:
`python -m tests.clients newcomer`.
"""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from server.embedded.mongod import OwnMongod
from tests.chromium import Missing, browsing
from tests.clients.newcomer import GUID, LISTING, STEPS, Newcomer, basket_settings
from tests.factories import make_user
from tests.fake_basket import Basket
from tests.handlers.loaded_server import environment, load
from tests.handlers.signed_client import SECRET, Api, lines
from tests.handlers.upload_client import upload
from tests.packages import package
from tests.program import Program
from tests.shell_commands import Shell

BEN = make_user(_id=8, username="ben")
ANN = make_user(_id=7, username="ann", permissions=["Addons:Review", "Site:Edit"])


@pytest.fixture(scope="module")
def newcomer(mongod: OwnMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    folder, basket = tmp_path_factory.mktemp("newcomer"), Basket()
    basket.be("refuses")
    env = basket_settings(basket) | environment(folder, mongod) | {"AMOEBA_SECRET_KEY": SECRET}
    words = ("serve", "--port", "0", "--data-dir", str(folder / "data"))
    load(folder, lines("user", ANN, BEN), mongod)
    try:
        with (
            browsing(folder / "profile") as tab,
            Program(*words, output=folder / "serve", env=env) as program,
            closing(Api(program.wait_listening())) as api,
        ):
            sent = upload(api, BEN, package())
            body = LISTING | {"version": {"license": "MPL-2.0", "upload": sent["uuid"]}}
            assert api.ask("PUT", "v5", f"addons/addon/{GUID}/", BEN, body).status == 201
            yield Newcomer(api.base, Shell(folder / "data", env), tab, basket)
    except Missing as reason:
        pytest.skip(str(reason))
    finally:
        basket.close()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_step(newcomer: Newcomer, step: Callable[[Newcomer], None]) -> None:
    step(newcomer)
