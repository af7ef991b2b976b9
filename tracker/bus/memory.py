"""The bus within one process: a message is delivered before `publish` returns, so nothing can overflow or be lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable


class MemoryBus:
    """`Bus` for everything in one process. `on_lost` is never called: there is no connection to break."""

    def __init__(self) -> None:
        self.dropped = 0
        self._handlers: defaultdict[str, list[Callable[[bytes], None]]] = defaultdict(list)

    def publish(self, topic: str, data: bytes) -> bool:
        for handler in tuple(self._handlers.get(topic, ())):
            handler(data)
        return True

    async def subscribe(
        self, topic: str, on_message: Callable[[bytes], None], on_lost: Callable[[], None]
    ) -> Callable[[], Awaitable[None]]:
        del on_lost
        self._handlers[topic].append(on_message)

        async def unsubscribe() -> None:
            self._handlers[topic].remove(on_message)

        return unsubscribe

    async def close(self) -> None:
        self._handlers.clear()
