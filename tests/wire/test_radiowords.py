"""What is read aloud on the radio: short, in both languages, and never better than what is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.core.roads import START_MS, STRAIGHT, leg, tour
from tracker.core.alerts.event import AlertKind
from tracker.wire.radiowords import ENGLISH, ITALIAN, SECONDS, WORDS_PER_MINUTE, radio_lines, spoken_words

TOUR = tour(leg(STRAIGHT), cars=9)
CROWD = replace(TOUR, vehicles=tuple(replace(TOUR.vehicles[0], number=str(121 + row)) for row in range(130)))
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
        "16:00.\nCar 4 stopped for 12 min, km 7, S1 has it.\nCar 2 silent for 12 min, km 5, nobody yet.\n"
        "Leg 1: km 3 to 15.\nSweep S1 at km 2."
    )
    assert said(document(helped)).endswith("Sweep S1 at km 2.\n6 driving, 2 stopped, 1 arrived.")


@pytest.mark.parametrize(
    ("text", "words"), [("20", 1), ("21", 2), ("105", 3), ("187", 4), ("1342", 6), ("08:05", 4), ("S7 at km 30.", 5)]
)
def test_a_number_is_as_many_words_as_are_said(text: str, words: int) -> None:
    assert spoken_words(text) == words


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("kind", list(AlertKind))
@pytest.mark.parametrize("troubled", [0, 1, 2, 3, 60])
def test_the_worst_morning_is_read_aloud_in_a_quarter_of_a_minute(
    language: str, kind: AlertKind, troubled: int
) -> None:
    """Long numbers everywhere, hours of trouble, three legs on the road, no feed, and news that are old."""
    long_ago = {"since_ms": NOW_MS - 137 * 60_000, "along_m": 577_000, "evidence": {"behind_field_s": 137 * 60}}
    far = {"head": [0, 577_000], "tail": [8, 477_000], "sweep": [SUPPORT, 377_000]}
    counts = dict.fromkeys(("running", "stopped", "waiting", "finished", "off_course"), 77)
    field = [{"leg": leg, "cars": counts, **far} for leg in (21, 22, 23)]
    quiet = [{"vehicle": vehicle} for vehicle in range(60)]
    for outage in ([], [alert(-1, "feed_outage", leg=0)]):
        cars = [
            alert(vehicle, kind, helper=SUPPORT, state="on_scene", **long_ago) for vehicle in range(60, 60 + troubled)
        ]
        known = {
            "alerts": [*outage, *(cars if kind is not AlertKind.FEED_OUTAGE else [])],
            "quiet": quiet,
            "field": field,
        }
        for stale_since_ms in (None, NOW_MS - 13 * 60_000):
            lines = radio_lines(CROWD, known, NOW_MS, stale_since_ms, language)
            assert spoken_words(" ".join(lines)) <= SECONDS * WORDS_PER_MINUTE / 60
            assert any("181" in line for line in lines) or not known["alerts"][len(outage) :], "the first in trouble"


def test_of_many_in_trouble_the_first_are_told_and_the_others_are_numbers() -> None:
    many = [alert(vehicle, kind) for vehicle in range(9) for kind in ("silent", "behind")]
    assert "\nAlso 3, 4 and 5 more." in said(document(*many))
    assert "\nAnche 3, 4 e altre 5." in said(document(*many), "it")
    without = said(document(*many, alert(-1, "feed_outage", leg=0)))
    assert without.startswith("16:00.\nThe feed is out.\nCar 1 silent")
    assert "driving" not in without, "nobody knows"


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "Silent as usual: 3.", "Silent as usual: 3, 4 and 3 more."),
        ("it", "Senza segnale come di solito: 3.", "Senza segnale come di solito: 3, 4 e altre 3."),
    ],
)
def test_who_is_silent_as_usual_is_named_where_there_is_time(language: str, one: str, many: str) -> None:
    quiet = [{"vehicle": vehicle} for vehicle in range(2, 7)]
    assert said(document() | {"quiet": quiet[:1]}, language).endswith(one)
    assert said(document(alert(0), running=6) | {"quiet": quiet}, language).endswith(many)
    assert many not in said(document(*map(alert, range(3))) | {"quiet": quiet}, language), "trouble comes first"


def test_calm_is_said_and_what_is_closed_is_not() -> None:
    over = alert(1, closed_ms=NOW_MS, state="cleared")
    assert "No trouble." in said(document(over, alert(2, state="resolved")))
    assert "Car 2" not in said(document(over))


@pytest.mark.parametrize(
    ("state", "helper", "sentence"),
    [
        ("raised", -1, "nobody yet."),
        ("acknowledged", -1, "acknowledged."),
        ("assigned", SUPPORT, "S1 has it."),
        ("on_scene", SUPPORT, "S1 is there."),
        ("on_scene", -1, "somebody is there."),
    ],
)
def test_who_helps(state: str, helper: int, sentence: str) -> None:
    assert sentence in said(document(alert(1, state=state, helper=helper)))


def test_what_is_not_known_is_not_made_up() -> None:
    assert said({}) == "Nothing is known yet."
    assert said(document(), stale_since_ms=NOW_MS - 600_000).startswith("No news since 15:50.\n")
    night = document(finished=9)
    night["field"][0] |= {"head": None, "tail": None, "sweep": None}
    assert said(night) == "16:00.\nNo trouble.\nLeg 1: nobody on the road.\n9 arrived."


def test_both_languages_say_the_same_things() -> None:
    assert ENGLISH.keys() == ITALIAN.keys()
