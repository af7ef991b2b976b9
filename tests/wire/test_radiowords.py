"""What is read aloud on the radio: short, in both languages, and never better than what is known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.roads import START_MS, STRAIGHT, leg, tour
from tracker.wire.radiowords import ENGLISH, ITALIAN, radio_lines

TOUR = tour(leg(STRAIGHT), cars=9)
SUPPORT = 9
NOW_MS = START_MS + 3_600_000


def alert(vehicle: int, kind: str = "stopped", **more: object) -> dict[str, Any]:
    known = {
        "id": f"{kind}-{vehicle + 1}-1",
        "kind": kind,
        "vehicle": vehicle,
        "evidence": {},
        "state": "raised",
        "raised_ms": NOW_MS - 240_000,
        "since_ms": NOW_MS - 720_000,
        "closed_ms": -1,
        "leg": 1,
        "along_m": 7_400,
        "helper": -1,
    }
    return known | more


def document(*alerts: dict[str, Any], **cars: int) -> dict[str, Any]:
    counts = cars or {"running": 6, "stopped": 2, "finished": 1, "silent": 1}
    spots = {"head": [0, 15_200], "tail": [8, 3_100], "sweep": [SUPPORT, 2_000]}
    return {"alerts": list(alerts), "quiet": [], "field": [{"leg": 1, "cars": counts, **spots}]}


def said(known: dict[str, Any], language: str = "en", stale_since_ms: int | None = None) -> str:
    return "\n".join(radio_lines(TOUR, known, NOW_MS, stale_since_ms, language))


def test_a_morning_in_short_sentences() -> None:
    helped = alert(3, state="assigned", helper=SUPPORT)
    lost = alert(1, "silent", along_m=5_000, evidence={"dead_zone_others": 4})
    assert said(document(helped, lost)) == (
        "16:00.\n"
        "Leg 1: field km 3 to 15. 6 driving, 2 stopped, 1 arrived.\n"
        "Car 4 has stood for 12 min, km 7. S1 has it.\n"
        "Nothing heard of car 2 since 15:48, km 5. Nobody has it.\n"
        "Sweep S1 at km 2."
    )


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_worst_morning_can_still_be_read_in_time(language: str) -> None:
    troubles = [alert(vehicle, kind) for vehicle in range(9) for kind in ("silent", "behind")]
    known = document(*troubles, alert(-1, "feed_outage", evidence={"vehicles": ["1"] * 60}, leg=0))
    worst = said(known | {"quiet": [{"vehicle": vehicle} for vehicle in range(9)]}, language)
    assert len(worst.split()) <= 55
    assert ("Also cars 3, 4 and 5 more." if language == "en" else "Anche le auto 3, 4 e altre 5.") in worst


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "Silent as usual: 3.", "Silent as usual: 3, 4 and 3 more."),
        ("it", "Senza segnale come di solito: 3.", "Senza segnale come di solito: 3, 4 e altre 3."),
    ],
)
def test_who_is_silent_as_usual_is_named_in_a_clause(language: str, one: str, many: str) -> None:
    quiet = [{"vehicle": vehicle} for vehicle in range(2, 7)]
    assert said(document() | {"quiet": quiet[:1]}, language).splitlines()[3] == one
    busy = said(document(alert(0), alert(1)) | {"quiet": quiet}, language)
    assert busy.splitlines()[4] == many
    assert len(busy.split()) <= 55
    assert many not in said(document(*map(alert, range(3))) | {"quiet": quiet}, language), "trouble comes first"


def test_calm_is_said_and_what_is_closed_is_not() -> None:
    over = alert(1, closed_ms=NOW_MS, state="cleared")
    assert "No trouble." in said(document(over, alert(2, state="resolved")))
    assert "Car 2" not in said(document(over))


@pytest.mark.parametrize(
    ("state", "helper", "sentence"),
    [
        ("raised", -1, "Nobody has it."),
        ("acknowledged", -1, "Acknowledged."),
        ("assigned", SUPPORT, "S1 has it."),
        ("on_scene", SUPPORT, "S1 is there."),
        ("on_scene", -1, "Somebody is there."),
    ],
)
def test_who_helps(state: str, helper: int, sentence: str) -> None:
    assert sentence in said(document(alert(1, state=state, helper=helper)))


def test_what_is_not_known_is_not_made_up() -> None:
    assert said({}) == "Nothing is known yet."
    assert said(document(), stale_since_ms=NOW_MS - 600_000).startswith("No news from the server since 15:50.\n")
    night = document(finished=9)
    night["field"][0] |= {"head": None, "tail": None, "sweep": None}
    assert said(night) == "16:00.\nLeg 1: nobody on the road. 9 arrived.\nNo trouble."


def test_both_languages_say_the_same_things() -> None:
    assert ENGLISH.keys() == ITALIAN.keys()
