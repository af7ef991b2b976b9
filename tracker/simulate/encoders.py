"""Fixes as the apps write them: one encoder per wire format that phones speak over HTTP.

What a format rounds away is rounded away here, as the app does it; `docs/protocols.md` has the table. The formats are
those that `tracker.protocols` reads, with the sources named there.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import xor
from urllib.parse import quote, urlencode

from tracker.simulate.receiver import Sample

KNOTS_PER_MPS = 1.94384
KMH_PER_MPS = 3.6
FORM_TYPE = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Post:
    """One request: what stands behind "?", and the body with its type."""

    query: str = ""
    body: bytes = b""
    content_type: str | None = None
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Speech:
    """How an app speaks: the protocol's name in the path, how many fixes a request takes, and its success answer."""

    protocol: str
    encode: Callable[[str, Sequence[Sample]], Post]
    batch: int = 1
    answer: bytes = b""  # what must be in the body of a success


def traccar_10(device: str, samples: Sequence[Sample]) -> Post:
    """Traccar Client 10: a form body; speed in knots to two decimals, nothing for what is not known."""
    (fix,) = samples
    values: list[tuple[str, object]] = [("id", device), ("lat", fix.lat), ("lon", fix.lon), ("timestamp", _second(fix))]
    values.append(("accuracy", fix.accuracy_m))
    if fix.speed_mps is not None:
        values.append(("speed", round(fix.speed_mps * KNOTS_PER_MPS, 2)))
    if fix.bearing_deg is not None:
        values.append(("bearing", fix.bearing_deg))
    values += [("batt", fix.battery_pct), ("charge", _word(fix.charging))]
    return Post(body=urlencode(values).encode(), content_type=FORM_TYPE)


def traccar_8(device: str, samples: Sequence[Sample]) -> Post:
    """Traccar Client 8 on Android: all in the query; 0.0 for what is not known."""
    (fix,) = samples
    values: list[tuple[str, object]] = [("id", device), ("timestamp", _second(fix)), ("lat", fix.lat), ("lon", fix.lon)]
    values += [("speed", (fix.speed_mps or 0.0) * KNOTS_PER_MPS), ("bearing", fix.bearing_deg or 0.0)]
    values += [("altitude", 0.0), ("accuracy", fix.accuracy_m), ("batt", float(fix.battery_pct))]
    if fix.charging:
        values.append(("charge", _word(fix.charging)))
    return Post(urlencode(values))


def traccar_9(device: str, samples: Sequence[Sample]) -> Post:
    """Traccar Client 9: JSON in m/s and milliseconds, -1 for what is not known."""
    (fix,) = samples
    coords = {"latitude": fix.lat, "longitude": fix.lon, "accuracy": fix.accuracy_m}
    coords |= {"speed": _or_minus_1(fix.speed_mps), "heading": _or_minus_1(fix.bearing_deg)}
    location = {
        "timestamp": _iso(fix, "milliseconds"),
        "coords": coords,
        "is_moving": bool(fix.speed_mps),
        "event": "",
        "battery": {"level": fix.battery_pct / 100, "is_charging": fix.charging},
        "extras": {},
    }
    return _json({"location": location, "device_id": device})


def owntracks(device: str, samples: Sequence[Sample]) -> Post:
    """OwnTracks in HTTP mode: whole seconds, km/h, degrees and metres; zeros are left out."""
    (fix,) = samples
    message: dict[str, object] = {"_type": "location", "lat": fix.lat, "lon": fix.lon, "tst": _second(fix)}
    message |= {"tid": device[-2:], "batt": fix.battery_pct, "bs": 2 if fix.charging else 1, "conn": "m", "m": 2}
    rounded = {
        "acc": round(fix.accuracy_m),
        "vel": round((fix.speed_mps or 0.0) * KMH_PER_MPS),
        "cog": round(fix.bearing_deg or 0.0),
    }
    message |= {name: value for name, value in rounded.items() if value}
    return _json(message | {"topic": f"owntracks/tour/{device}"})


def overland(device: str, samples: Sequence[Sample]) -> Post:
    """Overland: GeoJSON batches; whole seconds, speed in whole m/s."""
    return _json({"locations": [_feature(device, fix) for fix in samples]})


def gpslogger(_device: str, samples: Sequence[Sample]) -> Post:
    """GPSLogger's custom URL with the template of our documents; 0.0 for what a sensor did not say."""
    (fix,) = samples
    values: list[tuple[str, object]] = [("lat", fix.lat), ("lon", fix.lon), ("acc", fix.accuracy_m)]
    values += [("dir", fix.bearing_deg or 0.0), ("spd_mps", fix.speed_mps or 0.0), ("timestamp", _second(fix))]
    values += [("batt", float(fix.battery_pct)), ("desc", "")]
    return Post(urlencode(values), method="GET")


def osmand_app(_device: str, samples: Sequence[Sample]) -> Post:
    """The OsmAnd app's online tracking: m/s, milliseconds, and places as 32-bit floats."""
    (fix,) = samples
    values: list[tuple[str, object]] = [("lat", _single(fix.lat)), ("lon", _single(fix.lon))]
    values += [("timestamp", fix.fix_time_ms), ("acc", fix.accuracy_m), ("altitude", 0.0)]
    values += [("speed", fix.speed_mps or 0.0), ("bearing", fix.bearing_deg or 0.0)]
    return Post(urlencode(values), method="GET")


