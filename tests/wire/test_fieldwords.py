"""What each vehicle is doing, in words: as the spectators' page says it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden.make_frames import BASE_MS, small_tour
from tracker.core.model import Freshness, Standing, Status, VehicleView
from tracker.wire.audience import PUBLIC
from tracker.wire.fieldwords import field_sentences, short_place
from tracker.wire.frames import FeedState, Projector

TOUR = small_tour()
NOW_MS = TOUR.legs[0].first_start_ms + 3_600_000
MINUTE_MS = 60_000
NEXT = len(TOUR.legs[0].checkpoints) - 1
FINISH = short_place(TOUR.legs[0].checkpoints[-1].name)


def said(doing: dict[str, Any], language: str = "en", now_ms: int = NOW_MS, delay_s: int = 0) -> str:
    about = PUBLIC.describe(TOUR, 1, [str(leg) for leg in range(len(TOUR.legs))], 10)
    about["tour"]["delay_s"] = delay_s
    known: dict[str, Any] = {"leg": 0, "along_m": 100.0, "status": Status.RUNNING, "next_checkpoint": NEXT, **doing}
    view = VehicleView(0, NOW_MS - 5_000, 37.8, -122.4, freshness=known.pop("freshness", Freshness.LIVE), **known)
    projector = Projector(about, len(TOUR.vehicles), 1, 1.0)
    projector.delta([view], NOW_MS)
    state = FeedState()
    state.fold(projector.snapshot(NOW_MS))
    return field_sentences(state, now_ms, language)[0]


WINDOW: dict[str, Any] = {"eta_early_ms": NOW_MS + 21 * MINUTE_MS, "eta_late_ms": NOW_MS + 28 * MINUTE_MS}


def test_arrivals_are_ranges_counted_from_the_present() -> None:
    assert said(WINDOW).startswith(f"{FINISH} in 2")
    assert said(WINDOW).endswith("–28 min")
    assert said(WINDOW, now_ms=NOW_MS + 22 * MINUTE_MS) == f"{FINISH} within 6 min"
    assert said(WINDOW, now_ms=NOW_MS + 40 * MINUTE_MS) == f"{FINISH} any minute"
    assert said(WINDOW, "it", delay_s=600).endswith("–18 min")
    assert "min" not in said(WINDOW, delay_s=3_600), "it has passed meanwhile: the times, and no wait"


@pytest.mark.parametrize(
    ("doing", "english", "italian"),
    [
        ({}, f"on the way to {FINISH}", f"in viaggio verso {FINISH}"),
        ({"status": Status.FINISHED}, f"arrived in {FINISH}", f"arrivata a {FINISH}"),
        ({"standing": Standing.RETIRED}, "retired", "ritirata"),
        (
            {"status": Status.OFF_COURSE, "status_since_ms": NOW_MS - 12 * MINUTE_MS},
            "off the course, 12 min",
            "fuori percorso da 12 min",
        ),
        (
            {"status": Status.STOPPED, "along_m": 5_000.0, "status_since_ms": NOW_MS - 125 * MINUTE_MS},
            "stopped 2 h at ",
            "ferma da 2 h, ",
        ),
        ({"freshness": Freshness.SILENT}, "no signal since ", "nessun segnale dalle "),
    ],
)
def test_states_are_said_courteously(doing: dict[str, Any], english: str, italian: str) -> None:
    assert said(doing).startswith(english)
    assert said(doing, "it").startswith(italian)


def test_nothing_is_said_before_the_first_snapshot() -> None:
    assert field_sentences(FeedState(), BASE_MS, "en") == []
