"""Is a device's clock wrong? Estimated from received minus fix time, from runs in live rhythm only. Pure.

Network delay makes every difference larger than the clock error alone, so the error is read off the quickest
delivery. Backlogs and shuffled arrivals are not live and never raise an error; one under 10 s is left alone, because
delay looks the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.core.ahead import AHEAD_MS
from tracker.core.model import Calibration

LEFT_ALONE_MS = 10_000
RUN = 6
RUN_SPAN_MS = 60_000
RUN_KEPT = 24
AGREE_MS = 3_000
BURST_MS = 1_500  # what arrives within this is one delivery; only its newest fix can be live
QUICKEST_MS = 300  # how long a quick delivery takes
STRAY_MS = 600_000  # nobody's clock jumps so far and back
CHANGED_MS = 5_000  # a believed error is replaced only by one that differs by more


@dataclass(slots=True)
class _Run:
    """Successive deliveries of one device: the newest fix time of each, and received minus fix time."""

    fixes_ms: list[int] = field(default_factory=list)
    delays_ms: list[int] = field(default_factory=list)
    delivery_ms: int = 0  # when the delivery began that is still coming in
    newest_ms: int = -1  # its newest fix
    delay_ms: int = 0


class Calibrator:
    """Feed it every ping in the order of arrival; it says when a device's clock turns out to be wrong."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
        self._believed_ms: dict[str, int] = {}
        self._shown_ms: dict[str, int] = {}  # what the last run in live rhythm showed, right clocks too

    def believed(self, calibration: Calibration) -> None:
        """Take over a calibration that was journalled before."""
        self._believed_ms[calibration.device] = calibration.error_ms

    def error_ms(self, device: str) -> int:
        """What is believed of a device's clock: how far it is ahead of ours."""
        return self._believed_ms.get(device, 0)

    def observe(self, device: str, fix_time_ms: int, received_at_ms: int) -> Calibration | None:
        """One more ping: the calibration that it gives rise to, if any. Repeats and older fixes say nothing."""
        run = self._runs.get(device)
        if run is None:
            run = self._runs[device] = _Run()
        if fix_time_ms <= run.newest_ms:
            delay_ms = received_at_ms - fix_time_ms
            if not (run.delay_ms < -AHEAD_MS and delay_ms - run.delay_ms > STRAY_MS):
                return None
            run = self._runs[device] = _Run()  # what seemed the newest was dated in the future by mistake
        found = None
        if run.newest_ms >= 0 and not 0 <= received_at_ms - run.delivery_ms < BURST_MS:
            found = self._deliver(device, run)
            run.delivery_ms = received_at_ms
        elif run.newest_ms < 0:
            run.delivery_ms = received_at_ms
        run.newest_ms = fix_time_ms
        run.delay_ms = received_at_ms - fix_time_ms
        return found

    def _deliver(self, device: str, run: _Run) -> Calibration | None:
        """A delivery is complete: does it and those before it agree on an error?"""
        if run.delays_ms and abs(run.delay_ms - run.delays_ms[-1]) > AGREE_MS:
            run.fixes_ms.clear()
            run.delays_ms.clear()
        run.fixes_ms.append(run.newest_ms)
        run.delays_ms.append(run.delay_ms)
        if len(run.fixes_ms) > RUN_KEPT:
            del run.fixes_ms[0], run.delays_ms[0]
        quickest_ms = min(run.delays_ms)
        if (
            len(run.fixes_ms) < RUN
            or run.newest_ms - run.fixes_ms[0] < RUN_SPAN_MS
            or max(run.delays_ms) - quickest_ms > AGREE_MS
        ):
            return None
        error_ms = QUICKEST_MS - quickest_ms
        if abs(error_ms) < LEFT_ALONE_MS:
            error_ms = 0
        shown_ms = self._shown_ms.get(device)
        if shown_ms is not None and error_ms < min(shown_ms, 0):
            return None  # no clock falls behind by minutes at a stroke, but a queue delivers ever so late in good order
        self._shown_ms[device] = error_ms
        if abs(error_ms - self.error_ms(device)) <= CHANGED_MS:
            return None
        calibration = Calibration(device, round(error_ms / 1000) * 1000)
        self.believed(calibration)
        return calibration
