"""GPSLogger for Android, custom URL: its placeholders under the names that its documents and users give them.

Speed is m/s (`spd_kph`: km/h). Points come unordered and more than once; the answer is an empty 200. A placeholder it
did not know stays as text ("%FOO", "47.05ITUDE"): such a field is dropped, such a place refused.
[mendhak/gpslogger: CustomUrlWorker.java]
"""

from __future__ import annotations

from tracker.protocols.contract import Decoded, HttpRequest
from tracker.protocols.numbers import KMH_MPS
from tracker.protocols.parameters import Dialect, decode_parameters

DIALECT = Dialect(
    speeds={"spd_mps": 1.0, "spd": 1.0, "speed": 1.0, "s": 1.0, "spd_kph": KMH_MPS},
    device=("id", "device", "deviceid", "ser", "aid"),
    lat=("lat", "latitude"),
    lon=("lon", "longitude", "lng", "long"),
    time=("timestamp", "time", "timeoffset", "timestamp_ms"),
    accuracy=("acc", "accuracy"),
    bearing=("dir", "bearing", "course", "heading"),
    altitude=("alt", "altitude"),
    battery=("batt", "bat", "battery"),
    event=("desc", "annotation", "event"),
)


def decode(request: HttpRequest, received_at_ms: int) -> Decoded:
    """Read one point."""
    return decode_parameters(request, received_at_ms, DIALECT)
