"""Server processes that a drill kills and starts again, and what it writes to.

    with Service(folder, basket) as service:
        crew = prepare(service, 20)     # a user who may do everything, 20 add-ons of its own
        service.kill(); service.start()

A server keeps its address and its data over restarts. MongoDB is looked at
through `service.look`, beside the server, as the commands of run.py do it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from conf.settings.loading import load_settings
from server.auth import account_admin
from server.auth.credentials.tokens import make_token
from server.auth.keys.keyring import Keyring
from server.auth.keys.keystores import key_store
from server.basket.outbox import OUTBOX
from server.cli.opening import CommandContext, open_context
from server.storage.operations import Insert
from server.storage.store import Store
from tests.client import Client
from tests.factories import make_addon, make_version
from tests.fake_basket import Basket
from tests.ports import free_port
from tests.program import Program

T = TypeVar("T")

# A killed sender's lease has to run out within the drill.
SETTINGS: Final = {
    "AMOEBA_THROTTLING": "false",
    "AMOEBA_BASKET_SYNC": "true",
    "AMOEBA_BASKET_INTERVAL": "0.2",
    "AMOEBA_BASKET_TIMEOUT": "1",
    "AMOEBA_BASKET_LEASE": "3",
    "AMOEBA_WEBHOOK_TIMEOUT": "0.5",
    "AMOEBA_WEBHOOK_PRIVATE": "true",
    "AMOEBA_MONGOD_CACHE_GB": "0.25",
}
START_LIMIT: Final = 60.0
_FIRST_ID: Final = 5_000_000


class Service:
    def __init__(
        self,
        folder: Path,
        basket: Basket,
        mongodb_uri: str | None = None,
        key: str = "drill",
        patience: float = 5.0,
    ) -> None:
        """Its own MongoDB below `folder`, or the one at `mongodb_uri`; `key` is its name for Basket.

        `patience` is how long a request waits for MongoDB, in seconds.
        """
        self.folder = folder
        self.basket = basket
        self.port = free_port()
        self.env = SETTINGS | {"AMOEBA_BASKET_URL": basket.url, "AMOEBA_BASKET_API_KEY": key}
        self.env["AMOEBA_MONGODB_TIMEOUT"] = str(patience)
        if mongodb_uri:
            self.env["AMOEBA_MONGODB_URI"] = mongodb_uri
        self.settings = load_settings({"data_dir": str(self.data)}, self.env, None)
        self.program: Program | None = None
        self.starts = 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Program:
        program = self.launch()
        program.wait_listening(START_LIMIT)
        return program

    def launch(self) -> Program:
        """Begin a start, without waiting for its end."""
        words = ("serve", "--port", str(self.port), "--data-dir", str(self.data))
        output = self.folder / "output" / str(self.starts)
        self.starts += 1
        self.program = Program(*words, output=output, env=self.env)
        return self.program

    def kill(self) -> None:
        """kill -9. A mongod of its own stays, as it does in life."""
        assert self.program
        self.program.kill()

    def stop(self) -> None:
        if self.program:
            self.program.stop()

    def look(self, question: Callable[[CommandContext], Awaitable[T]]) -> T:
        """Ask MongoDB itself."""

        async def ask() -> T:
            async with open_context(self.settings) as here:
                return await question(here)

        return asyncio.run(ask())

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(self, *fault: object) -> None:
        """Also a mongod whose server is not there any more ends: a start adopts it, a stop ends it."""
        if self.program and self.program.process.poll() is not None and not self.settings.mongodb_uri:
            self.start()
        self.stop()


@dataclass(slots=True)
class Subject:
    """An add-on that is written to; its slug and name carry the number of the last write."""

    id: int
    sent: int = 0  # numbers are given out once, whatever came of the write
    acknowledged: int = 0

    def values(self, number: int) -> dict[str, Any]:
        """What a PATCH sends."""
        return {"name": {"en-US": f"Drill {self.word(number)}"}, "slug": f"drill-{self.id}-{number}"}

    def word(self, number: int) -> str:
        """A word of the name that no other state of any object has."""
        return f"w{self.id}x{number}"


@dataclass(frozen=True, slots=True)
class Crew:
    """`token` is of a user who may do everything."""

    token: str
    subjects: list[Subject]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def number_of(slug: str) -> int:
    """Which write made this state."""
    return int(slug.rpartition("-")[2])


def prepare(service: Service, count: int, first: int = _FIRST_ID) -> Crew:
    """A user and `count` public add-ons, shown by the server when this returns.

    Another crew on the same MongoDB takes its ids from another `first`.
    """
    subjects = [Subject(first + number) for number in range(count)]

    async def fill(here: CommandContext) -> str:
        user = await account_admin.create_user(
            here.store, here.changes, f"drill{first}", permissions=["*:*"], read_dev_agreement=_AGREED
        )
        for subject in subjects:
            await here.store.write([Insert("addons", _addon(subject, user["_id"]))])
        ring = Keyring(await key_store(service.settings, here.store).get_or_create())
        return make_token(user, ring)

    crew = Crew(service.look(fill), subjects)
    with closing(Client(service.url)) as client:
        wait_until(lambda: all(shown(client, one) == 0 for one in subjects), 20, "the add-ons are shown")
    return crew


_AGREED: Final = "2026-01-01T00:00:00Z"


def _addon(subject: Subject, user_id: int) -> dict[str, Any]:
    addon = make_addon(
        _id=subject.id,
        guid=f"drill-{subject.id}@example.org",
        authors=[{"user_id": user_id, "role": "owner", "listed": True, "position": 0}],
        versions=[make_version(id=subject.id)],
        **subject.values(0),
    )
    return dict(addon)


def shown(client: Client, subject: Subject) -> int | None:
    """The number of the state that search shows; None: it does not show the add-on."""
    found = client.get(f"/api/v5/addons/search/?guid=drill-{subject.id}@example.org").json["results"]
    return number_of(found[0]["slug"]) if found else None


async def stored(store: Store, subjects: list[Subject]) -> dict[int, int]:
    """The number each has in MongoDB."""
    addons = await store.addons_by_id(subject.id for subject in subjects)
    return {id_: number_of(addon["slug"] or "-0") for id_, addon in addons.items()}


async def waiting(store: Store, *, failed: bool = False) -> int:
    """Records of the outbox; `failed`: those that Basket did not take at the first try."""
    return await store.count(OUTBOX, {"tries": {"$gt": 0}} if failed else {})


def wait_until(reached: Callable[[], object], limit: float, what: str, pause: float = 0.05) -> float:
    """Seconds it took; AssertionError when `limit` seconds were not enough."""
    begun = time.monotonic()
    while not reached():
        if time.monotonic() - begun > limit:
            raise AssertionError(f"not within {limit:.0f} s: {what}")
        time.sleep(pause)
    return time.monotonic() - begun
