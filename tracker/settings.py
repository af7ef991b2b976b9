"""Every setting with its unit, its default and why it is so. Read once, at the door, from arguments and environment.

A setting `port` is the argument `--port` where a command has one, else the environment's `TRACKER_PORT`, else the
default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from tracker.errors import SettingsError

PREFIX = "TRACKER_"


def _doc(unit: str, why: str, least: float | None = None) -> dict[str, object]:
    return {"unit": unit, "why": why, "least": least}


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set. Types other than text are read from text: `int`, `float`, `Path`."""

    host: str = field(
        default="127.0.0.1", metadata=_doc("address", "nobody outside reaches a server that nobody has set up yet")
    )
    port: int = field(default=8080, metadata=_doc("TCP port", "needs no privilege", least=0))
    data: Path = field(default=Path("data"), metadata=_doc("folder", "journal and server key; back this up"))
    key_file: Path | None = field(
        default=None, metadata=_doc("file", "device tokens derive from it; default: server.key in the data folder")
    )
    database: str | None = field(
        default=None, metadata=_doc("URL", "a database for several machines; default: SQLite in the data folder")
    )
    redis: str | None = field(
        default=None, metadata=_doc("URL", "a bus between several processes; default: within one process")
    )
    public_url: str | None = field(
        default=None, metadata=_doc("URL", "what phones and spectators type; links and QR cards are made from it")
    )
    trusted_proxy: str | None = field(
        default=None,
        metadata=_doc("addresses", "whose X-Forwarded-For is believed, for logs and limits; default: nobody's"),
    )
    notify_file: Path | None = field(
        default=None,
        metadata=_doc("file", "who is told of alerts (docs/notifications.md); default: notify.toml in the data folder"),
    )
    clock_start: str | None = field(
        default=None, metadata=_doc("ISO 8601 time", "rehearse at another date; default: now")
    )
    clock_rate: float = field(default=1.0, metadata=_doc("tour seconds per second", "rehearse faster", least=0.001))
    public_beat_ms: int = field(
        default=1000, metadata=_doc("ms", "one frame a second is smooth once interpolated; 0: at once", least=0)
    )
    crew_beat_ms: int = field(
        default=200, metadata=_doc("ms", "a crew sees what happens while it happens; 0: at once", least=0)
    )

    streams: str = field(
        default="",
        metadata=_doc(
            "protocols, perhaps with ports",
            "unattended boxes, each protocol on its own TCP and UDP port: `gt06, h02=6013`; default: none",
        ),
    )
    reject_checksums: str = field(
        default="",
        metadata=_doc("protocols", "whose wrong checksums refuse a message; many real boxes get them wrong"),
    )

    journal_gather_ms: float = field(
        default=3.0,
        metadata=_doc(
            "ms", "what a transaction waits for more when several pings are in flight: fewer flushes", least=0
        ),
    )
    journal_deadline_s: float = field(
        default=2.0,
        metadata=_doc("s", "a phone gives up after 15 s; told after 2 s to come back, it keeps its ping", least=0.1),
    )
    journal_queue_records: int = field(
        default=20_000,
        metadata=_doc(
            "records", "what may wait for the disk, some 20 MB; beyond it devices are told to come back", least=1
        ),
    )
    quarantine_per_day: int = field(
        default=200,
        metadata=_doc(
            "refusals per device and day", "one broken device cannot fill the disk; the rest is counted", least=0
        ),
    )
    connections: int = field(
        default=25_000,
        metadata=_doc(
            "connections",
            "phones and pages of one process, if it may have so many files; the last tenth is for phones",
            least=10,
        ),
    )
    body_deadline_s: float = field(
        default=20.0,
        metadata=_doc(
            "s", "a batch over a bad mobile line takes seconds; who drips longer only holds a place", least=1
        ),
    )
    retry_after_s: int = field(
        default=5, metadata=_doc("s", "when devices are asked to come back after temporary trouble", least=1)
    )
    log_interval_s: float = field(
        default=60.0,
        metadata=_doc(
            "s", "one log line per reason and source in this time: broken devices repeat themselves", least=0
        ),
    )

    @classmethod
    def read(cls, environ: Mapping[str, str], arguments: Mapping[str, object] | None = None) -> Settings:
        """The settings in force. Raises SettingsError, with the name, for a value that makes no sense."""
        given = arguments or {}
        values: dict[str, object] = {}
        for each in fields(cls):
            variable = PREFIX + each.name.upper()
            value = given.get(each.name)
            name = f"--{each.name.replace('_', '-')}"
            if value is None:
                value, name = environ.get(variable) or None, variable
            if value is not None:
                values[each.name] = _converted(name, str(each.type), value, each.metadata["least"])
        return cls(**values)  # type: ignore[arg-type]

    @property
    def journal_path(self) -> Path:
        return self.data / "journal.sqlite"

    @property
    def key_path(self) -> Path:
        return self.key_file or self.data / "server.key"

    @property
    def notify_path(self) -> Path:
        return self.notify_file or self.data / "notify.toml"


def _converted(name: str, kind: str, value: object, least: float | None) -> object:
    text = str(value)
    try:
        converted: object = {"int": int, "float": float, "Path": Path}.get(kind.removesuffix(" | None"), str)(text)
    except ValueError:
        raise SettingsError(f"{name} is a number, not {text!r}") from None
    if isinstance(converted, int | float) and least is not None and not least <= converted < float("inf"):
        raise SettingsError(f"{name} is at least {least}, not {text}")
    return converted
