"""Finds common faults of an installation and their remedies: contradicting settings, a full disk, secrets
that others can read, services that cannot be reached, growing queues.

    for finding in await diagnose_host(settings, sources): ...
    for finding in await diagnose_store(settings, store): ...

Thread rule: event loop; blocking checks run in threads, with time limits.
"""

import asyncio
import os
import resource
import shutil
import ssl
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psutil

from conf.mongodb import support_warning
from conf.release import RELEASE
from conf.settings.settings import SETTINGS, Settings
from server.auth.keys.keystores import FILE, find_fault
from server.errors import StartError
from server.operating.findings import Finding, Level, check_settings
from server.operating.local_server import LocalServer
from server.operating.queues import QUEUES, read_queues
from server.packages.validation.linter import find_linter
from server.site_state import State
from server.storage.store import Store
from server.webhooks.endpoints import list_endpoints

_CONNECT_TIMEOUT: Final = 5.0  # seconds for a service to take a connection
_MIN_FREE_BYTES: Final = 2e9
_MIN_FREE_SHARE: Final = 0.05
_MIN_FREE_MEMORY: Final = 500e6  # bytes
_MAX_CLOCK_SKEW: Final = 5.0  # seconds
_MAX_QUEUE_AGE: Final = 3600.0  # seconds
_OTHER_DESCRIPTORS: Final = 256  # that a server has open beside connections


async def diagnose_host(settings: Settings, sources: Mapping[str, str]) -> list[Finding]:
    """Everything but MongoDB; `sources` says where settings that are not defaults were set."""
    findings = [*check_settings(settings), *await asyncio.to_thread(lambda: [*check_host(settings, sources)])]
    findings += [finding async for finding in _check_server(settings)]
    findings += await asyncio.gather(*_check_services(settings))
    return findings


async def diagnose_store(settings: Settings, store: Store) -> list[Finding]:
    """MongoDB, and the queues in it. Raises Unavailable."""
    return [finding async for finding in _check_mongodb(settings, store)]


def check_host(settings: Settings, sources: Mapping[str, str]) -> Iterator[Finding]:
    """Folders, files and limits of this machine."""
    data = Path(settings.data_dir).absolute()
    folder = next(path for path in (data, *data.parents) if path.exists())
    if not os.access(folder, os.W_OK):
        yield Finding("fault", "data folder", f"{folder} cannot be written", "give it to the server's user")
    usage = shutil.disk_usage(folder)
    if usage.free < max(_MIN_FREE_BYTES, usage.total * _MIN_FREE_SHARE):
        text = f"{folder} has {usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB left"
        yield Finding("fault", "disk", text, "make room, or move the data folder (--data-dir)")
    for path, about in ((data, "data folder"), (data / FILE, "secret")):
        if path.exists() and path.stat().st_mode & 0o077:
            mode = "700" if path.is_dir() else "600"
            yield Finding("warning", about, f"others may read {path}", f"chmod {mode} {path}")
    yield from _check_config_file(sources)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    needed = settings.max_connections + _OTHER_DESCRIPTORS
    if limit != resource.RLIM_INFINITY and limit < needed:
        text = f"a process may open {limit} files, fewer than MAX_CONNECTIONS needs ({needed})"
        yield Finding(
            "warning", "open files", text, "raise the limit (LimitNOFILE of the unit), or lower the setting"
        )
    memory = psutil.virtual_memory()
    if memory.available < _MIN_FREE_MEMORY:
        text = f"{memory.available / 1e9:.1f} GB of memory are left"
        yield Finding("warning", "memory", text, "give the machine more, or end something else")
    try:
        find_linter(settings)
    except StartError as fault:
        yield Finding("fault", "addons_linter", str(fault), "install it, or unset ADDONS_LINTER")
    if settings.socket and not Path(settings.socket).parent.is_dir():
        text = f"{Path(settings.socket).parent} is not a folder"
        yield Finding("fault", "socket", text, "make it, for the server's user and the web server's")


