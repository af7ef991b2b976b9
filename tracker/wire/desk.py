"""The desk as a message: docs/crew.md in code. Pure. Only crews get it; nothing public is made of it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgpack

DESK = 3  # the first element of the message; the others are `frames`'


class DeskMessage(NamedTuple):
    """What travels on the bus: whose epoch it is, and the very bytes that crews get."""

    epoch: int
    message: bytes


def encode_desk(now_ms: int, body: bytes) -> bytes:
    packed: bytes = msgpack.packb([DESK, now_ms, body])
    return packed


def desk_body(document: Mapping[str, Any]) -> bytes:
    return zlib.compress(msgpack.packb(document), 6)


def decode_desk(message: bytes) -> tuple[int, dict[str, Any]]:
    """(now_ms, document) of a desk message. Raises ValueError for other bytes."""
    kind, now_ms, body = msgpack.unpackb(message)
    if kind != DESK:
        raise ValueError("this is no desk message")
    try:
        document: dict[str, Any] = msgpack.unpackb(zlib.decompress(body), strict_map_key=False)
    except zlib.error as error:
        raise ValueError("the desk's body is damaged") from error
    return now_ms, document


def encode_for_bus(epoch: int, message: bytes) -> bytes:
    packed: bytes = msgpack.packb([epoch, message])
    return packed


def decode_from_bus(packed: bytes) -> DeskMessage:
    epoch, message = msgpack.unpackb(packed)
    return DeskMessage(epoch, message)
