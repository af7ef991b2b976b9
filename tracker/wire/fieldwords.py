"""What each vehicle is doing, in the words of the spectators' page, for pages without script. Pure.

As `web/src/model/saying.ts`: the same states in the same order. It reads the folded public feed and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracker.core.model import Freshness, Standing, Status
from tracker.core.units import METRES
from tracker.wire.audience import COLUMNS, NONE, UNKNOWN
from tracker.wire.frames import FeedState

MINUTE_MS = 60_000
IN_MINUTES_MS = 60 * MINUTE_MS  # arrivals further away are said as times of day
SAME_DAY_MS = 12 * 60 * MINUTE_MS
AT_CHECKPOINT_M = 1_500
LUNCH_HOURS = range(11, 16)

ENGLISH: Mapping[str, Any] = {
    "never": "not heard from yet",
    "waiting": "waiting at the start",
    "starts": "starts {time}",
    "starts_on": "starts {day} {time}",
    "days": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "running": "on the road",
    "towards": "on the way to {place}",
    "arrives_in": "{place} in {early}–{late} min",
    "arrives_within": "{place} within {late} min",
    "arrives_at": "{place} {early}–{late}",
    "arrives_soon": "{place} any minute",
    "lunch": "at lunch, {place}",
    "halt": "at the halt, {place}",
    "stopped": "stopped {time} at {place}",
    "off_course": "off the course, {time}",
    "silent": "no signal since {time}",
    "between": "between {unit} {low} and {high}",
    "finished": "arrived in {place}",
    "standing": ("", "retired", "on a trailer", "withdrawn", "out of time"),
    "mi": "mile",
    "km": "km",
}
ITALIAN: Mapping[str, Any] = {
    "never": "ancora nessuna notizia",
    "waiting": "in attesa alla partenza",
    "starts": "parte alle {time}",
    "starts_on": "parte {day} alle {time}",
    "days": ("lun", "mar", "mer", "gio", "ven", "sab", "dom"),
    "running": "in viaggio",
    "towards": "in viaggio verso {place}",
    "arrives_in": "{place} tra {early}–{late} min",
    "arrives_within": "{place} entro {late} min",
    "arrives_at": "{place} {early}–{late}",
    "arrives_soon": "{place} a momenti",
    "lunch": "a pranzo, {place}",
    "halt": "in sosta, {place}",
    "stopped": "ferma da {time}, {place}",
    "off_course": "fuori percorso da {time}",
    "silent": "nessun segnale dalle {time}",
    "between": "tra {unit} {low} e {high}",
    "finished": "arrivata a {place}",
    "standing": ("", "ritirata", "sul carrello", "assente", "fuori tempo"),
    "mi": "miglio",
    "km": "km",
}
LANGUAGES: Mapping[str, Mapping[str, Any]] = {"en": ENGLISH, "it": ITALIAN}


def field_sentences(state: FeedState, now_ms: int, language: str) -> list[str]:
    """What every vehicle is doing at `now_ms` of the feed, in roster order; nothing before the first snapshot."""
    if state.position is None:
        return []
    narrator = _Narrator(state.about, now_ms, LANGUAGES[language])
    public = state.columns[: len(COLUMNS)]
    rows = (dict(zip(COLUMNS, values, strict=True)) for values in zip(*public, strict=True))
    return [narrator.sentence(index, row) for index, row in enumerate(rows)]


def short_place(name: str) -> str:
    """The name as people on the road say it: Grass Valley, not Grass Valley (first pass)."""
    return re.sub(r",.*$", "", re.sub(r"\s*\(.*\)$", "", name))


@dataclass(frozen=True, slots=True)
class _Narrator:
    about: dict[str, Any]
    now_ms: int
    words: Mapping[str, Any]

    def sentence(self, index: int, row: Mapping[str, int]) -> str:
        words = self.words
        leg = self.about["legs"][row["leg"] - 1] if row["leg"] else None
        if row["standing"] != Standing.RUNNING:
            return str(words["standing"][row["standing"]])
        if row["status"] == Status.FINISHED and leg:
            return self._say("finished", place=short_place(leg["checkpoints"]["name"][-1]))
        if row["freshness"] == Freshness.NEVER:
            start = self._start(index, leg)
            return str(words["never"]) if start == words["waiting"] else start
        if row["status"] == Status.OFF_COURSE:
            return self._say("off_course", time=self._stay(row))
        halt = _halt_at(leg, row["along"]) if leg and row["status"] == Status.STOPPED else None
        if halt is not None:
            lunch = datetime.fromtimestamp(self.now_ms / 1000, UTC).astimezone(self._zone).hour in LUNCH_HOURS
            return self._say("lunch" if lunch else "halt", place=short_place(halt))
        if row["freshness"] == Freshness.SILENT and row["status"] != Status.WAITING:
            return self._say("silent", time=self._clock(self._at(row["t"] * 100)))
        if row["status"] == Status.STOPPED:
            mark = f"{words[self._units]} {self._whole(row['along'])}"
            return self._say("stopped", time=self._stay(row), place=mark)
        return self._start(index, leg) if row["status"] == Status.WAITING else self._arrival(row, leg)

    def _start(self, index: int, leg: dict[str, Any] | None) -> str:
        tour, order = self.about["tour"], self.about["roster"]["start_order"][index]
        if leg is None or order < 0 or leg["cancelled"]:
            return str(self.words["waiting"])
        due_ms = leg["start_ms"] + (leg["delay_s"] + order * tour["start_interval_s"]) * 1000
        if due_ms < self.now_ms - MINUTE_MS:
            return str(self.words["waiting"])
        if due_ms - self.now_ms < SAME_DAY_MS:
            return self._say("starts", time=self._clock(due_ms))
        day = datetime.fromtimestamp(due_ms / 1000, UTC).astimezone(self._zone).weekday()
        return self._say("starts_on", day=self.words["days"][day], time=self._clock(due_ms))

    def _arrival(self, row: Mapping[str, int], leg: dict[str, Any] | None) -> str:
        if row["uncertain_from"] != NONE:
            low, high = self._whole(row["uncertain_from"]), self._whole(row["uncertain_to"])
            return self._say("between", unit=self.words[self._units], low=low, high=high)
        if leg is None or row["next"] == NONE:
            return str(self.words["running"])
        place = short_place(leg["checkpoints"]["name"][row["next"]])
        if UNKNOWN in (row["early"], row["late"]):
            return self._say("towards", place=place)
        early_ms, late_ms = self._at(row["early"] * 1000), self._at(row["late"] * 1000)
        # The feed may be late on purpose; whoever stands at the road waits in the present.
        present_ms = self.now_ms + self.about["tour"]["delay_s"] * 1000
        if late_ms - present_ms > IN_MINUTES_MS or self.now_ms < late_ms <= present_ms:
            return self._say("arrives_at", place=place, early=self._clock(early_ms), late=self._clock(late_ms))
        early = max((early_ms - present_ms) // MINUTE_MS, 0)
        late = max(-((present_ms - late_ms) // MINUTE_MS), early + 1)
        if late <= 2:
            return self._say("arrives_soon", place=place)
        return self._say("arrives_in" if early else "arrives_within", place=place, early=early, late=late)

    def _say(self, key: str, **parts: object) -> str:
        return str(self.words[key]).format(**parts)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.about["tour"]["zone"])

    @property
    def _units(self) -> str:
        return str(self.about["tour"]["units"])

    def _at(self, since_base_ms: int) -> int:
        return int(self.about["base_ms"]) + since_base_ms

    def _clock(self, time_ms: int) -> str:
        return f"{datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(self._zone):%H:%M}"

    def _whole(self, metres: int) -> int:
        return int(max(metres, 0) / METRES[self._units] + 1e-6)

    def _stay(self, row: Mapping[str, int]) -> str:
        """Since when a vehicle does what it does, in whole minutes."""
        minutes = 1 if row["since"] == UNKNOWN else max((self.now_ms - self._at(row["since"] * 1000)) // MINUTE_MS, 1)
        if minutes < 100:
            return f"{minutes} min"
        hours, rest = divmod(minutes, 60)
        return f"{hours} h" if rest < 10 else f"{hours} h {rest // 10 * 10} min"


def _halt_at(leg: dict[str, Any], along_m: int) -> str | None:
    """The name of the halt that a place on the course belongs to."""
    points = leg["checkpoints"]
    for name, kind, at_m in zip(points["name"], points["kind"], points["along_m"], strict=True):
        if kind == "halt" and along_m >= 0 and abs(at_m - along_m) <= AT_CHECKPOINT_M:
            return str(name)
    return None
