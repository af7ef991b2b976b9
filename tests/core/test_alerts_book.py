"""The book of alerts is a fold of journalled events that takes each of them once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.roads import STRAIGHT, leg, tour
from tracker.core.alerts.book import AlertBook
from tracker.core.alerts.event import AlertEvent, AlertKind, AlertStep, Clear, Finding, Place, from_body, to_body

SUBJECT = (AlertKind.STOPPED, 0)
HERE = Place(38.6, -121.5, 0, 100.0)
THERE = Place(38.7, -121.5, 0, 11_000.0)
TOUR = tour(leg(STRAIGHT))


def story(turns: list[bool]) -> list[AlertEvent]:
    """What is told while something is the matter (True) or not, a minute each; every fourth is seen to by a person."""
    book = AlertBook()
    events: list[AlertEvent] = []
    for minute, matters in enumerate(turns):
        now_ms = minute * 60_000
        judgement = Finding(now_ms, HERE) if matters else Clear("over")
        event = book.next_event(SUBJECT, judgement, "1", now_ms)
        if event is not None:
            if event.step is AlertStep.CLEARED and minute % 4 == 0:
                event = replace(event, step=AlertStep.RESOLVED)
            book.fold(event)
            events.append(event)
    return events


@settings(deadline=None)
@given(st.lists(st.booleans(), max_size=30), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=20))
def test_an_event_counts_once_however_often_it_is_journalled(turns: list[bool], repeats: list[tuple[int, int]]) -> None:
    events = story(turns)
    doubled = list(enumerate(events))
    for which, later in repeats:
        if which < len(events):
            first = next(at for at, (number, _) in enumerate(doubled) if number == which)
            doubled.insert(min(first + 1 + later, len(doubled)), (which, events[which]))
    once, often = AlertBook(), AlertBook()
    for event in events:
        once.fold(event)
    for _, event in doubled:
        often.fold(event)
    assert often.open == once.open
    assert len({event.id for event in events}) == sum(event.step is AlertStep.RAISED for event in events)


def test_late_data_edit_an_alert_only_if_it_changes_much() -> None:
    book = AlertBook()
    raised = book.next_event(SUBJECT, Finding(600_000, HERE), "1", 1_080_000)
    assert raised is not None
    book.fold(raised)
    assert book.next_event(SUBJECT, Finding(570_000, HERE), "1", 1_090_000) is None
    for news in (Finding(300_000, HERE), Finding(600_000, THERE)):
        edited = book.next_event(SUBJECT, news, "1", 1_090_000)
        assert edited is not None
        assert (edited.id, edited.step, edited.finding) == (raised.id, AlertStep.EDITED, news)


def test_what_a_person_has_seen_to_is_not_raised_again_until_it_is_another() -> None:
    book = AlertBook()
    raised = book.next_event(SUBJECT, Finding(600_000, HERE), "1", 1_080_000)
    assert raised is not None
    book.fold(raised)
    book.fold(replace(raised, step=AlertStep.RESOLVED, at_ms=1_200_000))
    assert book.next_event(SUBJECT, Finding(600_000, HERE), "1", 1_210_000) is None
    again = book.next_event(SUBJECT, Finding(1_300_000, HERE), "1", 1_780_000)
    assert again is not None
    assert again.id == "stopped-1-2"


@settings(deadline=None)
@given(st.sampled_from(AlertKind), st.sampled_from(AlertStep), st.integers(0, 2**50), st.booleans())
def test_an_event_comes_back_from_the_journal_as_it_was(
    kind: AlertKind, step: AlertStep, at_ms: int, placed: bool
) -> None:
    vehicle = None if kind is AlertKind.FEED_OUTAGE else 1
    finding = Finding(at_ms, HERE if placed else Place(), {"stopped_s": 480})
    event = AlertEvent(f"{kind}-2-1", kind, vehicle, step, at_ms, finding)
    assert from_body(to_body(event, TOUR), TOUR) == event


def test_what_is_no_alert_of_ours_is_left_alone() -> None:
    body = to_body(AlertEvent("sos-1-1", AlertKind.SOS, 0, AlertStep.RAISED, 5, Finding(5, HERE)), TOUR)
    for change in ({"kind": "flood"}, {"event": "acknowledged"}, {"vehicle": "99"}, {"vehicle": None}, {"at_ms": "5"}):
        assert from_body(body | change, TOUR) is None
