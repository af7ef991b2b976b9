"""`/organise/<tour>`: the organiser's page, and what everybody else is shown there.

The page holds no data; what it asks for is asked for with the organiser's cookie. `/organise/<tour>/swap/<device>` is
the same page: the code on a spare's card leads there, so that the organiser's camera is the scanner.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from tracker.access import ORGANISERS, AccessBook
from tracker.catalogue import ServedTour
from tracker.organiser import known_tour
from tracker.static_files import StaticFiles

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin",  # `no-referrer` would take the Origin away from what the page asks
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
SIGN_IN_CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
SIGN_IN = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>For the organisers</title>
<style>body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 12vh auto; padding: 0 1rem }</style>
<main>
<h1>For the organisers</h1>
<p>This page is for those who run the tour. Open the link of your invitation on this device, sign in with it,
and come back here.</p>
<p>No invitation yet, or does it no longer open? Whoever set up the tour can make one:
<code>tracker invite FOLDER --role organiser --name “Your name”</code></p>
<section lang="it">
<h2>Per gli organizzatori</h2>
<p>Questa pagina è per chi dirige il tour. Apra su questo dispositivo il link del suo invito, acceda e torni qui.</p>
<p>Non ha un invito, o non si apre più? Lo prepara chi ha allestito il tour.</p>
</section>
</main>
</html>
"""


class OrganisePage:
    def __init__(self, tours: Mapping[str, ServedTour], access: AccessBook, files: StaticFiles) -> None:
        self._tours = tours
        self._access = access
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/organise/{tour}", self.page),
            web.get("/organise/{tour}/swap/{device}", self.page),
        ]

    async def page(self, request: web.Request) -> web.Response:
        tour = known_tour(self._tours, request)
        guest = self._access.guest(tour, request.headers.getall("Cookie", []))
        if guest is None or guest.role not in ORGANISERS:
            headers = HEADERS | {"Content-Security-Policy": SIGN_IN_CSP}
            return web.Response(text=SIGN_IN, status=403, content_type="text/html", headers=headers)
        page = self._files.organiser_page(tour)
        return web.Response(body=page, content_type="text/html", charset="utf-8", headers=HEADERS)
