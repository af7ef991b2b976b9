"""What people decided by hand, as journalled: each counts once however often it was sent, and may be undone. Pure.

The body of a record is what was sent (`docs/crew.md`), with `who` decided it and in which `role`. What is in force is a
function of the set of records, whatever the order in which they are noted; the journal's numbers rank them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tracker.core.model import Record

ORGANISER = "organiser"
NEVER = 1 << 62


class DecisionKind(StrEnum):
    """The words are the journal's and the interface's, for ever."""

    ALERT = "alert"
    STANDING = "standing"
    NOTE = "note"
    SIGHTING = "sighting"
    DELAY = "delay"
    CANCEL = "cancel"
    ASSIGN = "assign"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. `id` is whose page's it was, or made of the journal's number; `at_ms` is when it holds from."""

    id: str
    seq: int
    kind: DecisionKind
    at_ms: int
    who: str
    role: str
    body: Mapping[str, object]

    def text(self, name: str) -> str:
        """A field that is text; empty where it is missing."""
        value = self.body.get(name)
        return value if isinstance(value, str) else ""

    def whole(self, name: str) -> int | None:
        """A field that is a whole number."""
        value = self.body.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def decision_of(record: Record) -> Decision | None:
    """The decision in a record; None for what is none of ours (an erasure, a blank)."""
    body = record.body
    if not isinstance(body, dict):
        return None
    try:
        kind = DecisionKind(str(body.get("decision")))
    except ValueError:
        return None
    at_ms = body.get("at_ms", record.stored_at_ms)
    if not isinstance(at_ms, int):
        return None
    name, who, role = body.get("id"), body.get("who"), body.get("role")
    return Decision(
        name if isinstance(name, str) else f"#{record.seq}",
        record.seq,
        kind,
        at_ms,
        who if isinstance(who, str) else "",
        role if isinstance(role, str) else ORGANISER,  # who can write into the journal needs no invitation
        body,
    )


class Outcome(StrEnum):
    """What came of a decision. The words are the interface's."""

    COUNTS = "counts"
    TAKEN = "taken"  # somebody was quicker
    OVER = "over"  # closed or undone already
    UNKNOWN = "unknown"  # there is no such alert or decision
    NOT_ALLOWED = "not_allowed"


class Undone(NamedTuple):
    """A decision was undone by one number of the journal, until another."""

    from_seq: int
    to_seq: int


class DecisionBook:
    """All decisions of a tour. Of two with one id the one that the journal has first is it, the other a repeat."""

    def __init__(self) -> None:
        self._known: dict[str, Decision] = {}
        self._in_order: list[Decision] | None = None  # made anew when asked for
        self._undone: dict[str, list[Undone]] = {}  # by id, one after the other
        self._outcomes: dict[str, Outcome] = {}  # by id of an undo

    def note(self, record: Record) -> list[Decision]:
        """Take in a record; what is news: its decision, and the one of the same id that turns out to be a repeat."""
        decision = decision_of(record)
        if decision is None:
            return []
        known = self._known.get(decision.id)
        if known is not None and known.seq <= decision.seq:
            return []
        self._known[decision.id] = decision
        self._in_order = None
        return [decision] if known is None else [decision, known]

    def all(self) -> list[Decision]:
        """Everything that was ever decided, in the journal's order."""
        if self._in_order is None:
            self._in_order = sorted(self._known.values(), key=lambda decision: decision.seq)
            self._undone, self._outcomes = {}, {}
            for decision in self._in_order:
                if decision.kind is DecisionKind.UNDO:
                    self._outcomes[decision.id] = self._undo(decision)
        return self._in_order

    def in_force(self, *kinds: DecisionKind) -> list[Decision]:
        """Decisions of these kinds that are not undone, in the journal's order."""
        return [each for each in self.all() if each.kind in kinds and self.holds(each)]

    def holds(self, decision: Decision, at_seq: int = NEVER) -> bool:
        """Whether a decision was not undone when the journal had a number; by default, now."""
        self.all()
        return not any(from_seq < at_seq <= to_seq for from_seq, to_seq in self._undone.get(decision.id, ()))

    def can_be_undone(self, decision: Decision) -> bool:
        return self.holds(decision) and self._outcomes.get(decision.id, Outcome.COUNTS) is Outcome.COUNTS

    def outcome(self, decision: Decision) -> Outcome:
        """What came of it, as far as other decisions say."""
        if not self.holds(decision):
            return Outcome.OVER
        return self._outcomes.get(decision.id, Outcome.COUNTS)

    def _undo(self, undo: Decision) -> Outcome:
        target = self._known.get(undo.text("of"))
        if target is None or target.seq >= undo.seq:
            return Outcome.UNKNOWN
        if undo.role not in (ORGANISER, target.role):
            return Outcome.NOT_ALLOWED
        if self._is_undone(target.id) or self._outcomes.get(target.id, Outcome.COUNTS) is not Outcome.COUNTS:
            return Outcome.OVER
        self._undone.setdefault(target.id, []).append(Undone(undo.seq, NEVER))
        if target.kind is DecisionKind.UNDO:
            again = self._undone[target.text("of")]
            again[-1] = again[-1]._replace(to_seq=undo.seq)
        return Outcome.COUNTS

    def _is_undone(self, name: str) -> bool:
        undone = self._undone.get(name, ())
        return any(to_seq == NEVER for _, to_seq in undone)
