"""The body of a request, read with a limit and a deadline."""

from __future__ import annotations

import asyncio

from aiohttp import web


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
    if len(body) > limit_bytes:
        raise BodyRefused(413, "body too long")
    return body
