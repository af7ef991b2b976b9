"""The stored form of a tour: what comes back is what went in."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.folders import folder, good
from tracker.core.course import Course
from tracker.core.model import Checkpoint, CheckpointKind, Device, Leg, Tour, Vehicle, VehicleKind
from tracker.errors import StoreError
from tracker.wire.tourdocument import tour_document, tour_from_document

numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=20)
whole = st.integers(-(2**53), 2**53)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    size = draw(st.integers(2, 5))
    columns = [tuple(draw(st.lists(numbers, min_size=size, max_size=size))) for _ in range(3)]
    return Course(columns[0], columns[1], draw(st.sampled_from([columns[2], None])))


checkpoints = st.builds(Checkpoint, texts, texts, st.sampled_from(CheckpointKind), numbers, whole)
legs = st.builds(Leg, texts, courses(), whole, numbers, st.lists(checkpoints, max_size=3).map(tuple))
devices = st.lists(st.builds(Device, texts, st.none() | texts), max_size=2).map(tuple)
vehicles = st.builds(
    Vehicle,
    number=texts,
    kind=st.sampled_from(VehicleKind),
    role=texts,
    year=st.none() | whole,
    crew=texts,
    start_order=st.none() | whole,
    colour=texts,
    devices=devices,
)
tours = st.builds(
    Tour,
    texts,
    texts,
    texts,
    texts,
    whole,
    st.lists(legs, max_size=2).map(tuple),
    st.lists(vehicles, max_size=3).map(tuple),
    whole,
)


@settings(deadline=None)
@given(tours)
def test_any_tour_comes_back_exactly(tour: Tour) -> None:
    document = tour_document(tour)
    again = tour_from_document(document)
    assert again == tour
    assert tour_document(again) == document


def test_a_damaged_document_is_said_to_be_damaged() -> None:
    document = tour_document(good(folder()))
    for broken in (b"", document[:-5], document + b"x", b"x" + document, zlib.compress(b'{"format":1}')):
        with pytest.raises(StoreError, match="damaged"):
            tour_from_document(broken)


def test_a_newer_format_is_not_guessed() -> None:
    with pytest.raises(StoreError, match="format 2, this program reads 1"):
        tour_from_document(zlib.compress(b'{"format":2,"tour":{}}'))
