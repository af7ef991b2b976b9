"""A websocket client made of bytes, for saying what no library would say."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
PATIENCE_S = 5.0
FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10
CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


def frame(opcode: int, payload: bytes = b"", *, first: int = FIN, masked: bool = True) -> bytes:
    """A frame with a right length; `first` holds the FIN and reserved bits. The mask is zero, which is allowed."""
    return header(opcode, len(payload), first=first, masked=masked) + payload


def header(opcode: int, length: int, *, first: int = FIN, masked: bool = True) -> bytes:
    """A frame up to its payload, whatever may follow."""
    mask_bit = 0x80 if masked else 0
    if length < 126:
        declared = bytes([mask_bit | length])
    elif length < 65536:
        declared = bytes([mask_bit | 126]) + length.to_bytes(2)
    else:
        declared = bytes([mask_bit | 127]) + length.to_bytes(8)
    return bytes([first | opcode]) + declared + (b"\0\0\0\0" if masked else b"")


def request(path: str, *changes: tuple[str, str | None], line: str = "GET {path} HTTP/1.1") -> bytes:
    """An opening handshake; each change sets a header or (None) leaves it out."""
    headers: dict[str, str | None] = {
        "Host": "127.0.0.1",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
    }
    headers.update(changes)
    lines = [line.format(path=path), *(f"{name}: {value}" for name, value in headers.items() if value is not None)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass
class Raw:
    """A connection that no library reads for us."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def connect(cls, port: int) -> Raw:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def status(self) -> int:
        """The status of the next HTTP answer."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1])

    async def open(self, path: str) -> None:
        self.writer.write(request(path))
        assert await self.status() == 101

    async def next_frame(self) -> tuple[int, bytes]:
        """(first byte, payload) of the server's next frame."""
        async with asyncio.timeout(PATIENCE_S):
            first, length = await self.reader.readexactly(2)
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2))
            return first, await self.reader.readexactly(length)

    async def close_code(self) -> int:
        """Read to the server's close frame and then to the end of the connection."""
        while True:
            first, payload = await self.next_frame()
            if first == FIN | CLOSE:
                await self.gone()
                return int.from_bytes(payload[:2]) if payload else 1005

    async def gone(self) -> None:
        """Return when the server has said its last; a reset would be an OSError."""
        async with asyncio.timeout(PATIENCE_S):
            assert await self.reader.read() == b""

    async def hang_up(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


Dial = Callable[[int], Awaitable[Raw]]  # connect to a port, until the test ends
