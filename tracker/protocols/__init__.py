"""The device protocols, pure: every one is listed here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tracker.protocols import gpslogger, inreach, opengts, osmand, osmandapp, overland, owntracks, pings
from tracker.protocols.contract import Decoded, HttpRequest
from tracker.protocols.gps103 import Gps103
from tracker.protocols.gt06 import Gt06
from tracker.protocols.h02 import H02
from tracker.protocols.nmea import Nmea
from tracker.protocols.queclink import Queclink
from tracker.protocols.stream import Codec
from tracker.protocols.teltonika import Teltonika
from tracker.protocols.tk103 import Tk103


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


@dataclass(frozen=True, slots=True)
class StreamProtocol:
    """How to read a connection or datagram, the port that users know, and whether people read its bytes as hex."""

    codec: Callable[[], Codec]
    port: int
    binary: bool = False


STREAM_PROTOCOLS: Mapping[str, StreamProtocol] = {
    "gps103": StreamProtocol(Gps103, 5001),
    "tk103": StreamProtocol(Tk103, 5002),
    "queclink": StreamProtocol(Queclink, 5004),
    "nmea": StreamProtocol(Nmea, 5005),
    "h02": StreamProtocol(H02, 5013),
    "gt06": StreamProtocol(Gt06, 5023, binary=True),
    "teltonika": StreamProtocol(Teltonika, 5027, binary=True),
}
