"""Pings as intake lets them through."""

from __future__ import annotations

from hypothesis import strategies as st

from tracker.core.model import Ping


def maybe(low: float, high: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(low, high)


places = st.one_of(
    st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    st.just((None, None)),
)


@st.composite
def pings(draw: st.DrawFn) -> Ping:
    lat, lon = draw(places)
    return Ping(
        device=draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)),
        fix_time_ms=draw(st.none() | st.integers(946_684_800_000, 4_102_444_800_000)),
        lat=lat,
        lon=lon,
        accuracy_m=draw(maybe(0, 100_000)),
        speed_mps=draw(maybe(0, 300)),
        bearing_deg=draw(maybe(0, 359.9999)),
        altitude_m=draw(maybe(-1_000, 20_000)),
        valid=draw(st.booleans()),
        sos=draw(st.booleans()),
        battery_pct=draw(maybe(0, 100)),
        event=draw(st.none() | st.text(max_size=60)),
    )
