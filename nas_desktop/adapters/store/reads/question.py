"""A question made ready: what it asks of marks, contexts, places and times, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nas_desktop.adapters.store.reads.columns import Context, micros
from nas_desktop.adapters.store.reads.marks import (
    I64,
    Bools,
    Keys,
    PatternPart,
    keys_of,
    parts_of,
)
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.directions import direction_of
from nas_desktop.domain.matching.confusions import Confusions, neighbours_of
from nas_desktop.domain.query import Direction, ReadQuery
from nas_desktop.domain.read import ReadFlag
from nas_desktop.domain.retention import LATE_AFTER, Retention
from nas_desktop.domain.vrm import TEST, UNREAD
from nas_desktop.services.areas import AreaTest

NO_DISTANCE = -1
_IN_FIRST = 10


@dataclass(frozen=True, slots=True)
class DirectionCounts:
    """What a direction filter makes of contexts: kept, or kept out."""

    keeps: Bools
    hides: Bools


@dataclass(frozen=True, slots=True)
class Rule:
    """``domain.retention`` in microseconds, over columns."""

    keep: int
    keep_late: int
    late_after: int = LATE_AFTER // (LATE_AFTER.resolution)

    @classmethod
    def of(cls, retention: Retention) -> Rule:
        """Return the rule of a retention."""
        unit = retention.keep.resolution
        return cls(retention.keep // unit, retention.keep_late // unit)

    def due(self, at: I64, delay: I64) -> I64:
        """Return when reads are due, microseconds since 1970."""
        received = at + delay
        usual = np.minimum(at, received) + self.keep
        return np.where(delay > self.late_after, received + self.keep_late, usual)


@dataclass(slots=True)
class Marks:
    """What a question asks of marks.

    ``exact`` are the numbers of marks of up to ten characters, in order, with their distances;
    ``parts`` belong to patterns, longer marks among them.
    """

    exact: Keys
    distances: NDArray[np.int16]
    parts: list[tuple[str, PatternPart, int]] = field(default_factory=list)


class Question:
    """One question for many tables.

    Args:
        query: checked.
        now_us: the present; what is due is not seen.
        cameras: the registered ones, for directions and places.
        confusions: what looks alike.
        only: times and first numbers of the reads looked at alone (those with hits), or None.

    Raises:
        QueryRefused: the area is none.
        TooManyNeighbours: a look-alike stands for too many marks.
    """

    def __init__(
        self,
        query: ReadQuery,
        rule: Rule,
        now_us: int,
        cameras: Mapping[CameraId, Camera],
        confusions: Confusions,
        only: tuple[I64, Keys] | None = None,
    ) -> None:
        self.query = query
        self.rule = rule
        self.now_us = now_us
        self.since, self.until = micros(query.since), micros(query.until)
        self.only = only
        self._cameras = cameras
        self._area = AreaTest(query.area) if query.area is not None else None
        self._chosen = frozenset(query.cameras)
        self.marks = _marks_of(query, confusions) if query.has_mark else None

    def contexts(self, contexts: Sequence[Context]) -> tuple[Bools, Bools, Bools]:
        """Return of each context whether it fits, whether only its direction keeps it out, and
        whether its camera stands in the area."""  # noqa: D205, D209
        fits = np.zeros(len(contexts), np.bool_)
        hides = np.zeros(len(contexts), np.bool_)
        stands = np.zeros(len(contexts), np.bool_)
        for number, context in enumerate(contexts):
            camera = self._cameras.get(context.camera)
            if self._area is not None and camera is not None and camera.position is not None:
                stands[number] = context.kind is not CameraKind.MOBILE and self._area.holds(
                    camera.position
                )
            if self._fits(context):
                is_kept = self._goes_right(context, camera)
                fits[number], hides[number] = is_kept, not is_kept
        return fits, hides, stands

    def places(self, places: NDArray[np.float64]) -> Bools:
        """Return of each place whether it lies in the area."""
        if self._area is None:
            return np.ones(len(places), np.bool_)
        return self._area.inside(places[:, 0], places[:, 1])

    @property
    def needs_contexts(self) -> bool:
        """True where what reads of a camera have in common decides."""
        q = self.query
        return bool(
            q.cameras or q.feeds or q.sources or q.kinds or q.lanes or q.directions or q.late_only
        )

    @property
    def has_area(self) -> bool:
        """True where the question has an area."""
        return self._area is not None

    def _fits(self, context: Context) -> bool:
        query, camera = self.query, context.camera
        return (
            (not self._chosen or camera in self._chosen)
            and (not query.feeds or camera.feed_id in query.feeds)
            and (not query.sources or camera.source_id in query.sources)
            and (not query.kinds or context.kind in query.kinds)
            and (not query.lanes or context.lane in query.lanes)
            and (not query.late_only or ReadFlag.BUFFERED in context.flags)
        )

    def _goes_right(self, context: Context, camera: Camera | None) -> bool:
        if not self.query.directions:
            return True
        direction, _source = direction_of(context.lane, context.preset, camera)
        if direction is Direction.UNKNOWN:
            return self.query.includes_unknown
        return direction in self.query.directions


def _marks_of(query: ReadQuery, confusions: Confusions) -> Marks:
    exact: dict[str, int] = {}
    if query.look_alikes:
        steps = confusions.steps()
        for mark in query.look_alikes:
            exact[mark] = 0
            for other, distance in neighbours_of(mark, query.distance, steps).items():
                if other not in (TEST, UNREAD):
                    exact[other] = min(distance, exact.get(other, distance))
    plain = 0 if query.look_alikes else NO_DISTANCE
    for mark in query.marks:
        exact[mark] = plain
    if query.unread:
        exact[str(UNREAD)] = plain
    short = sorted(mark for mark in exact if len(mark) <= _IN_FIRST)
    keys = keys_of(short)
    order = np.argsort(keys.first)
    marks = Marks(keys.at(order), np.array([exact[short[n]] for n in order.tolist()], np.int16))
    longer = [(mark, exact[mark]) for mark in exact if len(mark) > _IN_FIRST]
    for pattern, distance in [*((p, plain) for p in query.patterns), *longer]:
        marks.parts += [(pattern, part, distance) for part in parts_of(pattern)]
    return marks
