"""Who may send right now: devices of all tours, by token and by the number of an unattended box.

Read again every two seconds, so that a device that was added, moved or revoked counts soon, in every ingest process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tracker.devices import Sender, senders_by_number, senders_by_token
from tracker.journal.contract import Store
from tracker.refresher import Refresher

OnSenders = Callable[[Mapping[str, Sender], Mapping[str, Sender]], None]  # by token, by number


class SenderBook:
    """Tells `on_senders` whenever they changed."""

    def __init__(self, store: Store, key: bytes, on_senders: OnSenders) -> None:
        self._store = store
        self._key = key
        self._on_senders = on_senders
        self._refresher = Refresher("senders", self.refresh)
        self._known: tuple[dict[str, Sender], dict[str, Sender]] | None = None

    async def start(self) -> None:
        await self._refresher.start()

    async def stop(self) -> None:
        await self._refresher.stop()

    async def refresh(self) -> None:
        by_token: dict[str, Sender] = {}
        by_number: dict[str, Sender] = {}
        for slug in await self._store.tours():
            devices = await self._store.devices(slug)
            by_token |= senders_by_token(self._key, slug, devices)
            by_number |= senders_by_number(slug, devices)
        if (by_token, by_number) != self._known:
            self._known = by_token, by_number
            self._on_senders(by_token, by_number)
