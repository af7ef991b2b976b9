"""What an engine makes beside its frames, for who asks its leader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tracker.core.engine import Engine


class Sideline(Protocol):
    """Something else that an engine makes now and then, in slices: it never holds up a beat for long."""

    wanted_as: bytes  # how hubs ask for it

    def want(self) -> None:
        """Somebody asks for what there is."""
        ...

    async def work(self, engine: Engine, epoch: int, now_ms: int, is_pressed: Callable[[], bool]) -> None:
        """Do what is due, of an engine that owes nothing. Leaves off soon once `is_pressed` and goes on next time."""
        ...

    async def stop(self) -> None:
        """Let what is under way arrive; nothing follows."""
        ...
