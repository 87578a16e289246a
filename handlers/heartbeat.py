"""For operators and load balancers: is the process alive, is it ready, what does it hold."""

import orjson

from handlers.http.access import PUBLIC
from handlers.http.base import ApiHandler
from handlers.http.reply import Reply


class HeartbeatHandler(ApiHandler):
    """200 once reads are served, 503 before; MongoDB's absence is named but is no failure of reads."""

    title = "Heartbeat"
    access = PUBLIC
    works_before_ready = True
    mechanisms = ()

    def check_request(self) -> None:
        """A load balancer may have any name for the process, and take any answer."""

    def get(self) -> None:
        health = self.site.health()
        status = 200 if self.site.ready else 503
        self.send(Reply(status, orjson.dumps(health), {"Cache-Control": "no-store"}))

    head = get
