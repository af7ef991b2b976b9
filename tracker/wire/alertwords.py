"""An alert in one sentence, for whoever reads it on a small screen or hears it on the radio. English and Italian. Pure.

The same facts as the board's: what is the matter, since when, and where along the course. The reader knows the tour,
so a car is its number; a place is a mile and the checkpoints around it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from tracker.core.alerts.event import AlertEvent, AlertKind, AlertStep, Place
from tracker.core.model import Tour
from tracker.core.units import METRES

Words = Mapping[str, str]

ENGLISH: Words = {
    "sos": "SOS from car {car}{place}.",
    "stopped": "Car {car} has stood for {minutes} min{place}.",
    "silent": "Nothing heard of car {car} since {since}{place}.",
    "silent_zone": "Nothing heard of car {car} since {since}{place}; {others} others were silent there too.",
    "off_course": "Car {car} took the wrong road at {since}{place}.",
    "off_course_back": "Car {car} took the wrong road at {since}{place}; it is coming back.",
    "behind": "Car {car} is {behind} min behind the field{place}.",
    "behind_sweep": "Car {car} is behind the sweep vehicle {sweep}, by {distance}{place}.",
    "not_started": "Car {car} has not started; it was due at {due}.",
    "low_battery": "The phone of car {car} has {battery} % left.",
    "left_behind": "The tracker of car {car} seems to have been left behind{place}.",
    "trailered": "Car {car} seems to be on the trailer of {by}{place}.",
    "feed_outage": "Nothing is heard of {count} vehicles at once since {since}: it is the feed, not the cars.",
    "cleared": "Over after {minutes} min: {sentence}",
    "resolved": "Seen to after {minutes} min: {sentence}",
    "at": ", at {unit} {along}",
    "between": ", at {unit} {along}, between {before} and {after}",
    "near": ", at {lat:.5f}, {lon:.5f}",
    "mi": "mile",
    "km": "km",
}
ITALIAN: Words = {
    "sos": "SOS dall'auto {car}{place}.",
    "stopped": "L'auto {car} è ferma da {minutes} min{place}.",
    "silent": "Nessuna notizia dell'auto {car} dalle {since}{place}.",
    "silent_zone": "Nessuna notizia dell'auto {car} dalle {since}{place}; lì altre {others} erano senza segnale.",
    "off_course": "L'auto {car} ha sbagliato strada alle {since}{place}.",
    "off_course_back": "L'auto {car} ha sbagliato strada alle {since}{place}; sta tornando.",
    "behind": "L'auto {car} è {behind} min dietro al gruppo{place}.",
    "behind_sweep": "L'auto {car} è dietro al carro scopa {sweep}, di {distance}{place}.",
    "not_started": "L'auto {car} non è partita; doveva partire alle {due}.",
    "low_battery": "Il telefono dell'auto {car} ha ancora il {battery} %.",
    "left_behind": "Il tracker dell'auto {car} sembra essere stato dimenticato{place}.",
    "trailered": "L'auto {car} sembra essere sul rimorchio di {by}{place}.",
    "feed_outage": "Nessuna notizia di {count} veicoli insieme dalle {since}: è la rete, non le auto.",
    "cleared": "Finito dopo {minutes} min: {sentence}",
    "resolved": "Risolto dopo {minutes} min: {sentence}",
    "at": ", al {unit} {along}",
    "between": ", al {unit} {along}, tra {before} e {after}",
    "near": ", a {lat:.5f}, {lon:.5f}",
    "mi": "miglio",
    "km": "km",
}
LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "it": ITALIAN}


def alert_sentence(tour: Tour, event: AlertEvent, now_ms: int, language: str = "en") -> str:
    """What is the matter as of `now_ms`. `event` is the last that was said of the alert while it was open."""
    words = LANGUAGES[language]
    finding = event.finding
    evidence = finding.evidence
    key = event.kind.value
    if event.kind is AlertKind.SILENT and "dead_zone_others" in evidence:
        key = "silent_zone"
    if event.kind is AlertKind.OFF_COURSE and evidence.get("coming_back"):
        key = "off_course_back"
    zone = ZoneInfo(tour.timezone)
    gone = evidence.get("vehicles")
    return words[key].format(
        car="" if event.vehicle is None else tour.vehicles[event.vehicle].number,
        place=place_words(tour, finding.place, language),
        minutes=_minutes(now_ms - finding.since_ms),
        since=_clock(finding.since_ms, zone),
        due=_clock(_whole(evidence.get("due_ms")), zone),
        others=evidence.get("dead_zone_others", ""),
        behind=_whole(evidence.get("behind_field_s")) // 60,
        sweep=evidence.get("sweep", ""),
        distance=f"{_whole(evidence.get('behind_m')) / METRES[tour.units]:.1f} {tour.units}",
        battery=evidence.get("battery_pct", ""),
        by=evidence.get("by", ""),
        count=len(gone) if isinstance(gone, list) else "",
    )


def ending_sentence(tour: Tour, last: AlertEvent, closed: AlertEvent, language: str = "en") -> str:
    """That an alert is over, by itself or by somebody's hand, and what it was."""
    words = LANGUAGES[language]
    key = "resolved" if closed.step is AlertStep.RESOLVED else "cleared"
    sentence = alert_sentence(tour, last, closed.at_ms, language)
    return words[key].format(minutes=_minutes(closed.at_ms - last.finding.since_ms), sentence=sentence)


def place_words(tour: Tour, place: Place, language: str = "en") -> str:
    """Where it is, to stand behind a sentence: mile and checkpoints on the course, degrees off it, or nothing."""
    words = LANGUAGES[language]
    if place.leg is None or place.along_m is None:
        if place.lat is None or place.lon is None:
            return ""
        return words["near"].format(lat=place.lat, lon=place.lon)
    checkpoints = tour.legs[place.leg].checkpoints
    before = [point.name for point in checkpoints if point.along_m <= place.along_m]
    after = [point.name for point in checkpoints if point.along_m > place.along_m]
    say: Callable[..., str] = words["between" if before and after else "at"].format
    return say(
        unit=words[tour.units],
        along=f"{place.along_m / METRES[tour.units]:.1f}",
        before=before[-1] if before else "",
        after=after[0] if after else "",
    )


def _clock(time_ms: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, zone):%H:%M}"


def _minutes(duration_ms: int) -> int:
    return max(duration_ms, 0) // 60_000


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0
