"""Bodies read strictly: JSON, msgpack and parameters, where their libraries are too kind.

Refused: NaN and infinity, a key twice in an object, nesting beyond the reader's depth, more values than any app sends
(they are read in one go that nothing else can interrupt: this bounds the time), bad UTF-8, anything behind the end.
All raise Unreadable.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qsl

import msgpack

OBJECT_LIMIT = 20_000  # four of the largest batches that Overland can send, three objects a point
VALUE_LIMIT = 80_000  # separators in a JSON text: 5,000 pings with every field there is
MSGPACK_LIMIT_BYTES = 1024 * 1024  # the same in msgpack, whose values cannot be counted beforehand
PARAMETER_LIMIT = 200
PARAMETER_LIMIT_BYTES = 65_536
BATCH_LIMIT = 5_000  # pings in one request; the largest that a known app sends is 1,000


class Unreadable(ValueError):
    """The body is not what it should be; the text says where."""


def _strict_object() -> Callable[[list[tuple[object, object]]], dict[str, object]]:
    count = 0

    def build(pairs: list[tuple[object, object]]) -> dict[str, object]:
        nonlocal count
        count += 1
        if count > OBJECT_LIMIT:
            raise Unreadable(f"more than {OBJECT_LIMIT} objects")
        out = dict(pairs)
        if len(out) != len(pairs):
            raise Unreadable("a key twice in one object")
        if not all(isinstance(key, str) for key in out):
            raise Unreadable("a key that is not text")
        return out  # type: ignore[return-value]

    return build


def _no_constant(name: str) -> object:
    raise Unreadable(f"{name} is not JSON")


def load_json(data: bytes) -> object:
    """Parse a JSON text in UTF-8."""
    if len(data) > VALUE_LIMIT and sum(data.count(mark) for mark in (b",", b"[", b"{")) > VALUE_LIMIT:
        raise Unreadable(f"more than {VALUE_LIMIT} values")
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_strict_object(), parse_constant=_no_constant)
    except Unreadable:
        raise
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}"[:200]) from None


def _no_extension(code: int, _data: bytes) -> object:
    raise Unreadable(f"msgpack extension {code}")


def load_msgpack(data: bytes) -> object:
    """Parse one msgpack value; extensions (timestamps among them) are refused."""
    if len(data) > MSGPACK_LIMIT_BYTES:
        raise Unreadable(f"more than {MSGPACK_LIMIT_BYTES} bytes of msgpack")
    unpacker = msgpack.Unpacker(
        raw=False,
        strict_map_key=True,
        object_pairs_hook=_strict_object(),
        ext_hook=_no_extension,
        max_buffer_size=max(len(data), 1),
    )
    try:
        unpacker.feed(data)
        value: object = unpacker.unpack()
    except Unreadable:
        raise
    except (ValueError, RecursionError, msgpack.exceptions.UnpackException) as error:
        raise Unreadable(f"not msgpack: {error}"[:200]) from None
    if isinstance(value, msgpack.Timestamp):
        raise Unreadable("msgpack timestamp")
    if unpacker.tell() != len(data):
        raise Unreadable("bytes behind the end")
    return value


def check_batch(items: list[object]) -> list[object]:
    """The items, unless there are more of them than any app sends (each costs time, and a refusal if it is bad)."""
    if len(items) > BATCH_LIMIT:
        raise Unreadable(f"more than {BATCH_LIMIT} in one batch")
    return items


class Parameters(dict[str, str]):
    """Named parameters. Of a name that came with several values the last one counts, and `ambiguous` has the name.

    Apps hang their own parameters behind those of the address that they were given, so what comes last is theirs.
    """

    ambiguous: frozenset[str] = frozenset()


def load_parameters(*sources: str | bytes) -> Parameters:
    """Parse query strings and form bodies, in this order, into one table."""
    out = Parameters()
    ambiguous: set[str] = set()
    for source in sources:
        if not source:
            continue
        if len(source) > PARAMETER_LIMIT_BYTES:
            raise Unreadable(f"more than {PARAMETER_LIMIT_BYTES} bytes of parameters")
        try:
            text = (source.decode("utf-8") if isinstance(source, bytes) else source).strip()
            pairs = _plain_pairs(text)
            if pairs is None:
                pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=PARAMETER_LIMIT)
        except ValueError as error:
            raise Unreadable(f"not parameters: {error}"[:200]) from None
        table = dict(pairs)
        if not out and len(table) == len(pairs):  # nothing came twice
            out.update(table)
            continue
        for name, value in pairs:
            if out.setdefault(name, value) != value:
                ambiguous.add(name)
                out[name] = value
    out.ambiguous = frozenset(ambiguous)
    return out


def _plain_pairs(text: str) -> list[tuple[str, str]] | None:
    """What parse_qsl makes of a text without escapes, five times as fast: phones send little else. Otherwise None."""
    if "%" in text or "+" in text or text.count("&") >= PARAMETER_LIMIT:
        return None
    return [(name, value) for name, _, value in [part.partition("=") for part in text.split("&") if part]]
