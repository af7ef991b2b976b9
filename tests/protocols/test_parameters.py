"""Query strings and form bodies."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.protocols.strict import Unreadable, load_parameters


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "=", "&", ";", "%41", "+", " ", ".", "é"]), max_size=20).map("".join))
def test_the_fast_way_through_plain_text_reads_what_the_library_reads(text: str) -> None:
    read, pairs = load_parameters(text), parse_qsl(text.strip(), keep_blank_values=True)
    assert read == dict(pairs)
    assert read.ambiguous == {name for name, value in pairs if (name, value) != (name, first(pairs, name))}


def first(pairs: list[tuple[str, str]], name: str) -> str:
    return next(value for other, value in pairs if other == name)


def test_too_many_bytes_of_parameters_are_not_read() -> None:
    with pytest.raises(Unreadable):
        load_parameters(b"a=" + b"%41" * 30_000)
