"""The addresses of the site: the URL that links in answers begin with, and the hosts that requests may name
(contract/versions.md 13).

    addresses = resolve_addresses(settings, 8000)
    addresses.site_url              -> SITE_URL, else the first of ALLOWED_HOSTS, else where it listens
    addresses.serves("localhost:8000")

If SITE_URL is set, every link in answers begins with it, and any Host header is accepted.
Otherwise `next` begins with the caller's Host. An unknown Host must be refused then, because
a shared cache would serve the answer to others.
"""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import psutil
from tornado.netutil import bind_sockets, bind_unix_socket

from conf.settings.settings import Settings
from server.embedded.sockets import is_listening
from server.errors import StartError

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
# Addresses that listen on all interfaces -> the address that local callers use.
_WILDCARDS: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
_ANY_HOST: Final = "*"
_MAX_ADDRESS: Final = 64  # IPv6 with the name of an interface
_INTERFACE_BITS: Final = 64  # of an IPv6 address


@dataclass(frozen=True, slots=True)
class Addresses:
    site_url: str
    is_fixed: bool  # by SITE_URL
    hosts: frozenset[str]  # lower case, without port
    domains: tuple[str, ...]  # ".example.org": the domain and all below it

    def serves(self, host: str) -> bool:
        """Whether a Host header names this site, its port aside."""
        if self.is_fixed or _ANY_HOST in self.hosts:
            return True
        name = _without_port(host).lower()
        return name in self.hosts or f".{name}".endswith(self.domains)


def resolve_addresses(settings: Settings, port: int) -> Addresses:
    """The addresses of a server that listens on `settings.host` and a port."""
    allowed = [name.lower() for name in settings.allowed_hosts]
    first = next((name for name in allowed if not name.startswith((".", _ANY_HOST))), None)
    local = local_url(settings.host, port)
    local_hosts = _machine_names() if settings.host in _WILDCARDS else {_bracketed(settings.host).lower()}
    return Addresses(
        site_url=(settings.site_url or (f"http://{first}:{port}" if first else local)).rstrip("/"),
        is_fixed=settings.site_url is not None,
        hosts=frozenset({*allowed, *_LOOPBACK, *local_hosts}),
        domains=tuple(name for name in allowed if name.startswith(".")),
    )


def local_url(host: str, port: int) -> str:
    """The URL by which callers on this machine reach a server that listens on `host`."""
    return f"http://{_bracketed(_WILDCARDS.get(host, host))}{f':{port}' if port else ''}"


def is_public(host: str) -> bool:
    """Whether other machines reach a server that listens on `host`."""
    return _bracketed(host.lower()) not in _LOOPBACK and not host.startswith("127.")


def listening_url(sockets: Sequence[socket.socket], settings: Settings) -> str:
    """The address of a listening socket, as people read it."""
    if settings.socket:
        return f"unix:{settings.socket}"
    return local_url(settings.host, bound_port(sockets))


def bound_port(sockets: Sequence[socket.socket]) -> int:
    """The port of a bound address; 0 for a unix socket."""
    return 0 if sockets[0].family == socket.AF_UNIX else int(sockets[0].getsockname()[1])


def _bind_unix(path: Path) -> socket.socket:
    """A socket that its group may use, because the web server is another user. Raises StartError."""
    try:
        if path.exists() and is_listening(path):
            raise StartError(f"cannot listen on {path}: another server does; name another with SOCKET")
        return bind_unix_socket(str(path), mode=0o660)
    except (OSError, ValueError) as fault:
        raise StartError(f"cannot listen on {path}: {getattr(fault, 'strerror', fault)}") from fault


def remove_socket_file(settings: Settings) -> None:
    """Remove the socket's file, if there is one."""
    if settings.socket:
        Path(settings.socket).unlink(missing_ok=True)


def _machine_names() -> set[str]:
    """The addresses and the name of this machine."""
    interface_addresses = [address for addresses in psutil.net_if_addrs().values() for address in addresses]
    families = (socket.AF_INET, socket.AF_INET6)
    ip_addresses = {
        _bracketed(interface.address.partition("%")[0])
        for interface in interface_addresses
        if interface.family in families
    }
    return {*ip_addresses, socket.gethostname().lower()}


def _bracketed(host: str) -> str:
    """A host as it is written in URLs: IPv6 addresses are in brackets."""
    return f"[{host}]" if ":" in host else host


def _without_port(host: str) -> str:
    name, colon, _ = host.rpartition(":")
    return name if colon and not host.endswith("]") else host


def bind(settings: Settings) -> list[socket.socket]:
    """The sockets to listen on, bound before anything else, so that a port in use fails at once.

    Raises StartError, which names the port or path.
    """
    if settings.socket:
        return [_bind_unix(Path(settings.socket))]
    try:
        return bind_sockets(settings.port, settings.host, reuse_port=settings.reuse_port)
    except OSError as fault:
        raise StartError(
            f"cannot listen on {settings.host}, port {settings.port}: {fault.strerror};"
            " name others with --host and --port"
        ) from fault


@lru_cache(maxsize=4096)
def is_listed(peer: str, networks: tuple[str, ...]) -> bool:
    """Whether an address is one of the addresses, or in one of the networks."""
    if not is_address(peer):
        return False
    ip = ipaddress.ip_address(peer)
    return any(ip in ipaddress.ip_network(network, strict=False) for network in networks)


def is_address(value: str) -> bool:
    """Whether it is a valid IPv4 or IPv6 address."""
    if len(value) > _MAX_ADDRESS:
        return False
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def client_network(address: str) -> str:
    """The client that rate limits count: an IPv4 address, or the /64 network of an IPv6 address, all of which
    one client has.
    """
    if ":" not in address or not is_address(address):
        return address
    ip = ipaddress.IPv6Address(address.partition("%")[0])
    return str(ip.ipv4_mapped or ipaddress.IPv6Address(int(ip) >> _INTERFACE_BITS << _INTERFACE_BITS))
