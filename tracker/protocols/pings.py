"""Milepost's own batch, which the driver page sends: JSON or msgpack, a bare array or `{"pings": [...]}`.

Each ping: `lat` and `lon`, and if known `fix_time_ms`, `accuracy_m`, `speed_mps`, `bearing_deg`, `altitude_m`,
`valid`, `sos`, `battery_pct`, `event`, and `seq`, the sender's own number for it. SOS and events need no place.
The answer is `{"stored": n, "refused": n, "seq": highest or null, "seqs": [...]}`: `seqs` are the numbers that the
sender may forget (stored, stored before, or in quarantine). One bad ping never costs the good ones.
"""

from __future__ import annotations

import json

from tracker.core.intake import Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.contract import Decoded, HttpAnswer, HttpRequest
from tracker.protocols.numbers import coordinate, json_number, short_text
from tracker.protocols.parameters import Reading, is_json
from tracker.protocols.strict import Unreadable, check_batch, load_json, load_msgpack

EVENT_LIMIT = 40


def decode(request: HttpRequest, received_at_ms: int) -> Decoded:
    """Read one batch."""
    collector = Collector(received_at_ms)
    seqs: list[int] = []
    stored = 0
    items: list[object] = []
    with Reading(collector, request):
        items = _items(request.body)
    for item in items:
        stored += _add(collector, item)
        seq = item.get("seq") if isinstance(item, dict) else None
        if isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 2**53:
            seqs.append(seq)
    answer = {
        "stored": stored,
        "refused": len(collector.refusals),
        "seq": max(seqs, default=None),
        "seqs": seqs,
    }
    body = json.dumps(answer, separators=(",", ":")).encode()
    return Decoded(collector.pings, collector.refusals, HttpAnswer(200, body, "application/json"), collector.note)


def _items(body: bytes) -> list[object]:
    if not body.strip():
        return []
    document = load_json(body) if is_json(body) else load_msgpack(body)
    if isinstance(document, dict):
        document = document.get("pings")
    if not isinstance(document, list):
        raise Unreadable("neither an array of pings nor an object with one")
    return check_batch(document)


def _add(collector: Collector, item: object) -> bool:
    if not isinstance(item, dict):
        collector.refuse(Reason.TYPE, item, "a ping is an object")
        return False
    time = json_number(item.get("fix_time_ms"))
    event = short_text(item.get("event"), EVENT_LIMIT)
    ping = Ping(
        device=short_text(item.get("device")),
        fix_time_ms=None if time is None else round(time),
        lat=coordinate(item.get("lat"), json_number),
        lon=coordinate(item.get("lon"), json_number),
        accuracy_m=json_number(item.get("accuracy_m")),
        speed_mps=json_number(item.get("speed_mps")),
        bearing_deg=json_number(item.get("bearing_deg")),
        altitude_m=json_number(item.get("altitude_m")),
        valid=item.get("valid") is not False,
        sos=item.get("sos") is True,
        battery_pct=json_number(item.get("battery_pct")),
        event=event,
    )
    return collector.add(ping, item, Reason.TIME if time is None and item.get("fix_time_ms") is not None else None)
