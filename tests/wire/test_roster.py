"""The roster as spreadsheets save it."""

from __future__ import annotations

import pytest

from tracker.core.model import Device, Vehicle, VehicleKind
from tracker.wire.problems import ProblemList
from tracker.wire.roster import read_roster


def read(data: str | bytes) -> tuple[tuple[Vehicle, ...], list[str]]:
    problems = ProblemList("roster.csv")
    vehicles = read_roster(data.encode() if isinstance(data, str) else data, problems)
    return vehicles, [str(problem) for problem in problems.found]


def good(data: str | bytes) -> tuple[Vehicle, ...]:
    vehicles, problems = read(data)
    assert problems == []
    return vehicles


def the_problem(data: str | bytes) -> str:
    _, problems = read(data)
    assert len(problems) == 1, problems
    return problems[0]


PLAIN = "number,kind,crew\n1,participant,Zoë\n2,support,Ann\n"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("cp1252"),
        PLAIN.encode("utf-16"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        ("sep=;\r\n" + PLAIN.replace(",", ";")).encode(),
        ("\n\n" + PLAIN + ",,\n,,\n\n").encode(),
        PLAIN.replace("number,kind,crew", "Start-Number , TYPE,Drivers").encode(),
        PLAIN.replace("\n", ",,\n").encode(),
    ],
)
def test_every_program_saves_it_differently(data: bytes) -> None:
    first, second = good(data)
    assert (first.number, first.kind, first.crew) == ("1", VehicleKind.PARTICIPANT, "Zoë")
    assert (second.number, second.kind, second.start_order) == ("2", VehicleKind.SUPPORT, None)


def test_numbers_are_text() -> None:
    assert [v.number for v in good("number\n007\n7\n12A\n-1\n")] == ["007", "7", "12A", "-1"]


def test_a_line_break_in_a_cell_is_a_space_and_lines_still_count() -> None:
    vehicles, problems = read('number,crew,kind\n1,"Ann\nBob",\n2,x,tractor\n')
    assert vehicles[0].crew == "Ann Bob"
    assert problems[0].startswith("roster.csv:4: unknown kind of vehicle")


def test_a_cell_is_stored_as_written() -> None:
    assert good('number,crew\n1,"=1+1 ""Ann"" <b>"\n')[0].crew == '=1+1 "Ann" <b>'


def test_the_start_order_is_that_of_the_rows_unless_it_is_given() -> None:
    assert [v.start_order for v in good("number,kind\n5,\nS1,support\n3,\n")] == [0, None, 1]
    assert [v.start_order for v in good("number,start_order\n5,30\n3,10\n9,20\n")] == [2, 0, 1]
    assert "the start_order is missing" in the_problem("number,start_order\n5,1\n3,\n")
    assert "double start_order 1" in the_problem("number,start_order\n5,1\n3,1\n")
    assert "support vehicle, ignored" in the_problem("number,kind,start_order\n5,,1\nS,support,2\n")


def test_devices_are_named_like_the_number_or_in_a_column() -> None:
    assert good("number\n12A\n")[0].devices == (Device("12A"),)
    assert good("number,device\n1,anna bob|box-1\n2,\n")[0].devices == (Device("anna"), Device("bob"), Device("box-1"))
    with_imei = good("number,device,imei\n1,phone box,| 490154203237518\n2,box2 phone2,490154203237526\n")
    assert with_imei[1].devices == (Device("box2", "490154203237526"), Device("phone2"))


PROBLEMS: dict[str, tuple[str | bytes, str]] = {
    "number missing": ("number,crew\n,Ann\n", "roster.csv:2: the number is missing"),
    "number of Excel": ("number\n1E+05\n", 'roster.csv:2: the number "1E+05" was rewritten by a spreadsheet'),
    "number with decimals": ("number\n12.0\n", "was rewritten by a spreadsheet"),
    "IMEI of Excel": ("number,imei\n1,4.90154E+14\n", "has lost digits"),
    "IMEI of German Excel": ("number;imei\n1;4,90154E+14\n", "has lost digits"),
    "IMEI too short": ("number,imei\n1,4901542\n", "has not 15 digits"),
    "IMEI mistyped": ("number,imei\n1,490154203237519\n", "warning: the IMEI 490154203237519 has a wrong check digit"),
    "more IMEIs than devices": ("number,imei\n1,490154203237518 490154203237526\n", "2 IMEIs but 1 device."),
    "double number": ("number\n1\n2\n1\n", 'roster.csv:4: double number "1". It is given in line 2 already'),
    "double device": ("number,device\n1,a\n2,b a\n", 'roster.csv:3: double device "a"'),
    "device like another's number": ("number,device\n1,2\n2,\n", 'roster.csv:3: double device "2"'),
    "double IMEI": ("number,imei\n1,490154203237518\n2,490154203237518\n", "double IMEI"),
    "device name": ("number,device\n1,a/b\n", 'device "a/b" is not a possible name'),
    "kind": ("number,kind\n1,particpant\n", 'Did you mean "participant"?'),
    "year": ("number,year\n1,nan\n", 'year "nan" is not possible'),
    "year in other digits": ("number,year\n1,１９５７\n", "is not possible"),
    "underscore": ("number,start_order\n1,1_0\n", 'start_order "1_0" is not possible'),
    "crew too long": ("number,crew\n1," + "x" * 81 + "\n", "is 81 characters long, the limit is 80"),
    "control character": ("number,crew\n1,a\x07b\n", 'crew "a?b" holds control characters'),
    "NUL": ("number,crew\n1,a\0b\n", "holds control characters"),
    "override": ("number,crew\n1,a\u202eb\n", "holds control characters"),
    "long number": ("number\n1234567890123\n", "is 13 characters long"),
    "no number column": ("kind,crew\nparticipant,Ann\n", "has no column number"),
    "two number columns": ("number,No.\n1,2\n", "two columns are the number"),
    "unknown column": ("number,shoe size\n1,44\n", 'roster.csv:1: warning: unknown column "shoe size", ignored'),
    "too many cells": ("number,crew\n1,Ann,Bob\n", "more cells than the header's 2"),
    "open quote": ('number,crew\n1,Ann\n2,"Bob\n3,Cy\n', "roster.csv:3: the row that begins here cannot be read"),
    "huge cell": ("number,crew\n1," + "x" * 200_000 + "\n", "cannot be read"),
    "empty": ("", "the roster is empty"),
    "header only": ("number\n", "no vehicle"),
    "too many rows": ("number\n" + "1\n" * 10_001, "more than 2,000 rows"),
    "too many columns": ("number" + ",a" * 200 + "\n1\n", "more than 100 columns"),
    "no encoding": (b"number\n1\n\x81\x8d\n", "roster.csv:3: the file's text encoding is not known"),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_every_problem_has_its_row_and_its_reason(case: str) -> None:
    data, words = PROBLEMS[case]
    assert words in the_problem(data)
