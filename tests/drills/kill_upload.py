"""`kill -9` of server, mongod and the child that looks at a package, between every two steps of an upload.

A client sends a package, waits until it is processed and makes a version of it, and does again what was not
answered. In the end every upload is processed, has all of its bytes, and one version was made of it.
"""

import http.client
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Final
from urllib.parse import urlsplit

import psutil

from server.cli.opening import CommandContext
from server.embedded.folder import Folder
from server.files.files import Files
from tests.client import Client
from tests.drills import checks
from tests.drills.mongods import kill_process
from tests.drills.report import Outcome, spread
from tests.drills.service import Crew, Service, Subject, wait_until
from tests.packages import form, package

STEPS: Final = (
    *("before it is sent", "while it is sent", "before its answer", "while it is validated"),
    *("once it is processed", "before its version's answer", "once there is a version"),
)
VALIDATED: Final = STEPS.index("while it is validated")
_BYTES: Final = 1_500_000  # of a package: six chunks of the store
_LIMIT: Final = 90.0  # seconds a client goes on trying: a dead server's lease is thirty
_PAUSE: Final = 0.1


@dataclass(slots=True)
class Sent:
    """A package on its way, by the client's knowledge."""

    subject: Subject
    number: str  # the version's
    content: bytes
    uuid: str | None = None
    is_version: bool = False

    @property
    def path(self) -> str:
        return f"/api/v5/addons/addon/{self.subject.id}/versions/"


class Uploader:
    """One client; `strike` does what is done to the deployment, at the step it is to be done at."""

    def __init__(self, service: Service, crew: Crew) -> None:
        self.service = service
        self.headers = crew.headers
        self.odd: list[str] = []
        self.waits: list[float] = []

    def go(self, sent: Sent, at: int, strike: Callable[[], None]) -> None:
        """Up to the step that is struck at; `finish` does the rest."""
        self._send(sent, at, strike)
        if at == VALIDATED:
            strike()
        if at <= VALIDATED:
            return
        self._process(sent)
        if at == VALIDATED + 1:
            strike()
        self._release(sent, strike if at == VALIDATED + 2 else None)
        if at == VALIDATED + 3:
            strike()

    def finish(self, sent: Sent) -> None:
        self._process(sent)
        if not sent.is_version:
            self._release(sent, None)

    def _send(self, sent: Sent, at: int, strike: Callable[[], None]) -> None:
        headers, body = form(upload=("tree.xpi", sent.content), channel="unlisted")
        half = len(body) // 2
        if at == 0:
            strike()
        try:
            connection = self._begun("/api/v5/addons/upload/", headers, len(body))
            connection.send(body[:half])
            if at == 1:
                strike()
            connection.send(body[half:])
            if at == 2:
                strike()
            sent.uuid = self._uuid(connection)
        except (OSError, http.client.HTTPException):
            """It is sent again, as a client would that got no answer."""
        begun = time.monotonic()
        while sent.uuid is None:
            self._check_patience(begun, "an upload is taken")
            try:
                connection = self._begun("/api/v5/addons/upload/", headers, len(body))
                connection.send(body)
                sent.uuid = self._uuid(connection)
            except (OSError, http.client.HTTPException):
                time.sleep(_PAUSE)

    def _begun(self, path: str, headers: dict[str, str], length: int) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(urlsplit(self.service.url).netloc, timeout=20)
        connection.putrequest("POST", path)
        for name, value in (headers | self.headers | {"Content-Length": str(length)}).items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection

    def _uuid(self, connection: http.client.HTTPConnection) -> str | None:
        with closing(connection):
            answer = connection.getresponse()
            body = answer.read()
        if answer.status == 201:
            return str(json.loads(body)["uuid"])
        if answer.status != 503:
            self.odd.append(f"an upload: {answer.status} {body[:100]!r}")
        time.sleep(_PAUSE)
        return None

    def _process(self, sent: Sent) -> None:
        begun = time.monotonic()
        while True:
            self._check_patience(begun, "an upload is processed")
            shown = self._ask("GET", f"/api/v5/addons/upload/{sent.uuid}/")
            if shown is not None and shown[0] != 200:
                self.odd.append(f"upload {sent.uuid}: {shown[0]}")
                return
            if shown is not None and shown[1]["processed"]:
                if not shown[1]["valid"] or shown[1]["version"] != sent.number:
                    self.odd.append(f"upload {sent.uuid}: {shown[1]['validation']['messages'][:1]}")
                self.waits.append(time.monotonic() - begun)
                return
            time.sleep(_PAUSE)

    def _release(self, sent: Sent, strike: Callable[[], None] | None) -> None:
        body = b'{"upload": "%s"}' % (sent.uuid or "").encode()
        begun = time.monotonic()
        if strike is not None:
            try:
                with closing(
                    self._begun(sent.path, {"Content-Type": "application/json"}, len(body))
                ) as asked:
                    asked.send(body)
                    strike()
                    sent.is_version = asked.getresponse().status == 201
            except (OSError, http.client.HTTPException):
                """It is asked again."""
        while not sent.is_version:
            self._check_patience(begun, "a version is made")
            answer = self._ask("POST", sent.path, {"upload": sent.uuid})
            if answer is not None and answer[0] not in (201, 400, 409):  # the last two: it was made before
                self.odd.append(f"a version: {answer[0]}")
            sent.is_version = answer is not None
            time.sleep(0 if answer else _PAUSE)

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any] | None:
        """Status and body; None where there is no answer, or it is to come back."""
        try:
            with closing(Client(self.service.url, timeout=20)) as client:
                answer = client.request(method, path, headers=self.headers, json_body=body)
        except (OSError, http.client.HTTPException):
            return None
        return None if answer.status == 503 else (answer.status, answer.json)

    def _check_patience(self, begun: float, what: str) -> None:
        if time.monotonic() - begun > _LIMIT:
            raise AssertionError(f"not within {_LIMIT:.0f} s: {what}")


