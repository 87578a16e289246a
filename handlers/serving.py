"""Runs a server: it listens, opens the site, announces it, waits for the stop, and closes."""

import asyncio
import logging
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from importlib import import_module
from typing import Final

from conf.settings.settings import Settings
from handlers.home import EMPTY, EXAMPLES
from handlers.http.connections.connections import Connections
from handlers.urls import make_lanes
from index.runtime.heap import tune_malloc
from server.addresses import bound_port, is_public, listening_url, remove_socket_file
from server.cli.reporting import ProgressReporter
from server.operating.service_manager import Watchdog, notify
from server.services.uploads.automatic_versions import make_version
from server.site import Site
from server.storage.store import Store

log = logging.getLogger(__name__)

Fill = Callable[[Store], Awaitable[None]]

_SWITCH_INTERVAL: Final = 0.0005  # seconds


async def serve(
    settings: Settings,
    sockets: list[socket.socket],
    database: Awaitable[str],
    fill: Fill | None,
    stop: asyncio.Event,
) -> None:
    """Serve on the sockets until `stop` is set.

    `database` gives the URI of MongoDB. `fill` writes to MongoDB before anything is read from it.
    Raises StartError.
    """
    # With the default of 5 ms, threads that prepare the catalogue would hold up the event loop.
    sys.setswitchinterval(_SWITCH_INTERVAL)
    tune_malloc()
    port = bound_port(sockets)
    site = Site(settings, port, make_version)
    _warn_of_hosts(settings, site.addresses.site_url)
    connections = Connections(*make_lanes(site), settings, site.telemetry)
    connections.listen(sockets)
    site.telemetry.start()
    watchdog = Watchdog()
    log.info("starting, process id %d, %s", os.getpid(), listening_url(sockets, settings))
    began = time.monotonic()
    try:
        if await _open(site, database, fill, stop):
            _announce(listening_url(sockets, settings), site)
            watchdog.start()
            notify("READY=1")
            log.info("ready after %.1f s: %d add-ons", time.monotonic() - began, len(site.catalogue))
            await asyncio.to_thread(import_module, "jwt")  # slow to import, and a start does not need it
            await stop.wait()
    finally:
        log.info("stopping")
        notify("STOPPING=1")
        watchdog.close()
        connections.stop()
        remove_socket_file(settings)
        await _close(connections, site, settings.shutdown_timeout)
        log.info("stopped after %.1f s", time.monotonic() - began)
        site.telemetry.close()


def _warn_of_hosts(settings: Settings, site_url: str) -> None:
    """Warn if a public server does not know its own address."""
    is_exposed = settings.socket or is_public(settings.host)
    if is_exposed and settings.site_url is None and not settings.allowed_hosts:
        log.warning(
            "neither SITE_URL nor ALLOWED_HOSTS is set: links begin with %s, and requests for a host that is"
            " not an address or the name of this machine are answered 400; set SITE_URL",
            site_url,
        )


async def _open(site: Site, database: Awaitable[str], fill: Fill | None, stop: asyncio.Event) -> bool:
    """Open the site. Returns False if the stop came before it was ready."""
    reading: ProgressReporter | None = None
    total = 0
    with ExitStack() as stack:

        async def prepare(store: Store) -> None:
            if fill is not None:
                await fill(store)
            nonlocal total
            total = await store.size("addons")

        def show(count: int) -> None:
            nonlocal reading
            if reading is None:  # only if the catalogue is read at all
                reading = stack.enter_context(ProgressReporter("reading the catalogue", total, "add-ons"))
            reading.progress(count)

        opening = asyncio.create_task(site.open(database, show, prepare))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((opening, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not opening.done():
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
            return False
        await opening
    return True


def _announce(url: str, site: Site) -> None:
    print(f"listening on {url}", flush=True)
    if url.startswith("unix:"):
        url = f"curl --unix-socket {url.removeprefix('unix:')} http://localhost"
    if len(site.catalogue):
        print("try " + "\n    ".join(url + path for path in EXAMPLES.values()), flush=True)
    else:
        print(EMPTY, flush=True)


async def _close(connections: Connections, site: Site, timeout: float) -> None:
    """Let requests under way finish, then close everything."""
    try:
        async with asyncio.timeout(timeout / 2):
            await connections.close()
    except TimeoutError:
        log.warning("some requests did not end in time")
    await site.close()
