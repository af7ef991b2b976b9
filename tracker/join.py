"""`/join/<token>`: where an invitation is exchanged for a cookie.

Opening the link only shows a button, so that a messenger's preview or a mail scanner does not use it up. The page is
the same bytes for every token, known or not, and so is the refusal.
"""

from __future__ import annotations

from aiohttp import web

from tracker.access import ORGANISERS, AccessBook, cookie_name, or_later
from tracker.journal.access import GuestRole
from tracker.origins import acts_from_own_page

HEADERS = {
    # A token is in the address: nothing may keep it or pass it on. `no-referrer` would also take the Origin away.
    "Cache-Control": "no-store",
    "Referrer-Policy": "strict-origin",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ font: 1.125rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 15vh auto; padding: 0 1.25rem }}
button {{ font: inherit; font-weight: 600; padding: 0.75rem 1.5rem; min-height: 3rem; width: 100% }}
</style>
<main>
<h1>{title}</h1>
{body}
</main>
</html>
"""
INVITED = PAGE.format(
    title="You are invited",
    body='<p>This signs you in on this device.</p>\n<form method="post"><button>Sign in</button></form>',
)
NOT_VALID = PAGE.format(
    title="This link does not open anything",
    body="<p>It may have ended or been used on too many devices. Ask the organiser for a new one.</p>",
)


class JoinPage:
    def __init__(self, book: AccessBook, public_url: str | None) -> None:
        self._book = book
        self._secure = (public_url or "").startswith("https:")

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/join/{token}", self.page), web.post("/join/{token}", or_later(self.join))]

    async def page(self, _request: web.Request) -> web.Response:
        return _html(INVITED, 200)

    async def join(self, request: web.Request) -> web.Response:
        if not acts_from_own_page(request):
            raise web.HTTPForbidden
        joined = await self._book.join(request.match_info["token"])
        if joined is None:
            return _html(NOT_VALID, 403)
        guest, token = joined
        page = "organise" if guest.role in ORGANISERS else "marshal" if guest.role is GuestRole.MARSHAL else "crew"
        response = web.Response(status=303, headers=HEADERS | {"Location": f"/{page}/{guest.tour}"})
        response.set_cookie(
            cookie_name(guest.tour),
            token,
            max_age=self._book.seconds_left(guest),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )
        return response


def _html(page: str, status: int) -> web.Response:
    return web.Response(text=page, status=status, content_type="text/html", headers=HEADERS)
