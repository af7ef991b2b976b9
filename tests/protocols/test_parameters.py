"""Query strings and form bodies."""

from __future__ import annotations

from urllib.parse import parse_qsl

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.protocols.strict import Ambiguous, load_parameters


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "=", "&", ";", "%41", "+", " ", ".", "é"]), max_size=20).map("".join))
def test_the_fast_way_through_plain_text_reads_what_the_library_reads(text: str) -> None:
    try:
        read = load_parameters(text)
    except Ambiguous:
        names = [name for name, _ in parse_qsl(text.strip(), keep_blank_values=True)]
        assert len(set(names)) < len(names)
    else:
        assert read == dict(parse_qsl(text.strip(), keep_blank_values=True))
