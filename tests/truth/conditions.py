"""Other phones and other drivers than the usual ones: what the tracker makes of them, as a table.

Each kind is driven over three awkward courses and a leg of the demo; support crews and nights between legs over the
demo itself. None of it has a goal of its own: it shows what holds beyond the conditions that the goals are set for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.truth.table import score_table
from tracker.core.model import Tour
from tracker.simulate.receiver import USUAL, Make
from tracker.simulate.scenario import Run, make_run
from tracker.simulate.score import Score

COURSES = ("out-and-back", "laps", "hairpins", "leg-2")


@dataclass(frozen=True, slots=True)
class Condition:
    """How the phones of a run are; `interval_s` between their pings."""

    make: Make = USUAL
    interval_s: int = 10
    phones_each: int = 1

    def run(self, tour: Tour, seed: int, vehicles: int) -> Run:
        return make_run(tour, seed, vehicles, self.interval_s, make=self.make, phones_each=self.phones_each)


BARE = Make(tells_accuracy=False, tells_speed=False, tells_bearing=False)

CONDITIONS: Mapping[str, Condition] = {
    "two phones a car": Condition(phones_each=2),
    "no speed": Condition(Make(tells_speed=False)),
    "no bearing": Condition(Make(tells_bearing=False)),
    "no accuracy": Condition(Make(tells_accuracy=False)),
    "place and time alone": Condition(BARE),
    "the same, 15 m": Condition(replace(BARE, accuracy_m=15.0, correlation_s=30.0)),
    "15 m, new every 10 s": Condition(Make(accuracy_m=15.0, correlation_s=10.0)),
    "30 m": Condition(Make(accuracy_m=30.0)),
    "1 % outliers": Condition(Make(outlier_rate=0.01)),
    "every 1 s": Condition(interval_s=1),
    "every 5 s": Condition(interval_s=5),
    "every 30 s": Condition(interval_s=30),
    "every 60 s": Condition(interval_s=60),
}


def conditions(
    known: Mapping[str, Callable[[], Tour]], seed: int, vehicles: int, scored: Callable[[Run], Score]
) -> str:
    """The table, as Markdown; one run of each course and condition."""
    rows: dict[str, Score] = {}
    for name, condition in CONDITIONS.items():
        rows[name] = found = Score()
        for course in COURSES:
            found.add(scored(condition.run(known[course](), seed, vehicles)))
    demo = known["demo"]()
    rows["support crews"] = scored(make_run(replace(demo, legs=demo.legs[:1]), seed, _support(demo)))
    rows["five legs and nights"] = scored(make_run(demo, seed, vehicles))
    return "\n".join(
        [
            "## Other phones, other drivers",
            "",
            f"Each over {', '.join(COURSES)}, {vehicles} cars a run, seed {seed}; support crews over the first",
            "leg of the demo, the last over all five. Accuracies are radii that hold 68 % of the fixes; usual are 5 to",
            "18 m, new every minute and a half. With more than 15 s between pings every passage lies in a gap.",
            "",
            *score_table(rows),
            "",
        ]
    )


def _support(tour: Tour) -> Sequence[int]:
    return [index for index, vehicle in enumerate(tour.vehicles) if vehicle.start_order is None]
