"""Coverage-guided fuzzing of one decoder: `python -m tests.soak.fuzz_decoders PROTOCOL [libFuzzer options] [corpus]`.

The law: nothing raises, nothing takes a second, nothing grows, and a stream says the same however it is cut in two.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["tracker"]):
    from tracker.protocols import HTTP_PROTOCOLS, STREAM_PROTOCOLS
    from tracker.protocols.contract import HttpRequest
    from tracker.protocols.stream import Decoder

NOW_MS = 1_781_342_131_000


def fuzz_http(name: str, data: bytes) -> None:
    """The first byte says how much of the rest is the query; what remains is the body."""
    cut = 1 + data[0] if data else 0
    query = data[1:cut].decode("latin-1")
    request = HttpRequest("POST", query, {"x-limit-d": "phone"}, data[cut:], "a passphrase")
    decoded = HTTP_PROTOCOLS[name].decode(request, NOW_MS)
    assert decoded.answer.status == 200


def fuzz_stream(name: str, data: bytes) -> None:
    """The first byte says where the rest is cut in two."""
    cut, rest = (data[0], data[1:]) if data else (0, b"")
    codec = STREAM_PROTOCOLS[name].codec
    whole, halves = Decoder(codec()), Decoder(codec())
    at_once = whole.feed(rest, NOW_MS)
    in_two = halves.feed(rest[:cut], NOW_MS) + halves.feed(rest[cut:], NOW_MS)
    assert [(m.pings, m.answer, m.device) for m in at_once] == [(m.pings, m.answer, m.device) for m in in_two]
    whole.finish(b"", NOW_MS)


def main() -> None:
    name = sys.argv.pop(1)
    fuzz = fuzz_http if name in HTTP_PROTOCOLS else fuzz_stream
    atheris.Setup(sys.argv, lambda data: fuzz(name, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
