"""`/drive/<token>`: the driver's page, which makes a tracker of any phone with a browser.

The page is the same bytes for every token, known or not: whether a token is good the page learns from `/in/pings`.
What it is made of comes from the build (`web/drive.html`, `web/src/drive/`), its service worker as /drive/worker.js.
"""

from __future__ import annotations

from aiohttp import web

from tracker.static_files import StaticFiles

HEADERS = {
    # A token is in the address: nothing may keep it, pass it on, or be loaded that could read it.
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self), screen-wake-lock=(self), camera=(), microphone=()",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}


class DrivePage:
    def __init__(self, files: StaticFiles) -> None:
        self._page = files.driver_page

    def routes(self) -> list[web.RouteDef]:
        # The worker's name has a dot, which no token has.
        return [web.get(r"/drive/{token:[\w-]+}{slash:/?}", self.page)]

    async def page(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._page, content_type="text/html", charset="utf-8", headers=HEADERS)
