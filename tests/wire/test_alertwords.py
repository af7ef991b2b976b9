"""Alerts in words: every kind in every language, with what its evidence says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

from tracker.core.alerts.event import AlertEvent, AlertKind, AlertStep, Finding, Place
from tracker.core.model import Tour
from tracker.tourfiles import load_tour_folder
from tracker.wire.alertwords import LANGUAGES, alert_sentence, ending_sentence

MILE_M = 1609.344


@pytest.fixture(scope="module")
def tour(demo_folder: Path) -> Tour:
    return load_tour_folder(demo_folder)


def alert(tour: Tour, kind: AlertKind, **evidence: object) -> AlertEvent:
    since_ms = tour.legs[0].first_start_ms + 2 * 3_600_000
    place = Place(38.3, -122.9, 0, 54.0 * MILE_M)
    return AlertEvent(
        f"{kind}-12-1", kind, 11, AlertStep.RAISED, since_ms + 480_000, Finding(since_ms, place, evidence)
    )


def test_a_stop_says_how_long_and_between_which_checkpoints(tour: Tour) -> None:
    event = alert(tour, AlertKind.STOPPED, stopped_s=480)
    first, second = [c.name for c in tour.legs[0].checkpoints if c.along_m <= 54 * MILE_M][-1:] + [
        c.name for c in tour.legs[0].checkpoints if c.along_m > 54 * MILE_M
    ][:1]
    now_ms = event.finding.since_ms + 11 * 60_000
    expected = f"Car 12 has stood for 11 min, at mile 54.0, between {first} and {second}."
    assert alert_sentence(tour, event, now_ms) == expected
    assert alert_sentence(tour, event, now_ms, "it").startswith("L'auto 12 è ferma da 11 min, al miglio 54.0, tra ")


def test_the_evidence_is_said(tour: Tour) -> None:
    silent = alert(tour, AlertKind.SILENT, dead_zone_others=14, dead_zone_passed=15)
    assert "since 10:00" in alert_sentence(tour, silent, 0)
    assert "14 others were silent there too" in alert_sentence(tour, silent, 0)
    wrong = alert(tour, AlertKind.OFF_COURSE, coming_back=True)
    assert alert_sentence(tour, wrong, 0).endswith("it is coming back.")
    outage = replace(alert(tour, AlertKind.FEED_OUTAGE, vehicles=["1", "2"]), vehicle=None)
    assert alert_sentence(tour, outage, 0).startswith("Nothing is heard of 2 vehicles at once since 10:00")
    lost = replace(wrong, finding=replace(wrong.finding, place=Place(38.3, -122.9)))
    assert ", at 38.30000, -122.90000" in alert_sentence(tour, lost, 0)


def test_an_end_says_what_is_over_and_how(tour: Tour) -> None:
    event = alert(tour, AlertKind.STOPPED)
    closed = replace(event, step=AlertStep.CLEARED, at_ms=event.finding.since_ms + 25 * 60_000)
    assert ending_sentence(tour, event, closed).startswith("Over after 25 min: Car 12 has stood for 25 min")
    assert ending_sentence(tour, event, replace(closed, step=AlertStep.RESOLVED)).startswith("Seen to after 25 min")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_has_its_sentence_in_every_language(kind: AlertKind, language: str, tour: Tour) -> None:
    sentence = alert_sentence(tour, alert(tour, kind), 0, language)
    assert sentence.endswith(".")
    assert "{" not in sentence


def test_the_languages_say_the_same_things() -> None:
    def asked_for(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    english = LANGUAGES["en"]
    for words in LANGUAGES.values():
        assert {key: asked_for(text) for key, text in words.items()} == {
            key: asked_for(text) for key, text in english.items()
        }
