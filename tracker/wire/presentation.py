"""How an organiser presents a tour: its own base map, photos, and the pages that may show it in a frame.

    read_embed_on(top), read_base_map(top)   what tour.toml says
    check_photos(vehicles, files, problems)  photos that the roster names
    presentation(tour)                       what a page fetches of all that

Pure. The hosts that come out of here stand in a Content-Security-Policy: nothing but `https://host[:port]` passes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from tracker.core.model import BaseMap, Tour, Vehicle
from tracker.wire.problems import ProblemList, quoted
from tracker.wire.tomltable import TomlTable, kind_of

MAX_PHOTO_BYTES = 400 * 1024
MAX_HOSTS = 20
PMTILES_HEADER_BYTES = 127
ANY = "*"

_PHOTO_STARTS = {"jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n", "webp": b"RIFF"}
_ORIGIN = re.compile(r"https://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?")
_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::\d{1,5})?")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}")
_URL = re.compile(r"[!#-\[\]_a-z{}~]+")  # printable ASCII without space, quotes, backslash, ^, ` and |
_MAP_KEYS = ("style", "tiles", "pmtiles", "attribution", "hosts")


def origin_of(url: str) -> str | None:
    """The `https://host[:port]` of an address, or None for one that a page must not ask (loopback may be plain)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    fits = _ORIGIN.fullmatch(origin) or _LOOPBACK.fullmatch(origin)
    return origin if fits and _URL.fullmatch(url) else None


def read_embed_on(top: TomlTable) -> tuple[str, ...]:
    """The pages that may show the tour in a frame; without the key any may, for there is nothing to be had by it."""
    written = top.data.get("embed_on", [ANY])
    if not isinstance(written, list) or not all(isinstance(item, str) for item in written):
        top.wrong("embed_on", f"embed_on is {kind_of(written)}, not a list of pages", 'Write ["https://club.example"]')
        return ()
    for item in written[:MAX_HOSTS]:
        if item != ANY and origin_of(item) != item:
            mend = 'Write "https://club.example", without a path; "https://*.club.example" is any host below it'
            top.wrong("embed_on", f"embed_on {quoted(item)} is no host", mend)
    if len(written) > MAX_HOSTS:
        top.wrong("embed_on", f"more than {MAX_HOSTS} pages in embed_on", 'Write ["*"] for any page')
    return tuple(written)


def read_base_map(top: TomlTable) -> BaseMap | None:
    """The table [map], or None where there is none or it was reported."""
    written = top.data.get("map")
    if written is None:
        return None
    table = top.table("map")
    if table is None:
        return None
    table.warn_of_unknown_keys(_MAP_KEYS)
    kinds = [kind for kind in ("style", "tiles", "pmtiles") if kind in table.data]
    if len(kinds) != 1:
        found = " and ".join(kinds) or "none of them"
        top.wrong("map", f"[map] has {found}", "Give one of style, tiles or pmtiles")
        return None
    (kind,) = kinds
    url = table.data[kind]
    attribution = table.text("attribution", "© OpenStreetMap contributors") if kind != "style" else ""
    hosts = table.data.get("hosts", [])
    if not isinstance(hosts, list) or len(hosts) > MAX_HOSTS or not all(_is_origin(host) for host in hosts):
        table.wrong("hosts", "hosts is no list of hosts", 'Write such as ["https://fonts.example.org"]')
        return None
    if not isinstance(url, str) or attribution is None:
        table.wrong(kind, f"{kind} is {kind_of(url)}, not text", "Write an https address") if attribution else None
        return None
    if kind == "pmtiles" and "://" not in url:
        if not _FILE.fullmatch(url) or not url.endswith(".pmtiles"):
            table.wrong(kind, f"pmtiles {quoted(url)} is not the name of a .pmtiles file", "Put it into this folder")
            return None
        return BaseMap(kind, url, attribution, tuple(hosts))
    origin = origin_of(url)
    if origin is None or "*" in origin:
        table.wrong(kind, f"{kind} {quoted(url)} is no https address", "Write it whole, as https://host/…")
        return None
    if kind == "tiles" and not all(part in url for part in ("{z}", "{x}", "{y}")):
        table.wrong(kind, "the address of the tiles lacks {z}, {x} or {y}", "As https://host/{z}/{x}/{y}.png")
        return None
    return BaseMap(kind, url, attribution, tuple(dict.fromkeys([origin, *hosts])))


def _is_origin(host: object) -> bool:
    return isinstance(host, str) and origin_of(host) == host


def check_photos(
    vehicles: tuple[Vehicle, ...], files: Mapping[str, bytes], problems: ProblemList
) -> tuple[Vehicle, ...]:
    """The vehicles with the photos that can be shown; the others are reported, and do not stop the tour."""
    return tuple(replace(v, photo="") if v.photo and not _shows(v, files, problems) else v for v in vehicles)


def _shows(vehicle: Vehicle, files: Mapping[str, bytes], problems: ProblemList) -> bool:
    name, data = vehicle.photo, files.get(vehicle.photo)
    about = f"the photo {quoted(name)} of {quoted(vehicle.number)}"
    start = _PHOTO_STARTS.get(name.rpartition(".")[2].lower())
    if start is None or not _FILE.fullmatch(name):
        problems.warn(None, f"{about} is not the name of a .jpg, .png or .webp file", "Put the file into the folder")
    elif data is None:
        problems.warn(None, f"{about} is not in the folder", "Put the file there; its name counts letter by letter")
    elif len(data) > MAX_PHOTO_BYTES:
        problems.warn(None, f"{about} is larger than {MAX_PHOTO_BYTES >> 10} KB", "Scale it to about 800 pixels")
    elif not data.startswith(start):
        problems.warn(None, f"{about} is not what its name says", "Save it again as JPEG, PNG or WebP")
    else:
        return True
    return False


def public_files(tour: Tour) -> frozenset[str]:
    """The files of the tour's folder that anybody may fetch."""
    photos = {vehicle.photo for vehicle in tour.vehicles if vehicle.photo}
    own_map = {tour.base_map.url} if tour.base_map and "://" not in tour.base_map.url else set()
    return frozenset(photos | own_map)


def presentation(tour: Tour) -> dict[str, Any]:
    """What a page fetches: the organiser's base map or None, and the cars of which there is more to tell."""
    base_map = tour.base_map
    return {
        "map": base_map and {"kind": base_map.kind, "url": base_map.url, "attribution": base_map.attribution},
        "cars": [
            {"number": car.number, "crew": car.crew_label, "story": car.story, "photo": car.photo}
            for car in tour.vehicles
            if car.crew_label or car.story or car.photo
        ],
    }
