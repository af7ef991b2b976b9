"""The tour as text: a page without script that reads well aloud, prints on a sheet and comes over any signal.

It shows the folded public feed and nothing else, so it cannot say more than a spectator may know.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from tracker.core.units import METRES
from tracker.feed import TourFeed
from tracker.hub import Hub
from tracker.wire.fieldwords import field_sentences
from tracker.wire.projection import vehicles_now

HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.4 system-ui,sans-serif;margin:1em auto;padding:0 1em}"
    "body{max-width:60em}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25em .5em;border-bottom:1px solid #8886}"
    "td.n{text-align:right}nav a{display:inline-block;padding:.7em .9em .7em 0;color:inherit}"
    "@media(max-width:40em){body{padding:0 .5em}table{font-size:.8em}th,td{padding:.25em .2em;hyphens:auto}}"
    "@media print{body{font-size:7pt;line-height:1;margin:0;max-width:none}"
    "th,td{padding:.05em .4em}nav{display:none}@page{margin:8mm}}"
)
ENGLISH = {
    "title": "{name}: where they are",
    "now": "{time} at the tour.",
    "head": ("Number", "Car", "What it does", "Along the leg", "Position of"),
    "anew": "As it is now",
    "live": "Live page",
    "leg": "Leg {leg}: {title}",
    "cancelled": "{leg} (cancelled)",
    "delayed": "{leg} (first start {time})",
    "nobody": "Nothing is known yet.",
}
ITALIAN = {
    "title": "{name}: dove sono",
    "now": "{time} ora del tour.",
    "head": ("Numero", "Auto", "Che cosa fa", "Lungo la tappa", "Posizione delle"),
    "anew": "Com'è adesso",
    "live": "Pagina in diretta",
    "leg": "Tappa {leg}: {title}",
    "cancelled": "{leg} (annullata)",
    "delayed": "{leg} (prima partenza {time})",
    "nobody": "Ancora nessuna notizia.",
}
LANGUAGES: dict[str, dict[str, Any]] = {"en": ENGLISH, "it": ITALIAN}


class TextView:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def get(self, request: web.Request) -> web.Response:
        feed = self._hub.feeds.get(request.match_info["tour"])
        if feed is None:
            raise web.HTTPNotFound
        language = request.query.get("lang", "en")
        text = page(feed, language if language in LANGUAGES else "en")
        response = web.Response(text=text, content_type="text/html", headers=HEADERS)
        response.enable_compression()
        return response


def page(feed: TourFeed, language: str) -> str:
    """The whole page; before the first snapshot it says that nothing is known."""
    words = LANGUAGES[language]
    if feed.state.position is None:
        return document(language, feed.tour, f"<h1>{escape(feed.tour)}</h1><p>{words['nobody']}")
    about = feed.state.about
    tour = about["tour"]
    zone = ZoneInfo(tour["zone"])
    vehicles = vehicles_now(feed.state)
    title = words["title"].format(name=tour["name"])
    now_ms = feed.now_ms()
    sentences = field_sentences(feed.state, now_ms, language)
    now = f"{datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone):%H:%M}"
    parts = [f"<h1>{escape(title)}</h1><p>{words['now'].format(time=now)}", links(tour["slug"], language, words)]
    for leg in sorted({vehicle["leg"] or 0 for vehicle in vehicles}):
        there = [(row, vehicle) for row, vehicle in enumerate(vehicles) if (vehicle["leg"] or 0) == leg]
        there.sort(key=lambda pair: -(pair[1]["along_m"] or 0))
        if leg:
            parts.append(f"<h2>{escape(heading(leg, about['legs'][leg - 1], words, zone))}</h2>")
        parts.append(table(there, sentences, about, words, zone))
    return document(language, title, "\n".join(parts))


def heading(number: int, leg: dict[str, Any], words: dict[str, Any], zone: ZoneInfo) -> str:
    """A leg's number and title, and what was decided about it on the morning."""
    text: str = words["leg"].format(leg=number, title=leg["title"])
    if leg["cancelled"]:
        text = words["cancelled"].format(leg=text)
    elif leg["delay_s"]:
        start = datetime.fromtimestamp(leg["start_ms"] / 1000 + leg["delay_s"], UTC).astimezone(zone)
        text = words["delayed"].format(leg=text, time=f"{start:%H:%M}")
    return text


def document(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><main>{body}</main></html>\n"
    )


def links(slug: str, language: str, words: dict[str, Any]) -> str:
    """A page that loads itself anew would tear whoever is being read to out of it."""
    return (
        f'<nav><a href="?lang={language}">{words["anew"]}</a> <a href="/tour/{escape(slug)}">{words["live"]}</a></nav>'
    )


def table(
    there: list[tuple[int, dict[str, Any]]],
    sentences: list[str],
    about: dict[str, Any],
    words: dict[str, Any],
    zone: ZoneInfo,
) -> str:
    roster, units = about["roster"], about["tour"]["units"]
    head = "".join(f'<th scope="col">{word}</th>' for word in words["head"])
    rows = [f"<table><tr>{head}</tr>"]
    for row, vehicle in there:
        car = " ".join(str(roster[key][row]) for key in ("make", "model", "year") if roster[key][row])
        along = "" if vehicle["along_m"] is None else f"{int(vehicle['along_m'] / METRES[units] + 1e-6)} {units}"
        fix_ms = vehicle["fix_time_ms"]
        time = "" if fix_ms is None else f"{datetime.fromtimestamp(fix_ms / 1000, UTC).astimezone(zone):%H:%M}"
        rows.append(
            f'<tr><th scope="row">{escape(vehicle["number"])}</th><td>{escape(car or roster["role"][row])}</td>'
            f'<td>{escape(sentences[row])}</td><td class="n">{along}</td><td>{time}</td></tr>'
        )
    return "\n".join([*rows, "</table>"])
