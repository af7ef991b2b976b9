"""Pages for those who are invited, and the page that everybody else is shown at the same address.

Neither holds data: what a page shows and does is asked for with the guest's cookie.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from tracker.access import AccessBook
from tracker.catalogue import ServedTour
from tracker.journal.access import GuestRole
from tracker.organiser import known_tour

SIGN_IN_CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "strict-origin",  # `no-referrer` would take the Origin away from what the page asks
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

Handler = Callable[[web.Request], Awaitable[web.Response]]


def guest_page(
    tours: Mapping[str, ServedTour],
    access: AccessBook,
    roles: frozenset[GuestRole],
    page: Callable[[str], bytes],  # of a tour
    sign_in: str,
    headers: Mapping[str, str],
) -> Handler:
    """What answers at the page's address: the page for who has one of the roles, `sign_in` for everybody else."""

    async def get(request: web.Request) -> web.Response:
        tour = known_tour(tours, request)
        guest = access.guest(tour, request.headers.getall("Cookie", []))
        if guest is None or guest.role not in roles:
            door = {**HEADERS, "Content-Security-Policy": SIGN_IN_CSP}
            return web.Response(text=sign_in, status=403, content_type="text/html", headers=door)
        whole = {**HEADERS, **headers}
        return web.Response(body=page(tour), content_type="text/html", charset="utf-8", headers=whole)

    return get
