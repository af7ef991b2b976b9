"""The body of a request, read with a limit and a deadline.

A compressed one is unpacked here, up to the same limit. aiohttp would do it as the bytes arrive, whoever sends them,
and 200 kB that hold 200 MB keep the loop for two seconds: servers are made with `auto_decompress=False`.
"""

from __future__ import annotations

import asyncio
import zlib

from aiohttp import web

COMPRESSED = ("gzip", "x-gzip", "deflate")


class BodyRefused(Exception):
    """The status to answer with, and the reason in a few words."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


async def read_body(request: web.Request, limit_bytes: int, deadline_s: float) -> bytes:
    """The whole body. Raises BodyRefused."""
    content = request.content
    if (request.content_length or 0) > limit_bytes:
        raise BodyRefused(413, "body too long")
    if content.is_eof():  # it came together with the headers, as the bodies of phones do
        body = content.read_nowait()
    else:
        parts = bytearray()
        try:
            async with asyncio.timeout(deadline_s):
                while len(parts) <= limit_bytes and (part := await content.readany()):
                    parts += part
        except TimeoutError:
            raise BodyRefused(408, "body too slow") from None
        except ConnectionError:  # the phone lost its network: it will send again, and nobody reads the answer
            raise BodyRefused(400, "connection lost") from None
        body = bytes(parts)
    if request.headers.get("Content-Encoding", "").lower() in COMPRESSED:
        body = _unpacked(body, limit_bytes)
    if len(body) > limit_bytes:
        raise BodyRefused(413, "body too long")
    return body


def _unpacked(body: bytes, limit_bytes: int) -> bytes:
    """What it holds, or a little more than the limit of it; what is broken or cut off stays as it is."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or deflate, by the first bytes
    try:
        plain = unpacker.decompress(body, limit_bytes + 1)
    except zlib.error:
        return body
    return plain if unpacker.eof or len(plain) > limit_bytes else body
