"""The nouns of Milepost, as immutable values. Units are in the names: metres, seconds, degrees, UTC epoch ms.

A *Ping* is what a device said, not yet believed. A *Record* is one numbered input of a tour's journal.
A *Tour* is what the organiser's folder says. A *VehicleView* is what may be said of a vehicle at a moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property

from tracker.core.course import Course


class CheckpointKind(StrEnum):
    """What happens at a checkpoint. Never abbreviate passage control: PC means something else in Italy."""

    START = "start"
    PASSAGE_CONTROL = "passage control"
    TIME_CONTROL = "time control"
    HALT = "halt"
    FUEL = "fuel"
    FINISH = "finish"


class VehicleKind(StrEnum):
    PARTICIPANT = "participant"
    SUPPORT = "support"


class Word(IntEnum):
    """A word for people whose number is the wire's: it never changes."""

    @property
    def word(self) -> str:
        return self.name.lower()


class Status(Word):
    """What a vehicle is doing. The numbers are the wire's."""

    WAITING = 0
    RUNNING = 1
    STOPPED = 2
    OFF_COURSE = 3
    FINISHED = 4


class Freshness(Word):
    """How old the newest fix is, by the device's own rhythm. The numbers are the wire's."""

    LIVE = 0
    LATE = 1
    SILENT = 2
    NEVER = 3


class Standing(Word):
    """What people decided about a vehicle, by hand. The numbers are the wire's."""

    RUNNING = 0
    RETIRED = 1
    TRAILERED = 2
    WITHDRAWN = 3
    OUT_OF_TIME = 4


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place on a leg. `id` never changes, whatever happens to the course: passages hang on it."""

    id: str
    name: str
    kind: CheckpointKind
    along_m: float
    halt_s: int = 0


@dataclass(frozen=True)
class Leg:
    """One run, start to finish. `checkpoints` are in the order of the leg, the start first, the finish last."""

    title: str
    course: Course
    first_start_ms: int
    planned_average_mps: float
    checkpoints: tuple[Checkpoint, ...]

    @cached_property
    def length_m(self) -> float:
        return self.course.length_m


@dataclass(frozen=True, slots=True)
class Device:
    """A phone or a tracker in a vehicle. `name` is unique within the tour; `imei` only for unattended boxes."""

    name: str
    imei: str | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A row of the roster. Without a device column it has one implied device, named like its number."""

    number: str
    kind: VehicleKind
    role: str = ""
    class_name: str = ""
    year: int | None = None
    make: str = ""
    model: str = ""
    crew: str = ""
    start_order: int | None = None  # 0-based place in the start order; None for support vehicles
    colour: str = ""
    crew_label: str = ""  # what spectators may read of the crew
    story: str = ""
    photo: str = ""  # a file of the tour's folder
    devices: tuple[Device, ...] = ()
    phones: tuple[str, ...] = ()  # of those in it; for crews only


@dataclass(frozen=True, slots=True)
class BaseMap:
    """What the organiser lays below the course: a style, raster tiles or one PMTiles file.

    `url` is an https address (tiles with {z}, {x} and {y}), or for PMTiles also a file of the tour's folder. `origins`
    are all the hosts that a page may then ask, as `https://host`.
    """

    kind: str  # "style", "tiles" or "pmtiles"
    url: str
    attribution: str = ""
    origins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tour:
    """One immutable version of a tour. Indices into `vehicles` and `legs` are used throughout."""

    name: str
    slug: str
    timezone: str
    units: str  # what people read, "mi" or "km"; everything here is metric
    start_interval_s: int
    legs: tuple[Leg, ...]
    vehicles: tuple[Vehicle, ...]
    public_delay_s: int = 0
    embed_on: tuple[str, ...] = ("*",)  # pages that may show the tour in a frame: "*" = any
    base_map: BaseMap | None = None  # None = the one that comes with the program

    @cached_property
    def vehicle_of_device(self) -> dict[str, int]:
        return {device.name: index for index, vehicle in enumerate(self.vehicles) for device in vehicle.devices}

    @cached_property
    def boxes(self) -> frozenset[str]:
        """Unattended devices, known by their IMEI: they have no card."""
        return frozenset(device.name for vehicle in self.vehicles for device in vehicle.devices if device.imei)

    @cached_property
    def spares(self) -> frozenset[str]:
        """Devices that ride along beside the first one of their vehicle, for whoever needs one."""
        return frozenset(device.name for vehicle in self.vehicles for device in vehicle.devices[1:] if not device.imei)

    def start_time_ms(self, leg: int, vehicle: int) -> int | None:
        """When the vehicle is due to leave, or None for one without a start of its own (support)."""
        order = self.vehicles[vehicle].start_order
        if order is None:
            return None
        return self.legs[leg].first_start_ms + order * self.start_interval_s * 1000


