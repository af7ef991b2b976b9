"""`/crew/<tour>` and `/marshal/<tour>`: the pages of those who are invited, and what everybody else is shown there.

What they show comes over the crew feed, what they do goes out as decisions (`docs/crew.md`).
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from tracker.access import CREWS, AccessBook
from tracker.catalogue import ServedTour
from tracker.guestpages import guest_page
from tracker.pages import content_security_policy
from tracker.static_files import StaticFiles

HEADERS = {
    "Content-Security-Policy": content_security_policy(),
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), screen-wake-lock=(self)",
}
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
        self._crew = guest_page(tours, access, CREWS, files.crew_page, SIGN_IN, HEADERS)
        self._marshal = guest_page(tours, access, CREWS, files.marshal_page, SIGN_IN, HEADERS)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/crew/{tour}", self._crew), web.get("/marshal/{tour}", self._marshal)]
