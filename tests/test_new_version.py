"""The course and the roster change while everything runs: `tracker import` beside a whole server."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from tests.breakfast import NEW_CAR, change, new_car_is_heard, page_shows_it
from tests.sendings import journalled, live_digest, morning, post_all, rebuilt_digest, tokens_of
from tests.serving import serve
from tracker.tourfiles import load_tour_folder


async def test_an_import_beside_a_running_server_is_in_force_within_seconds(demo_folder: Path, tmp_path: Path) -> None:
    folder, data = tmp_path / "tour", tmp_path / "data"
    shutil.copytree(demo_folder, folder)
    tour = load_tour_folder(folder)
    with serve(folder, data) as server:
        await post_all(server, tokens_of(tour, data), [[ping] for ping in morning(tour, 4, 200)])
        page = threading.Thread(target=page_shows_it, args=(server.url, tour.slug))
        page.start()
        change(folder)
        assert server.tracker("import", str(folder), "--data", str(data)) == f"{tour.slug}: version 2\n"
        page.join()
        tokens = {row["vehicle"]: row["token"] for row in server.devices()}
        new_car_is_heard([server.url], [server.url], tour.slug, tokens[NEW_CAR])
    new = load_tour_folder(folder)
    assert await live_digest(new, data) == rebuilt_digest(new, await journalled(data, tour.slug))
