"""`live.geojson`: the live state for other people's maps, encoded at most once per beat however many ask."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass

from aiohttp import web

from tracker.feed import TourFeed
from tracker.hub import Hub
from tracker.wire.frames import Position
from tracker.wire.projection import feature_collection

CACHE_S = 2  # what lies between us and the reader may answer for so long
COMPRESSION_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Encoded:
    """The document at a position of the feed."""

    position: Position | None
    plain: bytes
    gzipped: bytes

    @property
    def etag(self) -> str:
        return "{}-{}".format(*self.position) if self.position else "empty"


class LiveGeoJson:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._encoded: dict[str, Encoded] = {}
        self.encodings = 0

    async def get(self, request: web.Request) -> web.Response:
        feed = self._hub.feeds.get(request.match_info["tour"])
        if feed is None:
            raise web.HTTPNotFound
        document = self._current(feed)
        headers = {
            "Access-Control-Allow-Origin": "*",  # everybody may know it, so every page may ask
            "Cache-Control": f"public, max-age={CACHE_S}",
            "ETag": f'W/"{document.etag}"',
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        known = request.if_none_match or ()
        if any(tag.value in (document.etag, "*") for tag in known):
            return web.Response(status=304, headers=headers)
        body = document.plain
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            body = document.gzipped
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, content_type="application/geo+json", headers=headers)

    def _current(self, feed: TourFeed) -> Encoded:
        encoded = self._encoded.get(feed.tour)
        if encoded is None or encoded.position != feed.state.position:
            collection = feature_collection(feed.state)
            plain = json.dumps(collection, separators=(",", ":"), ensure_ascii=False).encode()
            encoded = Encoded(feed.state.position, plain, gzip.compress(plain, COMPRESSION_LEVEL))
            self._encoded[feed.tour] = encoded
            self.encodings += 1
        return encoded
