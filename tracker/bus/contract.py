"""The Bus seam: bytes on topics, carried for speed. What it loses is found again in the journal or a snapshot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol


class Bus(Protocol):
    """Publish and subscribe.

    Delivery: at most once; a message that finds no subscriber is gone. Order: what one publisher sends on one topic
    arrives in that order. `on_message` is called on the event loop, must return quickly and must not raise.
    Overflow and reconnects: whenever messages may have been missed (a broken connection mended, a buffer that
    overflowed, a stalled subscription noticed) `on_lost` is called before the next message; the subscriber then
    repairs itself from the journal or asks for a snapshot.
    `publish` never waits and never raises for a bus that is down; False says that the message was dropped at once.
    """

    dropped: int  # messages that were given up so far

    def publish(self, topic: str, data: bytes) -> bool: ...

    async def subscribe(
        self, topic: str, on_message: Callable[[bytes], None], on_lost: Callable[[], None]
    ) -> Callable[[], Awaitable[None]]:
        """Start delivering; returns the function that stops it."""
        ...

    async def close(self) -> None: ...


DESK_WANT = b"desk"  # what hubs ask for on the topic of wants, beside the audiences' names


def pings_topic(tour: str) -> str:
    """Newly journalled records of a tour: msgpack [first_seq, [[stored_at_ms, kind, payload], ...]]."""
    return f"pings.{tour}"


def frames_topic(tour: str, audience: str) -> str:
    """Frames for an audience, "public" or "crew": the very bytes that spectators get."""
    return f"frames.{tour}.{audience}"


def forecast_topic(tour: str) -> str:
    """Now and then when every vehicle will be where, for spectators: `wire.forecast`."""
    return f"forecast.{tour}"


def wants_topic(tour: str) -> str:
    """Hubs ask the engine for a key frame (b"public" or b"crew"), a forecast (b"forecast") or the desk (b"desk") when
    they start or noticed a gap."""
    return f"wants.{tour}"


def desk_topic(tour: str) -> str:
    """The desk, for crews: msgpack [epoch, the message that they get]."""
    return f"desk.{tour}"
