"""Whose page a browser's request comes from. Cookies come along whoever asks, so what acts asks this first."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web


def is_own(origins: Sequence[str], hosts: Sequence[str], others: frozenset[str] = frozenset()) -> bool:
    """Whether the one Origin header names the host that was asked, or one that the organiser named."""
    own = {f"{scheme}://{host}" for host in hosts for scheme in ("http", "https")}
    return len(origins) == 1 and (origins[0] in own or origins[0] in others)


def acts_from_own_page(request: web.Request) -> bool:
    """For requests that change something. Browsers send Origin with every POST; nobody else holds our cookies."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return site == "same-origin" and is_own(request.headers.getall("Origin", []), request.headers.getall("Host", []))
