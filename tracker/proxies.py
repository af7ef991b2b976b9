"""Who is behind a proxy: X-Forwarded-For is believed from proxies that we were told of, and from nobody else."""

from __future__ import annotations

import ipaddress

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tracker.errors import SettingsError

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


def parse_networks(text: str) -> Networks:
    """Addresses and networks, separated by commas. Raises SettingsError for what is neither."""
    networks = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(part))
        except ValueError:
            raise SettingsError(f"--trusted-proxy: {part!r} is no address or network; write 10.0.0.0/8,::1") from None
    return tuple(networks)


def client_of(peer: str, forwarded_for: str, trusted: Networks) -> str:
    """The address that the nearest trusted proxy saw: what a client wrote to the left of that is its own invention."""
    client = peer
    for claimed in reversed(forwarded_for.split(",")):
        if not _is_in(client, trusted):
            break
        try:
            client = str(ipaddress.ip_address(claimed.strip()))
        except ValueError:
            break
    return client


def behind(trusted: Networks) -> Middleware:
    """A middleware after which `request.remote` is the client and not the proxy."""

    @web.middleware
    async def client_address(request: web.Request, handler: Handler) -> web.StreamResponse:
        forwarded_for = request.headers.getall("X-Forwarded-For", ())  # some proxies add a line, others to the line
        if forwarded_for and request.remote is not None:
            request = request.clone(remote=client_of(request.remote, ",".join(forwarded_for), trusted))
        return await handler(request)

    return client_address


def _is_in(address: str, networks: Networks) -> bool:
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in networks)
