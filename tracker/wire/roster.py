"""roster.csv: the vehicles of a tour, one a row, and their devices.

Headers may be written in other words (see `SYNONYMS`); numbers stay text, so that "007" and "12A" are what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from tracker.core.model import Device, Vehicle, VehicleKind
from tracker.wire.csvrows import Row, read_rows
from tracker.wire.problems import ProblemList, did_you_mean, fault_of_name, quoted

ROSTER_FILE = "roster.csv"
MAX_ROSTER_BYTES = 1024 * 1024
MAX_VEHICLES = 2000
MAX_COLUMNS = 100
MAX_NUMBER_LENGTH = 12  # what fits a roundel on a door
MAX_DEVICES = 8  # in one vehicle
MAX_PHONES = 4  # driver, navigator, and one more each
MAX_STORY_LENGTH = 600
MAX_START_ORDER = 100_000
FIRST_YEAR, LAST_YEAR = 1880, 2100

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "number": ("no", "nr", "#", "num", "start number", "race number", "car number", "car no", "car", "startnummer"),
    "kind": ("type", "entry type"),
    "role": ("function", "duty"),
    "class": ("category", "group", "klasse"),
    "year": ("built", "model year", "year built"),
    "make": ("marque", "manufacturer", "brand"),
    "model": ("car model",),
    "crew": ("driver", "drivers", "names", "entrant", "team"),
    "start_order": ("order", "start position", "starting order"),
    "colour": ("color",),
    "crew_label": ("public crew", "crew label", "shown crew"),
    "story": ("about", "history", "text"),
    "photo": ("picture", "image", "photograph"),
    "device": ("devices", "tracker", "trackers", "device id"),
    "imei": ("imeis",),
    "phone": ("phones", "telephone", "mobile", "cell", "tel", "telefono", "phone number"),
}
_COLUMNS: Mapping[str, str] = {
    word: name for name, words in SYNONYMS.items() for word in (name.replace("_", " "), *words)
}

_SPREADSHEET_NUMBER = re.compile(r"\d+(?:[.,]\d+)?E\+\d+|\d+[.,]0+", re.IGNORECASE | re.ASCII)
_DEVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_IMEI = re.compile(r"\d{15}", re.ASCII)
_PHONE = re.compile(r"\+?[0-9 ()./-]{3,30}", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)

Cells = Mapping[str, str]


def read_roster(data: bytes, problems: ProblemList) -> tuple[Vehicle, ...]:
    """The vehicles in the order of the rows; rows with problems are left out and reported."""
    rows = read_rows(data, MAX_VEHICLES, problems)
    if rows is None:
        return ()
    if not rows:
        problems.fatal(None, "the roster is empty", "Give it a header row (number,kind,…) and a row for each vehicle")
        return ()
    columns = _read_header(rows[0], problems)
    if columns is None:
        return ()
    if len(rows) == 1:
        problems.fatal(rows[0].line, "the roster has a header but no vehicle", "Add a row for each vehicle")
    entries: list[tuple[Row, Vehicle, str]] = []
    for row in rows[1:]:
        if any(row.cells[len(rows[0].cells) :]):
            mend = "Put a cell that holds the separator into double quotes"
            problems.fatal(row.line, f"the row has more cells than the header's {len(rows[0].cells)}", mend)
            continue
        cells = {name: row.cells[index] if index < len(row.cells) else "" for name, index in columns.items()}
        vehicle = _read_vehicle(row.line, cells, problems)
        if vehicle is not None:
            entries.append((row, vehicle, cells.get("start_order", "")))
    _report_repeats(entries, problems)
    return _with_start_order(entries, problems)


def _read_header(header: Row, problems: ProblemList) -> dict[str, int] | None:
    if len(header.cells) > MAX_COLUMNS:
        problems.fatal(header.line, f"more than {MAX_COLUMNS} columns", "Is this the right file?")
        return None
    columns: dict[str, int] = {}
    for index, cell in enumerate(header.cells):
        word = " ".join(re.sub(r"[_./-]", " ", cell.casefold()).split())
        name = _COLUMNS.get(word)
        if name is None:
            if cell:
                problems.warn(header.line, f"unknown column {quoted(cell)}, ignored", did_you_mean(word, SYNONYMS))
        elif name in columns:
            what = f"two columns are the {name}: {quoted(header.cells[columns[name]])} and {quoted(cell)}"
            problems.fatal(header.line, what, "Delete or rename one of them")
            return None
        else:
            columns[name] = index
    if "number" not in columns:
        mend = "The first row is the header: number,kind,role,class,year,make,model,crew"
        problems.fatal(header.line, "the roster has no column number", mend)
        return None
    return columns


def _read_vehicle(line: int, cells: Cells, problems: ProblemList) -> Vehicle | None:
    before = problems.fatal_count
    number = cells["number"]
    if not number:
        problems.fatal(line, "the number is missing", "Every vehicle has one, support vehicles too (such as S1)")
    elif _SPREADSHEET_NUMBER.fullmatch(number):
        what = f"the number {quoted(number)} was rewritten by a spreadsheet"
        problems.fatal(line, what, "Format the column as text and type the number again")
    elif (fault := fault_of_name(number, MAX_NUMBER_LENGTH)) is not None:
        problems.fatal(line, f"the number {quoted(number)} {fault}", "Write what is on the door")
    for name in ("role", "class", "make", "model", "crew", "colour", "crew_label"):
        if (fault := fault_of_name(cells.get(name, ""))) is not None:
            problems.fatal(line, f"{name} {quoted(cells[name])} {fault}", "Shorten it or type it again")
    if (fault := fault_of_name(cells.get("story", ""), MAX_STORY_LENGTH)) is not None:
        problems.fatal(line, f"the story {fault}", "Shorten it: it stands on the car's card")
    kind = _read_kind(line, cells.get("kind", ""), problems)
    year = _read_whole(line, "year", cells, FIRST_YEAR, LAST_YEAR, problems)
    devices = _read_devices(line, number, cells, problems)
    phones = _read_phones(line, cells.get("phone", ""), problems)
    if kind is None or problems.fatal_count > before:
        return None
    return Vehicle(
        number=number,
        kind=kind,
        role=cells.get("role", ""),
        class_name=cells.get("class", ""),
        year=year,
        make=cells.get("make", ""),
        model=cells.get("model", ""),
        crew=cells.get("crew", ""),
        colour=cells.get("colour", ""),
        crew_label=cells.get("crew_label", ""),
        story=cells.get("story", ""),
        photo=cells.get("photo", ""),
        devices=devices,
        phones=phones,
    )


def _read_kind(line: int, word: str, problems: ProblemList) -> VehicleKind | None:
    kinds = {kind.value: kind for kind in VehicleKind}
    if not word:
        return VehicleKind.PARTICIPANT
    if (kind := kinds.get(word.casefold())) is None:
        problems.fatal(line, f"unknown kind of vehicle {quoted(word)}", did_you_mean(word, kinds))
    return kind


def _read_whole(line: int, name: str, cells: Cells, low: int, high: int, problems: ProblemList) -> int | None:
    written = cells.get(name, "")
    if not written:
        return None
    if not _WHOLE.fullmatch(written) or not low <= int(written) <= high:
        mend = f"Write a whole number from {low} to {high}, or leave the cell empty"
        problems.fatal(line, f"{name} {quoted(written)} is not possible", mend)
        return None
    return int(written)


def _read_devices(line: int, number: str, cells: Cells, problems: ProblemList) -> tuple[Device, ...]:
    names = _split(cells.get("device", "")) or [number]
    imeis = _split(cells.get("imei", ""))
    if cells.get("device"):
        for name in names:
            if not _DEVICE_NAME.fullmatch(name):
                mend = "A device's name holds A-Z a-z 0-9 . _ -, at most 40; several are separated by a space or |"
                problems.fatal(line, f"device {quoted(name)} is not a possible name", mend)
    if len(names) > MAX_DEVICES:
        problems.fatal(line, f"more than {MAX_DEVICES} devices in one vehicle", "Leave some out")
    if len(imeis) > len(names):
        what = f"{len(imeis)} IMEIs but {len(names)} device" + ("s" if len(names) > 1 else "")
        problems.fatal(line, what, "Name each device in a column device, in the same order")
    for imei in imeis:
        if _SPREADSHEET_NUMBER.fullmatch(imei):
            what = f"the IMEI {quoted(imei)} was rewritten by a spreadsheet and has lost digits"
            problems.fatal(line, what, "Format the column as text and type all 15 digits again")
        elif not _IMEI.fullmatch(imei):
            problems.fatal(line, f"the IMEI {quoted(imei)} has not 15 digits", "It is printed on the tracker")
        elif not _luhn_fits(imei):
            problems.warn(line, f"the IMEI {imei} has a wrong check digit", "Compare it with the tracker's label")
    return tuple(Device(name, imei) for name, imei in zip(names, [*imeis, *[None] * len(names)], strict=False))


def _read_phones(line: int, cell: str, problems: ProblemList) -> tuple[str, ...]:
    phones = tuple(" ".join(part.split()) for part in re.split(r"[|,;]", cell) if part.strip())
    for phone in phones:
        if _SPREADSHEET_NUMBER.fullmatch(phone):
            mend = "Format the column as text and type the number again"
            problems.fatal(line, f"the phone {quoted(phone)} was rewritten by a spreadsheet", mend)
        elif not _PHONE.fullmatch(phone):
            mend = "Write +1 415 555 0100, several separated by |"
            problems.fatal(line, f"the phone {quoted(phone)} is not a number to call", mend)
    if len(phones) > MAX_PHONES:
        problems.fatal(line, f"more than {MAX_PHONES} phones in one vehicle", "Leave some out")
    return phones


def _split(cell: str) -> list[str]:
    return [part for part in re.split(r"[\s|]+", cell) if part]


def _luhn_fits(imei: str) -> bool:
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(imei))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _report_repeats(entries: list[tuple[Row, Vehicle, str]], problems: ProblemList) -> None:
    """Numbers, device names and IMEIs are each given once in a tour."""
    first_line: dict[tuple[str, str], int] = {}
    for row, vehicle, _ in entries:
        given = [("number", vehicle.number)]
        given += [("device", device.name) for device in vehicle.devices]
        given += [("IMEI", device.imei) for device in vehicle.devices if device.imei is not None]
        for what, value in given:
            earlier = first_line.setdefault((what, value), row.line)
            repeats_with_number = what == "device" and first_line["number", vehicle.number] == earlier
            if earlier != row.line and not repeats_with_number:
                mend = f"It is given in line {earlier} already: change one of them"
                problems.fatal(row.line, f"double {what} {quoted(value)}", mend)


def _with_start_order(entries: list[tuple[Row, Vehicle, str]], problems: ProblemList) -> tuple[Vehicle, ...]:
    """Participants get their place: by start_order if the roster has it, otherwise in the order of the rows."""
    orders: dict[int, int] = {}
    order_lines: dict[int, int] = {}
    participants = [i for i, (_, vehicle, _) in enumerate(entries) if vehicle.kind is VehicleKind.PARTICIPANT]
    for index, (row, vehicle, written) in enumerate(entries):
        if not written:
            continue
        if vehicle.kind is VehicleKind.SUPPORT:
            problems.warn(row.line, "start_order of a support vehicle, ignored", "Leave the cell empty")
            continue
        order = _read_whole(row.line, "start_order", {"start_order": written}, 0, MAX_START_ORDER, problems)
        if order is None:
            continue
        if order in order_lines:
            mend = f"Line {order_lines[order]} has it already: change one of them"
            problems.fatal(row.line, f"double start_order {order}", mend)
        order_lines[order] = row.line
        orders[index] = order
    if orders:
        for index in participants:
            if not entries[index][2]:
                mend = "Give one to every participant, or to none"
                problems.fatal(entries[index][0].line, "the start_order is missing", mend)
        participants.sort(key=lambda index: orders.get(index, 0))
    places = {index: place for place, index in enumerate(participants)}
    return tuple(replace(vehicle, start_order=places.get(index)) for index, (_, vehicle, _) in enumerate(entries))
