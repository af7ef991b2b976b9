"""Tells the bus what a journal stored: one message per tour and commit."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.bus.contract import Bus, pings_topic
from tracker.journal.contract import Journal
from tracker.journal.records import Stored, encode_hint


def announce(journal: Journal, bus: Bus) -> None:
    """From now on publish every record that this process stores, whoever appends it."""

    def on_stored(tour: str, records: Sequence[Stored]) -> None:
        bus.publish(pings_topic(tour), encode_hint(records))

    journal.watch(on_stored)
