"""Ordinary traffic: which vehicle passes which camera when.

Time runs in microseconds from the start of the simulation and is cut into slots of a quarter of a
second, so that what comes out does not depend on how far each call advances. In every slot the
journeys under way go first; what is left of the asked rate begins new ones. A journey goes on after
each camera with a fixed chance, which keeps the number under way steady from the first minutes.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import accumulate

from nas_desktop.domain.vrm import Vrm
from nas_desktop.simulator.network import CameraNetwork
from nas_desktop.simulator.vehicles import Fleet, Habit, Vehicle, habit_weights, rhythm_of

SLOT_US = 250_000
SECOND_US = 1_000_000

SLOWEST_MPS = 7.0
"""About 16 mph between two cameras: town traffic with its lights and queues."""

FASTEST_MPS = 13.0
"""About 29 mph as a mean over a way, before the driver's own pace."""

_PATROL_US = 400 * SECOND_US

_TURN_MPS = 9.0
"""A vehicle that sets out again is taken to have come no faster than this since it was seen."""

_GO_ON = {
    Habit.COMMUTER: 0.75,
    Habit.PRIVATE: 0.68,
    Habit.DELIVERY: 0.78,
    Habit.TAXI: 0.75,
    Habit.HAULAGE: 0.8,
    Habit.BUS: 0.85,
}
_AT_MOBILE = 0.04
_FROM_HOME = 0.6
_LARGEST_FLEET = 300_000
_FLEET_S = 900
"""The fleet grows to this many seconds' worth of reads: most marks are seen a few times an hour."""


@dataclass(slots=True)
class Pass:
    """One vehicle before one camera.

    ``at_us`` is true time. ``read_as`` forces what is read; ``is_certain`` keeps chance out of it
    (no misread, no silent camera). ``handed_us`` forces a late hand-over as part of a batch.
    """

    at_us: int
    camera: int
    vehicle: Vehicle
    read_as: Vrm | None = None
    is_certain: bool = False
    handed_us: int | None = None


def patrol_site(network: CameraNetwork, unit: int, at_us: int) -> int:
    """Return the standing camera near which a mobile unit is: it stays a few minutes at each.

    Args:
        network: must have a standing camera.
        unit: index of the mobile unit.
        at_us: microseconds from the start, may be negative.
    """
    patrol = network.cameras[unit].camera.camera_id.nrd_id * 7 + at_us // _PATROL_US
    return network.standing[patrol % len(network.standing)]


class Journeys:
    """Generates the passes of ordinary traffic, slot by slot.

    Args:
        seed: decides everything.
        start: aware UTC; the hours of the day follow from it.
        network: where the cameras are.
        fleet: who drives; grows as needed.
        reserved: marks that ordinary traffic leaves alone, because they are on a list.
        reads_per_s: mean rate.
        has_day_rhythm: vary the rate with the hour of the day.
    """

    def __init__(
        self,
        seed: int,
        start: datetime,
        network: CameraNetwork,
        fleet: Fleet,
        reserved: Collection[str],
        reads_per_s: float,
        *,
        has_day_rhythm: bool,
    ) -> None:
        self._rng = random.Random(f"journeys/{seed}")
        self._start = start
        self._network = network
        self._fleet = fleet
        self._reserved = reserved
        self._rate = reads_per_s
        self._has_day_rhythm = has_day_rhythm
        self._fleet_size = min(_LARGEST_FLEET, max(6_000, round(reads_per_s * _FLEET_S)))
        self._under_way: list[tuple[int, int, int, int]] = []
        self._on_road: set[int] = set()
        self._seen: dict[int, tuple[int, int]] = {}
        self._number = 0
        self._owed = 0.0
        self._hour = -1
        self._hour_rate = reads_per_s
        self._habits: tuple[float, ...] = ()

    def slot(self, begins_us: int) -> list[Pass]:
        """Return the passes of the slot that begins then; slots must be asked for in order."""
        self._follow_the_clock(begins_us)
        rng = self._rng
        ends_us = begins_us + SLOT_US
        expected = self._hour_rate * SLOT_US / SECOND_US
        # Traffic is no metronome: counts scatter like those of independent arrivals.
        self._owed += rng.gauss(expected, expected**0.5)
        passes: list[Pass] = []
        under_way, fleet = self._under_way, self._fleet
        while under_way and under_way[0][0] < ends_us:
            at_us, _number, vehicle, camera = heappop(under_way)
            passes.append(Pass(at_us, camera, fleet[vehicle]))
            self._go_on(at_us, vehicle, camera)
        self._owed -= len(passes)
        while self._owed >= 1:
            self._owed -= 1
            at_us = begins_us + int(rng.random() * SLOT_US)
            passes.append(self._set_out(at_us))
        return passes

    def _follow_the_clock(self, at_us: int) -> None:
        hour = (self._start + timedelta(microseconds=at_us)).hour
        if hour != self._hour:
            self._hour = hour
            self._habits = tuple(accumulate(habit_weights(hour)))
            if self._has_day_rhythm:
                self._hour_rate = self._rate * rhythm_of(hour)

    def _set_out(self, at_us: int) -> Pass:
        rng = self._rng
        number = self._driver()
        vehicle = self._fleet[number]
        network = self._network
        if network.mobile and rng.random() < _AT_MOBILE:
            unit = rng.choice(network.mobile)
            site = patrol_site(network, unit, at_us)
            if self._can_be_at(number, site, at_us):
                self._seen[number] = (at_us, site)
                return Pass(at_us, unit, vehicle)
        standing = network.standing
        if rng.random() < _FROM_HOME:
            camera = standing[vehicle.home]
        else:
            camera = standing[int(rng.random() * len(standing))]
        if not self._can_be_at(number, camera, at_us):
            # Without this, a journey begun too soon elsewhere would look like a cloned mark.
            camera = self._seen[number][1]
        self._go_on(at_us, number, camera)
        return Pass(at_us, camera, vehicle)

    def _can_be_at(self, number: int, camera: int, at_us: int) -> bool:
        seen_us, last = self._seen.get(number, (None, 0))
        if seen_us is None:
            return True
        way_m = self._network.road_m(last, camera)
        return (at_us - seen_us) * _TURN_MPS >= way_m * SECOND_US

    def _driver(self) -> int:
        rng, fleet = self._rng, self._fleet
        # A younger fleet grows by half of its journeys, so regulars appear from the start.
        if len(fleet) < self._fleet_size and rng.random() < 0.5:
            return fleet.add()
        pool = fleet.by_habit[rng.choices(range(len(Habit)), cum_weights=self._habits)[0]]
        for _attempt in range(4):
            if pool:
                number = pool[int(rng.random() * len(pool))]
                if number not in self._on_road and fleet[number].vrm not in self._reserved:
                    return number
        return fleet.add()

    def _go_on(self, at_us: int, number: int, camera: int) -> None:
        rng = self._rng
        legs = self._network.legs[camera]
        vehicle = self._fleet[number]
        if not legs or rng.random() >= _GO_ON[vehicle.habit]:
            self._on_road.discard(number)
            self._seen[number] = (at_us, camera)
            return
        leg = legs[int(rng.random() * len(legs))]
        speed = (SLOWEST_MPS + (FASTEST_MPS - SLOWEST_MPS) * rng.random()) * vehicle.pace
        self._on_road.add(number)
        self._number += 1
        due_us = at_us + int(leg.road_m / speed * SECOND_US)
        heappush(self._under_way, (due_us, self._number, number, leg.to))
