"""What every HTTP device protocol is: a pure function from a request to pings, refusals and the right answer.

The token has been accepted before any of this runs; identity comes from it alone, and ids in the body are only
hints. Permanently bad content gets the protocol's success answer and a Refusal (quarantine): a 4xx would make real
phones block or throw data away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tracker.core.model import Ping, Refusal


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it arrived. `query` is the raw text behind "?"; header names are lower case.

    `secret` is the passphrase agreed with this device, for payloads that come encrypted; empty if there is none.
    """

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    secret: str = ""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int = 200
    body: bytes = b""
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a request held. A heartbeat or a token upload holds neither pings nor refusals.

    `pings` have passed `tracker.core.intake` (ranges, times, sentinels); their `device` is what the body claims.
    """

    pings: list[Ping] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    answer: HttpAnswer = HttpAnswer()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One framed message of a stream, and what it held.

    `answer` leaves only once `pings` and `refusals` are journalled: it covers stored, repeated and quarantined alike.
    `device` is who the connection says it is, as far as known. After `fatal` nothing more can be read.
    """

    raw: bytes
    pings: list[Ping] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    answer: bytes = b""
    device: str | None = None
    note: str | None = None
    checksum_right: bool = True
    fatal: bool = False
