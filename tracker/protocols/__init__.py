"""The device protocols, pure: every one is listed here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tracker.protocols import gpslogger, inreach, opengts, osmand, osmandapp, overland, owntracks, pings
from tracker.protocols.contract import Decoded, HttpRequest


@dataclass(frozen=True, slots=True)
class HttpProtocol:
    """How to read a request at `/in/<name>/<token>`, which methods it has, and how long its body may be."""

    decode: Callable[[HttpRequest, int], Decoded]
    methods: tuple[str, ...]
    body_limit_bytes: int


ONE_FIX_BYTES = 65_536
BATCH_BYTES = 2 * 1024 * 1024

HTTP_PROTOCOLS: Mapping[str, HttpProtocol] = {
    "osmand": HttpProtocol(osmand.decode, ("GET", "POST"), BATCH_BYTES),
    "osmandapp": HttpProtocol(osmandapp.decode, ("GET", "POST"), ONE_FIX_BYTES),
    "owntracks": HttpProtocol(owntracks.decode, ("POST",), ONE_FIX_BYTES),
    "overland": HttpProtocol(overland.decode, ("POST",), BATCH_BYTES),
    "gpslogger": HttpProtocol(gpslogger.decode, ("GET", "POST", "PUT"), ONE_FIX_BYTES),
    "opengts": HttpProtocol(opengts.decode, ("GET", "POST"), ONE_FIX_BYTES),
    "inreach": HttpProtocol(inreach.decode, ("POST",), BATCH_BYTES),
    "pings": HttpProtocol(pings.decode, ("POST",), BATCH_BYTES),
}