@dataclass(frozen=True, slots=True)
class Ping:
    """What a device said: decoded, in our units, not yet believed. None means that the device did not say.

    `valid` is False where the device itself says that the position is stale (a sighting, never a fix).
    `event` is a short word for what a person or the device said beside the place ("fine", "ignition on").
    `time_given` is False where the device gave no time: once journalled, `fix_time_ms` is then the received time.
    """

    device: str | None
    fix_time_ms: int | None
    lat: float | None
    lon: float | None
    accuracy_m: float | None = None
    speed_mps: float | None = None
    bearing_deg: float | None = None
    altitude_m: float | None = None
    valid: bool = True
    sos: bool = False
    battery_pct: float | None = None
    event: str | None = None
    time_given: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something from a known device that is not stored as a ping: a named reason and the raw bytes (<= 16 KB)."""

    reason: str  # a short fixed word that can be counted: "latitude out of range"
    raw: bytes
    detail: str = ""


class RecordKind(IntEnum):
    """Kinds of journalled input. The numbers are the journal's, for ever."""

    PING = 1
    DECISION = 2  # by hand: standing, swap of device, note, start delayed
    CALIBRATION = 3  # a device's clock error, once believed
    TOUR_VERSION = 4  # from here on this version of the tour is in force
    ALERT = 5  # raised, acknowledged, cleared


@dataclass(frozen=True, slots=True)
class Calibration:
    """The clock of `device` is `error_ms` ahead of ours (fix time minus true time); holds for all its fixes."""

    device: str
    error_ms: int


@dataclass(frozen=True, slots=True)
class Record:
    """One numbered input. `seq` counts from 1 without a gap; `stored_at_ms` (the received time) never goes back.

    `body` is a Ping, a Calibration, or for the other kinds a plain dict with text keys.
    """

    seq: int
    stored_at_ms: int
    kind: RecordKind
    body: Ping | Calibration | dict[str, object]


@dataclass(frozen=True, slots=True)
class Passage:
    """A vehicle passed a checkpoint. At the start: left for good. At a halt: arrived; `depart_ms` when it went on.

    `earliest_ms`..`latest_ms` hold the truth where the crossing fell into a gap.
    """

    vehicle: int
    leg: int
    checkpoint: int  # index within the leg
    time_ms: int
    earliest_ms: int
    latest_ms: int
    depart_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Road distance driven, detours included, and distance driven along the course; gaps filled along it.

    All under its own power; what it was carried on a trailer is apart.
    """

    odometer_m: float
    course_m: float
    filled_m: float  # the part of odometer_m that was filled along the course, not measured
    carried_m: float = 0.0


@dataclass(frozen=True, slots=True)
class VehicleView:
    """What may be said of a vehicle at a moment, to a crew; spectators get an allow-listed part of it.

    `time_ms` is the time of the newest believed fix, corrected for its device's clock.
    `along_m` is the place at that time from the start of the leg's line: 0 while waiting, None off the course.
    With `uncertain` the truth lies in `along_min_m`..`along_max_m`.
    """

    vehicle: int
    time_ms: int | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    speed_mps: float | None = None
    bearing_deg: float | None = None
    leg: int | None = None
    along_m: float | None = None
    offset_m: float | None = None
    furthest_m: float = 0.0
    uncertain: bool = False
    along_min_m: float | None = None
    along_max_m: float | None = None
    status: Status = Status.WAITING
    status_since_ms: int | None = None
    freshness: Freshness = Freshness.NEVER
    standing: Standing = Standing.RUNNING
    battery_pct: float | None = None
    sos: bool = False
    next_checkpoint: int | None = None  # index within the leg
    eta_early_ms: int | None = None  # the 80 % range at the next checkpoint
    eta_late_ms: int | None = None
    deviation_s: float | None = None  # against the plan, positive = late
    totals: Totals = Totals(0.0, 0.0, 0.0)
