"""The spectators' pages and what the organiser adds to them: photos, a base map, and who may frame the tour.

Every page may ask this server and the hosts of the organiser's base map, and nobody else: its
Content-Security-Policy says so to the browser.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

from aiohttp import web

from tracker.catalogue import ServedTour
from tracker.static_files import ASK_AGAIN, StaticFiles
from tracker.wire.presentation import presentation, public_files

FILE_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pmtiles": "application/octet-stream",
}
FOR_AN_HOUR = "public, max-age=3600"


def content_security_policy(origins: tuple[str, ...] = (), ancestors: tuple[str, ...] = ()) -> str:
    """What a page may load: all from here, map data and pictures also from `origins`; `ancestors` may frame it."""
    framed_by = " ".join(ancestors) or "'none'"
    also = "".join(f" {origin}" for origin in origins)
    return (
        "default-src 'self'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:{also}; connect-src 'self'{also}; font-src 'self'{also}; object-src 'none'; "
        f"base-uri 'none'; frame-ancestors {framed_by}"
    )


class Pages:
    def __init__(self, tours: Mapping[str, ServedTour], folders: Mapping[str, Path], files: StaticFiles) -> None:
        self._tours = tours
        self._folders = folders
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.dashboard),
            web.get("/tour/{tour}", self.dashboard),
            web.get("/embed", self.embed),
            web.get("/embed/{tour}", self.embed),
            web.get("/arrivals", self.arrivals),
            web.get("/arrivals/{tour}", self.arrivals),
            web.get("/tour-files/{tour}/{name}", self.file),
            web.get("/api/v1/tours/{tour}/presentation", self.presentation),
        ]

    async def dashboard(self, request: web.Request) -> web.Response:
        return self._page(request, "index.html")

    async def embed(self, request: web.Request) -> web.Response:
        """The map alone, for a frame in somebody's page; it keeps nothing in the browser."""
        return self._page(request, "embed.html", framed=True)

    async def arrivals(self, request: web.Request) -> web.Response:
        """The board for the hotel's lobby."""
        return self._page(request, "arrivals.html")

    def _page(self, request: web.Request, name: str, *, framed: bool = False) -> web.Response:
        slug = request.match_info.get("tour", "")
        if slug and slug not in self._tours:
            raise web.HTTPNotFound
        if not slug and len(self._tours) == 1:
            (slug,) = self._tours
        tour = self._tours[slug].tour if slug else None
        origins = tour.base_map.origins if tour and tour.base_map else ()
        ancestors = tour.embed_on if tour and framed else ()
        policy = {
            "Content-Security-Policy": content_security_policy(origins, ancestors),
            "Referrer-Policy": "no-referrer",
        }
        return self._files.page(name, slug).answer(request, policy)

    async def file(self, request: web.Request) -> web.FileResponse:
        """A photo or the PMTiles file that the tour names, from its folder; parts of it by Range."""
        slug, name = request.match_info["tour"], request.match_info["name"]
        served, folder = self._tours.get(slug), self._folders.get(slug)
        if served is None or folder is None or name not in public_files(served.tour):
            raise web.HTTPNotFound
        path = folder / name
        if not path.is_file():
            raise web.HTTPNotFound
        headers = {
            "Cache-Control": FOR_AN_HOUR,
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Type": FILE_TYPES[name.lower().rpartition(".")[2]],
            "X-Content-Type-Options": "nosniff",
        }
        return web.FileResponse(path, headers=headers)

    async def presentation(self, request: web.Request) -> web.Response:
        """The organiser's base map, and the cars of which there is more to tell."""
        served = self._tours.get(request.match_info["tour"])
        if served is None:
            raise web.HTTPNotFound
        body = json.dumps(presentation(served.tour), separators=(",", ":"), ensure_ascii=False).encode()
        etag = blake2b(body, digest_size=8).hexdigest()
        headers = {"Cache-Control": ASK_AGAIN, "ETag": f'"{etag}"', "X-Content-Type-Options": "nosniff"}
        if any(tag.value == etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="application/json", headers=headers)