class Striker:
    """What is killed, a random moment after its step begins."""

    def __init__(self, service: Service, dice: random.Random) -> None:
        self.service = service
        self.dice = dice
        self.missed = 0
        self.victims: dict[str, Callable[[], None]] = {
            "server": self._server,
            "mongod": self._mongod,
            "worker": self._worker,
        }

    def _server(self) -> None:
        time.sleep(self.dice.uniform(0, 0.25))
        self.service.kill()
        self.service.start()

    def _mongod(self) -> None:
        time.sleep(self.dice.uniform(0, 0.25))
        folder = Folder(self.service.data)
        pid = folder.pid()
        assert pid
        kill_process(pid)
        wait_until(lambda: folder.pid() not in (None, pid), 30, "the supervisor starts mongod again")

    def _worker(self) -> None:
        """The child of the server that looks at the package; it may have done so already."""
        assert self.service.program
        server = psutil.Process(self.service.program.process.pid)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            for child in server.children():
                try:
                    if "server.packages.validation.inspection" in child.cmdline():
                        time.sleep(self.dice.uniform(0, 0.1))
                        child.kill()
                        return
                except psutil.Error:
                    continue
            time.sleep(0.005)
        self.missed += 1


ROUNDS: Final = (
    *((victim, step) for step in range(len(STEPS)) for victim in ("server", "mongod")),
    *(("worker", VALIDATED) for _ in range(3)),
)


def run(service: Service, crew: Crew, times: int) -> Outcome:
    outcome = Outcome(
        "`kill -9` of server, validation and mongod between the steps of an upload", f"{times} times"
    )
    dice = random.Random(os.getpid())
    uploader, striker = Uploader(service, crew), Striker(service, dice)
    everything: list[Sent] = []
    done: Counter[str] = Counter()
    for place, (victim, step) in enumerate(islice(cycle(ROUNDS), times)):
        sent = _packed(crew.subjects[place % len(crew.subjects)], place, dice)
        everything.append(sent)
        uploader.go(sent, step, striker.victims[victim])
        if victim == "worker":  # or the next would hit the second try of this one, which is the last
            uploader.finish(sent)
        done[victim] += 1
    for sent in everything:
        uploader.finish(sent)
    asked = "every upload is processed and becomes a version; nothing is answered otherwise than 2xx or 503"
    told = ", ".join(f"{victim} {count}" for victim, count in done.items())
    figures = f"{told}, of these {striker.missed} came too late; processed after {spread(uploader.waits)}"
    outcome.add(asked, not uploader.odd, checks.said(uploader.odd, figures))
    faults = service.look(lambda here: _find_faults(here, everything))
    asked = "each has all of its bytes and one version; none is half there, none waits"
    outcome.add(asked, not faults, checks.said(faults, f"{len(everything)} packages"))
    return outcome


def _packed(subject: Subject, place: int, dice: random.Random) -> Sent:
    number = f"7.{place}"
    gecko = {"gecko": {"id": f"drill-{subject.id}@example.org"}}
    content = package(
        version=number, browser_specific_settings=gecko, files={"a.bin": dice.randbytes(_BYTES)}
    )
    return Sent(subject, number, content)


async def _find_faults(here: CommandContext, everything: list[Sent]) -> list[str]:
    faults, files = [], Files(here.store)
    waiting = await here.store.count("validations", {})
    if waiting:
        faults.append(f"{waiting} validations wait")
    async for uploads in here.store.scan("uploads"):
        for upload in uploads:
            fault = await files.find_fault(upload["stored"])
            faults += [f"upload {upload['_id']} {fault}"] if fault else []
            faults += [f"upload {upload['_id']} is not processed"] if upload["validation"] is None else []
    for sent in everything:
        addon = await here.store.find_addon("id", sent.subject.id)
        versions = [one for one in addon["versions"] if one["version"] == sent.number] if addon else []
        if len(versions) != 1 or versions[0]["files"][0].get("upload") is None:
            faults.append(f"{sent.subject.id} has {len(versions)} versions {sent.number}")
    return faults
