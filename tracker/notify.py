"""Alerts to people who look at no page: what is new goes to every target that wants it, once.

The leader tells. Whom it told is journalled as each target has it, or has been given up, so the next leader goes on
where this one stopped; who is killed between the two tells that one target once more, rather than never.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tracker.channels import Channel, Message
from tracker.core.alerts.event import AlertEvent, AlertKind, AlertStep, to_body
from tracker.core.alerts.story import Story, ToldMark
from tracker.core.model import Tour
from tracker.wire.alertwords import alert_sentence, ending_sentence
from tracker.wire.notifyfile import Target

SAME_AGAIN_S = 600.0  # a car that stops and goes and stops is told of once
Subject = tuple[str, AlertKind, int | None]  # whom it was told, and of what


class Notifier:
    """One tour's alerts on their way to the targets."""

    def __init__(self, tour: Tour, channels: Sequence[Channel], public_url: str | None) -> None:
        self._tour = tour
        self._channels = channels
        self._link = f"{public_url.rstrip('/')}/crew/{tour.slug}" if public_url else ""
        self._seen: set[ToldMark] = set()  # under way, arrived, or not wanted
        self._arrived: list[ToldMark] = []
        self._last_s: dict[Subject, float] = {}

    def take(self, untold: Sequence[tuple[Story, AlertStep]], now_ms: int) -> None:
        """Send what is new on its way."""
        seen = set()
        for story, step in untold:
            for channel in self._channels:
                mark = ToldMark(story.raised.id, step.value, channel.target.name)
                seen.add(mark)
                if mark in self._seen or mark in story.told:
                    continue
                if self._wants(channel.target, story, step):
                    channel.put(self._message(channel.target, story, step, now_ms, self._arrival_of(mark)))
        self._seen = seen

    def arrived(self) -> list[ToldMark]:
        """Who has what by now, or will never have it; each is said once."""
        arrived, self._arrived = self._arrived, []
        return arrived

    def _arrival_of(self, mark: ToldMark) -> Callable[[], None]:
        return lambda: self._arrived.append(mark)

    def _wants(self, target: Target, story: Story, step: AlertStep) -> bool:
        event = story.raised
        if event.kind not in target.kinds:
            return False
        if step is not AlertStep.RAISED:
            return target.endings
        subject = (target.name, event.kind, event.vehicle)
        now_s = time.monotonic()
        again = event.kind is not AlertKind.SOS and now_s - self._last_s.get(subject, -SAME_AGAIN_S) < SAME_AGAIN_S
        self._last_s[subject] = now_s
        return not again

    def _message(self, target: Target, story: Story, step: AlertStep, now_ms: int, done: Callable[[], None]) -> Message:
        event = story.last if step is AlertStep.RAISED or story.closed is None else story.closed
        line = self._line(story, event, now_ms, target.language)
        facts: dict[str, object] = {"type": f"alert.{step.value}", "tour": self._tour.slug, "text": line}
        facts["alert"] = to_body(event, self._tour) | {"event": step.value}
        return Message(f"{story.raised.id}/{step.value}", self._tour.name, line, facts, self._link, done)

    def _line(self, story: Story, event: AlertEvent, now_ms: int, language: str) -> str:
        if event is story.closed:
            return ending_sentence(self._tour, story.last, event, language)
        return alert_sentence(self._tour, event, now_ms, language)
