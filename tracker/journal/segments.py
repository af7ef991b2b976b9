"""The Segments seam: slices of the past, as the public engine made them, for any hub to serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tracker.wire.segments import Segment

KEPT_MS = 900_000  # so long a slice that was replaced can still be fetched: a manifest in a cache may list it


@dataclass(frozen=True, slots=True)
class Listed:
    """A slice in a leg's manifest."""

    start_ms: int
    hash: str
    size_bytes: int


class Segments(Protocol):
    """They can always be made again from the journal, so no checksum guards them and a backup may be without them.

    A tour has one current slice for each leg and start; `put` replaces it. With an `epoch` that is over it raises
    Deposed, and nothing is stored. The hash is the address: a body that was there is never another.
    """

    async def put(self, slug: str, epoch: int, segments: Sequence[Segment], now_ms: int) -> None:
        """Make these the current ones; let go of what was replaced long ago."""
        ...

    async def listed(self, slug: str, leg: int) -> list[Listed]:
        """The current slices of a leg (from 0), the oldest first."""
        ...

    async def body(self, slug: str, content_hash: str) -> bytes | None:
        """A slice that is current or was not long ago."""
        ...

    async def forget(self, slug: str) -> None:
        """Delete all slices of a tour, for good: what they were made of has changed."""
        ...
