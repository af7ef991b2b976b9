"""`/organise/<tour>`: the organiser's page, and what everybody else is shown there.

The page holds no data; what it asks for is asked for with the organiser's cookie. `/organise/<tour>/swap/<device>` is
the same page: the code on a spare's card leads there, so that the organiser's camera is the scanner.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from tracker.access import ORGANISERS, AccessBook
from tracker.catalogue import ServedTour
from tracker.guestpages import guest_page
from tracker.static_files import StaticFiles

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
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
        self._page = guest_page(tours, access, ORGANISERS, files.organiser_page, SIGN_IN, HEADERS)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/organise/{tour}", self._page),
            web.get("/organise/{tour}/swap/{device}", self._page),
        ]
