"""Gathers what one message held: every decoded ping passes intake here, and nothing else decides."""

from __future__ import annotations

import json
from dataclasses import replace

from tracker.core.intake import RAW_LIMIT_BYTES, Reason, admit, refuse
from tracker.core.model import Ping, Refusal


class Collector:
    """Pings and refusals of one message, in order.

    A ping without a place is kept only where it says something beside the place (SOS, or an event such as "fine");
    otherwise it is a heartbeat and leaves no trace.
    """

    def __init__(self, received_at_ms: int) -> None:
        self.received_at_ms = received_at_ms
        self.pings: list[Ping] = []
        self.refusals: list[Refusal] = []

    def add(self, ping: Ping, source: object, trouble: Reason | None = None) -> bool:
        """Take a ping in; True if it stays. `trouble`, something unreadable in it, refuses all but an SOS.

        `source` is where it came from, for quarantine: bytes, or a part of a JSON or msgpack document.
        """
        if trouble is not None and not ping.sos:
            if ping.valid:
                self.refuse(trouble, source)
                return False
            ping = replace(ping, lat=None, lon=None)  # no reception, no date: a heartbeat
        elif trouble is Reason.AMBIGUOUS:  # help is wanted, but who knows where
            ping = replace(ping, lat=None, lon=None, fix_time_ms=None)
        judged = admit(ping, self.received_at_ms)
        if isinstance(judged, Refusal):
            self.refusals.append(replace(judged, raw=_raw(source)))
            return False
        if judged.lat is not None or judged.sos or judged.event is not None:
            self.pings.append(judged)
        return True

    def refuse(self, reason: Reason, source: object, detail: str = "") -> None:
        self.refusals.append(refuse(reason, _raw(source), detail))

    @property
    def note(self) -> str | None:
        """The refusals in words, or None."""
        return "; ".join(sorted({refusal.reason for refusal in self.refusals})) or None


def _raw(source: object) -> bytes:
    if isinstance(source, bytes):
        return source[:RAW_LIMIT_BYTES]
    try:
        return json.dumps(source, default=repr).encode()[:RAW_LIMIT_BYTES]
    except RecursionError:  # the reader allows a few more levels than the writer
        return b"(nested too deeply)"
