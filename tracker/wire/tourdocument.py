"""A tour as one document for the store: an immutable version, read back exactly as it was written.

The document is JSON with sorted keys and no spaces, compressed with zlib. Every float keeps all its digits. Compare
tours, not documents: another zlib may pack the same tour into other bytes.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict
from typing import Any

from tracker.core.course import Course
from tracker.core.model import BaseMap, Checkpoint, CheckpointKind, Device, Leg, Tour, Vehicle, VehicleKind
from tracker.errors import StoreError

FORMAT = 1
MAX_DOCUMENT_BYTES = 256 * 1024 * 1024  # unpacked: more than any folder within its limits can give

_DAMAGED = "the stored tour is damaged: restore the store from a backup"


def tour_document(tour: Tour) -> bytes:
    """The tour's document."""
    content = {"format": FORMAT, "tour": asdict(tour)}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return zlib.compress(text.encode("ascii"), level=6)


def tour_from_document(document: bytes) -> Tour:
    """The tour of a document. Raises StoreError for one that is damaged or of a newer format."""
    try:
        unpacker = zlib.decompressobj()
        content = json.loads(unpacker.decompress(document, MAX_DOCUMENT_BYTES))
        stored_format = content["format"]
        whole = unpacker.eof and not unpacker.unused_data
        tour = _tour(content["tour"]) if whole and stored_format == FORMAT else None
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise StoreError(_DAMAGED) from error
    if not whole:
        raise StoreError(_DAMAGED)
    if tour is None:
        raise StoreError(f"the stored tour has format {stored_format}, this program reads {FORMAT}: update the program")
    return tour


def _tour(fields: dict[str, Any]) -> Tour:
    legs = tuple(_leg(leg) for leg in fields.pop("legs"))
    vehicles = tuple(_vehicle(vehicle) for vehicle in fields.pop("vehicles"))
    embed_on = tuple(fields.pop("embed_on", ("*",)))
    base_map = _base_map(fields.pop("base_map", None))
    return Tour(legs=legs, vehicles=vehicles, embed_on=embed_on, base_map=base_map, **fields)


def _base_map(fields: dict[str, Any] | None) -> BaseMap | None:
    return None if fields is None else BaseMap(origins=tuple(fields.pop("origins")), **fields)


def _leg(fields: dict[str, Any]) -> Leg:
    line = fields.pop("course")
    elevations_m = line["elevations_m"]
    course = Course(tuple(line["lats"]), tuple(line["lons"]), None if elevations_m is None else tuple(elevations_m))
    checkpoints = tuple(
        Checkpoint(kind=CheckpointKind(checkpoint.pop("kind")), **checkpoint)
        for checkpoint in fields.pop("checkpoints")
    )
    return Leg(course=course, checkpoints=checkpoints, **fields)


def _vehicle(fields: dict[str, Any]) -> Vehicle:
    devices = tuple(Device(**device) for device in fields.pop("devices"))
    phones = tuple(fields.pop("phones", ()))  # of tours that were stored before rosters had them
    return Vehicle(kind=VehicleKind(fields.pop("kind")), devices=devices, phones=phones, **fields)
