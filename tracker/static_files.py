"""The built pages: an index of files made at start, so that no request can name anything else."""

from __future__ import annotations

import gzip
import html
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from aiohttp import web

STATIC = Path(__file__).parent / "static"
PRECOMPRESSED = {"br": ".br", "gzip": ".gz"}
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_DAY = "public, max-age=86400"
ASK_AGAIN = "no-cache"
PAGES = (  # for a tour, which is written into them
    "index.html",
    "embed.html",
    "arrivals.html",
    "crew.html",
    "marshal.html",
    "organise.html",
)
TOUR_PLACEHOLDER = "__TOUR__"
NOT_BUILT = (
    "<!doctype html><title>Milepost</title><p>The pages are not built yet: run <code>make web</code>. "
    "The API is at <a href='/api/v1/tours'>/api/v1/tours</a>."
)


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file in memory with its compressed forms, as the build left them beside it."""

    content_type: str
    cache: str
    bodies: dict[str, bytes]  # by content coding; "" is the file itself

    def answer(self, request: web.Request, headers: Mapping[str, str] = MappingProxyType({})) -> web.Response:
        """The file in the smallest form that the client takes, with more headers of the page's own."""
        accepted = {coding.split(";")[0].strip() for coding in request.headers.get("Accept-Encoding", "").split(",")}
        coding = next((each for each in PRECOMPRESSED if each in accepted and each in self.bodies), "")
        own = {
            "Cache-Control": self.cache,
            "Content-Type": self.content_type,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if coding:
            own["Content-Encoding"] = coding
        return web.Response(body=self.bodies[coding], headers=own | dict(headers))


class StaticFiles:
    """Every file below `root` by its path; assets whose name carries a hash may be cached for ever."""

    def __init__(self, root: Path = STATIC) -> None:
        self.files: dict[str, StaticFile] = {}
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix not in PRECOMPRESSED.values():
                name = path.relative_to(root).as_posix()
                self.files[name] = _read(path, FOR_EVER if name.startswith("assets/") else FOR_A_DAY)
        self._pages = {name: self._take_page(name).decode() for name in PAGES}
        self._written: dict[tuple[str, str], StaticFile] = {}
        self.driver_page = self._take_page("drive.html")

    def _take_page(self, name: str) -> bytes:
        """A page that has a route of its own, with the headers that it needs."""
        page = self.files.pop(name, None)
        return page.bodies[""] if page else NOT_BUILT.encode()

    def page(self, name: str, tour: str) -> StaticFile:
        """A page for a tour that is served here ("" lets the page ask which tours there are)."""
        written = self._written.get((name, tour))
        if written is None:
            body = self._pages[name].replace(TOUR_PLACEHOLDER, html.escape(tour, quote=True)).encode()
            written = StaticFile("text/html; charset=utf-8", ASK_AGAIN, {"": body, "gzip": gzip.compress(body)})
            self._written[name, tour] = written
        return written


def _read(path: Path, cache: str) -> StaticFile:
    bodies = {"": path.read_bytes()}
    for coding, suffix in PRECOMPRESSED.items():
        beside = path.with_name(path.name + suffix)
        if beside.is_file():
            bodies[coding] = beside.read_bytes()
    guessed = {".woff2": "font/woff2", ".geojson": "application/geo+json", ".mjs": "text/javascript"}.get(path.suffix)
    content_type = guessed or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return StaticFile(content_type, cache, bodies)
