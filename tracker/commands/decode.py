"""`tracker decode`: what did this device send? One captured message a line in, one JSON line out, whatever came."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from tracker.clock import SystemClock
from tracker.core.model import Ping
from tracker.errors import SettingsError, TrackerError
from tracker.protocols import HTTP_PROTOCOLS, STREAM_PROTOCOLS
from tracker.protocols.contract import HttpRequest
from tracker.protocols.numbers import parse_iso_ms
from tracker.protocols.stream import Decoder
from tracker.protocols.strict import Unreadable, load_json

LINE_LIMIT_BYTES = 8 * 1024 * 1024  # the largest body, in hex, with room for headers
FIELDS = (
    "device", "fix_time_ms", "lat", "lon", "accuracy_m", "speed_mps", "bearing_deg", "altitude_m", "valid", "sos",
    "battery_pct",
)  # fmt: skip
NO_TIME = "no time: the received time stands in"


def add_parser(subparsers: Any) -> None:  # noqa: ANN401 - argparse names no public type for it
    parser = subparsers.add_parser(
        "decode",
        help="what did this device send?",
        description=(
            "Reads one message a line: a stream protocol's bytes as text (or hex), an HTTP protocol's request as "
            '{"method":..., "target":..., "headers":{...}, "body":... or "body_hex":..., "secret":...}.'
        ),
    )
    parser.add_argument("protocol", choices=sorted((*HTTP_PROTOCOLS, *STREAM_PROTOCOLS)))
    parser.add_argument("file", nargs="?", metavar="FILE", help="default: standard input")
    parser.add_argument("--hex", action="store_true", help="lines of a stream protocol are in hexadecimal")
    parser.add_argument("--now", metavar="ISO", help="when the messages were received (default: now)")
    parser.set_defaults(run=run)
    _take_options_anywhere(parser)


def _take_options_anywhere(parser: Any) -> None:  # noqa: ANN401
    """Make `decode PROTOCOL --hex FILE` work: before Python 3.13 an option in between makes argparse miss FILE."""
    in_order = parser.parse_known_args

    def intermixed(*arguments: object) -> object:
        parser.parse_known_args = in_order  # which the other mode calls in turn
        try:
            return parser.parse_known_intermixed_args(*arguments)
        finally:
            parser.parse_known_args = intermixed

    parser.parse_known_args = intermixed


def run(args: argparse.Namespace) -> int:
    """Decode every line; content never fails, only a file or a time that cannot be used."""
    now_ms = SystemClock().now_ms() if args.now is None else parse_iso_ms(args.now)
    if now_ms is None:
        raise SettingsError(f"--now: {args.now!r} is no ISO 8601 time; write it like 2026-06-13T09:15:30Z")
    if args.file is None:
        decode_lines(sys.stdin.buffer, args.protocol, now_ms, is_hex=args.hex)
        return 0
    try:
        with open(args.file, "rb") as lines:
            decode_lines(lines, args.protocol, now_ms, is_hex=args.hex)
    except OSError as error:
        raise TrackerError(f"{args.file} cannot be read: {error.strerror}") from None
    return 0


def decode_lines(lines: BinaryIO, protocol: str, now_ms: int, *, is_hex: bool) -> None:
    """Print one JSON line for each line."""
    for line in _lines(lines):
        if line is None:
            result = _result([], "", f"a line of more than {LINE_LIMIT_BYTES} bytes", now_ms)
        elif protocol in HTTP_PROTOCOLS:
            result = decode_request(line, protocol, now_ms)
        else:
            result = decode_message(line, protocol, now_ms, is_hex=is_hex)
        print(json.dumps(result, separators=(",", ":")))


def decode_message(line: bytes, protocol: str, now_ms: int, *, is_hex: bool) -> dict[str, object]:
    """What one captured piece of a stream says; each line is a connection of its own."""
    kind = STREAM_PROTOCOLS[protocol]
    data = line
    if is_hex:
        try:
            data = bytes.fromhex(line.decode("ascii"))
        except ValueError:
            return _result([], "", "not hexadecimal", now_ms)
    messages = Decoder(kind.codec()).finish(data, now_ms)
    answer = b"".join(message.answer for message in messages)
    notes = [message.note for message in messages] or ["no message"]
    pings = [ping for message in messages for ping in message.pings]
    return _result(pings, answer.hex() if kind.binary else answer.decode("latin-1"), _joined(notes), now_ms)


def decode_request(line: bytes, protocol: str, now_ms: int) -> dict[str, object]:
    """What one captured HTTP request says."""
    try:
        request = _request(line)
    except Unreadable as error:
        return _result([], "", f"not a request: {error}", now_ms)
    kind = HTTP_PROTOCOLS[protocol]
    if request.method not in kind.methods:
        return _result([], "", f"405: {protocol} has the methods {', '.join(kind.methods)}", now_ms)
    decoded = kind.decode(request, now_ms)
    return _result(decoded.pings, decoded.answer.body.decode(), decoded.note, now_ms)


def _request(line: bytes) -> HttpRequest:
    captured = load_json(line)
    if not isinstance(captured, dict):
        raise Unreadable("not an object")
    body = _body(captured)
    method, target, headers = captured.get("method"), captured.get("target"), captured.get("headers")
    secret = captured.get("secret")
    return HttpRequest(
        method=method.upper() if isinstance(method, str) else "POST" if body else "GET",
        query=target.partition("?")[2].partition("#")[0] if isinstance(target, str) else "",
        headers={name.lower(): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {},
        body=body,
        secret=secret if isinstance(secret, str) else "",
    )


def _body(captured: dict[str, object]) -> bytes:
    text, digits = captured.get("body"), captured.get("body_hex")
    if isinstance(digits, str):
        try:
            return bytes.fromhex(digits)
        except ValueError:
            raise Unreadable("body_hex is not hexadecimal") from None
    if isinstance(text, str):
        return text.encode("utf-8", "surrogatepass")
    return b"" if text is None else json.dumps(text).encode()  # a JSON body, not written as text


def _result(pings: list[Ping], answer: str, note: str | None, now_ms: int) -> dict[str, object]:
    out = []
    for ping in pings:
        values = {name: getattr(ping, name) for name in FIELDS}
        if ping.fix_time_ms is None:
            values["fix_time_ms"] = now_ms
            note = _joined([note, NO_TIME])
        out.append(values)
    return {"pings": out, "answer": answer, "note": note}


def _joined(notes: list[str | None]) -> str | None:
    """Several notes as one, each said once."""
    return "; ".join(dict.fromkeys(note for note in notes if note)) or None


def _lines(lines: BinaryIO) -> Iterator[bytes | None]:
    """Lines without their end; None for one that is longer than the limit."""
    while line := lines.readline(LINE_LIMIT_BYTES + 1):
        too_long = len(line) > LINE_LIMIT_BYTES
        while len(line) > LINE_LIMIT_BYTES and not line.endswith(b"\n"):
            line = lines.readline(LINE_LIMIT_BYTES + 1)
            if not line:
                break
        yield None if too_long else line.rstrip(b"\r\n")
