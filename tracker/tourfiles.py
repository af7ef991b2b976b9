"""Tour folders on disk: reads the files, within their limits, and hands them to `wire.tourfolder`."""

from __future__ import annotations

from pathlib import Path

from tracker.core.model import Tour
from tracker.errors import Problem, TourProblems, TrackerError
from tracker.wire.roster import ROSTER_FILE
from tracker.wire.tourfolder import read_tour, size_limit
from tracker.wire.tourtoml import TOUR_FILE

MAX_COURSE_FILES = 100
PHOTOS = (".jpg", ".jpeg", ".png", ".webp")
MAX_FOLDER_BYTES = 100 * 1024 * 1024


def load_tour_folder(path: Path) -> Tour:
    """The tour in a folder. Raises TourProblems with every problem, or TrackerError if there is no such folder."""
    tour, problems = check_tour_folder(path)
    if tour is None:
        raise TourProblems([problem for problem in problems if problem.fatal])
    return tour


def check_tour_folder(path: Path) -> tuple[Tour | None, list[Problem]]:
    """The tour in a folder (or None) and all problems. Raises TrackerError if the folder cannot be read."""
    return read_tour(read_folder(path))


def read_folder(path: Path) -> dict[str, bytes]:
    """The content of a tour folder's files by name; of a file over its limit only the first byte too many."""
    if not path.is_dir():
        raise TrackerError(f"{path} is not a folder. Give the folder that holds {TOUR_FILE}")
    files: dict[str, bytes] = {}
    room = MAX_FOLDER_BYTES
    try:
        names = [entry.name for entry in sorted(path.iterdir()) if entry.is_file() and _belongs(entry.name)]
        if sum(name.lower().endswith(".gpx") for name in names) > MAX_COURSE_FILES:
            raise TrackerError(f"{path} holds more than {MAX_COURSE_FILES} .gpx files. Keep those of this tour")
        for name in names:
            with (path / name).open("rb") as file:
                files[name] = file.read(size_limit(name) + 1)
            room -= len(files[name])
            if room < 0:
                raise TrackerError(f"{path} holds more than {MAX_FOLDER_BYTES >> 20} MB. Keep the files of this tour")
    except OSError as error:
        raise TrackerError(f"{path} cannot be read: {error.strerror}. Check who may read it") from error
    return files


def _belongs(name: str) -> bool:
    return name in (TOUR_FILE, ROSTER_FILE) or name.lower().endswith((".gpx", ".pmtiles", *PHOTOS))
