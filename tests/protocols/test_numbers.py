"""One strict reading of numbers and times, used by every protocol."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.protocols.numbers import any_time_ms, json_number, parse_decimal, parse_integer, parse_iso_ms, short_text

FIX_MS = 1_781_342_130_000

NOT_NUMBERS = [
    "", " ", "4_6.5", "４６.5", "٤٦", "46,5", "0x2E", "1e999", "NaN", "nan", "inf", "-Infinity", " 46.5", "46.5 ",
    "46.5\n", "46.5.1", "+-46", "--46", "e5", ".", "1" * 21, "%LAT", "47.05048ITUDE", "46\x00",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_is_not_a_number(text: str) -> None:
    assert parse_decimal(text) is None
    assert parse_integer(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("46.5", 46.5), ("-8", -8.0), ("+8.", 8.0), (".5", 0.5), ("1.0E-4", 0.0001), ("007", 7.0), ("-0.0", 0.0)],
)
def test_what_is_a_number(text: str, value: float) -> None:
    assert parse_decimal(text) == value


@pytest.mark.parametrize("value", [True, False, None, "46", float("nan"), float("inf"), 10**400, [1], {}])
def test_what_is_not_a_json_number(value: object) -> None:
    assert json_number(value) is None


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_every_python_float_reads_back(value: float) -> None:
    assert parse_decimal(repr(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-13T09:15:30Z",
        "2026-06-13T09:15:30.000Z",
        "2026-06-13T09:15:30",
        "2026-06-13 09:15:30",
        "2026-06-13T11:15:30+02:00",
        "2026-06-13T11:15:30 02:00",
        "2026-06-13T11:15:30+0200",
        "2026-06-13T03:15:30-06",
        "20260613T091530Z",
        "1781342130",
        "1781342130.0",
        "1781342130000",
    ],
)
def test_the_same_instant_in_all_its_spellings(text: str) -> None:
    assert any_time_ms(text) == FIX_MS


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-02-31T00:00:00Z", "2026-06-13T24:00:00Z", "2026-06-13T09:15:30+25:00", "2026-06-13",
     "2026-06-13T09:15:61Z", "2026-06-13T09:15:30+02:75", "0000-06-13T09:15:30Z", "２026-06-13T09:15:30Z"],
)  # fmt: skip
def test_what_is_not_a_time(text: str) -> None:
    assert any_time_ms(text) is None


def test_second_60_is_the_first_of_the_next_minute() -> None:
    assert parse_iso_ms("2026-06-13T09:15:60Z") == FIX_MS + 30_000


@given(st.text())
def test_no_text_raises(text: str) -> None:
    parse_decimal(text)
    parse_integer(text)
    any_time_ms(text)
    clean = short_text(text)
    assert clean is None or (clean.isprintable() and len(clean) <= 64)
    assert clean is None or clean.encode()
