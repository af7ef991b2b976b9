"""`/crew/<tour>/radio` and `radio.txt`: how it stands, to be read aloud, over one bar of signal, without script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from aiohttp import web

from tracker.access import CREWS, AccessBook, or_later
from tracker.catalogue import ServedTour
from tracker.hub import Hub
from tracker.organiser import known_tour
from tracker.wire.radiowords import LANGUAGES, radio_lines

RELOAD_S = 30
STALE_S = 30.0  # a crew feed says something every 5 s
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:600 clamp(1.5rem,4.5vw,2.75rem)/1.3 system-ui,sans-serif}"
    "body{margin:1rem auto;padding:0 1rem;max-width:46rem}"
    "h1{font-size:1rem;font-weight:400;margin:0 0 1rem}"
    "p{margin:0 0 .7em;text-wrap:balance}nav{font-size:1rem;font-weight:400;margin-top:2rem}"
    "nav a{display:inline-block;padding:.8rem .8rem .8rem 0;color:inherit}"
    "@media print{body{font-size:22pt;color:#000}nav{display:none}@page{margin:15mm}}"
)


class RadioRoom:
    def __init__(self, tours: Mapping[str, ServedTour], hub: Hub, access: AccessBook) -> None:
        self._tours = tours
        self._hub = hub
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/crew/{tour}/radio", or_later(self.page)),
            web.get("/crew/{tour}/radio.txt", or_later(self.text)),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """The sentences in large type; loads itself anew."""
        tour, language, lines = await self._lines(request)
        response = web.Response(text=document(tour, language, lines), content_type="text/html", headers=HEADERS)
        response.enable_compression()
        return response

    async def text(self, request: web.Request) -> web.Response:
        """The same, nothing else."""
        _, _, lines = await self._lines(request)
        return web.Response(text="\n".join([*lines, ""]), content_type="text/plain", charset="utf-8", headers=HEADERS)

    async def _lines(self, request: web.Request) -> tuple[str, str, list[str]]:
        """The tour, the language, and what is to be said."""
        slug = known_tour(self._tours, request)
        await self._access.admit(request, slug, CREWS, "the radio room")
        asked = request.query.get("lang", "en")
        language = asked if asked in LANGUAGES else "en"
        feed = self._hub.crew_feeds[slug]
        stale = feed.now_ms() - feed.state.now_ms > STALE_S * 1000 * max(feed.state.rate, 1.0)
        stale_since_ms = feed.state.now_ms if stale else None
        document = self._hub.desks[slug].document if feed.state.position is not None else {}
        return slug, language, radio_lines(self._tours[slug].tour, document, feed.now_ms(), stale_since_ms, language)


def document(tour: str, language: str, lines: list[str]) -> str:
    words = LANGUAGES[language]
    other = "it" if language == "en" else "en"
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    links = (
        f'<a href="/crew/{escape(tour)}">{words["board"]}</a> <a href="?lang={other}" lang="{other}">'
        f"{'Italiano' if other == 'it' else 'English'}</a>"
    )
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="{RELOAD_S}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{words['title']}</title><style>{STYLE}</style><main><h1>{words['title']}</h1>{body}</main><nav>{links}</nav></html>\n"
    )
