"""A decision as a page sends it: read strictly, and said clearly what is wrong with one and how to mend it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tracker.core.alerts.story import State
from tracker.core.decisions import DecisionKind
from tracker.core.model import Standing, Tour, VehicleKind
from tracker.wire.problems import did_you_mean, fault_of_name, quoted

MAX_NOTE = 500
MAX_DELAY_MIN = 1440
OLDEST_MS = 7 * 86_400_000  # a tour's length; a marshal's phone comes out of the hills by then
AHEAD_MS = 60_000  # of our clock: so much a page may misjudge it

_ID = re.compile(r"[A-Za-z0-9_-]{8,40}", re.ASCII)
_ALERT_ID = re.compile(r"[a-z_]{3,20}-.{1,40}-\d{1,6}", re.ASCII)
_STEPS = (State.ACKNOWLEDGED, State.ASSIGNED, State.ON_SCENE, State.RESOLVED)

# Who may decide what; what an undo may undo is said where decisions take effect.
RIGHTS: Mapping[str, frozenset[DecisionKind]] = {
    "crew": frozenset(
        {DecisionKind.ALERT, DecisionKind.STANDING, DecisionKind.NOTE, DecisionKind.SIGHTING, DecisionKind.UNDO}
    ),
    "marshal": frozenset({DecisionKind.NOTE, DecisionKind.SIGHTING, DecisionKind.UNDO}),
    "organiser": frozenset(DecisionKind),
}


class Refused(ValueError):
    """The field that is wrong, and a sentence that says what and how to mend it."""

    def __init__(self, field: str, error: str) -> None:
        super().__init__(error)
        self.field = field


Body = dict[str, object]


class _Form(NamedTuple):
    """What was sent, with the tour that it has to fit."""

    tour: Tour
    sent: Mapping[str, object]

    def text(self, name: str, mend: str) -> str:
        value = self.sent.get(name)
        if not isinstance(value, str) or not value:
            raise Refused(name, f"{name} is missing: {mend}" if value in (None, "") else f"{name} is no text: {mend}")
        return value

    def whole(self, name: str, low: int, high: int) -> int:
        value = self.sent.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Refused(name, f"{name} is a whole number from {low} to {high}")
        return value

    def vehicle(self, name: str, *, support: bool = False) -> str:
        number = self.text(name, "the number of a vehicle, as on its door")
        numbers = [v.number for v in self.tour.vehicles if not support or v.kind is VehicleKind.SUPPORT]
        if number not in numbers:
            kind = "support vehicle" if support else "vehicle"
            raise Refused(name, f"the roster has no {kind} {quoted(number)}. {did_you_mean(number, numbers)}")
        return number

    def leg(self) -> int:
        return self.whole("leg", 1, len(self.tour.legs))


def read_decision(tour: Tour, sent: object, now_ms: int) -> Body:
    """The body to journal, but for who decided it. Raises Refused."""
    if not isinstance(sent, dict):
        raise Refused("", "the body is one JSON object, a decision")
    form = _Form(tour, sent)
    name = form.text("id", "8 to 40 letters, digits, _ or -, made anew for every decision")
    if not _ID.fullmatch(name):
        raise Refused("id", "id has 8 to 40 letters, digits, _ or -: crypto.randomUUID() makes a good one")
    kind = form.text("decision", "one of " + ", ".join(DecisionKind))
    if kind not in _READERS:
        raise Refused("decision", f"there is no decision {quoted(kind)}. {did_you_mean(kind, _READERS)}")
    body = _READERS[kind](form)
    strange = sorted(set(sent) - {"id", "decision", "at_ms"} - _FIELDS[kind])
    if strange:
        raise Refused(strange[0][:40], f"{kind} has no field {quoted(strange[0])}: leave it out")
    return {"id": name, "decision": kind, "at_ms": _at_ms(form, now_ms)} | body


def _at_ms(form: _Form, now_ms: int) -> int:
    at_ms = form.sent.get("at_ms", now_ms)
    if not isinstance(at_ms, int) or isinstance(at_ms, bool) or at_ms < now_ms - OLDEST_MS:
        raise Refused("at_ms", "at_ms is a time of the last 7 days, UTC epoch milliseconds")
    if at_ms > now_ms + AHEAD_MS:
        raise Refused("at_ms", "at_ms lies ahead: take the time from the crew feed, not from the phone's clock")
    return at_ms


def _alert(form: _Form) -> Body:
    alert = form.text("alert", "the id of an alert")
    if not _ALERT_ID.fullmatch(alert):
        raise Refused("alert", "alert is the id of an alert, as the desk gives it")
    step = form.text("step", "one of " + ", ".join(_STEPS))
    if step not in _STEPS:
        raise Refused("step", f"there is no step {quoted(step)}. {did_you_mean(step, _STEPS)}")
    body: Body = {"alert": alert, "step": step}
    if step == State.ASSIGNED or (step == State.ON_SCENE and "helper" in form.sent):
        body["helper"] = form.vehicle("helper", support=True)
    elif "helper" in form.sent:
        raise Refused("helper", f"{step} has no helper: leave it out")
    if "instead_of" in form.sent:
        if step != State.ASSIGNED:
            raise Refused("instead_of", "instead_of goes with assigned: leave it out")
        body["instead_of"] = form.vehicle("instead_of", support=True)
    return body


def _standing(form: _Form) -> Body:
    words = [standing.word for standing in Standing]
    standing = form.text("standing", "one of " + ", ".join(words))
    if standing not in words:
        raise Refused("standing", f"there is no standing {quoted(standing)}. {did_you_mean(standing, words)}")
    return {"vehicle": form.vehicle("vehicle"), "standing": standing}


def _note(form: _Form) -> Body:
    text = " ".join(form.text("text", "what shall the crews know?").split())
    fault = fault_of_name(text, MAX_NOTE)
    if not text or fault is not None:
        raise Refused("text", f"the note {fault or 'is empty'}: write 1 to {MAX_NOTE} plain characters")
    body: Body = {"text": text}
    if "vehicle" in form.sent:
        body["vehicle"] = form.vehicle("vehicle")
    return body


def _sighting(form: _Form) -> Body:
    leg = form.leg()
    known = [checkpoint.id for checkpoint in form.tour.legs[leg - 1].checkpoints]
    checkpoint = form.text("checkpoint", "the id of a checkpoint of the leg")
    if checkpoint not in known:
        raise Refused(
            "checkpoint", f"leg {leg} has no checkpoint {quoted(checkpoint)}. {did_you_mean(checkpoint, known)}"
        )
    return {"vehicle": form.vehicle("vehicle"), "leg": leg, "checkpoint": checkpoint}


def _delay(form: _Form) -> Body:
    return {"leg": form.leg(), "minutes": form.whole("minutes", 0, MAX_DELAY_MIN)}


def _cancel(form: _Form) -> Body:
    return {"leg": form.leg()}


def _assign(form: _Form) -> Body:
    device = form.text("device", "the name of a device of the roster")
    if device not in form.tour.vehicle_of_device:
        raise Refused(
            "device",
            f"the roster has no device {quoted(device)}. {did_you_mean(device, form.tour.vehicle_of_device)}",
        )
    return {"device": device, "vehicle": form.vehicle("vehicle")}


def _undo(form: _Form) -> Body:
    of = form.text("of", "the id of the decision to undo")
    if not _ID.fullmatch(of) and not re.fullmatch(r"#\d{1,18}", of, re.ASCII):
        raise Refused("of", "of is the id of a decision, as the desk gives it")
    return {"of": of}


_READERS: Mapping[str, Callable[[_Form], Body]] = {
    DecisionKind.ALERT: _alert,
    DecisionKind.STANDING: _standing,
    DecisionKind.NOTE: _note,
    DecisionKind.SIGHTING: _sighting,
    DecisionKind.DELAY: _delay,
    DecisionKind.CANCEL: _cancel,
    DecisionKind.ASSIGN: _assign,
    DecisionKind.UNDO: _undo,
}
_FIELDS: Mapping[str, frozenset[str]] = {
    DecisionKind.ALERT: frozenset({"alert", "step", "helper", "instead_of"}),
    DecisionKind.STANDING: frozenset({"vehicle", "standing"}),
    DecisionKind.NOTE: frozenset({"text", "vehicle"}),
    DecisionKind.SIGHTING: frozenset({"vehicle", "leg", "checkpoint"}),
    DecisionKind.DELAY: frozenset({"leg", "minutes"}),
    DecisionKind.CANCEL: frozenset({"leg"}),
    DecisionKind.ASSIGN: frozenset({"device", "vehicle"}),
    DecisionKind.UNDO: frozenset({"of"}),
}
