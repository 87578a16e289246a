"""The measure of all rates: a bare Tornado `RequestHandler` that writes ready bytes.

    python -m tests.bench.bare FILE [--no-etag]
    python -m tests.bench.bare --instant

FILE is a pickled pair: the content encoding of all answers ("" for none), and
what the real server answered to each URL. The handler looks the URL up in a dict
and writes the bytes, nothing else; what Tornado does by itself (its ETag by SHA-1
among it) stays as Tornado ships it. `--no-etag` leaves that one out, for
comparison. `--instant` is no Tornado at all but a socket that answers 8 kB to
whatever comes: it shows what the loader can do.
"""

import asyncio
import pickle
import sys
from pathlib import Path

import tornado.httpserver
import tornado.netutil
import tornado.web


class BareHandler(tornado.web.RequestHandler):
    def initialize(self, encoding: str, bodies: dict[str, bytes]) -> None:
        self.encoding = encoding
        self.bodies = bodies

    def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        if self.encoding:
            self.set_header("Content-Encoding", self.encoding)
        self.write(self.bodies[self.request.uri or ""])


class BareHandlerWithoutEtag(BareHandler):
    def compute_etag(self) -> None:
        return None


class Instant(asyncio.Protocol):
    ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 8000\r\n\r\n" + b"x" * 8000

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(self.ANSWER)


async def instant() -> None:
    server = await asyncio.get_running_loop().create_server(Instant, "127.0.0.1", 0)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


async def main(path: Path, handler: type[BareHandler]) -> None:
    encoding, bodies = pickle.loads(path.read_bytes())
    app = tornado.web.Application([(r"/.*", handler, {"encoding": encoding, "bodies": bodies})])
    server = tornado.httpserver.HTTPServer(app)
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    print(f"listening on http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    if "--instant" in sys.argv:
        asyncio.run(instant())
    else:
        chosen = BareHandlerWithoutEtag if "--no-etag" in sys.argv else BareHandler
        asyncio.run(main(Path(sys.argv[1]), chosen))
