"""Who has an alert in hand: the first one in the journal wins, and closing and opening again loses nobody's step."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.core.roads import START_MS, STRAIGHT, drive, leg, stand, tour
from tests.core.watching import Arrival, at_once, told, watch
from tracker.core.alerts.event import AlertEvent, AlertKind, AlertStep, Finding, Place
from tracker.core.alerts.story import Stories
from tracker.core.decisions import Decision, DecisionKind

ROAD = leg(STRAIGHT)


def event(step: AlertStep, at_ms: int = START_MS) -> AlertEvent:
    return AlertEvent("stopped-1-1", AlertKind.STOPPED, 0, step, at_ms, Finding(at_ms, Place()))


def step(seq: int, word: str, who: str = "Ann", fields: Mapping[str, object] | None = None) -> Decision:
    body = {"alert": "stopped-1-1", "step": word} | dict(fields or {})
    return Decision(f"d{seq}", seq, DecisionKind.ALERT, START_MS + seq, who, "crew", body)


def stories(*events: tuple[int, AlertStep]) -> Stories:
    found = Stories()
    for seq, each in [(1, AlertStep.RAISED), *events]:
        found.note(event(each, START_MS + seq), seq)
    return found


def holding(_decision: Decision, _seq: int) -> bool:
    """Nothing was undone."""
    return True


@pytest.mark.parametrize(
    ("steps", "state", "helper", "answers"),
    [
        ([("acknowledged", {})], "acknowledged", "", ["counts"]),
        ([("acknowledged", {}), ("acknowledged", {})], "acknowledged", "", ["counts", "taken"]),
        ([("assigned", {"helper": "S1"}), ("assigned", {"helper": "S2"})], "assigned", "S1", ["counts", "taken"]),
        ([("assigned", {"helper": "S1"}), ("assigned", {"helper": "S1"})], "assigned", "S1", ["counts", "taken"]),
        ([("assigned", {"helper": "S1"}), ("acknowledged", {})], "assigned", "S1", ["counts", "taken"]),
        (
            [("assigned", {"helper": "S1"}), ("assigned", {"helper": "S2", "instead_of": "S1"})],
            "assigned",
            "S2",
            ["counts", "counts"],
        ),
        (
            [("assigned", {"helper": "S1"}), ("assigned", {"helper": "S2", "instead_of": "S3"})],
            "assigned",
            "S1",
            ["counts", "taken"],
        ),
        ([("on_scene", {})], "on_scene", "", ["counts"]),
        ([("assigned", {"helper": "S1"}), ("on_scene", {})], "on_scene", "S1", ["counts", "counts"]),
        ([("assigned", {"helper": "S1"}), ("on_scene", {"helper": "S2"})], "on_scene", "S2", ["counts", "counts"]),
        ([("on_scene", {"helper": "S1"}), ("on_scene", {})], "on_scene", "S1", ["counts", "taken"]),
        ([("resolved", {}), ("assigned", {"helper": "S1"})], "resolved", "", ["counts", "taken"]),
        ([("raised", {}), ("nonsense", {})], "raised", "", ["taken", "taken"]),
    ],
)
def test_one_after_the_other(
    steps: list[tuple[str, dict[str, object]]], state: str, helper: str, answers: list[str]
) -> None:
    decisions = [step(seq, word, fields=fields) for seq, (word, fields) in enumerate(steps, 2)]
    handled = stories().known["stopped-1-1"].handled(decisions, holding)
    assert (handled.state, handled.helper) == (state, helper)
    assert [handled.answers[each.id].outcome for each in decisions] == answers
    assert len(handled.steps) == 1 + answers.count("counts")


def test_who_was_quicker_is_told() -> None:
    decisions = [
        step(2, "assigned", "Ann", fields={"helper": "S1"}),
        step(3, "assigned", "Ben", fields={"helper": "S2"}),
    ]
    answer = stories().known["stopped-1-1"].handled(decisions, holding).answers["d3"]
    assert (answer.outcome, answer.who, answer.helper) == ("taken", "Ann", "S1")


def test_what_comes_after_the_end_is_over_also_when_the_alert_is_opened_again() -> None:
    decisions = [step(2, "assigned", fields={"helper": "S1"}), step(6, "on_scene"), step(8, "on_scene")]
    closed = stories((5, AlertStep.RESOLVED)).known["stopped-1-1"].handled(decisions, holding)
    assert [answer.outcome for answer in closed.answers.values()] == ["counts", "over", "over"]
    again = stories((5, AlertStep.RESOLVED), (7, AlertStep.REOPENED)).known["stopped-1-1"].handled(decisions, holding)
    assert [answer.outcome for answer in again.answers.values()] == ["counts", "over", "counts"]
    assert again.state == "on_scene"


def test_an_alert_that_clears_by_itself_says_so_and_keeps_who_had_it() -> None:
    handled = (
        stories((5, AlertStep.CLEARED))
        .known["stopped-1-1"]
        .handled([step(2, "assigned", fields={"helper": "S1"})], holding)
    )
    assert (handled.state, handled.helper) == ("cleared", "S1")
    assert [each.state for each in handled.steps] == ["raised", "assigned", "cleared"]


def test_resolved_by_hand_is_not_raised_again_and_undone_is_open_again() -> None:
    """The leader's events follow what people decided, once each."""
    stop_ms = START_MS + 500_000
    car = [*drive(ROAD.course, 0.0, 7_500.0), *stand(ROAD.course.point_at(7_500.0), stop_ms + 10_000, 3600)]

    def decided(at_ms: int, body: dict[str, object]) -> Arrival:
        return at_ms, {"who": "Ann", "role": "crew", "at_ms": at_ms} | body

    resolved = decided(
        stop_ms + 900_000, {"id": "one", "decision": "alert", "alert": "stopped-1-1", "step": "resolved"}
    )
    undone = decided(stop_ms + 1_800_000, {"id": "two", "decision": "undo", "of": "one"})
    events = watch(tour(ROAD), [*at_once(car), resolved, undone])
    assert told(events) == [("stopped-1-1", "raised"), ("stopped-1-1", "resolved"), ("stopped-1-1", "reopened")]
    assert events[1].finding.evidence["who"] == "Ann"
    assert events[2].finding.evidence == events[0].finding.evidence
    assert events[2].finding.since_ms == events[0].finding.since_ms
