"""notify.toml: who is told of alerts, and how. Pure; `tracker.channels` does the telling.

Addresses hold passwords and tokens, so the file lies in the data folder and not in the tour's, and nothing of an
address is ever shown: people know a target by its name.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tracker.core.alerts.event import AlertKind
from tracker.wire.alertwords import LANGUAGES
from tracker.wire.problems import ProblemList, did_you_mean, quoted
from tracker.wire.tomltable import TomlTable, kind_of
from tracker.wire.tourtoml import read_toml

MAX_NOTIFY_FILE_BYTES = 64 * 1024
MAX_TARGETS = 50
SECRET_PREFIX = "whsec_"  # noqa: S105 as Standard Webhooks writes secrets
LEAST_SECRET_BYTES = 16
KEYS = ("name", "url", "role", "kinds", "language", "endings")

ON_THE_ROAD = frozenset(AlertKind) - {AlertKind.LOW_BATTERY, AlertKind.FEED_OUTAGE}
KINDS_OF_ROLE: Mapping[str, frozenset[AlertKind]] = {
    "organiser": frozenset(AlertKind),
    "crew": ON_THE_ROAD,
    "marshal": frozenset({AlertKind.SOS}),
}


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to tell. With a `secret` it is a signed webhook, otherwise an address as Apprise has it."""

    name: str
    url: str = field(repr=False)
    kinds: frozenset[AlertKind]
    language: str = "en"
    endings: bool = False  # whether it is told when an alert is over, too
    secret: bytes | None = field(default=None, repr=False)


def read_notify_file(data: bytes, problems: ProblemList) -> tuple[Target, ...]:
    """The targets of a file, those with problems left out."""
    if len(data) > MAX_NOTIFY_FILE_BYTES:
        problems.fatal(None, f"the file is larger than {MAX_NOTIFY_FILE_BYTES // 1024} KB", "Is this notify.toml?")
        return ()
    top = read_toml(data, problems)
    if top is None:
        return ()
    top.warn_of_unknown_keys(("target", "webhook"))
    targets = [_read_target(table, signed=False) for table in top.tables("target") or []]
    targets += [_read_target(table, signed=True) for table in top.tables("webhook") or []]
    found = tuple(target for target in targets if target is not None)
    if len(targets) > MAX_TARGETS:
        problems.fatal(None, f"more than {MAX_TARGETS} targets", "Let one of them pass it on to the others")
    names = [target.name for target in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.fatal(None, f"two targets are called {quoted(name)}", "Give each a name of its own")
    return found


def _read_target(table: TomlTable, *, signed: bool) -> Target | None:
    before = table.problems.fatal_count
    table.warn_of_unknown_keys((*KEYS, "secret") if signed else KEYS)
    name = table.text("name", "Sweep crew")
    url = _read_url(table, signed=signed)
    kinds = _read_kinds(table)
    language = _one_of(table, "language", tuple(LANGUAGES), "en")
    endings = table.data.get("endings", False)
    if not isinstance(endings, bool):
        table.wrong("endings", f"endings is {kind_of(endings)}, not true or false", "Write endings = true")
    secret = _read_secret(table) if signed else None
    if table.problems.fatal_count > before or name is None or url is None:
        return None
    return Target(name, url, kinds, language, endings is True, secret)


def _read_url(table: TomlTable, *, signed: bool) -> str | None:
    url = table.data.get("url")
    example = "https://control.example.org/alerts" if signed else "ntfys://ntfy.sh/our-sweep"
    if not isinstance(url, str) or not url.strip():
        table.wrong("url", "there is no address", f'Add url = "{example}"')
        return None
    if signed:
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("https", "http") or not parts.hostname:
            table.wrong("url", "the address is no web address", f'Write it as in url = "{example}"')
            return None
    return url.strip()


def _read_kinds(table: TomlTable) -> frozenset[AlertKind]:
    role = _one_of(table, "role", tuple(KINDS_OF_ROLE), "crew")
    words = table.data.get("kinds")
    if words is None:
        return KINDS_OF_ROLE[role]
    known = [kind.value for kind in AlertKind]
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        table.wrong("kinds", "kinds is no list of kinds", 'Write kinds = ["sos", "stopped"], or leave it out')
        return frozenset()
    for word in words:
        if word not in known:
            table.wrong("kinds", f"unknown kind {quoted(word)}", did_you_mean(word, known))
    return frozenset(AlertKind(word) for word in words if word in known)


def _read_secret(table: TomlTable) -> bytes | None:
    text = table.data.get("secret")
    secret = b""
    if isinstance(text, str):
        try:
            secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
    if len(secret) < LEAST_SECRET_BYTES:
        mend = "`openssl rand -base64 24` makes one; write it into both ends"
        table.wrong("secret", f"the secret is not base64 of {LEAST_SECRET_BYTES} bytes or more", mend)
        return None
    return secret


def _one_of(table: TomlTable, key: str, known: tuple[str, ...], default: str) -> str:
    word = table.data.get(key, default)
    if word not in known:
        table.wrong(key, f"unknown {key} {quoted(str(word))}", did_you_mean(str(word), known))
        return default
    return str(word)
