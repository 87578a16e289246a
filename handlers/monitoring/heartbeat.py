"""Readiness, liveness and release of the process, for operators, load balancers and deployments
(https://github.com/mozilla-services/Dockerflow).
"""

from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from conf.files import read_file
from conf.release import RELEASE
from handlers.http.base import PublicResource

_BUILD: Final = Path(__file__).resolve().parents[2] / "version.json"  # written when an image is built
_MAX_BYTES: Final = 4096
_NO_STORE: Final = {"Cache-Control": "no-store"}


class MonitoringHandler(PublicResource):
    """Accepts any `Host` and `Accept`, because monitors send arbitrary ones."""

    works_before_ready = True

    def check_request(self) -> None:
        """Does nothing."""


class HeartbeatHandler(MonitoringHandler):
    """200 once reads are served, 503 before. Also tells whether MongoDB is up, which reads do not need."""

    title = "Heartbeat"

    def get(self) -> None:
        health = self.site.health()
        status = 200 if self.site.ready else 503
        self.send_body(orjson.dumps(health), _NO_STORE, status)


class LiveHandler(MonitoringHandler):
    """200 while the process answers at all."""

    title = "Load balancer heartbeat"

    def get(self) -> None:
        self.send_body(b"{}", _NO_STORE)


class VersionHandler(MonitoringHandler):
    """The release, and the build it came from."""

    title = "Version"

    def get(self) -> None:
        self.send_body(orjson.dumps(build()), _NO_STORE)


@cache
def build() -> dict[str, Any]:
    """`source`, `version`, `commit` and `build`, from `version.json` if it exists."""
    build = {"source": "", "version": RELEASE, "commit": "", "build": ""}
    try:
        content = orjson.loads(read_file(_BUILD, _MAX_BYTES))
    except (OSError, ValueError):
        return build
    return build | content if isinstance(content, dict) else build
