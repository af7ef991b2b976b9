"""The pages of those who are invited (board, marshal, organiser), and what everybody else is shown there.

The pages hold no data: what they show and do goes by feeds and requests of its own, each with the guest's cookie.
`/organise/<tour>/swap/<device>` is the organiser's page, too: the code on a spare's card leads there, so that the
organiser's camera is the scanner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from tracker.access import CREWS, ORGANISERS, AccessBook
from tracker.catalogue import ServedTour
from tracker.journal.access import GuestRole
from tracker.organiser import known_tour
from tracker.pages import content_security_policy
from tracker.static_files import StaticFiles

HEADERS = {
    "Cache-Control": "no-store",
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
<title>{title}</title>
<style>
body {{ font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 12vh auto; padding: 0 1rem }}
a {{ display: inline-block; padding: 0.75rem 0 }}
</style>
<main>
<h1>{title}</h1>
<p>{english}</p>
<p><a href="/">To the page for everybody</a></p>
<section lang="it">
<h2>{titolo}</h2>
<p>{italiano}</p>
<p><a href="/?lang=it">Alla pagina per tutti</a></p>
</section>
</main>
</html>
"""
FOR_CREWS = SIGN_IN.format(
    title="For crews and marshals",
    english="This page shows who needs help on the road, and is for those who can give it. Open the link of your "
    "invitation on this device, press “Sign in”, and you are here. No invitation yet, or does it no longer open? The "
    "organisers make you a new one in a minute.",
    titolo="Per assistenza e commissari",
    italiano="Questa pagina mostra chi ha bisogno di aiuto sulla strada, ed è per chi può darlo. Apra su questo "
    "dispositivo il link del suo invito, prema “Sign in”, ed è qui. Non ha un invito, o non si apre più? Gli "
    "organizzatori ne fanno uno nuovo in un minuto.",
)
FOR_ORGANISERS = SIGN_IN.format(
    title="For the organisers",
    english="This page is for those who run the tour. Open the link of your invitation on this device, sign in with "
    "it, and come back here. No invitation yet, or does it no longer open? Whoever set up the tour can make one: "
    "<code>tracker invite FOLDER --role organiser --name “Your name”</code>",
    titolo="Per gli organizzatori",
    italiano="Questa pagina è per chi dirige il tour. Apra su questo dispositivo il link del suo invito, acceda e "
    "torni qui. Non ha un invito, o non si apre più? Lo prepara chi ha allestito il tour.",
)


@dataclass(frozen=True, slots=True)
class GuestPage:
    """A page, who may open it, and what everybody else reads there."""

    name: str
    roles: frozenset[GuestRole]
    sign_in: str


GUEST_PAGES: Mapping[str, GuestPage] = {
    "/crew/{tour}": GuestPage("crew.html", CREWS, FOR_CREWS),
    "/marshal/{tour}": GuestPage("marshal.html", CREWS, FOR_CREWS),
    "/organise/{tour}": GuestPage("organise.html", ORGANISERS, FOR_ORGANISERS),
    "/organise/{tour}/swap/{device}": GuestPage("organise.html", ORGANISERS, FOR_ORGANISERS),
}


class GuestPages:
    def __init__(self, tours: Mapping[str, ServedTour], access: AccessBook, files: StaticFiles) -> None:
        self._tours = tours
        self._access = access
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        return [web.get(path, self.page) for path in GUEST_PAGES]

    async def page(self, request: web.Request) -> web.Response:
        tour = known_tour(self._tours, request)
        resource = request.match_info.route.resource
        assert resource is not None, "routes of ours have one"
        page = GUEST_PAGES[resource.canonical]
        guest = self._access.guest(tour, request.headers.getall("Cookie", []))
        if guest is None or guest.role not in page.roles:
            headers = HEADERS | {"Content-Security-Policy": SIGN_IN_CSP}
            return web.Response(text=page.sign_in, status=403, content_type="text/html", headers=headers)
        headers = HEADERS | {"Content-Security-Policy": content_security_policy()}
        return self._files.page(page.name, tour).answer(request, headers)
