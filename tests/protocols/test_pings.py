"""Our own batch: what the driver page learns from the answer."""

from __future__ import annotations

import json
from typing import Any

import msgpack
import pytest

from tracker.core.model import Ping
from tracker.protocols import pings
from tracker.protocols.contract import Decoded, HttpRequest

NOW_MS = 1_781_342_131_000
PING = {"fix_time_ms": 1_781_342_130_000, "lat": 47.05048, "lon": 8.31064, "accuracy_m": 5, "speed_mps": 15, "seq": 1}


def post(body: bytes) -> tuple[Decoded, dict[str, Any]]:
    decoded = pings.decode(HttpRequest("POST", "", {}, body), NOW_MS)
    return decoded, json.loads(decoded.answer.body)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"pings": [PING]}).encode(),
        json.dumps([PING]).encode(),
        msgpack.packb({"pings": [PING]}),
        msgpack.packb([PING]),
    ],
)
def test_json_and_msgpack_bare_or_wrapped(body: bytes) -> None:
    decoded, answer = post(body)
    assert decoded.pings == [Ping(None, 1_781_342_130_000, 47.05048, 8.31064, accuracy_m=5.0, speed_mps=15.0)]
    assert answer == {"stored": 1, "refused": 0, "seq": 1, "seqs": [1]}


def test_one_bad_ping_costs_no_good_one_and_is_not_sent_again() -> None:
    batch = [PING | {"seq": seq} for seq in range(1, 11)]
    batch[4]["lat"] = 91
    decoded, answer = post(json.dumps(batch).encode())
    assert len(decoded.pings) == 9
    assert [refusal.reason for refusal in decoded.refusals] == ["latitude out of range"]
    assert json.loads(decoded.refusals[0].raw)["seq"] == 5
    assert answer == {"stored": 9, "refused": 1, "seq": 10, "seqs": list(range(1, 11))}


def test_sos_and_fine_need_no_place() -> None:
    decoded, answer = post(json.dumps([{"sos": True, "seq": 1}, {"event": "fine", "seq": 2}]).encode())
    assert decoded.pings == [
        Ping(None, None, None, None, valid=False, sos=True),
        Ping(None, None, None, None, valid=False, event="fine"),
    ]
    assert answer["stored"] == 2


def test_no_pings_are_no_fault() -> None:
    assert post(b"")[1] == post(b"[]")[1] == {"stored": 0, "refused": 0, "seq": None, "seqs": []}


@pytest.mark.parametrize(
    "body",
    [
        b'"text"',
        b"{}",
        b'{"pings":{}}',
        b"\xdd\xff\xff\xff\xff",  # an array of 4 G items in five bytes
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff1",
        b"\x91" * 100_000,
        b"\x91\xcb\x7f\xf8",
        b"\x91\xd6\xff\x00\x00\x00\x01",  # a timestamp extension as an item is of the wrong type
        b"\x91\xd4\x05\x00",
        b"\x91\x82\xa1a\x01\xa1a\x02",
        b"\x91\x81\x01\x01",
        b"\x91\x81\xa1\xff\x01",
        b"\x90\x90",
        b"[" * 60_000,
        b"[" + b"{}," * 30_000 + b"{}]",
    ],
)
def test_hostile_batches_are_refused_whole_and_answered(body: bytes) -> None:
    decoded, answer = post(body)
    assert decoded.pings == []
    assert [refusal.reason for refusal in decoded.refusals] in (["not readable"], ["wrong type"])
    assert answer["stored"] == 0


@pytest.mark.parametrize("nan", [b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", b"\xc3", b"\xa247"])
def test_a_latitude_that_is_no_number(nan: bytes) -> None:
    decoded, _ = post(b"\x91\x82\xa3lat" + nan + b"\xa3lon\x08")
    assert [refusal.reason for refusal in decoded.refusals] == ["not a number"]
