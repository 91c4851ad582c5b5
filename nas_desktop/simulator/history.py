"""Days of believable reads, made as columns: for demonstrations, training, tests and measurements.

Vehicles have a home, most of them a place they go to, and hours at which they go; a journey passes
cameras that lie on the way. Some cameras fall silent for hours, one delivers a night late, some
marks are misread and some not read at all. The same seed makes the same days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nas_desktop.adapters.store.reads.columns import (
    NO_CONFIDENCE,
    Context,
    Images,
    MemoryTable,
    micros,
)
from nas_desktop.adapters.store.reads.marks import I64, Keys, keys_of
from nas_desktop.domain.camera import Camera
from nas_desktop.domain.read import UNATTENDED, ReadFlag
from nas_desktop.domain.vrm import UNREAD
from nas_desktop.services.resources import load_json
from nas_desktop.simulator.network import CameraNetwork
from nas_desktop.simulator.vehicles import Habit, habit_weights

Random: TypeAlias = np.random.Generator

ROWS_AT_ONCE = 2_000_000
"""Most reads made in one table."""

READS_A_VEHICLE_AND_DAY = 1.75
"""So many reads a day a vehicle has on the mean: 21 million of 12 million vehicles."""

HOPS = 6
"""Most cameras that one journey passes."""

_MEAN_HOPS = 3.0
_UNREAD_SHARE, _MISREAD_SHARE = 0.01, 0.02
_DAY_US = 86_400_000_000
_LETTERS = np.frombuffer(b"ABCDEFGHJKLMNOPRSTUVWXY", np.uint8)
_LAST = np.frombuffer(b"ABCDEFGHJKLMNOPRSTUVWXYZ", np.uint8)
_DIGITS = np.frombuffer(b"0123456789", np.uint8)
_TAGS = np.frombuffer(b"WWWVBLEKGHMNYFDCSP", np.uint8)


@dataclass(frozen=True, slots=True)
class Outage:
    """A camera that was silent, or whose reads came when it was over; microseconds since 1970."""

    camera: int
    since: int
    until: int
    is_buffered: bool


class History:
    """Makes the days.

    Args:
        network: the cameras; mobile units take no part.
        seed: decides everything.
        reads_per_day: about so many; the last day ends with ``end``.
        days: how many.
        end: the last instant, aware UTC.
    """

    def __init__(
        self, network: CameraNetwork, seed: int, reads_per_day: int, days: float, end: datetime
    ) -> None:
        self._network = network
        self._rng = np.random.default_rng([seed, 4])
        self._per_day = reads_per_day
        self._days = days
        self._end = end
        self._standing = np.array(network.standing, np.int64)
        self._legs, self._seconds = _ways(network, self._standing)
        vehicles = max(100, int(reads_per_day / READS_A_VEHICLE_AND_DAY))
        self._marks = _fleet(self._rng, vehicles, end.year)
        self._homes = self._rng.integers(0, len(self._standing), vehicles).astype(np.int32)
        self._goals = self._rng.integers(0, len(self._standing), vehicles).astype(np.int32)
        shares = np.array(habit_weights(8)) + np.array(habit_weights(14))
        self._habits = self._rng.choice(len(Habit), vehicles, p=shares / shares.sum())
        self._hours = _hours()
        self.outages = self._outages()
        self.contexts = self._contexts()
        self.places = np.concatenate(
            [np.full((1, 2), np.nan), [self._place(c) for c in self._standing.tolist()]]
        )

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """The cameras that take part, as a node registers them."""
        return tuple(self._network.cameras[n].camera for n in self._standing.tolist())

    def _place(self, index: int) -> tuple[float, float]:
        position = self._network.cameras[index].stands_at
        assert position is not None
        return position.latitude, position.longitude

    def _contexts(self) -> tuple[Context, ...]:
        found: list[Context] = []
        for camera in self.cameras:
            for lane in ("lane 1", "lane 2"):
                for flags in ((), (ReadFlag.BUFFERED,)):
                    found.append(  # noqa: PERF401
                        Context(
                            camera.camera_id, lane, camera.alias, UNATTENDED, 0, camera.kind, flags
                        )
                    )
        return tuple(found)

    def _outages(self) -> tuple[Outage, ...]:
        rng, start = self._rng, micros(self._end) - int(self._days * _DAY_US)
        count = max(2, int(len(self._standing) * self._days * 0.03))
        found: list[Outage] = []
        for number in range(count):
            since = start + int(rng.random() * self._days * _DAY_US)
            length = int(rng.gamma(2.0, 2.5) * 3_600_000_000)
            camera = int(rng.integers(len(self._standing)))
            found.append(Outage(camera, since, since + length, number % 4 == 0))
        return tuple(found)

    def tables(self, first_offset: int) -> Iterator[MemoryTable]:
        """Yield the reads, the oldest first, a day or a part of one at a time."""
        start = micros(self._end) - int(self._days * _DAY_US)
        total = int(self._per_day * self._days)
        pieces = max(1, -(-total // ROWS_AT_ONCE), int(self._days))
        offset = first_offset
        edges = np.linspace(start, micros(self._end), pieces + 1).astype(np.int64).tolist()
        for since, until in pairwise(edges):
            table = self._between(since, until, offset)
            offset += table.rows
            if table.rows:
                yield table

    def _between(self, since: int, until: int, offset: int) -> MemoryTable:
        rng = self._rng
        wanted = self._per_day * (until - since) / _DAY_US
        journeys = max(1, int(wanted / _MEAN_HOPS * 1.02))
        vehicle = rng.integers(0, len(self._homes), journeys)
        at = self._departures(self._habits[vehicle], since, until)
        is_home = rng.random(journeys) < 0.5
        camera = np.where(is_home, self._homes[vehicle], self._goals[vehicle]).astype(np.int64)
        hops = np.minimum(HOPS, 1 + rng.poisson(_MEAN_HOPS - 1, journeys))
        vehicles, cameras, times = [], [], []
        for hop in range(HOPS):
            alive = (hops > hop) & (at < until)
            vehicle, camera, at, hops = vehicle[alive], camera[alive], at[alive], hops[alive]
            vehicles.append(vehicle)
            cameras.append(camera)
            times.append(at)
            choice = rng.integers(0, self._legs.shape[1], len(camera))
            pace = rng.normal(1.0, 0.12, len(camera)).clip(0.7, 1.6)
            at = at + (self._seconds[camera, choice] * pace * 1e6).astype(np.int64)
            camera = self._legs[camera, choice]
        return self._table(
            np.concatenate(vehicles), np.concatenate(cameras), np.concatenate(times), offset
        )

    def _departures(self, habits: NDArray[np.int64], since: int, until: int) -> I64:
        """Return when journeys begin: by the hours of each habit, as far as they lie in the span.

        A span of some hours is filled in the proportions of those hours.
        """
        rng = self._rng
        found = np.empty(len(habits), np.int64)
        first, last = since // 3_600_000_000, -(-until // 3_600_000_000)
        hours = np.arange(first, last)
        for habit in range(len(Habit)):
            rows = (habits == habit).nonzero()[0]
            weights = self._hours[habit][hours % 24] + 0.02
            begin = np.maximum(hours * 3_600_000_000, since)
            end = np.minimum((hours + 1) * 3_600_000_000, until)
            weights = weights * (end - begin)
            chosen = rng.choice(len(hours), len(rows), p=weights / weights.sum())
            found[rows] = begin[chosen] + (rng.random(len(rows)) * (end - begin)[chosen]).astype(
                np.int64
            )
        return found

    def _table(self, vehicle: I64, camera: I64, at: I64, offset: int) -> MemoryTable:
        rng = self._rng
        delay = (rng.gamma(4.0, 0.22, len(at)) * 1e6).astype(np.int64) + 150_000
        is_late = np.zeros(len(at), np.int64)
        lost = np.zeros(len(at), np.bool_)
        for outage in self.outages:
            hit = (camera == outage.camera) & (at >= outage.since) & (at < outage.until)
            if outage.is_buffered:
                is_late[hit] = 1
                delay[hit] = outage.until - at[hit] + delay[hit]
            else:
                lost |= hit
        keep = ~lost & (at + delay <= micros(self._end))
        vehicle, camera, at = vehicle[keep], camera[keep], at[keep]
        delay, is_late = delay[keep], is_late[keep]
        keys = self._seen(self._marks.at(vehicle))
        count = len(at)
        arrived = np.argsort(at + delay, kind="stable")
        offsets = np.empty(count, np.int64)
        offsets[arrived] = np.arange(offset, offset + count)
        confidence = rng.beta(9, 1.2, count) * 100
        is_unread = keys.first == keys_of([UNREAD]).first[0]
        columns: dict[str, I64] = {
            "at": at,
            "context": camera * 4 + rng.integers(0, 2, count) * 2 + is_late,
            "place": camera + 1,
            "delay": delay,
            "confidence": np.where(is_unread, NO_CONFIDENCE, confidence.astype(np.int64)),
            "offset": offsets,
            "raw": np.zeros(count, np.int64),
        }
        return MemoryTable.of(columns, keys, self.contexts, self.places, Images(), Images(), {})

    def _seen(self, keys: Keys) -> Keys:
        """Return what cameras made of the marks: most of them right."""
        rng = self._rng
        first, second = keys.first.copy(), keys.second.copy()
        draw = rng.random(len(first))
        unread = draw < _UNREAD_SHARE
        first[unread] = keys_of([UNREAD]).first[0]
        second[unread] = 0
        wrong = ((draw >= _UNREAD_SHARE) & (draw < _UNREAD_SHARE + _MISREAD_SHARE)).nonzero()[0]
        if len(wrong):
            first[wrong] = _misread(first[wrong], rng)
        return Keys(first, second)


def _misread(first: NDArray[np.uint64], rng: Random) -> NDArray[np.uint64]:
    """Return numbers of marks with one character taken for one it is usually confused with."""
    table = _confusions()
    lengths = (first >> np.uint64(60)).astype(np.int64) + 1
    place = (rng.random(len(first)) * np.minimum(lengths, 10)).astype(np.int64)
    shift = (6 * (9 - place)).astype(np.uint64)
    code = (first >> shift) & np.uint64(63)
    other = table[code.astype(np.int64), rng.integers(0, table.shape[1], len(first))]
    return np.asarray(first ^ ((code ^ other.astype(np.uint64)) << shift))


def _confusions() -> NDArray[np.int64]:
    """Return for each character's number four that it is taken for; itself where there is none."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    found: dict[str, list[str]] = {}
    for item in load_json("spec", "confusions.json")["classes"]:
        for a, b in item["pairs"]:
            found.setdefault(a, []).append(b)
            found.setdefault(b, []).append(a)
    table = np.tile(np.arange(64)[:, None], (1, 4))
    for character, others in found.items():
        row = alphabet.index(character) + 1
        for spot in range(4):
            table[row, spot] = alphabet.index(others[spot % len(others)]) + 1
    return table


