"""The Journal seam: one numbered journal of inputs per tour, with the small relational store beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tracker.core.model import Calibration, Ping, Record, RecordKind, Refusal
from tracker.journal.access import Access
from tracker.journal.records import Blank, Stored, decode
from tracker.journal.segments import Segments

DAY_MS = 86_400_000  # refusals are bounded per device and UTC day


@dataclass(frozen=True, slots=True)
class Entry:
    """An input to append. A ping that is already there (same device, same decoded content) is a repeat."""

    kind: RecordKind
    body: Ping | Calibration | dict[str, object]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A refusal as stored, with the device it came from and when."""

    id: int
    at_ms: int
    device: str
    protocol: str
    reason: str
    detail: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did: the survivors with their numbers (in order), and how many were repeats."""

    stored: tuple[Stored, ...]
    repeats: int

    @property
    def records(self) -> list[Record]:
        """The survivors decoded, as every reader will see them."""
        return [decode(stored) for stored in self.stored]


# Called on the event loop with a tour and its new records, consecutive and in order.
OnStored = Callable[[str, Sequence[Stored]], None]


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device of a tour as the store knows it; the token is derived from (tour, name, generation).

    `imei` is the roster's, `box` the number of an unattended box that an organiser has made this device's.
    """

    vehicle: str
    name: str
    generation: int
    imei: str | None = None
    box: str | None = None


Range = tuple[int, int]  # first and last number, both included


def extend(ranges: list[Range], new: Range) -> None:
    """Add a range behind the others; it becomes one with the last if nothing lies between."""
    if ranges and ranges[-1][1] + 1 == new[0]:
        new = (ranges.pop()[0], new[1])
    ranges.append(new)


@dataclass(frozen=True, slots=True)
class Damage:
    """Records that were found missing or altered."""

    tour: str
    first_seq: int
    last_seq: int
    found_at_ms: int


class Journal(Protocol):
    """Append and numbered reading.

    `append` returns once the whole batch is durable: entries and refusals in one transaction, all or nothing. It
    raises StoreUnavailable when that cannot be promised in time; the batch may land all the same (as with a lost
    answer), and sending it again is a repeat. ValueError means a bug of the caller: nothing is stored then.
    With an `epoch` the append is a leader's: Deposed, and nothing stored, if the tour's epoch is another by now.
    `device`, if given, is whose pings and refusals these are, whatever the pings claim. Sequence numbers have no
    gap; `stored_at_ms` is max(now_ms, the last one).
    `watch` registers who hears of every record that this process stores, also when its append was given up; it must
    return quickly and must not raise.
    `read` gives records in order from `after_seq + 1`, fewer than `limit` only at the end or before damage; each
    carries a checksum that is verified while reading. StoreDamaged tells which are damaged; reading goes on after
    its `last_seq`.
    """

    async def append(
        self,
        tour: str,
        entries: Sequence[Entry],
        now_ms: int,
        *,
        device: str = "",
        protocol: str = "",
        refusals: Sequence[Refusal] = (),
        epoch: int | None = None,
    ) -> Appended: ...

    def watch(self, on_stored: OnStored) -> None: ...

    async def read(self, tour: str, after_seq: int, limit: int = 1000) -> list[Record]: ...

    async def head(self, tour: str) -> tuple[int, int]:
        """(seq, stored_at_ms) of the newest record; (0, 0) for an empty journal."""
        ...

    @property
    def waiting_records(self) -> int:
        """How many records wait to be stored."""
        ...

    async def close(self) -> None: ...


class Store(Protocol):
    """The small tables: tour versions, devices, quarantine, leases."""

    async def import_tour(self, slug: str, document: bytes, effective_from_ms: int) -> int:
        """Store an immutable version; returns its number.

        The newest one's if nothing changed; it is in force from the earlier of the two times then.
        """
        ...

    async def version_in_force(self, slug: str, at_ms: int) -> int:
        """The newest version that is effective at a time, or the first to become so; KeyError if there is none."""
        ...

    async def tours(self) -> list[str]: ...

    async def tour_document(self, slug: str, version: int | None = None) -> tuple[int, bytes]:
        """(version, document) of a tour, the newest by default; KeyError if unknown."""
        ...

    async def devices(self, slug: str) -> list[DeviceRow]: ...

    async def set_devices(self, slug: str, devices: Sequence[DeviceRow]) -> None:
        """Add what is new; an existing device's generation never falls (raising it revokes its token).

        Boxes stay with their devices; a number that is an `imei` by now is no longer anybody's `box`.
        """
        ...

    async def give_box(self, slug: str, device: str, number: str) -> None:
        """Let the unattended box of this number be the device, and no other one."""
        ...

    async def take_lease(self, slug: str, holder: str, ttl_ms: int) -> int | None:
        """Become the leader of a tour's engines for `ttl_ms`: its next epoch, or None while another's lease runs.

        Time is the store's own, so that leaders on several machines agree about it.
        """
        ...

    async def renew_lease(self, slug: str, epoch: int, ttl_ms: int) -> bool:
        """Hold it for another `ttl_ms`; False if somebody else took over."""
        ...

    async def release_lease(self, slug: str, epoch: int) -> None:
        """Let the next one take over at once, if the lease is still ours."""
        ...

    async def quarantined(self, slug: str, limit: int = 100) -> list[Quarantined]: ...


class Care(Protocol):
    """Looking after what is stored: verify, mend, erase."""

    async def newest(self, tour: str) -> int:
        """The newest number that was ever acknowledged, also if its record is gone."""
        ...

    async def verify(self, tour: str, after_seq: int, limit: int = 1000) -> int:
        """Check records from `after_seq + 1` without decoding them; the last sound number.

        `after_seq` itself if nothing is stored behind it; StoreDamaged as from `read`.
        """
        ...

    async def verify_structure(self) -> list[str]:
        """What the database finds wrong with itself beside the records (indices, pages); empty if it is sound."""
        ...

    async def mend(self, damage: Mapping[str, Sequence[Range]], now_ms: int) -> None:
        """Put blanks where records are lost, and note those ranges. `damage` is where reading met trouble.

        A record in there that is sound all the same stays, with its key set right.
        """
        ...

    async def damage(self) -> list[Damage]:
        """What was found damaged and not yet accepted."""
        ...

    async def accept_damage(self) -> None: ...

    async def blank_records(self, tour: str, selected: Callable[[Record], bool], why: Blank) -> int:
        """Overwrite records with blanks, for good: numbers and checksums stay in order. Returns how many.

        `selected` is asked about every record in order.
        """
        ...

    async def forget_refusals(self, tour: str, device: str) -> None:
        """Delete what quarantine holds of a device."""
        ...

    async def delete_tour(self, tour: str) -> int:
        """Delete everything of a tour but its name; how many records that were."""
        ...

    async def compact(self) -> None:
        """Give the space of what was overwritten back to the disk."""
        ...

    async def size_bytes(self) -> int:
        """What the records of all tours take on disk, with their indices."""
        ...


class Home(Journal, Store, Protocol):
    """All in one place, as every home is."""

    @property
    def care(self) -> Care: ...

    @property
    def access(self) -> Access: ...

    @property
    def segments(self) -> Segments: ...
