"""The OpenAPI 3.1 description of what /api/v1 answers."""

from __future__ import annotations

from typing import Any

from tracker import __version__
from tracker.core.decisions import DecisionKind
from tracker.core.model import Freshness, Standing, Status

ORGANISERS_ONLY: dict[str, Any] = {"security": [{"organiser": []}]}
GUESTS_ONLY: dict[str, Any] = {"security": [{"guest": []}]}


def openapi_document() -> dict[str, Any]:
    """The whole description; a test walks every path of it against a running server."""
    number, integer, text = {"type": "number"}, {"type": "integer"}, {"type": "string"}
    tour = {"name": "tour", "in": "path", "required": True, "schema": text}
    vehicle = {
        "type": "object",
        "required": ["number", "kind", "status", "freshness", "standing"],
        "properties": {
            "number": text,
            "kind": {"enum": ["participant", "support"]},
            "lat": _nullable(number) | {"description": "degrees, WGS 84; null before the first fix"},
            "lon": _nullable(number),
            "fix_time_ms": _nullable(integer) | {"description": "UTC epoch milliseconds of the newest believed fix"},
            "leg": _nullable(integer) | {"description": "counts from 1"},
            "along_m": _nullable(integer) | {"description": "metres from the start of the leg's line; null off it"},
            "fraction": _nullable(number) | {"description": "along_m over the length of the leg"},
            "status": {"enum": [status.word for status in Status]},
            "freshness": {"enum": [freshness.word for freshness in Freshness]},
            "standing": {"enum": [standing.word for standing in Standing]},
        },
    }
    course = {
        "type": "object",
        "required": ["length_m", "lat", "lon", "elevation_m"],
        "properties": {
            "length_m": number,
            "lat": {"type": "array", "items": integer, "description": "1e-6 degrees, differences after the first"},
            "lon": {"type": "array", "items": integer},
            "elevation_m": {"type": ["array", "null"], "items": integer},
        },
    }
    feature = {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": text | {"description": "the vehicle's number"},
            "geometry": {"type": ["object", "null"], "description": "a Point; null before the first fix"},
            "properties": {"type": "object", "description": "as in /vehicles, and what the car is"},
        },
    }
    collection = {
        "type": "object",
        "required": ["type", "features"],
        "properties": {"type": {"const": "FeatureCollection"}, "features": {"type": "array", "items": feature}},
    }
    tour_item = {"type": "object", "required": ["slug", "name"], "properties": {"slug": text, "name": text}}
    clock = {"type": "object", "required": ["now_ms", "rate"], "properties": {"now_ms": integer, "rate": number}}
    refusal = {
        "type": "object",
        "required": ["id", "at_ms", "device", "protocol", "reason", "detail", "raw_base64"],
        "properties": {
            "id": integer,
            "at_ms": integer | {"description": "when it was received, UTC epoch milliseconds"},
            "device": text,
            "protocol": text,
            "reason": text | {"description": "a short fixed word: what was wrong with it"},
            "detail": text,
            "raw_base64": text | {"description": "the bytes as the device sent them"},
        },
    }
    box = {
        "type": "object",
        "required": ["number", "heard_at_ms"],
        "properties": {"number": text | {"description": "the IMEI or number that it says"}, "heard_at_ms": integer},
    }
    signed_out = {"403": {"description": "not signed in as an organiser of this tour"}}
    not_found = {"404": {"description": "no such tour, or not any more"}}
    course_hash = {"name": "hash", "in": "path", "required": True, "schema": text}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Milepost", "version": __version__, "license": {"name": "Apache-2.0"}},
        "components": {
            "securitySchemes": {
                "organiser": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "milepost-<tour>",
                    "description": "set by opening an invitation (`tracker invite FOLDER --role organiser`)",
                },
                "guest": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "milepost-<tour>",
                    "description": "the same, of any role",
                },
            }
        },
        "paths": {
            "/api/v1/clock": {"get": _answers("The time at the tour, and how fast it runs", clock)},
            "/api/v1/tours": {"get": _answers("The tours served here", {"type": "array", "items": tour_item})},
            "/api/v1/tours/{tour}/vehicles": {
                "parameters": [tour],
                "get": _answers(
                    "Every vehicle as spectators may see it", {"type": "array", "items": vehicle}, not_found
                ),
            },
            "/api/v1/tours/{tour}/live.geojson": {
                "parameters": [tour],
                "get": _answers(
                    "The same as a GeoJSON FeatureCollection, for other maps; with ETag, good for a few seconds",
                    collection,
                    {"304": {"description": "nothing has moved since"}} | not_found,
                    "application/geo+json",
                ),
            },
            **_forecast_paths(tour),
            **_past_paths(tour),
            **_crew_paths(tour),
            "/api/v1/tours/{tour}/quarantine": {
                "parameters": [tour],
                "get": ORGANISERS_ONLY
                | _answers(
                    "The newest 100 refusals of what known devices sent, newest first; the look is logged",
                    {"type": "array", "items": refusal},
                    signed_out | not_found,
                ),
            },
            "/api/v1/tours/{tour}/devices/unknown": {
                "parameters": [tour],
                "get": ORGANISERS_ONLY
                | _answers(
                    "Unattended boxes that no roster lists, the one heard last first, as far as the process that "
                    "answers has heard them since its start; the look is logged",
                    {"type": "array", "items": box},
                    signed_out | not_found,
                ),
            },
            "/api/v1/tours/{tour}/courses/{hash}": {
                "parameters": [tour, course_hash],
                "get": _answers("The line of a leg, by the hash in the live feed's snapshot", course, not_found),
            },
        },
    }


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"type": [schema["type"], "null"]}


