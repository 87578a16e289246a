"""The sockets a server listens on, taken before anything else is begun: a taken port costs nothing."""

import socket

from tornado.netutil import bind_sockets

from conf.settings.settings import Settings
from server.errors import StartError


def bind(settings: Settings) -> list[socket.socket]:
    """Raises StartError, which names the port."""
    try:
        return bind_sockets(settings.port, settings.host)
    except OSError as fault:
        raise StartError(
            f"cannot listen on {settings.host}, port {settings.port}: {fault.strerror};"
            " name others with --host and --port"
        ) from fault
