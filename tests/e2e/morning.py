"""A tour on its first morning, as phones would have told it: posted over HTTP, the same every time."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from tests.serving import Server, fetch
from tracker.core.model import Leg, Tour
from tracker.tourfiles import load_tour_folder

CLOCK_START = "2027-04-26T10:40:00-07:00"  # the field is strung out along the coast, the last car long under way
CLOCK_RATE = "0.1"
NOW_MS = int(datetime.fromisoformat(CLOCK_START).timestamp() * 1000)
FIRST_TOLD_S = 1200  # how far back the pings go
INTERVAL_S = 10
PACE_SPREAD = 0.12  # cars are a little faster or slower than planned
STOPPED = frozenset({"12", "47"})
SILENT = "23"  # went quiet ten minutes ago


@dataclass
class Morning:
    """The tour, and the addresses of its phones."""

    server: Server
    tour: Tour
    urls: dict[str, str]
    _told_ms: int = NOW_MS

    @classmethod
    def of(cls, server: Server) -> Morning:
        return cls(server, load_tour_folder(server.folder), {row["vehicle"]: row["url"] for row in server.devices()})

    def post(self, number: str, fixes: list[dict[str, float]]) -> None:
        """Post one batch as the vehicle's phone does."""
        path = self.urls[number].partition("/in/")[2].partition("/")[2]
        body = json.dumps(fixes).encode()
        status, answer = fetch(f"{self.server.url}/in/pings/{path}", body, **{"Content-Type": "application/json"})
        assert status == HTTPStatus.OK, answer
        assert json.loads(answer)["stored"] == len(fixes), answer

    def drive_on(self, number: str) -> int:
        """One more fix of a vehicle, a second later and a few metres on; returns its time."""
        self._told_ms += 1000
        last = self.told_by(number)[-1]
        self.post(number, [{**last, "fix_time_ms": self._told_ms, "lat": last["lat"] + 1e-5}])
        return self._told_ms

    def post_all(self) -> None:
        """What every phone said in the last twenty minutes."""
        for number in self.urls:
            self.post(number, self.told_by(number))

    def told_by(self, number: str) -> list[dict[str, float]]:
        """The fixes of one vehicle until now: on the course, at its own pace, 10 s apart."""
        index = next(i for i, vehicle in enumerate(self.tour.vehicles) if vehicle.number == number)
        leg = self.tour.legs[0]
        start_ms = self.tour.start_time_ms(0, index)
        dice = random.Random(number)
        if start_ms is None:  # support goes out early and stays near its part of the field
            start_ms = leg.first_start_ms + dice.randrange(60) * 60_000
        mps = leg.planned_average_mps * (1 + dice.uniform(-PACE_SPREAD, PACE_SPREAD))
        fixes = []
        for ago_s in range(FIRST_TOLD_S, -1, -INTERVAL_S):
            if number == SILENT and ago_s < FIRST_TOLD_S / 2:
                break
            driven_until_s = ago_s if number not in STOPPED else max(ago_s, FIRST_TOLD_S / 2)
            driven_s = (NOW_MS - start_ms) / 1000 - driven_until_s
            fixes.append(fix_at(leg, max(0.0, driven_s) * mps, NOW_MS - ago_s * 1000))
        return fixes


def fix_at(leg: Leg, along_m: float, fix_time_ms: int) -> dict[str, float]:
    lat, lon = leg.course.point_at(along_m)
    return {"lat": lat, "lon": lon, "fix_time_ms": fix_time_ms, "accuracy_m": 6.0}
