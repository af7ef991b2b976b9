"""`tracker decode`: one line in, one line out, whatever the line holds."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.cli import main
from tracker.commands.decode import FIELDS, decode_message, decode_request
from tracker.protocols import HTTP_PROTOCOLS, STREAM_PROTOCOLS

NOW = "2026-06-13T09:15:31Z"
NOW_MS = 1_781_342_131_000
GT06 = "787822221a060d090f1ec9050c47b000e4423036148000e4011234000abc0100000002f4330d0a"
OSMAND = {"method": "POST", "target": "/in/osmand/TOKEN?id=car017&timestamp=1781342130&lat=47.05048&lon=8.31064"}


def decode(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lines: bytes, *arguments: str
) -> list[dict[str, Any]]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    assert main(["decode", *arguments, "--now", NOW]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_binary_message_in_hex(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (result,) = decode(capsys, monkeypatch, GT06.encode(), "gt06", "--hex")
    assert result == {
        "pings": [
            {
                "device": None,
                "fix_time_ms": 1_781_342_130_000,
                "lat": 47.05048,
                "lon": 8.31064,
                "accuracy_m": None,
                "speed_mps": 15.0,
                "bearing_deg": 128.0,
                "altitude_m": None,
                "valid": True,
                "sos": False,
                "battery_pct": None,
            }
        ],
        "answer": "78780522000207180d0a",
        "note": None,
    }


def test_text_messages_and_a_broken_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b"##,imei:490154203237518,A;\r\n\n\xff\xfe nonsense\nimei:490154203237518,help me,,,L,,,1234,,ABCD,,,;\n"
    login, empty, broken, sos = decode(capsys, monkeypatch, lines, "gps103")
    assert (login["pings"], login["answer"], login["note"]) == ([], "LOAD", "login")
    assert (empty["pings"], empty["note"]) == ([], "no message")
    assert broken["note"] is not None
    assert (sos["pings"][0]["sos"], sos["answer"]) == (True, "**,imei:490154203237518,E;")
    assert sos["pings"][0]["fix_time_ms"] == NOW_MS


def test_http_requests(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"method": "POST", "target": "/in/osmand/T", "headers": {}, "body_hex": b"lat=47&lon=8".hex()}
    lines = "\n".join([json.dumps(OSMAND), json.dumps(body), json.dumps({"method": "PUT"}), "[", "7"])
    first, second, put, broken, number = decode(capsys, monkeypatch, lines.encode(), "osmand")
    assert (first["pings"][0]["device"], first["answer"], first["note"]) == ("car017", "", None)
    assert second["note"] == "no time: the received time stands in"
    assert put["note"] == "405: osmand has the methods GET, POST"
    assert broken["note"].startswith("not a request")
    assert number["note"].startswith("not a request")


def test_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "captured.txt").write_text(f"{GT06}\nnot hex\n")
    assert main(["decode", "gt06", "--hex", "--now", NOW, str(tmp_path / "captured.txt")]) == 0
    notes = [json.loads(line)["note"] for line in capsys.readouterr().out.splitlines()]
    assert notes == [None, "not hexadecimal"]


def test_a_file_or_time_that_cannot_be_used_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", "gt06", str(tmp_path / "missing")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert main(["decode", "gt06", "--now", "noon"]) == 2
    assert "--now" in capsys.readouterr().err


@given(st.sampled_from(sorted(STREAM_PROTOCOLS)), st.binary(max_size=300), st.booleans())
@settings(deadline=None)
def test_no_stream_message_fails(name: str, line: bytes, is_hex: bool) -> None:
    result = decode_message(line, name, NOW_MS, is_hex=is_hex)
    assert list(result) == ["pings", "answer", "note"]
    json.dumps(result, allow_nan=False)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_TELLING = [
    "_type",
    "lat",
    "lon",
    "tst",
    "location",
    "locations",
    "coords",
    "geometry",
    "properties",
    "Events",
    "point",
    "pings",
    "timestamp",
    "imei",
    "timeStamp",
    "fix_time_ms",
    "seq",
    "gprmc",
    "coordinates",
    "current",
    "extras",
]
_body = st.recursive(
    st.sampled_from([None, True, 0, 47.05048, -1, 10**400, "location", "1781342130", "", "Point", "transition"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_TELLING), inner, max_size=6),
    max_leaves=12,
)


@given(st.sampled_from(sorted(HTTP_PROTOCOLS)), _json | _body)
@settings(deadline=None, max_examples=400)
def test_no_request_fails(name: str, body: object) -> None:
    line = json.dumps({"method": "POST", "target": "/", "headers": {}, "body": json.dumps(body)}).encode()
    result = decode_request(line, name, NOW_MS)
    assert all(list(ping) == list(FIELDS) for ping in result["pings"])  # type: ignore[attr-defined]  # a JSON document
    json.dumps(result, allow_nan=False)


@given(st.sampled_from(sorted(HTTP_PROTOCOLS)), st.text(), st.binary())
@settings(deadline=None)
def test_no_bytes_fail(name: str, query: str, body: bytes) -> None:
    line = json.dumps({"method": "POST", "target": f"/?{query}", "body_hex": body.hex()}).encode()
    json.dumps(decode_request(line, name, NOW_MS), allow_nan=False)
