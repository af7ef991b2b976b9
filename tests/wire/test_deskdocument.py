"""The desk's document: what it says of a morning that can be checked by eye, as docs/crew.md has it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.roads import SPEED_MPS, START_MS, STRAIGHT, drive, leg, stand, tour
from tracker.core.alerts.desk import Alerts
from tracker.core.alerts.event import to_body
from tracker.core.engine import Engine
from tracker.core.model import Ping, Record, RecordKind, Tour, Vehicle, VehicleKind
from tracker.wire.desk import decode_desk, desk_body, encode_desk
from tracker.wire.deskdocument import DeskDocument

PAGE = (Path(__file__).parents[2] / "docs" / "crew.md").read_text()
ROAD = leg(STRAIGHT)  # controls at 5, 10 and 15 km
STOP_MS = START_MS + round(7_500 / SPEED_MPS * 1000)
NOW_MS = STOP_MS + 600_000
S1, S2 = 3, 4  # rows


def morning() -> Tour:
    """Three cars; S1 sweeps, S2 drives ahead."""
    plain = tour(ROAD)
    *cars, support = plain.vehicles
    cars[0] = replace(cars[0], phones=("+1 415 555 0100", "+1 415 555 0101"))
    ahead = Vehicle("S2", VehicleKind.SUPPORT, devices=tuple(replace(d, name="S2") for d in support.devices))
    return replace(plain, vehicles=(*cars, replace(support, role="Sweep"), ahead))


def decided(name: str, decision: str, at_ms: int = NOW_MS - 60_000, **fields: object) -> dict[str, object]:
    made = {"id": name, "decision": decision, "at_ms": at_ms, "who": "Ann", "role": "crew", "invitation": 7}
    return made | fields


def desk_of(*decisions: dict[str, object]) -> dict[str, Any]:
    """Car 1 stands at 7.5 km, car 2 arrives, car 3 is never heard; what the desk says ten minutes later."""
    a_tour = morning()
    pings = [
        *drive(ROAD.course, 0.0, 7_500.0),
        *stand(ROAD.course.point_at(7_500.0), STOP_MS + 10_000, 590),
        *drive(ROAD.course, begin_ms=START_MS + 60_000, device="2"),
        *drive(ROAD.course, 0.0, 4_000.0, START_MS + 600_000, "S1"),
        *drive(ROAD.course, 0.0, 12_000.0, START_MS + 60_000, "S2"),
    ]
    engine, desk, seq = Engine(a_tour), Alerts(a_tour), 0

    def take(kind: RecordKind, body: Ping | dict[str, object], at_ms: int) -> None:
        nonlocal seq
        seq += 1
        engine.apply(Record(seq, at_ms, kind, body))
        desk.observe(Record(seq, at_ms, kind, body))

    for ping in sorted(pings, key=lambda ping: ping.fix_time_ms or 0):
        if (ping.fix_time_ms or 0) <= NOW_MS:
            take(RecordKind.PING, ping, (ping.fix_time_ms or 0) + 300)
    while not engine.fold(1000):
        pass
    engine.tick(NOW_MS)
    for event in desk.tick(NOW_MS, engine):
        take(RecordKind.ALERT, to_body(event, a_tour), NOW_MS)
    for body in decisions:
        take(RecordKind.DECISION, body, NOW_MS)
    while not engine.fold(1000):
        pass
    document = DeskDocument(a_tour)
    composed = document.compose(engine, desk, document.where(engine, desk, NOW_MS), NOW_MS)
    now_ms, read = decode_desk(encode_desk(NOW_MS, desk_body(composed)))
    assert now_ms == NOW_MS
    return read


DECIDED = (
    decided("have-it1", "alert", alert="stopped-1-1", step="assigned", helper="S1"),
    decided("too-late", "alert", alert="stopped-1-1", step="assigned", helper="S2"),
    decided("told-all", "note", text="Gravel behind the bridge"),
    decided("told-one", "note", text="Has a puncture", vehicle="1"),
    decided("saw-it-1", "sighting", START_MS + 400_000, vehicle="3", leg=1, checkpoint="c1"),
    decided("saw-it-2", "sighting", START_MS + 345_000, vehicle="1", leg=1, checkpoint="c1"),
    decided("home-now", "standing", vehicle="3", standing="retired"),
    decided("oh-no-it", "undo", of="told-all"),
    decided("nothing1", "alert", alert="stopped-9-1", step="acknowledged"),
)


@pytest.fixture(scope="module")
def desk() -> dict[str, Any]:
    return desk_of(*DECIDED)


def test_an_alert_says_where_it_is_who_has_it_and_who_could_help(desk: dict[str, Any]) -> None:
    (alert,) = desk["alerts"]
    assert (alert["id"], alert["kind"], alert["vehicle"], alert["state"]) == ("stopped-1-1", "stopped", 0, "assigned")
    assert (alert["leg"], alert["before"], alert["after"]) == (1, 1, 2)
    assert alert["along_m"] == pytest.approx(7_500, abs=30)
    assert (alert["closed_ms"], alert["helper"]) == (-1, S1)
    assert alert["steps"] == [
        ["raised", NOW_MS, "", "", -1, ""],
        ["assigned", NOW_MS - 60_000, "Ann", "crew", S1, "have-it1"],
    ]
    helpers = {vehicle: (road_m, turn_back, busy) for vehicle, road_m, _, turn_back, busy in alert["helpers"]}
    assert helpers[S1][1:] == (0, "stopped-1-1")
    assert helpers[S2][1:] == (1, "")
    assert helpers[S1][0] == pytest.approx(3_500, abs=60)
    assert helpers[S2][0] == pytest.approx(4_500, abs=60)
    seconds = {helper[0]: helper[2] for helper in alert["helpers"]}
    assert seconds[S2] == pytest.approx(4_500 / SPEED_MPS, rel=0.1)


def test_every_decision_is_answered_and_the_notes_in_force_are_shown(desk: dict[str, Any]) -> None:
    assert desk["answers"]["have-it1"] == ["counts", "Ann", S1]
    assert desk["answers"]["too-late"] == ["taken", "Ann", S1]
    assert desk["answers"]["nothing1"] == ["unknown", "", -1]
    assert desk["answers"]["told-all"][0] == "over"
    assert [(note["id"], note["vehicle"], note["text"]) for note in desk["notes"]] == [
        ("told-one", 0, "Has a puncture")
    ]


def test_what_can_be_undone_is_shown_as_it_was_sent_without_who_was_invited(desk: dict[str, Any]) -> None:
    assert "told-all" not in [each["id"] for each in desk["undo"]]
    newest = {each["id"]: each for each in desk["undo"]}
    assert newest["home-now"] == {
        "id": "home-now",
        "at_ms": NOW_MS - 60_000,
        "who": "Ann",
        "role": "crew",
        "decision": "standing",
        "vehicle": "3",
        "standing": "retired",
    }


def test_what_was_seen_stands_beside_what_was_tracked(desk: dict[str, Any]) -> None:
    assert desk["seen"][2] == [1, 1, START_MS + 400_000, "Ann"]
    assert desk["seen"][1] is None
    vehicles, legs, checkpoints, tracked_ms, seen_ms, who = desk["observed"]
    assert (vehicles, legs, checkpoints) == ([0, 2], [1, 1], [1, 1])
    assert tracked_ms == [pytest.approx(START_MS + 5_000 / SPEED_MPS * 1000, abs=3000), -1]
    assert seen_ms == [START_MS + 345_000, START_MS + 400_000]
    assert who == ["Ann", "Ann"]


def test_need_field_standings_phones_and_miles(desk: dict[str, Any]) -> None:
    assert [(vehicle, reasons) for vehicle, _, reasons in desk["need"]] == [(0, [["stopped", "stopped-1-1"]])]
    (field,) = desk["field"]
    assert (field["leg"], field["head"][0], field["tail"][0], field["sweep"][0]) == (1, 1, 0, S1)
    assert field["cars"] == {"running": 1, "stopped": 1, "retired": 1}
    assert [(each["checkpoint"], each["through"], each["to_come"]) for each in desk["clear"]][:3] == [
        (0, 2, 0),
        (1, 2, 0),
        (2, 1, 1),
    ]
    assert desk["standings"] == [None, None, [NOW_MS - 60_000, "Ann"], None, None]
    assert desk["phones"][0] == ["+1 415 555 0100", "+1 415 555 0101"]
    assert desk["own_m"][0] == [pytest.approx(7_500, abs=60), 0]
    assert desk["legs"] == [[0, 0]]


def test_undoing_takes_the_alert_out_of_the_hand_and_gives_it_to_nobody_who_was_told_no(desk: dict[str, Any]) -> None:
    undo = decided("sorry-12", "undo", of="have-it1")
    undone = desk_of(*DECIDED, undo)
    (alert,) = undone["alerts"]
    assert (alert["state"], alert["helper"], len(alert["steps"])) == ("raised", -1, 1)
    assert undone["answers"]["too-late"] == ["taken", "Ann", S1]
    assert undone["need"][0][1] > desk["need"][0][1], "and it is as urgent as before"
    then = decided("now-mine", "alert", alert="stopped-1-1", step="assigned", helper="S2")
    again = desk_of(*DECIDED, undo, then, decided("redo-123", "undo", of="sorry-12"))
    assert again["answers"]["now-mine"][0] == "counts"
    (alert,) = again["alerts"]
    assert [(step[0], step[4]) for step in alert["steps"]] == [("raised", -1), ("assigned", S1), ("assigned", S2)]


def test_every_key_is_explained(desk: dict[str, Any]) -> None:
    explained = set(re.findall(r"`(\w+)`", PAGE))
    said = {*desk, *desk["alerts"][0], *desk["field"][0], *desk["clear"][0], *desk["notes"][0], *desk["sightings"][0]}
    assert said - explained == set()
