"""Cards to print, one per device: scan one of three codes and the phone tracks its car. Nothing is typed.

The result is one HTML file that needs nothing beside it, so that it can be mailed and printed anywhere; it holds
every device's token, like the cards themselves.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import segno

from tracker.core.model import Tour, Vehicle, VehicleKind
from tracker.static_files import STATIC

FONTS = {"Barlow": ("barlow-latin-500", "barlow-latin-600"), "Barlow Condensed": ("barlow-condensed-latin-700",)}

STYLE = """
@page { margin: 10mm; }
* { box-sizing: border-box; margin: 0; }
body { font: 500 3.5mm/1.35 Barlow, "Helvetica Neue", Arial, sans-serif; color: #2a2824; background: #fff; }
.card { width: 184mm; height: 124mm; margin: 0 auto 3mm; padding: 6mm 8mm; break-inside: avoid; overflow: hidden;
  display: flex; flex-direction: column; border: 0.4mm solid #d9ccab; border-radius: 4mm; background: #fbf6ea;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
header { display: flex; align-items: center; gap: 5mm; }
h1, h2, .roundel { font-family: "Barlow Condensed", "Arial Narrow", Arial, sans-serif; font-weight: 700; }
h1 { font-size: 7.4mm; line-height: 1.05; }
h1 small { font: 500 5mm/1 Barlow, Arial, sans-serif; color: #6d665a; }
.roundel { flex: none; min-width: 18mm; height: 18mm; padding: 0 2mm; border-radius: 9mm; border: 1.8mm solid;
  display: grid; place-items: center; font-size: 8mm; line-height: 1; color: #1c1a17; background: #fffdf6; }
.tour { margin-left: auto; text-align: right; text-transform: uppercase; font-size: 5mm; max-width: 55mm; }
.ways { flex: 1; display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 7mm; margin-top: 4mm; padding-top: 3mm;
  border-top: 0.3mm solid #e3d7bd; }
h2 { font-size: 5.4mm; line-height: 1.1; margin-bottom: 1.5mm; }
h2 b { color: #b3261e; }
.way { display: flex; flex-direction: column; }
.way svg { width: 44mm; height: 44mm; padding: 3mm; background: #fff; border: 0.3mm solid #e3d7bd; border-radius: 2mm;
  display: block; margin-bottom: 2mm; }
.way a { color: inherit; text-decoration: none; display: block; }
footer { border-top: 0.3mm solid #e3d7bd; padding-top: 2.5mm; color: #6d665a; font-size: 3.1mm; }
footer b { color: #2a2824; font-weight: 600; }
@media screen { body { background: #e9e2cf; padding: 8mm 0; } }
"""

RINGS = ((r"pre.?war|ante.?guerra", "#14532d"), (r"post.?war|dopo.?guerra", "#1f4e8c"))
OTHER_RING = "#7a2e6b"
SUPPORT = "#e0a100"


def cards_page(tour: Tour, rows: Sequence[Mapping[str, str]]) -> str:
    """The cards of these rows of `tracker devices`, as one HTML document."""
    vehicles = {vehicle.number: vehicle for vehicle in tour.vehicles}
    cards = "\n".join(_card(tour, vehicles[row["vehicle"]], row) for row in rows)
    title = f"{escape(tour.name)}: cards for the cars"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{_font_faces(STATIC)}{STYLE}</style></head><body>\n{cards}\n</body></html>\n"
    )


def _card(tour: Tour, vehicle: Vehicle, row: Mapping[str, str]) -> str:
    name = " ".join(filter(None, (vehicle.make, vehicle.model))) or vehicle.role or f"Car {vehicle.number}"
    year = f" <small>{vehicle.year}</small>" if vehicle.year else ""
    enough = "One of the first two is enough." if row["device"] in tour.spares else "One of the three is enough."
    device = f" · device <b>{escape(row['device'])}</b>" if len(vehicle.devices) > 1 else ""
    ways = (
        _way("1", "Traccar Client", row["url"], "Install “Traccar Client” from your phone’s store, open it, "
             "tap the code in its corner and scan this one. Then switch tracking on."),
        _way("2", "No app", row["drive"], "Scan with the camera and tap the big button. "
             "Keep the page open and the phone plugged in."),
        _way("3", "A spare", row["swap"], "For the organiser: scan with the camera, choose the car that needs it, "
             "and hand it over.")
        if row["device"] in tour.spares else
        _way("3", "OwnTracks", row["owntracks"], "For who has OwnTracks already: scan with the camera, "
             "and accept the settings."),
    )  # fmt: skip
    return (
        f'<section class="card"><header>{_roundel(vehicle)}<div><h1>{escape(name)}{year}</h1>'
        f'<p>{escape(vehicle.crew)}</p></div><h2 class="tour">{escape(tour.name)}</h2></header>'
        f'<div class="ways">{"".join(ways)}</div>'
        f"<footer>{enough} Location must be allowed <b>always</b>, and battery saving be off for the "
        f"app. Whoever holds this card can speak for car <b>{escape(vehicle.number)}</b>: keep it in the car{device}."
        "</footer></section>"
    )


def _way(number: str, title: str, link: str, words: str) -> str:
    return (
        f'<div class="way"><h2><b>{number}</b> {title}</h2><a href="{escape(link)}">{qr_svg(link)}</a>'
        f"<p>{words}</p></div>"
    )


def _roundel(vehicle: Vehicle) -> str:
    if vehicle.kind is VehicleKind.SUPPORT:
        style = f"border-color:{SUPPORT};background:{SUPPORT}"
    else:
        of_class = (ring for words, ring in RINGS if re.search(words, vehicle.class_name, re.IGNORECASE))
        ring = next(of_class, OTHER_RING)
        style = f"border-color:{ring}"
    return f'<span class="roundel" style="{style}">{escape(vehicle.number)}</span>'


def qr_svg(text: str) -> str:
    """A QR code as SVG without size or margin; of the error corrections the best that costs no larger code."""
    svg: str = segno.make_qr(text, error="l", boost_error=True).svg_inline(border=0, omitsize=True)
    return svg


def _font_faces(root: Path) -> str:
    """The pages' own fonts, where they are built; a card is legible without."""
    faces = []
    for family, names in FONTS.items():
        for name in names:
            for path in sorted((root / "assets").glob(f"{name}-normal-*.woff2")):
                data = base64.b64encode(path.read_bytes()).decode()
                weight = name.rpartition("-")[2]
                faces.append(
                    f'@font-face{{font-family:"{family}";font-weight:{weight};'
                    f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
                )
    return "".join(faces)
