"""The units that people read distances in. Everything is in metres inside."""

from __future__ import annotations

METRES_PER_MILE = 1609.344
METRES = {"mi": METRES_PER_MILE, "km": 1000.0}  # by the tour's `units`
