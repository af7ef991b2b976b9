"""`/crew/<tour>` and `/marshal/<tour>`: the pages of those who are invited, and what everybody else is shown there.

The pages hold no data. What they show comes over the crew feed, what they do goes out as decisions (`docs/crew.md`),
both with the guest's cookie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

from tracker.access import CREWS, AccessBook
from tracker.catalogue import ServedTour
from tracker.organiser import known_tour
from tracker.pages import content_security_policy
from tracker.static_files import StaticFiles

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": content_security_policy(),
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), screen-wake-lock=(self)",
    "Referrer-Policy": "strict-origin",  # `no-referrer` would take the Origin away from what the page decides
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
SIGN_IN_CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
SIGN_IN = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>For crews and marshals</title>
<style>
body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 12vh auto; padding: 0 1rem }
a { display: inline-block; padding: 0.75rem 0 }
</style>
<main>
<h1>For crews and marshals</h1>
<p>This page shows who needs help on the road, and is for those who can give it. Open the link of your invitation on
this device, press “Sign in”, and you are here.</p>
<p>No invitation yet, or does it no longer open? The organisers make you a new one in a minute.</p>
<p><a href="/">To the page for everybody</a></p>
<section lang="it">
<h2>Per assistenza e commissari</h2>
<p>Questa pagina mostra chi ha bisogno di aiuto sulla strada, ed è per chi può darlo. Apra su questo dispositivo il link
del suo invito, prema “Sign in”, ed è qui.</p>
<p>Non ha un invito, o non si apre più? Gli organizzatori ne fanno uno nuovo in un minuto.</p>
<p><a href="/?lang=it">Alla pagina per tutti</a></p>
</section>
</main>
</html>
"""


class CrewPages:
    def __init__(self, tours: Mapping[str, ServedTour], access: AccessBook, files: StaticFiles) -> None:
        self._tours = tours
        self._access = access
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/crew/{tour}", self.crew), web.get("/marshal/{tour}", self.marshal)]

    async def crew(self, request: web.Request) -> web.Response:
        return self._page(request, self._files.crew_page)

    async def marshal(self, request: web.Request) -> web.Response:
        return self._page(request, self._files.marshal_page)

    def _page(self, request: web.Request, page: Callable[[str], bytes]) -> web.Response:
        tour = known_tour(self._tours, request)
        guest = self._access.guest(tour, request.headers.getall("Cookie", []))
        if guest is None or guest.role not in CREWS:
            headers = HEADERS | {"Content-Security-Policy": SIGN_IN_CSP}
            return web.Response(text=SIGN_IN, status=403, content_type="text/html", headers=headers)
        return web.Response(body=page(tour), content_type="text/html", charset="utf-8", headers=HEADERS)