def _check_config_file(sources: Mapping[str, str]) -> Iterator[Finding]:
    """Only the server's user should be able to read a file of settings that has secrets."""
    for setting in SETTINGS:
        path = Path(sources.get(setting.name, "").rpartition(":")[0])
        if setting.secret and path.is_file() and path.stat().st_mode & 0o007:
            text = f"others may read {path}, which has {setting.name}"
            yield Finding("warning", "settings", text, f"chmod o= {path}")
            return


async def _check_mongodb(settings: Settings, store: Store) -> AsyncIterator[Finding]:
    version = await store.version()
    if text := support_warning(version, date.today()):
        yield Finding("warning", "MongoDB", text, "use a newer one: server/README.md, under MongoDB")
    else:
        yield Finding("ok", "MongoDB", version)
    status = await store.server_status()
    clock = status.get("localTime")
    if clock is not None and abs(clock.timestamp() - time.time()) > _MAX_CLOCK_SKEW:
        text = (
            f"the clocks of this machine and MongoDB's differ by {abs(clock.timestamp() - time.time()):.0f} s"
        )
        yield Finding("fault", "clock", text, "run an NTP client on both: leases and tokens go by the clock")
    if fault := await find_fault(settings, store):
        yield Finding("fault", "secret", fault, "run.py restore has the one of a backup")
    state = (await State.load(store)).current
    if state.read_only:
        yield Finding("warning", "read-only", "writes are refused", "run.py readonly off")
    for name, queue in (await read_queues(store)).items():
        command = QUEUES[name].command
        if queue.parked:
            remedy = f"run.py {command} status, then retry or drop" if command else "see the log"
            yield Finding("warning", name, f"{queue.parked} records are parked", remedy)
        if queue.oldest > _MAX_QUEUE_AGE:
            text = f"{queue.pending} wait, the oldest for {queue.oldest / 3600:.0f} hours"
            remedy = f"run.py {command} status says why" if command else "is a server running?"
            yield Finding("warning", name, text, remedy)
    for endpoint in await list_endpoints(store):
        if endpoint["disabled"]:
            text = f"{endpoint['url']} receives nothing: {endpoint['disabled']}"
            remedy = f"run.py webhook enable {endpoint['_id']}, or remove"
            yield Finding("warning", f"webhook {endpoint['_id']}", text, remedy)
    if store.bad_documents:
        text = f"{len(store.bad_documents)} documents are damaged"
        yield Finding("fault", "documents", text, "run.py check names them")


async def _check_server(settings: Settings) -> AsyncIterator[Finding]:
    server = LocalServer(settings)
    health = await server.health()
    if health is None:
        yield Finding(
            "warning", "server", f"none answers at {server.address}", "run.py serve, or see its log"
        )
        return
    level: Level = "ok" if health.get("ready") else "warning"
    yield Finding(level, "server", f"{'ready' if level == 'ok' else 'starting'} at {server.address}")
    if bad := (health.get("bad_documents") or {}).get("count"):
        yield Finding("fault", "documents", f"{bad} documents are damaged", "run.py check names them")
    running = await server.release()
    if running and running != RELEASE:
        text = f"release {running} runs, {RELEASE} is installed"
        yield Finding("warning", "server", text, "restart it")


def _check_services(settings: Settings) -> Iterator[Coroutine[Any, Any, Finding]]:
    """Checks whether the services that the settings name accept a connection."""
    urls = {"basket_url": settings.basket_url, "recommendation_url": settings.recommendation_url}
    for name, url in urls.items():
        if url:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            yield _check_connection(name, parts.hostname or "", port, parts.scheme == "https")
    if settings.email_sending:
        is_tls = settings.smtp_security == "tls"
        yield _check_connection("smtp_host", settings.smtp_host, settings.smtp_port, is_tls)


async def _check_connection(name: str, host: str, port: int, is_tls: bool) -> Finding:
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT):
            context = ssl.create_default_context() if is_tls else None
            _, writer = await asyncio.open_connection(host, port, ssl=context)
            writer.close()
    except (OSError, TimeoutError) as fault:
        text = f"{host}, port {port}, cannot be reached: {fault or 'no answer'}"
        return Finding(
            "fault", name, text, "is the address right, is it up, does a firewall let this machine out?"
        )
    return Finding("ok", name, f"{host} accepts connections")
