"""A small tour that is nowhere: two legs over hills drawn with a ruler, six cars and a sweep. For what the demo lacks.

The line runs due east along a parallel and rises and falls as a sine: nobody can take it for a road.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

SLUG = "synthetic-hills"
START = "2027-05-03T08:00:00+02:00"
LAT, LON = 43.0, 10.0
POINTS, STEP_DEG = 240, 0.002  # of longitude: 162 m here
LENGTH_M = 38_900  # rounded down, so that it lies on the line
ROSTER = """number,kind,role,class,year,make,model,colour,crew label,story,photo
1,participant,,Pre-War,1927,Alfa Romeo,RL SS,red,Team Uno,Found in a barn near Lucca.,one.png
2,participant,,Pre-War,1938,Lancia,Aprilia,blue,,,
3,participant,,Post-War,1951,Citroën,11 BL,black,,,
4,participant,,Post-War,1954,Fiat,8V,green,,,
5,participant,,Post-War,1955,Porsche,356,silver,,,
6,participant,,Post-War,1956,AC,Ace,white,,,
S1,support,sweep,,2019,,,,,,
"""
LEG = """
[[leg]]
title = "{title}"
course = "leg-{number}.gpx"
first_start = {start}
planned_average = "50 km/h"
checkpoints = [
  {{ id = "L{number}-0", name = "{a}", kind = "start", along_m = 0 }},
  {{ id = "L{number}-1", name = "Sine Pass", kind = "halt", along_m = 19000, halt_min = 20 }},
  {{ id = "L{number}-2", name = "{b}", kind = "finish", along_m = {length} }},
]
"""


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PIXEL = b"\x89PNG\r\n\x1a\n" + b"".join(
    [
        _chunk(b"IHDR", struct.pack(">2I5B", 1, 1, 8, 2, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\x00\xb3\x26\x1e")),
        _chunk(b"IEND", b""),
    ]
)  # red, one pixel


def place(along_m: float) -> tuple[float, float]:
    """Degrees of a place on either leg, near enough for a test."""
    return LAT, LON + along_m / 81_540


def hills(folder: Path, more: str = "") -> Path:
    """Write the tour's folder; `more` stands in front of the legs in tour.toml."""
    folder.mkdir(parents=True)
    head = f'name = "Synthetic Hills"\nslug = "{SLUG}"\ntimezone = "Europe/Rome"\nunits = "km"\nstart_interval_s = 60\n'
    legs = [
        LEG.format(number=1, title="Out", start=START, a="Zero", b="Far End", length=LENGTH_M),
        LEG.format(
            number=2, title="Again", start=START.replace("05-03", "05-04"), a="Far End", b="Home", length=LENGTH_M
        ),
    ]
    (folder / "tour.toml").write_text(head + more + "".join(legs), encoding="utf-8")
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (folder / "one.png").write_bytes(PIXEL)
    points = "".join(
        f'<trkpt lat="{LAT}" lon="{LON + i * STEP_DEG:.4f}"><ele>{500 + 450 * math.sin(i / 26):.1f}</ele></trkpt>'
        for i in range(POINTS + 1)
    )
    gpx = f'<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1"><trk><trkseg>{points}</trkseg></trk></gpx>'
    for number in (1, 2):
        (folder / f"leg-{number}.gpx").write_text(gpx, encoding="utf-8")
    return folder
