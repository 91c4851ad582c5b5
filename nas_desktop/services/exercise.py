"""An exercise at one desk: a card on QQ111QQQ that no node knows, and a wall that keeps it in.

Only the test mark is allowed for what is invented (NAS v3.1 §2.1), and it is never sent as a read.
Steps of an exercise are decided here, by the rules that count for every hit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.hit import Hit, HitId, HitReason, MatchClass, hit_id_of
from nas_desktop.domain.hit_history import History, decide
from nas_desktop.domain.hit_life import DecidedStep, HitLife, Step
from nas_desktop.domain.read import Read, read_id_of
from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.domain.vrm import TEST
from nas_desktop.services.events import Event, HitsRaised, StepsDecided
from nas_desktop.services.ports import Clock, NodeLink
from nas_desktop.services.resources import load_json, load_spec


@dataclass(frozen=True, slots=True)
class ExerciseRules:
    """How long an exercise goes on at most, and how long its card stays after its outcome."""

    lasts_s: float
    stays_s: float


@cache
def _data() -> Any:  # Any: the shape of the file is known here only
    return load_json("spec", "exercise.json")


@cache
def load_exercise_rules() -> ExerciseRules:
    """Return the rules of an exercise."""
    return ExerciseRules(float(_data()["lasts_s"]), float(_data()["stays_s"]))


class Exercise:
    """At most one exercise at a time; single-threaded."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spec: Spec = load_spec()
        self._rules = load_exercise_rules()
        self._own: set[HitId] = set()
        self._history = History()
        self._began = self._closed = 0.0
        self.hit: Hit | None = None

    @property
    def life(self) -> HitLife:
        """What was done about the card of the exercise so far."""
        return self._history.life

    def owns(self, hit_id: HitId) -> bool:
        """Tell whether a hit is of an exercise of this window, running or over."""
        return hit_id in self._own

    def begin(self) -> Hit:
        """Return a new invented hit; one that was running is over."""
        at = self._clock.now()
        self.hit = _invented(at)
        while self.hit.hit_id in self._own:
            at += timedelta(microseconds=1)
            self.hit = _invented(at)
        self._own.add(self.hit.hit_id)
        self._history = History()
        self._began = self._clock.monotonic()
        return self.hit

    def end(self) -> Hit | None:
        """End it; returns the hit whose card is to go."""
        hit, self.hit = self.hit, None
        return hit

    @property
    def left_s(self) -> float:
        """Seconds until the card goes by itself; 0 when it is time, or none runs."""
        if self.hit is None:
            return 0.0
        now = self._clock.monotonic()
        ends = self._began + self._rules.lasts_s
        if self.life.is_final:
            ends = min(ends, self._closed + self._rules.stays_s)
        return max(0.0, ends - now)

    def decide(self, steps: Sequence[Step]) -> tuple[DecidedStep, ...]:
        """Return the verdicts on steps of this exercise; steps of one that is over have none."""
        found = []
        for step in steps:
            if self.hit is None or step.hit_id != self.hit.hit_id:
                continue
            was_final = self.life.is_final
            now = self._clock.now()
            self._history, verdict = decide(self._history, step, self._spec, now, hit=self.hit)
            if self.life.is_final and not was_final:
                self._closed = self._clock.monotonic()
            found.append(verdict)
        return tuple(found)


class ExerciseWall:
    """Stands before the link: what belongs to an exercise is decided here and goes no further."""

    def __init__(self, link: NodeLink, clock: Clock, receive: Callable[[Event], None]) -> None:
        self._link = link
        self._receive = receive
        self.exercise = Exercise(clock)

    def begin(self) -> Hit:
        """Put an invented hit before this window alone."""
        hit = self.exercise.begin()
        # As if it had come from the backlog: nobody measures how fast it was painted.
        self._receive(HitsRaised((hit,), is_backlog=True))
        return hit

    async def send_steps(self, steps: Sequence[Step]) -> None:
        """See ``NodeLink.send_steps``; those of an exercise stay here."""
        own = [step for step in steps if self.exercise.owns(step.hit_id)]
        others = [step for step in steps if not self.exercise.owns(step.hit_id)]
        decided = self.exercise.decide(own)
        if decided:
            self._receive(StepsDecided(decided))
        if others:
            await self._link.send_steps(others)


def _invented(now: datetime) -> Hit:
    """Return a hit that says of itself, in every field, that it is none."""
    data = _data()
    entry: dict[str, Any] = dict(data["entry"])
    camera = CameraId(*data["camera"])
    today = now.date()
    read = Read(
        read_id_of(camera, now, TEST), TEST, str(TEST), now, now, camera,
        lane_id=data["lane_id"], alias=data["alias"],
    )  # fmt: skip
    voi = VoiEntry(
        TEST,
        Action(entry.pop("action")),
        entry.pop("reason"),
        today - timedelta(days=1),
        today + timedelta(days=2),
        **entry,
    )
    reason = HitReason(
        data["list_name"], 1, data["badge"], MatchClass.EXACT, Tier(data["tier"]), voi
    )
    return Hit(hit_id_of(read.read_id), read, (reason,), now, now)
