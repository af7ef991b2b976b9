"""The digest of a tour: what must be the same whatever the order of arrival. Pure."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

from tracker.core.track import VehicleTrack


def digest(tracks: Sequence[VehicleTrack]) -> str:
    """SHA-256 over canonical integers (mm, ms, 1e-7 degrees) of tracks, passages and totals that owe nothing."""
    sha = hashlib.sha256()
    for vehicle, track in enumerate(tracks):
        sha.update(struct.pack("<iq", vehicle, track.done))
        for row in track.track():
            sha.update(struct.pack("<qiibbq", *row))
        for p in track.ledger().passages.flushed():
            depart_ms = -1 if p.depart_ms is None else p.depart_ms
            sha.update(struct.pack("<iiqqqq", p.leg, p.checkpoint, p.time_ms, p.earliest_ms, p.latest_ms, depart_ms))
        totals = track.ledger().odometer.totals()
        for metres in (totals.odometer_m, totals.course_m, totals.filled_m):
            sha.update(struct.pack("<q", round(metres * 1000.0)))
    return sha.hexdigest()
