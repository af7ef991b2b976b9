"""A leg's line as pages fetch it: JSON with integer differences, under an address that carries its content's hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from tracker.core.course import Course

HASH_CHARACTERS = 16


def differences(values: Sequence[int]) -> list[int]:
    """The first value, then each one's difference from the one before."""
    return [value - before for value, before in zip(values, [0, *values[:-1]], strict=True)]


def course_document(course: Course) -> bytes:
    """`length_m`, `lat` and `lon` in 1e-6 degrees as differences, and `elevation_m` (or null), as compact JSON."""
    elevations = course.elevations_m
    document = {
        "length_m": round(course.length_m, 1),
        "lat": differences([round(lat * 1e6) for lat in course.lats]),
        "lon": differences([round(lon * 1e6) for lon in course.lons]),
        "elevation_m": None if elevations is None else differences([round(metres) for metres in elevations]),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def course_hash(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()[:HASH_CHARACTERS]
