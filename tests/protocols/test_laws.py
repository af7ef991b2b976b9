"""What holds for every protocol alike: one verdict on numbers and times, the success answer whatever came, bounds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.protocols.test_stream import POSITION
from tracker.core.intake import RAW_LIMIT_BYTES
from tracker.protocols import HTTP_PROTOCOLS, STREAM_PROTOCOLS
from tracker.protocols.contract import Decoded, HttpRequest
from tracker.protocols.stream import Decoder

NOW_MS = 1_781_342_131_000
NOT_NUMBERS = ["4_6.5", "４６.5", "٤٦", "46,5", "0x2E", "1e999", "NaN", "-Infinity", " 46.5", "46.5\t", "-", "1" * 400]
NOT_TIMES = ["soon", "1_781_342_130", "１781342130", "NaN", "0x6A2D2AB2", "2026-02-31T00:00:00Z", " 1781342130"]
IN_A_QUERY = {
    "osmand": "lat={lat}&lon=8.31064&timestamp={time}",
    "osmandapp": "lat={lat}&lon=8.31064&timestamp={time}",
    "gpslogger": "lat={lat}&lon=8.31064&time={time}",
}
IN_JSON = {
    "osmand": '{"location":{"timestamp":{time},"coords":{"latitude":{lat},"longitude":8.31064}}}',
    "owntracks": '{"_type":"location","lat":{lat},"lon":8.31064,"tst":{time}}',
    "overland": '{"locations":[{"geometry":{"type":"Point","coordinates":[8.31064,{lat}]},"properties":{"timestamp":'
    "{time}}}]}",
    "inreach": '{"Events":[{"messageCode":0,"timeStamp":{time},"point":{"latitude":{lat},"longitude":8.31064}}]}',
    "pings": '{"pings":[{"fix_time_ms":{time},"lat":{lat},"lon":8.31064}]}',
}
SUCCESS = {"owntracks": b"[]", "overland": b'{"result":"ok"}'}


def filled(template: str, lat: str, time: str) -> str:
    return template.replace("{lat}", lat).replace("{time}", time)


def requests(lat: str | None = None, time: str | None = None) -> Iterator[tuple[str, HttpRequest]]:
    """A position in every protocol over HTTP, with this for its latitude or time, where JSON can be bare and quoted."""
    for name, template in IN_A_QUERY.items():
        text = filled(template, quote(lat or "47.05048"), quote(time or "1781342130"))
        yield name, HttpRequest("GET", text, {}, b"")
        yield name, HttpRequest("POST", "", {}, text.encode())
    for name, template in IN_JSON.items():
        right = '"2026-06-13T09:15:30Z"' if name in ("osmand", "overland") else "1781342130"
        right = right + "000" if name in ("inreach", "pings") else right
        for write in (json.dumps, str):
            if write is str and {" ", "\t", ","} & set((lat or "") + (time or "")):
                continue  # bare, that is good JSON: blanks around a number, and two numbers
            text = filled(template, write(lat) if lat else "47.05048", write(time) if time else right)
            yield name, HttpRequest("POST", "", {}, text.encode())


def decode(name: str, request: HttpRequest) -> Decoded:
    decoded = HTTP_PROTOCOLS[name].decode(request, NOW_MS)
    assert decoded.answer.status == 200
    assert decoded.answer.body == SUCCESS.get(name, b"") or name == "pings"
    return decoded


def test_the_templates_are_positions() -> None:
    for name, request in requests():
        (ping,) = decode(name, request).pings
        assert (ping.lat, ping.lon, ping.fix_time_ms) == (47.05048, 8.31064, 1_781_342_130_000), name


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_is_no_number_is_no_latitude_anywhere(text: str) -> None:
    for name, request in requests(lat=text):
        decoded = decode(name, request)
        assert (decoded.pings, len(decoded.refusals)) == ([], 1), (name, request)


@pytest.mark.parametrize("text", NOT_TIMES)
def test_what_is_no_time_is_no_time_anywhere(text: str) -> None:
    for name, request in requests(time=text):
        decoded = decode(name, request)
        assert (decoded.pings, len(decoded.refusals)) == ([], 1), (name, request)


@pytest.mark.parametrize(
    "text", ["4_03.0288", "４７03.0288", "0x47.0288", "NaN", "1e999", "47 03.028", "4799.0288", "-"]
)
@pytest.mark.parametrize("name", ["gps103", "tk103", "nmea", "h02"])
def test_nor_is_it_one_in_a_sentence(name: str, text: str) -> None:
    message = POSITION[name].replace(b"4703.0288", text.encode())
    assert [ping for one in Decoder(STREAM_PROTOCOLS[name].codec()).finish(message, NOW_MS) for ping in one.pings] == []


HOSTILE = {
    "deep": b"[" * 3_000_000,
    "deep objects": b'{"locations":' * 200_000,
    "many numbers": b"[" + b"1," * 1_000_000 + b"1]",
    "many lists": b'{"pings":[' + b"[]," * 600_000 + b"[]]}",
    "many keys": ("{" + ",".join(f'"{number}":1' for number in range(150_000)) + "}").encode(),
    "digits": b'{"lat":' + b"1" * 2_000_000 + b"}",
    "a long text": b'["' + b"\\u0041" * 300_000 + b'"]',
    "a key twice": b'{"lat":47,"lat":48,"lon":8,"tst":1781342130,"_type":"location"}',
    "not UTF-8": b'{"lat":"\xff\xfe"}',
    "a lone surrogate": b'{"_type":"\\ud800","desc":"\\udfff"}',
    "a four-gigabyte text": b"\xdb\xff\xff\xff\xff",
    "a four-gigabyte list": b"\xdd\xff\xff\xff\xff" + b"\x01" * 2_000_000,
    "parameters": b"a=1&" * 500_000,
    "escapes": b"a=" + b"%41" * 600_000,
    "nothing": b"\0" * 100_000,
    "zip": b"PK\x03\x04" + b"\0" * 1000,
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", sorted(HTTP_PROTOCOLS))
def test_hostile_bodies_get_the_success_answer_and_cost_one_refusal(name: str, kind: str) -> None:
    body = HOSTILE[kind][: HTTP_PROTOCOLS[name].body_limit_bytes]
    decoded = decode(name, HttpRequest("POST", "", {}, body))
    assert decoded.pings == []
    assert len(decoded.refusals) <= 1
    assert all(len(refusal.raw) <= RAW_LIMIT_BYTES for refusal in decoded.refusals)
    json.dumps(decoded.note, ensure_ascii=False).encode()


@pytest.mark.parametrize("digits", [9, 17, 5000])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nmea", "QZE,490154203237518,1,{},091530,47.05048,8.31064,54,128,A,1"),
        ("gps103", "imei:490154203237518,x,--,--,--,091530,{},22,1,47.050480,8.310640,54,128,436,0.9,9,1,1,--*"),
        ("h02", "*HQ,4901542032,V1,091530,A,4703.0288,N,00818.6384,E,029.16,128,{},FFFFFBFF#"),
        ("h02", "*HQ,4901542032,NBR,091530,228,{},FFFFFBFD#"),
    ],
)
def test_a_date_of_any_length_is_no_date_and_raises_nothing(name: str, text: str, digits: int) -> None:
    (message,) = Decoder(STREAM_PROTOCOLS[name].codec()).finish(text.format("1" * digits).encode(), NOW_MS)
    assert all(ping.fix_time_ms is None for ping in message.pings)
