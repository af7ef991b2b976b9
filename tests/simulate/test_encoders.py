"""Every app's words for a fix: as the app writes them, and read back as the fix that it was, but for the rounding.

The tolerances are the table of `docs/protocols.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.core.engine import Engine
from tracker.core.geo import distance_m
from tracker.core.model import CheckpointKind, Passage, Ping, Record, RecordKind, Totals, Tour
from tracker.protocols import HTTP_PROTOCOLS, STREAM_PROTOCOLS
from tracker.protocols.contract import HttpRequest
from tracker.protocols.stream import Decoder
from tracker.simulate.boxes import BOXES, BoxSpeech
from tracker.simulate.courses import SYNTHETIC
from tracker.simulate.encoders import SPEECHES, Speech
from tracker.simulate.field import Field, generator
from tracker.simulate.mishaps import CALM
from tracker.simulate.receiver import Phone, Receiver, Sample
from tracker.simulate.scenario import sky_of, vehicle_samples

SAMPLE = Sample(
    true_ms=1_781_342_130_000,
    fix_time_ms=1_781_342_130_400,
    lat=47.05048,
    lon=8.31064,
    accuracy_m=5.0,
    speed_mps=15.0,
    bearing_deg=128.0,
    battery_pct=83,
    charging=True,
    online=True,
    outlier=False,
    resent=False,
)
UNKNOWN = replace(SAMPLE, speed_mps=None, bearing_deg=None, charging=False)

WRITTEN = {
    "Traccar Client 10": b"id=car017&lat=47.05048&lon=8.31064&timestamp=1781342130&accuracy=5.0&speed=29.16"
    b"&bearing=128.0&batt=83&charge=true",
    "Traccar Client 9": b'{"location":{"timestamp":"2026-06-13T09:15:30.400Z","coords":{"latitude":47.05048,'
    b'"longitude":8.31064,"accuracy":5.0,"speed":15.0,"heading":128.0},"is_moving":true,"event":"",'
    b'"battery":{"level":0.83,"is_charging":true},"extras":{}},"device_id":"car017"}',
    "OwnTracks": b'{"_type":"location","lat":47.05048,"lon":8.31064,"tst":1781342130,"tid":"17","batt":83,"bs":2,'
    b'"conn":"m","m":2,"acc":5,"vel":54,"cog":128,"topic":"owntracks/tour/car017"}',
    "Garmin inReach": b'{"Version":"2.0","Events":[{"imei":"car017","messageCode":0,"freeText":null,'
    b'"timeStamp":1781342130400,"addresses":[],"point":{"latitude":47.05048,"longitude":8.31064,"altitude":0,'
    b'"gpsFix":2,"course":128.0,"speed":54},"status":{"autonomous":0,"lowBattery":0,"intervalChange":0}}]}',
    "driver's page": b'{"pings":[{"fix_time_ms":1781342130400,"lat":47.05048,"lon":8.31064,"accuracy_m":5.0,'
    b'"speed_mps":15.0,"bearing_deg":128.0,"battery_pct":83}]}',
}
ASKED = {
    "GPSLogger": "lat=47.05048&lon=8.31064&acc=5.0&dir=128.0&spd_mps=15.0&timestamp=1781342130&batt=83.0&desc=",
    "GPSLogger, OpenGTS": "id=car017&dev=car017&acct=tour&batt=83&code=0xF020&alt=0.0"
    "&gprmc=$GPRMC,091530,A,4703.02880,N,818.63840,E,29.157600,128.000000,130626,,*2C",
}


@dataclass(frozen=True)
class Rounding:
    """What a format rounds away of a fix, and what becomes of that: crossings in motion, arrivals and departures."""

    time_ms: float = 0.0
    place_m: float = 0.0
    speed_mps: float = 0.0
    bearing_deg: float = 0.0
    crossing_s: float = 0.0
    standing_s: float = 0.0
    odometer_share: float = 0.0


SECONDS = Rounding(time_ms=999, crossing_s=0.5, standing_s=0.5, odometer_share=0.0001)
# Where 0 may mean unknown, or speed is coarse, it takes up to a fix and a half longer to see that a car has stopped.
COARSE = Rounding(crossing_s=1.5, standing_s=15.0, odometer_share=0.002)
COARSE_SECONDS = replace(COARSE, time_ms=999)
ROUNDS: Mapping[str, Rounding] = {
    "Traccar Client 10": replace(SECONDS, speed_mps=0.003),
    "Traccar Client 9": Rounding(),
    "Traccar Client 8": replace(COARSE_SECONDS, speed_mps=0.001),
    "OwnTracks": replace(COARSE_SECONDS, speed_mps=0.14, bearing_deg=0.5),
    "Overland": replace(COARSE_SECONDS, speed_mps=0.5),
    "GPSLogger": COARSE_SECONDS,
    "GPSLogger, OpenGTS": replace(COARSE_SECONDS, place_m=0.02, speed_mps=0.001),
    "OsmAnd app": replace(COARSE, place_m=1.0),
    "Garmin inReach": replace(COARSE, speed_mps=0.14),
    "driver's page": Rounding(),
}
TEXT_BOX = replace(COARSE_SECONDS, place_m=0.14, speed_mps=0.003, bearing_deg=0.005)
ROUNDS_OF_BOXES: Mapping[str, Rounding] = {
    "gt06": replace(COARSE_SECONDS, place_m=0.05, speed_mps=0.14, bearing_deg=0.5),
    "teltonika": replace(COARSE, place_m=0.01, speed_mps=0.14, bearing_deg=0.5),
    "h02": replace(TEXT_BOX, bearing_deg=0.5),
    "gps103": TEXT_BOX,
    "tk103": replace(TEXT_BOX, speed_mps=0.015),
    "queclink": replace(TEXT_BOX, place_m=0.08, speed_mps=0.015, bearing_deg=0.5),
    "nmea": replace(COARSE, place_m=0.14, speed_mps=0.003, bearing_deg=0.05),
}
IMEI = "490154203237518"
STANDING = (CheckpointKind.START, CheckpointKind.HALT, CheckpointKind.FUEL, CheckpointKind.FINISH)
ALL: Mapping[str, Speech | BoxSpeech] = {**SPEECHES, **BOXES}
ALL_ROUNDS = {**ROUNDS, **ROUNDS_OF_BOXES}
EVERY = pytest.mark.parametrize("name", ALL)


def said(speech: Speech | BoxSpeech, samples: list[Sample]) -> Iterator[Ping]:
    """What the server reads of these fixes, request by request or on one connection."""
    if isinstance(speech, BoxSpeech):
        yield from said_on_a_line(speech, samples)
        return
    protocol = HTTP_PROTOCOLS[speech.protocol]
    rest = iter(samples)
    while fixes := list(islice(rest, speech.batch)):
        post = speech.encode("car017", fixes)
        assert post.method in protocol.methods
        decoded = protocol.decode(HttpRequest(post.method, post.query, {}, post.body), fixes[-1].true_ms)
        assert decoded.refusals == []
        assert decoded.note is None
        assert speech.answer in decoded.answer.body
        yield from decoded.pings


def said_on_a_line(speech: BoxSpeech, samples: list[Sample]) -> Iterator[Ping]:
    stream = Decoder(STREAM_PROTOCOLS[speech.protocol].codec())
    login = stream.feed(speech.login(IMEI), samples[0].true_ms)
    assert [len(message.answer) for message in login] == [speech.login_answer_bytes] * len(login)
    for fix in samples:
        (message,) = stream.feed(speech.write(IMEI, fix), fix.true_ms)
        assert (message.refusals, message.note, len(message.answer)) == ([], None, speech.answer_bytes)
        assert message.device
        assert message.device in IMEI
        yield from message.pings


@pytest.mark.parametrize("name", WRITTEN)
def test_a_fix_is_written_as_the_app_writes_it(name: str) -> None:
    assert SPEECHES[name].encode("car017", [SAMPLE]).body == WRITTEN[name]


@pytest.mark.parametrize("name", ASKED)
def test_a_fix_is_asked_as_the_app_asks_it(name: str) -> None:
    assert SPEECHES[name].encode("car017", [SAMPLE]).query == ASKED[name]


def test_what_traccar_client_10_does_not_know_it_leaves_out() -> None:
    body = SPEECHES["Traccar Client 10"].encode("a b", [UNKNOWN]).body
    assert body == b"id=a+b&lat=47.05048&lon=8.31064&timestamp=1781342130&accuracy=5.0&batt=83&charge=false"


@EVERY
@settings(deadline=None, max_examples=60)
@given(
    lat=st.floats(0.1, 89.9) | st.floats(-89.9, -0.1),
    lon=st.floats(-179.9, 179.9),
    speed_mps=st.floats(0.5, 60.0),
    bearing_deg=st.floats(1.0, 359.0),
    after_ms=st.integers(0, 10**10),
)
def test_every_format_gives_back_the_fix_but_for_its_rounding(
    name: str, lat: float, lon: float, speed_mps: float, bearing_deg: float, after_ms: int
) -> None:
    fix = replace(SAMPLE, lat=round(lat, 7), lon=round(lon, 7), speed_mps=speed_mps, bearing_deg=bearing_deg)
    fix = replace(fix, fix_time_ms=fix.fix_time_ms + after_ms, true_ms=fix.true_ms + after_ms)
    (ping,) = said(ALL[name], [fix])
    rounding = ALL_ROUNDS[name]
    assert ping.lat is not None
    assert ping.lon is not None
    assert 0 <= fix.fix_time_ms - (ping.fix_time_ms or 0) <= rounding.time_ms
    assert distance_m(ping.lat, ping.lon, fix.lat, fix.lon) <= rounding.place_m + 0.002
    assert ping.speed_mps == pytest.approx(speed_mps, abs=rounding.speed_mps + 0.001)
    assert ping.bearing_deg == pytest.approx(bearing_deg, abs=rounding.bearing_deg + 0.001)


@cache
def driven(course: str) -> tuple[Tour, list[Sample]]:
    """What the phone of the first car records on a whole tour; its clock has milliseconds of its own."""
    tour = SYNTHETIC[course]()
    field, rng = Field(tour, 5, CALM), generator(5, "phone")
    phone = Phone(accuracy_m=6.0, clock_error_ms=137, ordered=True, charging=True)
    receiver = Receiver(phone, sky_of(tour, 5), rng)
    return tour, list(vehicle_samples(field, 0, receiver, field.begin_ms, 10, rng))


@cache
def results(course: str, name: str) -> tuple[list[Passage], Totals]:
    """Passages and totals of that car where its phone speaks like this."""
    tour, samples = driven(course)
    engine = Engine(tour)
    device = tour.vehicles[0].devices[0].name
    for seq, ping in enumerate(said(ALL[name], samples), 1):
        engine.apply(Record(seq, ping.fix_time_ms or 0, RecordKind.PING, replace(ping, device=device)))
    engine.digest()
    return engine.passages(0), engine.totals(0)


@EVERY
@pytest.mark.parametrize("course", ["laps", "hairpins", "shared-road"])
def test_the_same_tour_has_the_same_passages_and_totals_in_every_format(course: str, name: str) -> None:
    exact_passages, exact = results(course, "driver's page")
    passages, totals = results(course, name)
    assert [(p.leg, p.checkpoint) for p in passages] == [(p.leg, p.checkpoint) for p in exact_passages]
    assert len(passages) > 7
    rounding, tour = ALL_ROUNDS[name], driven(course)[0]
    for passage, reference in zip(passages, exact_passages, strict=True):
        kind = tour.legs[passage.leg].checkpoints[passage.checkpoint].kind
        limit_s = rounding.standing_s if kind in STANDING else rounding.crossing_s
        assert abs(passage.time_ms - reference.time_ms) <= limit_s * 1000
    assert totals.odometer_m == pytest.approx(exact.odometer_m, rel=rounding.odometer_share)
    assert totals.course_m == pytest.approx(exact.course_m, rel=rounding.odometer_share)
