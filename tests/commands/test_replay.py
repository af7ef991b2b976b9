"""`tracker replay`: results from a list of pings, and clear words about lines that are none."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from tests.core.roads import START_MS, STRAIGHT, drive, leg, stand, tour
from tracker.cli import main
from tracker.commands.replay import BadLine, Line, replay

DEMO = Path(__file__).resolve().parents[2] / "tracker" / "demo" / "california-mille"
DAY = tour(leg(STRAIGHT))


def lines_of(clock_error_ms: int = 0) -> list[str]:
    """Car 1 waits, drives the leg and parks; each ping arrives a third of a second after it was taken."""
    line = DAY.legs[0].course
    pings = stand(line.point_at(0.0), START_MS - 60_000, 50) + drive(line)
    pings += stand(line.point_at(line.length_m), (pings[-1].fix_time_ms or 0) + 10_000, 120)
    return [
        json.dumps(
            {
                "vehicle": "1",
                "fix_time_ms": (ping.fix_time_ms or 0) + clock_error_ms,
                "received_at_ms": (ping.fix_time_ms or 0) + 300,
                "lat": ping.lat,
                "lon": ping.lon,
                "accuracy_m": ping.accuracy_m,
                "speed_mps": ping.speed_mps,
                "bearing_deg": ping.bearing_deg,
            }
        )
        for ping in pings
    ]


def results(lines: list[str], live: bool = False) -> list[Line]:
    out = []
    for result in replay(DAY, lines, live=live):
        assert not isinstance(result, BadLine)
        out.append(result)
    return out


def of_type(kind: str, found: list[Line]) -> list[Line]:
    return [line for line in found if line["type"] == kind]


def test_passages_totals_and_a_digest() -> None:
    found = results(lines_of())
    passages = of_type("passage", found)
    assert [(line["checkpoint"], line["id"]) for line in passages] == [
        (0, "start"),
        (1, "c1"),
        (2, "c2"),
        (3, "c3"),
        (4, "finish"),
    ]
    assert passages[1]["leg"] == 1
    assert passages[1]["time_ms"] == pytest.approx(START_MS + 1000 * 5000 / 15, abs=400)
    totals = {line["vehicle"]: line["odometer_m"] for line in of_type("total", found)}
    assert set(totals) == {"1", "2", "3", "S1"}
    assert totals["1"] == pytest.approx(DAY.legs[0].length_m, abs=30.0)
    assert found[-1]["type"] == "digest"
    assert len(str(found[-1]["sha256"])) == 64


def test_live_lines_say_what_a_dashboard_would_show() -> None:
    lines = lines_of()
    live = of_type("live", results(lines, live=True))
    assert len(live) == len(lines)
    assert (live[3]["status"], live[3]["along_m"]) == ("waiting", 0.0)
    assert live[40]["status"] == "running"
    assert live[40]["time_ms"] == json.loads(lines[40])["fix_time_ms"]
    assert live[-1]["status"] == "finished"
    assert set(live[40]) == {
        *("type", "vehicle", "time_ms", "leg", "along_m", "offset_m", "status"),
        *("uncertain", "along_min_m", "along_max_m"),
    }


def test_the_order_and_number_of_lines_do_not_matter_even_with_a_wrong_clock() -> None:
    lines = lines_of(clock_error_ms=75_000)
    shuffled = lines + lines[20:50]
    Random(1).shuffle(shuffled)
    assert results(shuffled)[-1] == results(lines)[-1]
    right, wrong = (of_type("passage", results(each)) for each in (lines_of(), lines))
    for before, after in zip(right, wrong, strict=True):
        assert after["time_ms"] == pytest.approx(before["time_ms"], abs=1_000)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("{broken", "line 3: not JSON"),
        ("[1, 2]", "line 3: not a JSON object"),
        ('{"vehicle": "1"}', 'line 3: "fix_time_ms" is missing'),
        ('{"vehicle": "99", "fix_time_ms": 1, "received_at_ms": 1, "lat": 1, "lon": 1}', "line 3: no vehicle '99'"),
        ('{"vehicle": "1", "fix_time_ms": 1e12, "received_at_ms": 1e12, "lat": "x", "lon": 1}', 'line 3: "lat" is'),
        ('{"vehicle": "1", "fix_time_ms": 1e12, "received_at_ms": 1e12, "lat": 91, "lon": 1}', "line 3: latitude out"),
        (
            '{"vehicle": "1", "fix_time_ms": 1e12, "received_at_ms": null, "lat": 9, "lon": 1}',
            'line 3: "received_at_ms"',
        ),
        (
            '{"vehicle": "1", "fix_time_ms": NaN, "received_at_ms": 1, "lat": 9, "lon": 1}',
            'line 3: "fix_time_ms" is nan',
        ),
    ],
)
def test_a_line_that_is_no_ping_is_named_and_can_be_left_out(bad: str, words: str) -> None:
    lines = lines_of()
    with pytest.raises(BadLine, match=r".") as caught:
        list(replay(DAY, [*lines[:2], bad, *lines[2:]]))
    assert str(caught.value).startswith(words)
    mended = list(replay(DAY, [*lines[:2], bad, *lines[2:]], skip_bad=True))
    assert sum(isinstance(line, BadLine) for line in mended) == 1
    assert mended[-1] == results(lines)[-1]


def test_the_command_exits_with_2_and_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pings = tmp_path / "pings.jsonl"
    pings.write_text('{"vehicle": "no such car"}\n')
    assert main(["replay", str(DEMO), str(pings)]) == 2
    assert "line 1" in capsys.readouterr().err
    assert main(["replay", str(DEMO), str(tmp_path / "nowhere.jsonl")]) == 2
    assert main(["replay", str(DEMO), str(pings), "--skip-bad"]) == 0
    said = capsys.readouterr()
    assert "left out 1 line" in said.err
    assert json.loads(said.out.splitlines()[-1])["type"] == "digest"
