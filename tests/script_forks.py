"""`python run.py …` in a script of the shell, forked as `Program` is (prefork.py).

    with ScriptForks() as forks:
        (folder / "amoeba").write_text(forks.program)  # python -IS amoeba serve --port 0

What the script starts is a small program that hands its words, environment, folder and open files
over a socket, and ends as the fork does; whoever ends it ends the fork.
"""

import json
import os
import socket
import tempfile
import threading
from multiprocessing.connection import wait
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer
from typing import Final, Self

from tests.prefork import Forked

_PROGRAM: Final = """\
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as forks:
    forks.connect({address!r})
    socket.send_fds(forks, [b"."], [0, 1, 2])
    forks.sendall(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode() + b"\\n")
    sys.exit(int(forks.makefile().read() or 1))
"""
_PATIENCE: Final = 30.0  # seconds a fork may take to end after SIGTERM


class ScriptForks:
    """At its end all of them have ended."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()  # whose path is short, as that of a socket has to be
        address = str(Path(self._folder.name, "forks"))
        self.program = _PROGRAM.format(address=address)
        self._server = ThreadingUnixStreamServer(address, _Attendant)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.1,)).start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()


class _Attendant(StreamRequestHandler):
    """Of one fork, in a thread."""

    _one_by_one = threading.Lock()  # a start looks after all children, and is not meant for several threads

    def handle(self) -> None:
        files = socket.recv_fds(self.connection, 1, 3)[1]
        words, env, folder = json.loads(self.rfile.readline())
        try:
            with self._one_by_one:
                process = Forked(words, env, Path(folder), files)
        finally:
            for file in files:
                os.close(file)
        asker_is_gone = self.connection in wait([process.sentinel, self.connection])  # however long
        if asker_is_gone:
            with self._one_by_one:
                process.terminate()
            wait([process.sentinel], _PATIENCE)
        with self._one_by_one:
            status = process.wait(0)
        if not asker_is_gone:
            self.wfile.write(str(status).encode())
