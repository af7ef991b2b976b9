"""OwnTracks in HTTP mode: one JSON object a request, of many kinds; the answer is a JSON array, `[]` at least.

A 4xx would delete the message on iOS and block the queue on Android, so everything is answered with 200. `tst` is in
seconds, `vel` in km/h; zero values are left out by some versions, -1 means unknown, any number may be a float.
Encrypted payloads are a libsodium secretbox under the device's passphrase. [owntracks/booklet: docs/tech/json.md,
docs/features/encrypt.md]
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from tracker.core.intake import AHEAD_LIMIT_MS, EARLIEST_MS, Reason
from tracker.core.model import Ping
from tracker.protocols.collect import Collector
from tracker.protocols.contract import Decoded, HttpAnswer, HttpRequest
from tracker.protocols.numbers import KMH_MPS, coordinate, json_number, scaled, short_text
from tracker.protocols.parameters import Reading
from tracker.protocols.strict import check_batch, load_json

EMPTY = HttpAnswer(200, b"[]", "application/json")
SINCE_2001_MS = 978_307_200_000  # Overland's "OwnTracks" mode counts from 2001-01-01
YEAR_MS = 366 * 86_400_000


def decode(request: HttpRequest, received_at_ms: int) -> Decoded:
    """Read one message; kinds other than location and transition are answered and leave no trace."""
    collector = Collector(received_at_ms)
    note = None
    with Reading(collector, request):
        if request.body.strip():  # empty: a friend was deleted
            message = load_json(request.body)
            if isinstance(message, dict) and message.get("_type") == "encrypted":
                message = _decrypted(collector, message, request)
            batch = message if isinstance(message, list) and message else [message]  # bridges may send several
            for each in check_batch(batch):
                if isinstance(each, dict):
                    note = _add_message(collector, each, request)
                elif not collector.refusals:
                    collector.refuse(Reason.TYPE, request.body, "not an object")
    return Decoded(collector.pings, collector.refusals, EMPTY, collector.note or note)


def _add_message(collector: Collector, message: Mapping[str, object], request: HttpRequest) -> str | None:
    """Take in a message; returns its kind where that is no position."""
    kind = message.get("_type")
    if kind in ("location", "transition"):
        _add_place(collector, message, kind == "transition", request)
        return None
    return short_text(kind, 40) or "no type"


def _add_place(collector: Collector, message: Mapping[str, object], transition: bool, request: HttpRequest) -> None:
    tst = json_number(message.get("tst"))
    ping = Ping(
        device=_device(message, request.headers),
        fix_time_ms=None if tst is None else _time_ms(round(tst * 1000), collector.received_at_ms),
        lat=coordinate(message.get("lat"), json_number),
        lon=coordinate(message.get("lon"), json_number),
        accuracy_m=json_number(message.get("acc")),
        speed_mps=scaled(json_number(message.get("vel")), KMH_MPS),
        bearing_deg=json_number(message.get("cog")),
        altitude_m=json_number(message.get("alt")),
        valid=message.get("t") != "p",  # a ping repeats the last place with the present time
        battery_pct=json_number(message.get("batt")),
        event=_event(message) if transition else None,
    )
    if ping.lat is None and ping.lon is None and not transition:
        collector.refuse(Reason.PLACE, request.body, "a location without lat and lon")
        return
    collector.add(ping, request.body, Reason.TIME if tst is None and message.get("tst") is not None else None)


def _event(message: Mapping[str, object]) -> str:
    """ "enter Sonora" or "leave Sonora": a hint of a passage."""
    return (
        " ".join(filter(None, (short_text(message.get("event"), 10), short_text(message.get("desc"), 40)))) or "region"
    )


def _device(message: Mapping[str, object], headers: Mapping[str, str]) -> str | None:
    topic = message.get("topic")
    if isinstance(topic, str) and topic.count("/") >= 2:
        return short_text(topic.split("/")[2])
    return short_text(headers.get("x-limit-d")) or short_text(message.get("tid"))


def _time_ms(time_ms: int, received_at_ms: int) -> int:
    shifted_ms = time_ms + SINCE_2001_MS
    recent = received_at_ms - YEAR_MS < shifted_ms < received_at_ms + AHEAD_LIMIT_MS
    return shifted_ms if time_ms < EARLIEST_MS and recent else time_ms


def _decrypted(collector: Collector, message: Mapping[str, object], request: HttpRequest) -> object:
    data = message.get("data")
    if not request.secret:
        collector.refuse(Reason.ENCRYPTED, request.body, "no passphrase is known for this device")
        return None
    try:
        key = request.secret.encode()[: SecretBox.KEY_SIZE].ljust(SecretBox.KEY_SIZE, b"\0")
        return load_json(SecretBox(key).decrypt(b64decode(data if isinstance(data, str) else "", validate=True)))
    except (CryptoError, ValueError) as error:  # ValueError: not base64, too short, not JSON
        collector.refuse(Reason.ENCRYPTED, request.body, str(error))
        return None
