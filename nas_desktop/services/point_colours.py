"""What colour a point of an answer gets, by time, direction, camera or vehicle; and the legend."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.query import Direction
from nas_desktop.services.map_points import DIRECTIONS, I32, MapPoints

U8: TypeAlias = NDArray[np.uint8]
Legend: TypeAlias = tuple[tuple[int, str], ...]

TIMES = 8
"""Spans of time with a colour each."""

NAMED = 11
"""Cameras or vehicles with a colour of their own; the rest share one."""

_DIRECTION_WORDS = {
    Direction.N: "north",
    Direction.NE: "north-east",
    Direction.E: "east",
    Direction.SE: "south-east",
    Direction.S: "south",
    Direction.SW: "south-west",
    Direction.W: "west",
    Direction.NW: "north-west",
    Direction.TOWARDS: "towards the camera",
    Direction.AWAY: "away from the camera",
    Direction.UNKNOWN: "direction not known",
}


class ColourBy(StrEnum):
    """What the colours of points tell."""

    TIME = "time"
    DIRECTION = "direction"
    CAMERA = "camera"
    VEHICLE = "vehicle"


def colours(points: MapPoints, by: ColourBy) -> tuple[U8, Legend]:
    """Return the number of each row's colour, from 0, and what the numbers mean.

    The legend names only numbers that a row has, in their order. Rows that are gone have a number
    too, and no place to be drawn at.
    """
    match by:
        case ColourBy.TIME:
            return _by_time(points)
        case ColourBy.DIRECTION:
            index = points.direction.astype(np.uint8)
            seen = np.bincount(index[~points.is_gone], minlength=len(DIRECTIONS))
            words = [_DIRECTION_WORDS[direction] for direction in DIRECTIONS]
            return index, tuple((n, words[n]) for n in np.flatnonzero(seen).tolist())
        case ColourBy.CAMERA:
            index, order = _ranked(points.camera)
            names = [points.cameras[n].alias or str(points.cameras[n].camera_id) for n in order]
            return index, _legend(index, names, "other cameras")
        case ColourBy.VEHICLE:
            index, order = _ranked(points.vehicle)
            names = [f"vehicle {place}" for place in range(1, len(order) + 1)]
            return index, _legend(index, names, "other vehicles")


def _ranked(numbers: I32) -> tuple[U8, list[int]]:
    """Return the place of each row's number among the most frequent, ``NAMED`` for the others."""
    counts = np.bincount(numbers[numbers >= 0])
    order = np.argsort(-counts, kind="stable")[:NAMED]
    order = order[counts[order] > 0]
    place = np.full(len(counts) + 1, NAMED, np.uint8)
    place[order] = np.arange(len(order))
    return place[numbers], order.tolist()


def _legend(index: U8, names: list[str], others: str) -> Legend:
    legend = list(enumerate(names))
    if (index == NAMED).any():
        legend.append((NAMED, others))
    return tuple(legend)


def _by_time(points: MapPoints) -> tuple[U8, Legend]:
    at = points.at[~points.is_gone]
    if not len(at):
        return np.zeros(len(points), np.uint8), ()
    first, last = int(at.min()), int(at.max())
    width = max(1, -(-(last - first + 1) // TIMES))
    index = np.clip((points.at - first) // width, 0, TIMES - 1).astype(np.uint8)
    edges = [first + n * width for n in range(TIMES + 1)]
    form = _form(first, edges[-1], width)
    seen = np.bincount(index[~points.is_gone], minlength=TIMES)
    words = (f"{_said(edges[n], form)} to {_said(edges[n + 1], form)} GMT" for n in range(TIMES))
    return index, tuple((n, said) for n, said in enumerate(words) if seen[n])


def _form(first: int, last: int, width: int) -> str:
    """Return how instants are written so that two edges never read the same."""
    clock = "%H:%M:%S" if width < 120_000_000 else "%H:%M"
    is_one_day = _at(first).date() == _at(last).date()
    return clock if is_one_day else f"%d/%m/%Y {clock}"


def _at(us: int) -> datetime:
    return datetime.fromtimestamp(us // 1_000_000, UTC)


def _said(us: int, form: str) -> str:
    return _at(us).strftime(form)
