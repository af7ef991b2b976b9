"""The public projection in words: what a folded feed says of each vehicle, for JSON and GeoJSON. Pure.

It knows the folded public frames and nothing else, so it cannot say more than a spectator may know.
"""

from __future__ import annotations

from typing import Any

from tracker.core.model import Freshness, Standing, Status
from tracker.wire.audience import COLUMNS, NONE, UNKNOWN
from tracker.wire.frames import FeedState

CAR_COLUMNS = ("role", "class", "year", "make", "model", "colour")


def vehicles_now(state: FeedState) -> list[dict[str, Any]]:
    """Every vehicle in roster order; nothing before the first snapshot. Of a crew feed only what is public too."""
    if state.position is None:
        return []
    about = state.about
    base_ms = about["base_ms"]
    lengths = [leg["length_m"] for leg in about["legs"]]
    vehicles = []
    public = state.columns[: len(COLUMNS)]
    for number, kind, *values in zip(about["roster"]["number"], about["roster"]["kind"], *public, strict=True):
        row = dict(zip(COLUMNS, values, strict=True))
        heard = row["t"] != UNKNOWN
        along = None if row["along"] == NONE else row["along"]
        vehicles.append(
            {
                "number": number,
                "kind": "support" if kind else "participant",
                "lat": row["lat"] / 1e6 if heard else None,
                "lon": row["lon"] / 1e6 if heard else None,
                "fix_time_ms": base_ms + row["t"] * 100 if heard else None,
                "leg": row["leg"] or None,
                "along_m": along,
                "fraction": round(along / lengths[row["leg"] - 1], 6) if along is not None and row["leg"] else None,
                "status": Status(row["status"]).word,
                "freshness": Freshness(row["freshness"]).word,
                "standing": Standing(row["standing"]).word,
            }
        )
    return vehicles


def feature_collection(state: FeedState) -> dict[str, Any]:
    """GeoJSON (RFC 7946) of every vehicle: a point, or no geometry before its first fix."""
    features = []
    for row, vehicle in enumerate(vehicles_now(state)):
        lat, lon = vehicle.pop("lat"), vehicle.pop("lon")
        car = {name: state.about["roster"][name][row] or None for name in CAR_COLUMNS}
        geometry = None if lat is None else {"type": "Point", "coordinates": [lon, lat]}
        features.append({"type": "Feature", "id": vehicle["number"], "geometry": geometry, "properties": vehicle | car})
    return {"type": "FeatureCollection", "features": features}