def _answers(
    summary: str,
    schema: dict[str, Any],
    others: dict[str, Any] | None = None,
    content_type: str = "application/json",
) -> dict[str, Any]:
    good = {"description": summary, "content": {content_type: {"schema": schema}}}
    return {"summary": summary, "responses": {"200": good} | (others or {})}


def _forecast_paths(tour: dict[str, Any]) -> dict[str, Any]:
    """When do they pass? Windows are 80 % ranges, rounded outwards to minutes."""
    integer, text = {"type": "integer"}, {"type": "string"}
    times: dict[str, Any] = {
        "early_ms": integer | {"description": "UTC epoch milliseconds"},
        "late_ms": integer,
        "planned": {"type": "boolean", "description": "by the plan: it was not heard on this leg yet"},
    }
    window = _object({"number": text, "kind": {"enum": ["participant", "support"]}} | times)
    field = {
        "early_ms": _nullable(integer) | {"description": "when the first car to come passes; null if none comes"},
        "late_ms": _nullable(integer) | {"description": "when the last one has passed"},
        "coming": integer | {"description": "cars to come (support is not counted)"},
        "overdue": integer | {"description": "cars that were due there and were not seen"},
        "passed": integer | {"description": "cars that have passed"},
    }
    leg = integer | {"description": "counts from 1"}
    passing = {
        "leg": leg,
        "along_m": integer,
        "now_ms": integer | {"description": "when the forecast was made"},
        "next": {"type": "array", "items": window, "description": "who comes, the soonest first"},
        "overdue": {"type": "array", "items": window, "description": "who was due before now and was not seen there"},
        "field": _object(field),
    }
    checkpoint = _object({"id": text, "name": text, "kind": text, "along_m": integer} | times)
    arrivals = {
        "number": text,
        "leg": leg,
        "now_ms": integer,
        "checkpoints": {"type": "array", "items": checkpoint},
    }
    others = {
        "304": {"description": "no newer forecast than the one you have"},
        "400": {"description": "a parameter is missing or wrong; `error` says which, and what it may be"},
        "404": {"description": "no such tour"},
        "503": {
            "description": "the engine has just started and has told nothing yet; Retry-After says when to ask again"
        },
    }
    asked = [
        _asked("leg", integer, "counts from 1") | {"required": True},
        _asked("along_m", integer, "metres from the start of the leg's line") | {"required": True},
        _asked("vehicle", text, "only this one in `next` and `overdue`"),
        _asked("limit", integer, "so many in `next` and `overdue`; 10 if not given"),
    ]
    number = {"name": "number", "in": "path", "required": True, "schema": text}
    passing_answer = _answers("Who passes a place of a leg, and when", _object(passing), others)
    arrivals_answer = _answers("A vehicle's arrivals at the checkpoints ahead of it", _object(arrivals), others)
    presented = _answers("What the organiser adds to the tour's pages", _presentation(), {"404": others["404"]})
    return {
        "/api/v1/tours/{tour}/presentation": {"parameters": [tour], "get": presented},
        "/api/v1/tours/{tour}/passing": {"parameters": [tour, *asked], "get": passing_answer},
        "/api/v1/tours/{tour}/vehicles/{number}/arrivals": {"parameters": [tour, number], "get": arrivals_answer},
    }


