"""The OsmAnd navigation app's online tracking: the names of the OsmAnd parameter set, but m/s and phone milliseconds.

It resends without a pause after anything but 2xx, so the answer is an empty 200 whatever came. What its template
calls hdop is the accuracy in metres. [osmandapp/OsmAnd: LiveMonitoringHelper.java]
"""

from __future__ import annotations

from tracker.protocols.contract import Decoded, HttpRequest
from tracker.protocols.parameters import Dialect, decode_parameters

DIALECT = Dialect(
    speeds={"speed": 1.0},
    accuracy=("acc", "accuracy", "hdop"),
    altitude=("altitude", "alt"),
    time=("timestamp", "time"),
)


def decode(request: HttpRequest, received_at_ms: int) -> Decoded:
    """Read one position."""
    return decode_parameters(request, received_at_ms, DIALECT)