def opengts(device: str, samples: Sequence[Sample]) -> Post:
    """GPSLogger's OpenGTS mode: a GPRMC sentence in the query, which knows no accuracy."""
    (fix,) = samples
    then = datetime.fromtimestamp(_second(fix), UTC)
    lat, lon = minutes(fix.lat, "NS", 1, 5), minutes(fix.lon, "EW", 1, 5)  # GPSLogger does not pad degrees
    motion = f"{(fix.speed_mps or 0.0) * KNOTS_PER_MPS:.6f},{fix.bearing_deg or 0.0:.6f}"
    sentence = f"GPRMC,{then:%H%M%S},A,{lat},{lon},{motion},{then:%d%m%y},,"
    checksum = reduce(xor, sentence.encode(), 0)
    query = f"id={quote(device)}&dev={quote(device)}&acct=tour&batt={fix.battery_pct}&code=0xF020&alt=0.0"
    return Post(f"{query}&gprmc=${sentence}*{checksum:02X}", method="GET")


def inreach(device: str, samples: Sequence[Sample]) -> Post:
    """Garmin's outbound JSON 2.0 for an inReach: speed in whole km/h, 0 for what is not known, and no accuracy."""
    (fix,) = samples
    point: dict[str, object] = {"latitude": fix.lat, "longitude": fix.lon, "altitude": 0, "gpsFix": 2}
    point |= {"course": fix.bearing_deg or 0, "speed": round((fix.speed_mps or 0.0) * KMH_PER_MPS)}
    event: dict[str, object] = {"imei": device, "messageCode": 0, "freeText": None, "timeStamp": fix.fix_time_ms}
    event |= {"addresses": [], "point": point, "status": {"autonomous": 0, "lowBattery": 0, "intervalChange": 0}}
    return _json({"Version": "2.0", "Events": [event]})


def pings(_device: str, samples: Sequence[Sample]) -> Post:
    """Our own batch, as the driver's page sends it."""
    return _json({"pings": [_ping(fix) for fix in samples]})


SPEECHES: Mapping[str, Speech] = {
    "Traccar Client 10": Speech("osmand", traccar_10),
    "Traccar Client 9": Speech("osmand", traccar_9),
    "Traccar Client 8": Speech("osmand", traccar_8),
    "OwnTracks": Speech("owntracks", owntracks, answer=b"["),
    "Overland": Speech("overland", overland, batch=200, answer=b'"result":"ok"'),
    "GPSLogger": Speech("gpslogger", gpslogger),
    "GPSLogger, OpenGTS": Speech("opengts", opengts),
    "OsmAnd app": Speech("osmandapp", osmand_app),
    "Garmin inReach": Speech("inreach", inreach),
    "driver's page": Speech("pings", pings, batch=200, answer=b'"seqs":'),
}
USUAL = SPEECHES["Traccar Client 10"]
CALL = SPEECHES["driver's page"]  # the button for SOS is there, whichever app reports the place


def _second(fix: Sample) -> int:
    return fix.fix_time_ms // 1000


def _iso(fix: Sample, timespec: str) -> str:
    then = datetime.fromtimestamp(fix.fix_time_ms / 1000, UTC)
    return then.isoformat(timespec=timespec).replace("+00:00", "Z")


def _json(document: object) -> Post:
    return Post(body=json.dumps(document, separators=(",", ":")).encode(), content_type=JSON_TYPE)


def _word(value: bool) -> str:
    return "true" if value else "false"


def _or_minus_1(value: float | None) -> float:
    return -1 if value is None else value


def _single(degrees: float) -> float:
    """What is left of a coordinate in 32 bits."""
    single: float = struct.unpack("f", struct.pack("f", degrees))[0]
    return single


def minutes(degrees: float, hemispheres: str, digits: int, decimals: int) -> str:
    """Degrees with at least so many digits, run together with minutes to so many decimals, and the hemisphere."""
    parts = 10**decimals
    whole, rest = divmod(round(abs(degrees) * 60 * parts), 60 * parts)
    return f"{whole:0{digits}d}{rest / parts:0{decimals + 3}.{decimals}f},{hemispheres[degrees < 0]}"


def _feature(device: str, fix: Sample) -> dict[str, object]:
    properties = {
        "timestamp": _iso(fix, "seconds"),
        "speed": round(_or_minus_1(fix.speed_mps)),
        "course": _or_minus_1(fix.bearing_deg),
        "horizontal_accuracy": fix.accuracy_m,
        "motion": ["driving"] if fix.speed_mps else [],
        "battery_state": "charging" if fix.charging else "unplugged",
        "battery_level": fix.battery_pct / 100,
        "wifi": "",
        "device_id": device,
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [fix.lon, fix.lat]},
        "properties": properties,
    }


def _ping(fix: Sample) -> dict[str, object]:
    said = {
        "fix_time_ms": fix.fix_time_ms,
        "lat": fix.lat,
        "lon": fix.lon,
        "accuracy_m": fix.accuracy_m,
        "speed_mps": fix.speed_mps,
        "bearing_deg": fix.bearing_deg,
        "battery_pct": fix.battery_pct,
        "sos": fix.sos or None,
    }
    return {name: value for name, value in said.items() if value is not None}