def _presentation() -> dict[str, Any]:
    text = {"type": "string"}
    car = _object({"number": text, "crew": text, "story": text, "photo": text | {"description": "in /tour-files"}})
    own_map = _object({"kind": {"enum": ["style", "tiles", "pmtiles"]}, "url": text, "attribution": text})
    cars = {"type": "array", "items": car, "description": "those of which there is more to tell"}
    return _object({"map": own_map | {"type": ["object", "null"]}, "cars": cars})


def _past_paths(tour: dict[str, Any]) -> dict[str, Any]:
    """Slices of ten minutes, for replay and trails: docs/replay.md."""
    integer, text = {"type": "integer"}, {"type": "string"}
    times = {"start_ms": integer | {"description": "UTC epoch milliseconds"}, "end_ms": integer}
    segment = _object(times | {"hash": text | {"description": "its address"}, "bytes": integer})
    manifest = _object({"leg": integer, "segments": {"type": "array", "items": segment}})
    leg = {"name": "leg", "in": "path", "required": True, "schema": integer, "description": "counts from 1"}
    content_hash = {"name": "hash", "in": "path", "required": True, "schema": text}
    unchanged = {"304": {"description": "the same slices as you have"}}
    gone = {"404": {"description": "never was, or was replaced a quarter of an hour ago: ask for the manifest"}}
    no_leg = {"404": {"description": "no such tour or leg"}}
    listed = _answers("Which slices of a leg's past there are, the oldest first", manifest, unchanged | no_leg)
    binary = {"type": "string", "format": "binary", "description": "zlib of msgpack, as in docs/replay.md"}
    slice_ = _answers("Ten minutes of a leg, by the hash of its content", binary, gone, "application/octet-stream")
    path = "/api/v1/tours/{tour}/legs/{leg}/segments"
    return {
        path: {"parameters": [tour, leg], "get": listed},
        path + "/{hash}": {"parameters": [tour, leg, content_hash], "get": slice_},
    }


def _crew_paths(tour: dict[str, Any]) -> dict[str, Any]:
    """Who is signed in, and what they decide: docs/crew.md has the fields of every decision."""
    text: dict[str, Any] = {"type": "string"}
    me = _object({"name": text, "role": text, "may": {"type": "array", "items": text}})
    decision = {
        "type": "object",
        "required": ["id", "decision"],
        "properties": {"id": text, "decision": {"enum": [kind.value for kind in DecisionKind]}},
    }
    outcome = text | {"description": "counts, taken, over, unknown, not_allowed or noted"}
    answer = _object({"id": text, "seq": {"type": "integer"}, "outcome": outcome, "who": text, "helper": text})
    refused = {
        "400": {"description": "which `field` is wrong, and how to mend it"},
        "403": {"description": "not signed in, another site's page, or not for this role"},
        "429": {"description": "too many in one minute"},
        "503": {"description": "the store is away: send it again with the same id"},
    }
    decide = _answers("One decision by hand, stored before it is answered; counts once", answer, refused)
    body = {"required": True, "content": {"application/json": {"schema": decision}}}
    signed_out = {"403": refused["403"]}
    return {
        "/api/v1/tours/{tour}/me": {
            "parameters": [tour],
            "get": GUESTS_ONLY | _answers("Who is signed in, and what they may decide", me, signed_out),
        },
        "/api/v1/tours/{tour}/decisions": {
            "parameters": [tour],
            "post": GUESTS_ONLY | decide | {"requestBody": body},
        },
    }


def _asked(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """An object that always has all of these."""
    return {"type": "object", "required": list(properties), "properties": properties}
