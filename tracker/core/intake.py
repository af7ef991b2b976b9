"""Intake: what a device said is held against what can be true, before anything is stored.

A ping with an impossible place or time is refused by name. A field that cannot be true (or carries a "don't know"
value such as -1) is emptied and the ping stays. SOS is never refused: what is wrong with it is emptied instead. Nor is
a ping that its own device calls no fix: if anything is wrong with it, it loses its place and is a heartbeat.
"""

from __future__ import annotations

from enum import StrEnum
from math import isnan

from tracker.core.model import Ping, Refusal

EARLIEST_MS = 946_684_800_000  # 2000-01-01: no tracker is older
AHEAD_LIMIT_MS = 25 * 3_600_000  # a device set to the wrong side of the date line, and an hour
ROLLOVER_MS = 1024 * 7 * 86_400_000  # GPS weeks are counted in ten bits; old chips fall back by this much
ROLLOVER_BACKLOG_MS = 7 * 86_400_000  # how old a ping may be to be recognised as rolled over
SPEED_LIMIT_MPS = 300.0
ACCURACY_LIMIT_M = 100_000.0
ALTITUDE_RANGE_M = (-1_000.0, 20_000.0)
RAW_LIMIT_BYTES = 16_384


class Reason(StrEnum):
    """Why something is refused: fixed words that are counted and shown."""

    LATITUDE = "latitude out of range"
    LONGITUDE = "longitude out of range"
    NULL_ISLAND = "null island"
    TIME_PAST = "time before 2000"
    TIME_AHEAD = "time in the future"
    TIME = "not a time"
    PLACE = "half a place"
    NUMBER = "not a number"
    AMBIGUOUS = "ambiguous"
    TYPE = "wrong type"
    SYNTAX = "not readable"
    ENCRYPTED = "cannot be decrypted"
    CHECKSUM = "wrong checksum"
    TOO_LONG = "too long"


def refuse(reason: Reason, raw: bytes, detail: str = "") -> Refusal:
    """A refusal whose raw bytes are held to what quarantine keeps."""
    return Refusal(reason.value, raw[:RAW_LIMIT_BYTES], detail[:200])


def admit(ping: Ping, received_at_ms: int) -> Ping | Refusal:
    """Hold a decoded ping against what can be true.

    Refused: a place out of range, exactly 0/0 as a valid fix, a time before 2000 or more than 25 h ahead of
    `received_at_ms`. A time 1024 weeks old (an old chip's week rollover) is put right. A ping without a time keeps
    None; one without a place comes back with `lat` and `lon` None and is no fix. The caller adds the raw bytes.
    """
    reason = _doubt_place(ping)
    time_ms = ping.fix_time_ms
    if time_ms is not None:
        behind_ms = received_at_ms - (time_ms + ROLLOVER_MS)
        if -AHEAD_LIMIT_MS <= behind_ms <= ROLLOVER_BACKLOG_MS:
            time_ms += ROLLOVER_MS
    time_reason = _doubt_time(time_ms, received_at_ms)
    placed = ping.lat is not None
    if not ping.valid and (reason or time_reason):  # a tracker without reception fills in anything: no news, no fault
        placed = False
    elif not ping.sos and (found := reason or time_reason):
        return refuse(found, b"", f"lat {ping.lat}, lon {ping.lon}, time {ping.fix_time_ms}")
    placed = placed and reason is None
    return Ping(  # `replace` would take five times as long, and every ping comes by here
        ping.device,
        None if time_reason else time_ms,
        ping.lat if placed else None,
        ping.lon if placed else None,
        _within(ping.accuracy_m, 0.0, ACCURACY_LIMIT_M) or None,  # 0 is "not given" in every client seen
        _within(ping.speed_mps, 0.0, SPEED_LIMIT_MPS),
        _bearing(ping.bearing_deg),
        _within(ping.altitude_m, *ALTITUDE_RANGE_M),
        ping.valid and placed,
        ping.sos,
        _within(ping.battery_pct, 0.0, 100.0),
        ping.event,
        ping.time_given,
    )


def _doubt_place(ping: Ping) -> Reason | None:
    if ping.lat is None and ping.lon is None:
        return None
    if ping.lat is None or ping.lon is None:
        return Reason.PLACE
    if isnan(ping.lat) or isnan(ping.lon):  # how decoders hand over what is there but is no number
        return Reason.NUMBER
    if not -90.0 <= ping.lat <= 90.0:
        return Reason.LATITUDE
    if not -180.0 <= ping.lon <= 180.0:
        return Reason.LONGITUDE
    return Reason.NULL_ISLAND if ping.lat == 0.0 and ping.lon == 0.0 else None


def _doubt_time(time_ms: int | None, received_at_ms: int) -> Reason | None:
    if time_ms is None:
        return None
    if time_ms < EARLIEST_MS:
        return Reason.TIME_PAST
    return Reason.TIME_AHEAD if time_ms - received_at_ms > AHEAD_LIMIT_MS else None


def _within(value: float | None, low: float, high: float) -> float | None:
    return value if value is not None and low <= value <= high else None


def _bearing(value: float | None) -> float | None:
    held = _within(value, 0.0, 360.0)
    return 0.0 if held == 360.0 else held
