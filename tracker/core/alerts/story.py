"""What became of each alert: the leader's events and the people's decisions about it, in the journal's order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from tracker.core.alerts.event import AlertEvent, AlertStep
from tracker.core.decisions import NEVER, Decision, Outcome

CLOSED_KEPT = 200  # of closed alerts; who decides about an older one is told that it is not known
TOLD = "told"  # the event of a journalled mark
WORTH_TELLING_MS = 900_000


class State(StrEnum):
    """How far it is with an alert. The words are the interface's."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    ON_SCENE = "on_scene"
    RESOLVED = "resolved"
    CLEARED = "cleared"


class Step(NamedTuple):
    """One step that counts. `helper` is the number of a vehicle, empty for nobody; so is `who` where nobody did it."""

    state: State
    at_ms: int
    who: str = ""
    role: str = ""
    helper: str = ""
    decision: str = ""


class ToldMark(NamedTuple):
    """A target of notifications has been told of a step of an alert, or was given up on."""

    alert: str
    step: str
    target: str


class Answer(NamedTuple):
    """What came of a decision, and where somebody was quicker, who and which helper."""

    outcome: Outcome
    who: str = ""
    helper: str = ""


@dataclass(frozen=True, slots=True)
class Handled:
    """How far people are with an alert, and what came of each decision about it."""

    state: State
    helper: str
    steps: tuple[Step, ...]
    answers: dict[str, Answer]


@dataclass(frozen=True, slots=True)
class Story:
    """An alert: its raising, what was said of it last, and its end. `shut` are the journal's numbers between which it
    was closed, the last one open to the right while it is.
    """

    raised: AlertEvent
    last: AlertEvent
    closed: AlertEvent | None = None
    shut: tuple[tuple[int, int], ...] = ()
    told: frozenset[ToldMark] = frozenset()

    def handled(self, decisions: Iterable[Decision], holds: Callable[[Decision, int], bool]) -> Handled:
        """Let people's decisions about this alert take effect one after the other: the first one wins.

        `holds`: whether a decision was not undone at a number of the journal. What was refused stays so, also if what
        it came too late for is undone afterwards.
        """
        first = Step(State.RAISED, self.raised.at_ms)
        counted: list[tuple[Decision, Step]] = []
        answers: dict[str, Answer] = {}
        for decision in decisions:
            if any(begin < decision.seq < end for begin, end in self.shut):
                answers[decision.id] = Answer(Outcome.OVER)
                continue
            last = next((step for each, step in reversed(counted) if holds(each, decision.seq)), first)
            step = _next(last, decision)
            if step is None:
                answers[decision.id] = Answer(Outcome.TAKEN, last.who, last.helper)
                continue
            counted.append((decision, step))
            answers[decision.id] = Answer(Outcome.COUNTS, step.who, step.helper)
        steps = [first, *(step for each, step in counted if holds(each, NEVER))]
        state, helper = steps[-1].state, steps[-1].helper
        if self.closed is not None and self.closed.step is AlertStep.CLEARED:
            state = State.CLEARED
            steps.append(Step(state, self.closed.at_ms))
        return Handled(state, helper, tuple(steps), answers)


def _next(last: Step, decision: Decision) -> Step | None:
    """The step that a decision makes after another; None if it is so already, or somebody else has it."""
    state, helper = last.state, last.helper
    given = decision.text("helper")
    try:
        wanted = State(decision.text("step"))
    except ValueError:
        return None
    if state is State.RESOLVED or wanted in (State.RAISED, State.CLEARED):
        return None
    if wanted is State.ACKNOWLEDGED and state is not State.RAISED:
        return None
    if wanted is State.ASSIGNED:
        if helper and (given == helper or decision.text("instead_of") != helper):
            return None
        helper = given
    elif wanted is State.ON_SCENE:
        if state is State.ON_SCENE and given in ("", helper):
            return None
        helper = given or helper
    return Step(wanted, decision.at_ms, decision.who, decision.role, helper, decision.id)


@dataclass(slots=True)
class Stories:
    """All alerts that are open, and the newest of those that are closed."""

    known: dict[str, Story] = field(default_factory=dict)

    def note(self, event: AlertEvent, seq: int) -> None:
        """Take in an event of the journal, in order."""
        story = self.known.get(event.id)
        if story is None:
            if event.step is AlertStep.RAISED:
                self.known[event.id] = Story(event, event)
        elif event.step is AlertStep.EDITED and story.closed is None:
            self.known[event.id] = replace(story, last=event)
        elif event.step is AlertStep.REOPENED and story.closed is not None:
            self.known[event.id] = replace(story, closed=None, shut=(*story.shut[:-1], (story.shut[-1][0], seq)))
        elif event.step in (AlertStep.CLEARED, AlertStep.RESOLVED) and story.closed is None:
            self.known[event.id] = replace(story, closed=event, shut=(*story.shut, (seq, NEVER)))
            self._let_go()

    def note_told(self, body: Mapping[str, object]) -> None:
        """Take in a record that says which targets know of an alert."""
        story, targets = self.known.get(str(body.get("id"))), body.get("targets")
        if body.get("event") != TOLD or story is None or not isinstance(targets, list):
            return
        marks = {ToldMark(story.raised.id, str(body.get("step")), str(target)) for target in targets}
        self.known[story.raised.id] = replace(story, told=story.told | marks)

    def to_tell(self, now_ms: int) -> list[tuple[Story, AlertStep]]:
        """What is new enough to be told: alerts that are open, and the ends of those that were told of."""
        found = []
        for story in self.known.values():
            end = story.closed
            if end is None:
                if now_ms - story.raised.at_ms <= WORTH_TELLING_MS:
                    found.append((story, AlertStep.RAISED))
            elif story.told and now_ms - end.at_ms <= WORTH_TELLING_MS:
                found.append((story, end.step))
        return found

    def _let_go(self) -> None:
        closed: Sequence[str] = [name for name, story in self.known.items() if story.closed is not None]
        if len(closed) > CLOSED_KEPT:
            oldest = min(closed, key=lambda name: self.known[name].shut[-1])
            del self.known[oldest]


def told_bodies(marks: Iterable[ToldMark]) -> list[dict[str, object]]:
    """The bodies of the records that say who was told, one for each step of an alert."""
    targets: dict[tuple[str, str], list[str]] = {}
    for mark in marks:
        targets.setdefault((mark.alert, mark.step), []).append(mark.target)
    return [{"event": TOLD, "id": alert, "step": step, "targets": names} for (alert, step), names in targets.items()]
