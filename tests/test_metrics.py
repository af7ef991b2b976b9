"""/metrics of a real server: what was sent is what is counted, in the text that Prometheus reads."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.serving import fetch, serve
from tracker.commands.demo import FOLDER


def test_what_happened_is_counted(tmp_path: Path) -> None:
    with serve(FOLDER, tmp_path, "--clock-start", "2027-04-26T08:30:00-07:00") as server:
        token = server.devices()[0]["token"]
        good = b"id=1&lat=37.8325&lon=-122.4806&timestamp=1808753400"
        for body in (good, good, b"id=1&lat=91&lon=-122.4806&timestamp=1808753401"):
            assert fetch(f"{server.url}/in/osmand/{token}", body)[0] == 200
        assert fetch(f"{server.url}/in/osmand/nobody", good)[0] == 401
        status, text = server.get("/metrics")
    assert status == 200
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }
    assert samples["milepost_pings_total", "accepted"] == 1
    assert samples["milepost_pings_total", "duplicate"] == 1
    assert samples["milepost_pings_total", "quarantined"] == 1
    assert samples["milepost_requests_rejected_total", "unknown token"] == 1
    assert samples["milepost_answer_seconds_count",] == 3
    assert samples["milepost_engine_leads", "0", "california-mille"] == 1
    assert samples["milepost_spectators", "public", "california-mille"] == 0
    assert token not in text.decode()
