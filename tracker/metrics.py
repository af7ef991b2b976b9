"""What /metrics tells Prometheus: read off the parts when somebody asks, so that counting costs the road nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from tracker.admission import Admission
from tracker.answer_times import BOUNDS_S
from tracker.bus.contract import Bus
from tracker.channels import Channel
from tracker.engines import Engines
from tracker.hub import Hub
from tracker.ingest import Ingest, IngestCounters
from tracker.journal.contract import Journal
from tracker.runner import Runner
from tracker.streams import StreamCounters, Streams


class PartsCollector(Collector):
    """The parts of one process; those that run elsewhere are None or empty."""

    def __init__(self, journal: Journal, bus: Bus) -> None:
        self.journal = journal
        self.bus = bus
        self.ingest: Ingest | None = None
        self.streams: Streams | None = None
        self.hub: Hub | None = None
        self.admission: Admission | None = None
        self.channels: Sequence[Channel] = ()
        self.engines: list[Engines] = []

    @property
    def runners(self) -> list[Runner]:
        return [runner for engines in self.engines for runner in engines.runners]

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "milepost_journal_waiting_records", "Records that wait for the disk", self.journal.waiting_records
        )
        yield CounterMetricFamily("milepost_bus_dropped", "Messages that the bus dropped", self.bus.dropped)
        if self.admission is not None:
            yield turned_away(self.admission)
        if self.ingest is not None and self.streams is not None:
            yield pings_metric(self.ingest.counters, self.streams.counters)
            yield from ingest_metrics(self.ingest)
            yield from stream_metrics(self.streams)
        if self.runners:
            yield from engine_metrics(self.runners)
        if self.hub is not None:
            yield from hub_metrics(self.hub)
        if self.channels:
            yield from channel_metrics(self.channels)


def turned_away(admission: Admission) -> Metric:
    refused = CounterMetricFamily("milepost_turned_away", "Requests told to come back, by reason", labels=["reason"])
    for reason, count in admission.turned_away.items():
        refused.add_metric([reason], count)
    return refused


def pings_metric(*ways_in: IngestCounters | StreamCounters) -> Metric:
    pings = CounterMetricFamily("milepost_pings", "Pings of known devices, by what became of them", labels=["became"])
    pings.add_metric(["accepted"], sum(counters.accepted for counters in ways_in))
    pings.add_metric(["duplicate"], sum(counters.repeated for counters in ways_in))
    pings.add_metric(["quarantined"], sum(counters.quarantined for counters in ways_in))
    return pings


def stream_metrics(streams: Streams) -> Iterator[Metric]:
    counters = streams.counters
    yield CounterMetricFamily("milepost_box_messages", "Messages of listed boxes", counters.messages)
    yield CounterMetricFamily(
        "milepost_box_wrong_checksums", "Of those with a wrong checksum", counters.wrong_checksums
    )
    closed = CounterMetricFamily("milepost_boxes_closed", "Connections and datagrams closed", labels=["reason"])
    for reason, count in counters.rejected.items():
        closed.add_metric([reason], count)
    yield closed
    yield GaugeMetricFamily("milepost_boxes_connected", "Boxes connected", len(streams.connected))


def ingest_metrics(ingest: Ingest) -> Iterator[Metric]:
    counters = ingest.counters
    rejected = CounterMetricFamily("milepost_requests_rejected", "Requests of devices refused", labels=["reason"])
    for reason, count in counters.rejected.items():
        rejected.add_metric([reason], count)
    yield rejected
    times = ingest.answer_times
    cumulative = list(accumulate(times.counts))
    bounds = [*map(str, BOUNDS_S), "+Inf"]
    yield HistogramMetricFamily(
        "milepost_answer_seconds",
        "Time that a request of a device waited for the disk",
        buckets=list(zip(bounds, cumulative, strict=True)),
        sum_value=times.sum_s,
    )


def engine_metrics(runners: list[Runner]) -> Iterator[Metric]:
    labels = ["tour", "delay_s"]
    read = GaugeMetricFamily("milepost_engine_read_seq", "The last record that the engine read", labels=labels)
    lag = GaugeMetricFamily("milepost_engine_lag_records", "Records journalled and not read yet", labels=labels)
    leads = GaugeMetricFamily("milepost_engine_leads", "1 while this process leads the tour", labels=labels)
    for runner in runners:
        tour = [runner.tour.slug, str(runner.delay_s)]
        read.add_metric(tour, runner.read_seq)
        lag.add_metric(tour, max(0, runner.head_seq - runner.read_seq))
        leads.add_metric(tour, int(runner.leads))
    yield from (read, lag, leads)


def channel_metrics(channels: Sequence[Channel]) -> Iterator[Metric]:
    told = CounterMetricFamily("milepost_notifications", "Messages that targets of alerts have", labels=["target"])
    failed = CounterMetricFamily("milepost_notifications_failed", "Messages given up on", labels=["target"])
    for channel in channels:
        told.add_metric([channel.target.name], channel.told)
        failed.add_metric([channel.target.name], channel.failed)
    yield from (told, failed)


def hub_metrics(hub: Hub) -> Iterator[Metric]:
    labels = ["tour", "audience"]
    clients = GaugeMetricFamily("milepost_spectators", "Open live feeds", labels=labels)
    snapshots = CounterMetricFamily("milepost_snapshots", "Snapshots encoded", labels=labels)
    for feed in hub.all_feeds():
        clients.add_metric([feed.tour, feed.audience], len(feed))
        snapshots.add_metric([feed.tour, feed.audience], feed.snapshots)
    refused = CounterMetricFamily("milepost_handshakes_refused", "Live feeds refused", labels=["reason"])
    for reason, count in hub.refused.items():
        refused.add_metric([reason], count)
    yield from (clients, snapshots, refused)
    yield CounterMetricFamily("milepost_spectators_too_slow", "Live feeds closed without progress", hub.closed_slow)


def exposition(collector: PartsCollector) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(collector)
    text: bytes = generate_latest(registry)
    return text
