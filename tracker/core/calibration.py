"""Is a device's clock wrong? Estimated from received minus fix time, from runs in live rhythm only. Pure.

Network delay makes every difference larger than the clock error alone, so the error is read off the quickest
deliveries. Bursts, backlogs and shuffled arrivals are not live and never raise an error; one under 10 s is left alone,
because delay looks the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.core.model import Calibration

ALONE_MS = 10_000
RUN = 6
RUN_SPAN_MS = 60_000
AGREE_MS = 3_000
CHANGED_MS = 5_000  # a believed error is replaced only by one that differs by more


@dataclass(slots=True)
class _Run:
    """Successive arrivals of one device in live rhythm: (fix time, received minus fix time)."""

    arrivals: list[tuple[int, int]] = field(default_factory=list)
    last_received_ms: int = 0


class Calibrator:
    """Feed it every ping in the order of arrival; it says when a device's clock turns out to be wrong."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
        self._believed_ms: dict[str, int] = {}

    def believed(self, calibration: Calibration) -> None:
        """Take over a calibration that was journalled before."""
        self._believed_ms[calibration.device] = calibration.error_ms

    def observe(self, device: str, fix_time_ms: int, received_at_ms: int) -> Calibration | None:
        """One more ping: the calibration that it gives rise to, if any."""
        run = self._runs.setdefault(device, _Run())
        delay_ms = received_at_ms - fix_time_ms
        if run.arrivals:
            last_fix_ms, last_delay_ms = run.arrivals[-1]
            in_order = fix_time_ms > last_fix_ms and received_at_ms > run.last_received_ms
            if not in_order or abs(delay_ms - last_delay_ms) > AGREE_MS:
                run.arrivals.clear()
        run.arrivals.append((fix_time_ms, delay_ms))
        run.last_received_ms = received_at_ms
        if len(run.arrivals) > 4 * RUN:
            del run.arrivals[0]
        if len(run.arrivals) < RUN or fix_time_ms - run.arrivals[0][0] < RUN_SPAN_MS:
            return None
        delays = [delay for _, delay in run.arrivals]
        if max(delays) - min(delays) > AGREE_MS:
            return None
        error_ms = -min(delays)
        believed_ms = self._believed_ms.get(device, 0)
        if abs(error_ms) < ALONE_MS:
            error_ms = 0
        if abs(error_ms - believed_ms) <= CHANGED_MS:
            return None
        rounded_ms = round(error_ms / 1000) * 1000
        self._believed_ms[device] = rounded_ms
        return Calibration(device, rounded_ms)
