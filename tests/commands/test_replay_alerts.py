"""`tracker replay --alerts`: what crews would have been told on a past day."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tests.core.roads import START_MS, STRAIGHT, drive, leg, stand, tour
from tracker.commands.replay import Line, replay
from tracker.core.model import Ping

DAY = tour(leg(STRAIGHT))
COURSE = DAY.legs[0].course
STOP_MS = START_MS + 500_000


def lines(pings: Iterable[Ping]) -> list[str]:
    return [
        json.dumps(
            {
                "vehicle": "1",
                "fix_time_ms": ping.fix_time_ms,
                "received_at_ms": (ping.fix_time_ms or 0) + 300,
                "lat": ping.lat,
                "lon": ping.lon,
                "accuracy_m": ping.accuracy_m,
                "speed_mps": ping.speed_mps,
                "bearing_deg": ping.bearing_deg,
                "sos": ping.sos,
            }
        )
        for ping in pings
    ]


def breakdown() -> list[Ping]:
    """Half an hour on the road at 7.5 km, then on to the finish."""
    standing = stand(COURSE.point_at(7_500), STOP_MS + 10_000, 1780)
    return drive(COURSE, 0, 7_500) + standing + drive(COURSE, 7_500, None, STOP_MS + 1_800_000)


def results(pings: Iterable[Ping], *, alerts: bool = True) -> list[Line]:
    return [line for line in replay(DAY, lines(pings), alerts=alerts) if isinstance(line, dict)]


def test_an_alert_has_a_line_when_it_is_raised_and_when_it_is_cleared() -> None:
    raised, cleared = [line for line in results(breakdown()) if line["type"] == "alert"]
    assert (raised["id"], raised["kind"], raised["vehicle"]) == (cleared["id"], "stopped", "1")
    assert (raised["event"], cleared["event"]) == ("raised", "cleared")
    assert isinstance(raised["at_ms"], int)
    assert 480_000 <= raised["at_ms"] - STOP_MS <= 540_000
    assert (raised["lat"], raised["lon"]) == tuple(round(degrees, 7) for degrees in COURSE.point_at(7_500))
    assert raised["evidence"] == {"stopped_s": 480, "aside_m": 0}


def test_sos_does_not_wait_for_the_next_look() -> None:
    ping = Ping("1", START_MS + 1_234, *COURSE.point_at(0), 5.0, sos=True)
    (raised,) = [line for line in results([ping]) if line["type"] == "alert"]
    assert (raised["kind"], raised["at_ms"]) == ("sos", START_MS + 1_534)


def test_without_the_option_nothing_else_changes() -> None:
    with_alerts, plain = results(breakdown()), results(breakdown(), alerts=False)
    assert [line for line in with_alerts if line["type"] != "alert"] == plain
