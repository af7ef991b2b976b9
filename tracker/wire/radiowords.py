"""How it stands, read aloud in a quarter of a minute: the desk's document in short sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracker.core.alerts.event import AlertEvent, AlertKind, AlertStep, Finding, Place
from tracker.core.model import Tour
from tracker.core.units import METRES
from tracker.wire.alertwords import alert_sentence

IN_FULL = 2  # cars in trouble; the others are numbers, and the board has them all
BY_NUMBER = 2

ENGLISH: Mapping[str, str] = {
    "title": "Radio room",
    "now": "{time}.",
    "old": "No news from the server since {time}.",
    "nothing": "Nothing is known yet.",
    "field": "Leg {leg}: field {unit} {tail} to {head}.",
    "nobody": "Leg {leg}: nobody on the road.",
    "running": "{count} driving",
    "stopped": "{count} stopped",
    "off_course": "{count} off course",
    "waiting": "{count} waiting",
    "finished": "{count} arrived",
    "stopped_one": "{count} stopped",
    "finished_one": "{count} arrived",
    "calm": "No trouble.",
    "place": ", {unit} {along}.",
    "helped": "{helper} has it.",
    "there": "{helper} is there.",
    "somebody": "Somebody is there.",
    "open": "Nobody has it.",
    "seen": "Acknowledged.",
    "also": "Also cars {cars}.",
    "also_one": "Also car {cars}.",
    "also_feed": "The feed is out.",
    "quiet": "Silent as usual: {cars}.",
    "more": "{cars} and {count} more",
    "sweep": "Sweep {sweep} at {unit} {along}.",
    "board": "Board",
    "mi": "mile",
    "km": "km",
}
ITALIAN: Mapping[str, str] = {
    "title": "Sala radio",
    "now": "{time}.",
    "old": "Nessuna notizia dal server dalle {time}.",
    "nothing": "Ancora nessuna notizia.",
    "field": "Tappa {leg}: gruppo dal {unit} {tail} al {head}.",
    "nobody": "Tappa {leg}: nessuno in viaggio.",
    "running": "{count} in viaggio",
    "stopped": "{count} ferme",
    "off_course": "{count} fuori percorso",
    "waiting": "{count} in attesa",
    "finished": "{count} arrivate",
    "stopped_one": "{count} ferma",
    "finished_one": "{count} arrivata",
    "calm": "Tutto tranquillo.",
    "place": ", {unit} {along}.",
    "helped": "Ci va {helper}.",
    "there": "{helper} è sul posto.",
    "somebody": "Qualcuno è sul posto.",
    "open": "Ancora nessuno.",
    "seen": "Presa visione.",
    "also": "Anche le auto {cars}.",
    "also_one": "Anche l'auto {cars}.",
    "also_feed": "I dati non arrivano.",
    "quiet": "Senza segnale come di solito: {cars}.",
    "more": "{cars} e altre {count}",
    "sweep": "Scopa {sweep} al {unit} {along}.",
    "board": "Tabellone",
    "mi": "miglio",
    "km": "km",
}
LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "it": ITALIAN}

Map = Mapping[str, Any]


def radio_lines(tour: Tour, document: Map, now_ms: int, stale_since_ms: int | None, language: str) -> list[str]:
    """The sentences, one line each: time, field, who is in trouble and who helps, who is silent as usual, sweep.

    `document` is the desk's, empty as long as there is none. `stale_since_ms`: since when nothing has come, if that is
    long.
    """
    return _Radio(tour, now_ms, language).lines(document, stale_since_ms)


class _Radio:
    def __init__(self, tour: Tour, now_ms: int, language: str) -> None:
        self._tour = tour
        self._now_ms = now_ms
        self._language = language
        self._words = LANGUAGES[language]

    def lines(self, document: Map, stale_since_ms: int | None) -> list[str]:
        if not document:
            return [self._words["nothing"]]
        first = self._say("now", time=self._clock(self._now_ms))
        if stale_since_ms is not None:
            first = self._say("old", time=self._clock(stale_since_ms))
        return [first, *map(self._field, document["field"]), *self._troubles(document), *self._sweeps(document)]

    def _field(self, leg: Map) -> str:
        head, tail, cars = leg["head"], leg["tail"], leg["cars"]
        states = ("running", "stopped", "off_course", "waiting", "finished")
        counts = [self._count(state, cars[state], count=cars[state]) for state in states if cars.get(state)]
        if head is None or tail is None:
            where = self._say("nobody", leg=leg["leg"])
        else:
            where = self._say("field", leg=leg["leg"], tail=self._along(tail[1]), head=self._along(head[1]))
        return f"{where} {', '.join(counts)}." if counts else where

    def _troubles(self, document: Map) -> list[str]:
        alerts = [alert for alert in document["alerts"] if alert["closed_ms"] < 0 and alert["state"] != "resolved"]
        if not alerts:
            return [self._words["calm"], *self._quiet(document)]
        by_car: dict[int, Map] = {}
        for alert in alerts:  # the most urgent of each
            by_car.setdefault(alert["vehicle"], alert)
        told = list(by_car.values())
        lines = [self._trouble(alert) for alert in told[:IN_FULL]]
        others = told[IN_FULL:]  # with so many in trouble there is no time for those who are in none
        return lines + (self._others([alert["vehicle"] for alert in others]) if others else self._quiet(document))

    def _trouble(self, alert: Map) -> str:
        vehicle, leg = alert["vehicle"], alert["leg"]
        evidence = {name: value for name, value in alert["evidence"].items() if name != "dead_zone_others"}
        finding = Finding(alert["since_ms"], Place(), evidence)
        event = AlertEvent(
            alert["id"],
            AlertKind(alert["kind"]),
            vehicle if vehicle >= 0 else None,
            AlertStep.RAISED,
            alert["raised_ms"],
            finding,
        )
        sentence = alert_sentence(self._tour, event, self._now_ms, self._language)
        if leg and alert["along_m"] >= 0:
            sentence = sentence.removesuffix(".") + self._say("place", along=self._along(alert["along_m"]))
        return f"{sentence} {self._help(alert)}" if vehicle >= 0 else sentence

    def _help(self, alert: Map) -> str:
        helper, state = alert["helper"], alert["state"]
        if helper < 0:
            return self._words[{"on_scene": "somebody", "acknowledged": "seen"}.get(state, "open")]
        return self._say("there" if state == "on_scene" else "helped", helper=self._number(helper))

    def _others(self, vehicles: Sequence[int]) -> list[str]:
        lines = [self._words["also_feed"]] if -1 in vehicles else []
        numbers = [self._number(vehicle) for vehicle in vehicles if vehicle >= 0]
        if not numbers:
            return lines
        return [*lines, self._count("also", len(numbers), cars=self._some(numbers))]

    def _quiet(self, document: Map) -> list[str]:
        """Who is silent where others were too, and not missed yet."""
        numbers = [self._number(each["vehicle"]) for each in document["quiet"]]
        return [self._say("quiet", cars=self._some(numbers))] if numbers else []

    def _some(self, numbers: Sequence[str]) -> str:
        """The first ones by number, and how many more."""
        cars = ", ".join(numbers[:BY_NUMBER])
        return cars if len(numbers) <= BY_NUMBER else self._say("more", cars=cars, count=len(numbers) - BY_NUMBER)

    def _sweeps(self, document: Map) -> list[str]:
        sweeps = [leg["sweep"] for leg in document["field"] if leg["sweep"] is not None]
        return [self._say("sweep", sweep=self._number(v), along=self._along(along_m)) for v, along_m in sweeps]

    def _count(self, key: str, number: int, **values: object) -> str:
        """As `_say`, in the singular where there is one of it and that is another word."""
        one = f"{key}_one"
        return self._say(one if number == 1 and one in self._words else key, **values)

    def _say(self, key: str, **values: object) -> str:
        return self._words[key].format(unit=self._words[self._tour.units], **values)

    def _along(self, along_m: float) -> str:
        return f"{along_m / METRES[self._tour.units]:.0f}"

    def _number(self, vehicle: int) -> str:
        return self._tour.vehicles[vehicle].number

    def _clock(self, time_ms: int) -> str:
        return f"{datetime.fromtimestamp(time_ms / 1000, ZoneInfo(self._tour.timezone)):%H:%M}"