def _fleet(rng: Random, count: int, year: int) -> Keys:
    """Return the marks of a fleet: nine in ten of the present format, the rest older ones."""
    marks = np.zeros((count, 16), np.uint8)
    kinds = rng.random(count)
    age = np.minimum(rng.gamma(2.6, 3.2, count), year - 2002)
    issued = np.maximum(2, np.round(year - age).astype(np.int64) % 100)
    number = (issued + 50 * (rng.random(count) < 0.5)) % 100
    number[number == 50] = 51
    number[number < 2] = 52
    marks[:, 0] = _pick(rng, _TAGS, count)
    marks[:, 1] = _pick(rng, _LETTERS, count)
    marks[:, 2] = _DIGITS[number // 10]
    marks[:, 3] = _DIGITS[number % 10]
    for place in (4, 5, 6):
        marks[:, place] = _pick(rng, _LAST, count)
    for low, high, shape in (
        (0.926, 0.958, "ADDDAAA"),
        (0.958, 0.974, "AAADDD"),
        (0.974, 0.985, "AAZDDDD"),
        (0.985, 0.991, "AADDDAA"),
        (0.991, 0.995, "AAADDDA"),
        (0.995, 1.0, "AAADDDDDD"),
    ):
        rows = ((kinds >= low) & (kinds < high)).nonzero()[0]
        marks[rows] = 0
        for place, kind in enumerate(shape):
            source = {"A": _LETTERS, "D": _DIGITS, "Z": np.frombuffer(b"Z", np.uint8)}[kind]
            marks[rows, place] = _pick(rng, source, len(rows))
    return keys_of(marks.view("S16").reshape(-1))  # type: ignore[arg-type]


def _pick(rng: Random, source: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    return source[rng.integers(0, len(source), count)]


def _hours() -> NDArray[np.float64]:
    """Return the weight of each hour of the day, a row a habit."""
    return np.array([habit_weights(hour) for hour in range(24)]).T


def _ways(
    network: CameraNetwork, standing: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for each standing camera six it may lead to, and the usual seconds to each."""
    spots = {index: n for n, index in enumerate(standing.tolist())}
    legs = np.zeros((len(standing), 6), np.int64)
    seconds = np.full((len(standing), 6), 240.0)
    for n, index in enumerate(standing.tolist()):
        ways: Sequence[Any] = [leg for leg in network.legs[index] if leg.to in spots]
        for choice in range(6):
            if ways:
                leg = ways[choice % len(ways)]
                legs[n, choice] = spots[leg.to]
                seconds[n, choice] = max(20.0, leg.road_m / 13.0)
            else:
                legs[n, choice] = n
                seconds[n, choice] = 900.0
    return legs, seconds


def until_now(now: datetime) -> datetime:
    """Return the instant a history ends with: a moment ago, on the second."""
    return now.replace(microsecond=0) - timedelta(seconds=1)
