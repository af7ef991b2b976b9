"""How it stands, read aloud in a quarter of a minute: the desk's document in short sentences. Pure.

What is needed most is said first, and what no longer fits is left out: the board has it all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracker.core.model import Tour
from tracker.core.units import METRES

SECONDS = 15.0
WORDS_PER_MINUTE = 160  # spoken ones, by somebody who wants to be understood
MOST_WORDS = round(SECONDS * WORDS_PER_MINUTE / 60.0)
IN_FULL = 2  # cars in trouble; the others are numbers
BY_NUMBER = 2

ENGLISH: Mapping[str, str] = {
    "title": "Radio room",
    "now": "{time}.",
    "old": "No news since {time}.",
    "nothing": "Nothing is known yet.",
    "sos": "SOS from car {car}{place}",
    "stopped": "Car {car} stopped for {minutes} min{place}",
    "silent": "Car {car} silent for {minutes} min{place}",
    "off_course": "Car {car} on a wrong road{place}",
    "behind": "Car {car} {behind} min behind{place}",
    "behind_sweep": "Car {car} behind the sweep{place}",
    "not_started": "Car {car} has not started",
    "low_battery": "Car {car}, low battery",
    "left_behind": "Car {car}, tracker left behind",
    "trailered": "Car {car} on a trailer{place}",
    "feed_outage": "The feed is out.",
    "place": ", {unit} {along}",
    "helped": ", {helper} has it.",
    "there": ", {helper} is there.",
    "somebody": ", somebody is there.",
    "open": ", nobody yet.",
    "seen": ", acknowledged.",
    "also": "Also {cars}.",
    "rest": "And {count} more.",
    "calm": "No trouble.",
    "more": "{cars} and {count} more",
    "field": "Leg {leg}: {unit} {tail} to {head}.",
    "nobody": "Leg {leg}: nobody on the road.",
    "running": "{count} driving",
    "stopped_cars": "{count} stopped",
    "waiting": "{count} waiting",
    "finished": "{count} arrived",
    "stopped_cars_one": "{count} stopped",
    "finished_one": "{count} arrived",
    "quiet": "Silent as usual: {cars}.",
    "sweep": "Sweep {sweep} at {unit} {along}.",
    "board": "Board",
    "mi": "mile",
    "km": "km",
}
ITALIAN: Mapping[str, str] = {
    "title": "Sala radio",
    "now": "{time}.",
    "old": "Nessuna notizia dalle {time}.",
    "nothing": "Ancora nessuna notizia.",
    "sos": "SOS dall'auto {car}{place}",
    "stopped": "Auto {car} ferma da {minutes} min{place}",
    "silent": "Auto {car} senza segnale da {minutes} min{place}",
    "off_course": "Auto {car} su una strada sbagliata{place}",
    "behind": "Auto {car} in ritardo di {behind} min{place}",
    "behind_sweep": "Auto {car} dietro la scopa{place}",
    "not_started": "Auto {car} non partita",
    "low_battery": "Auto {car}, batteria scarica",
    "left_behind": "Auto {car}, tracker dimenticato",
    "trailered": "Auto {car} sul rimorchio{place}",
    "feed_outage": "I dati non arrivano.",
    "place": ", {unit} {along}",
    "helped": ", ci va {helper}.",
    "there": ", {helper} è sul posto.",
    "somebody": ", qualcuno è sul posto.",
    "open": ", ancora nessuno.",
    "seen": ", presa visione.",
    "also": "Anche {cars}.",
    "rest": "E altre {count}.",
    "calm": "Tutto tranquillo.",
    "more": "{cars} e altre {count}",
    "field": "Tappa {leg}: dal {unit} {tail} al {head}.",
    "nobody": "Tappa {leg}: nessuno in viaggio.",
    "running": "{count} in viaggio",
    "stopped_cars": "{count} ferme",
    "waiting": "{count} in attesa",
    "finished": "{count} arrivate",
    "stopped_cars_one": "{count} ferma",
    "finished_one": "{count} arrivata",
    "quiet": "Senza segnale come di solito: {cars}.",
    "sweep": "Scopa {sweep} al {unit} {along}.",
    "board": "Tabellone",
    "mi": "miglio",
    "km": "km",
}
LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "it": ITALIAN}
COUNTED = (("running", "running"), ("stopped", "stopped_cars"), ("waiting", "waiting"), ("finished", "finished"))

Map = Mapping[str, Any]


def radio_lines(tour: Tour, document: Map, now_ms: int, stale_since_ms: int | None, language: str) -> list[str]:
    """The sentences, one line each: time, who is in trouble and who helps, field, sweep, who is silent as usual.

    `document` is the desk's, empty as long as there is none. `stale_since_ms`: since when nothing has come, if that is
    long.
    """
    return _Radio(tour, now_ms, language).lines(document, stale_since_ms)


def spoken_words(text: str) -> int:
    """How many words are said when a text is read aloud: a number is as many as it has in words."""
    return sum(_words_of(found) for found in re.findall(r"\d+|[^\W\d]+", text))


def _words_of(token: str) -> int:
    if not token.isdigit():
        return 1
    number = int(token)
    if number < 100:
        tens_and_units = number > 20 and number % 10
        leading_zero = len(token) == 2 and 0 < number < 10  # of a time
        return 2 if tens_and_units or leading_zero else 1
    rest, step = (number % 100, 100) if number < 1000 else (number % 1000, 1000)
    return _words_of(str(number // step)) + 1 + (_words_of(str(rest)) if rest else 0)


def _fits(lines: Sequence[str]) -> bool:
    return spoken_words(" ".join(lines)) <= MOST_WORDS


class _Radio:
    def __init__(self, tour: Tour, now_ms: int, language: str) -> None:
        self._tour = tour
        self._now_ms = now_ms
        self._words = LANGUAGES[language]

    def lines(self, document: Map, stale_since_ms: int | None) -> list[str]:
        if not document:
            return [self._words["nothing"]]
        first = self._say("now", time=self._clock(self._now_ms))
        if stale_since_ms is not None:
            first = self._say("old", time=self._clock(stale_since_ms))
        alerts = [alert for alert in document["alerts"] if alert["closed_ms"] < 0 and alert["state"] != "resolved"]
        outage = any(alert["vehicle"] < 0 for alert in alerts)
        head = [first, self._words["feed_outage"]] if outage else [first]
        by_car: dict[int, Map] = {}
        for alert in alerts:  # the most urgent of each
            if alert["vehicle"] >= 0:
                by_car.setdefault(alert["vehicle"], alert)
        cars = list(by_car.values())
        legs = sorted(document["field"], key=lambda leg: -sum(leg["cars"].values()))  # where most are comes first
        where, elsewhere = [self._where(leg) for leg in legs[:1]], [self._where(leg) for leg in legs[1:]]

        said = [*head, *(self._troubles(cars, head) if cars or outage else [self._words["calm"]])]
        counts = [] if outage else map(self._counts, legs[:1])  # nobody knows what they are doing now
        for sentence in (*where, *self._sweeps(document), *counts, *self._quiet(document), *elsewhere):
            if sentence and _fits([*said, sentence]):
                said.append(sentence)
        return said

    def _where(self, leg: Map) -> str:
        head, tail = leg["head"], leg["tail"]
        if head is None or tail is None:
            return self._say("nobody", leg=leg["leg"])
        return self._say("field", leg=leg["leg"], tail=self._along(tail[1]), head=self._along(head[1]))

    def _counts(self, leg: Map) -> str:
        cars = leg["cars"]
        counts = [self._count(word, cars[state]) for state, word in COUNTED if cars.get(state)]
        return f"{', '.join(counts)}." if counts else ""

    def _troubles(self, cars: Sequence[Map], head: Sequence[str]) -> list[str]:
        """As many in full as there is time for, at least one."""
        told: list[str] = []
        for in_full, by_number in ((IN_FULL, BY_NUMBER), (1, BY_NUMBER), (1, 0)):
            told = [self._trouble(alert) for alert in cars[:in_full]] + self._others(cars[in_full:], by_number)
            if _fits([*head, *told]):
                break
        return told

    def _trouble(self, alert: Map) -> str:
        place = ""
        if alert["leg"] and alert["along_m"] >= 0:
            place = self._say("place", along=self._along(alert["along_m"]))
        sentence = self._say(
            alert["kind"],
            car=self._number(alert["vehicle"]),
            place=place,
            minutes=max(self._now_ms - alert["since_ms"], 0) // 60_000,
            behind=alert["evidence"].get("behind_field_s", 0) // 60,
        )
        return sentence + self._help(alert)

    def _help(self, alert: Map) -> str:
        helper, state = alert["helper"], alert["state"]
        if helper < 0:
            return self._words[{"on_scene": "somebody", "acknowledged": "seen"}.get(state, "open")]
        return self._say("there" if state == "on_scene" else "helped", helper=self._number(helper))

    def _others(self, alerts: Sequence[Map], by_number: int) -> list[str]:
        numbers = [self._number(alert["vehicle"]) for alert in alerts]
        if not numbers:
            return []
        return [self._say("also", cars=self._some(numbers)) if by_number else self._say("rest", count=len(numbers))]

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

    def _count(self, word: str, number: int) -> str:
        """In the singular where there is one of it and that is another word."""
        one = f"{word}_one"
        return self._say(one if number == 1 and one in self._words else word, count=number)

    def _say(self, key: str, **values: object) -> str:
        return self._words[key].format(unit=self._words[self._tour.units], **values)

    def _along(self, along_m: float) -> str:
        return f"{along_m / METRES[self._tour.units]:.0f}"

    def _number(self, vehicle: int) -> str:
        return self._tour.vehicles[vehicle].number

    def _clock(self, time_ms: int) -> str:
        return f"{datetime.fromtimestamp(time_ms / 1000, ZoneInfo(self._tour.timezone)):%H:%M}"
