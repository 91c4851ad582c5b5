"""The fleet: vehicles with a look, a home and habits, the same ones for a seed.

Makes and types stand in the proportions of a real survey; everything else is invented. Vehicles
are made as they are needed, because a country's load takes hundreds of thousands of them.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from typing import Any, overload

from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.resources import load_json, resource_path
from nas_desktop.simulator.marks import MarkStyle, invent_mark


class Habit(IntEnum):
    """Why a vehicle is on the road; decides at what hours and how far."""

    COMMUTER = 0
    PRIVATE = 1
    DELIVERY = 2
    TAXI = 3
    HAULAGE = 4
    BUS = 5


@dataclass(slots=True, eq=False)
class Vehicle:
    """One vehicle.

    ``home`` is the index of the camera nearest to where it is kept. ``pace`` multiplies the
    usual speed, 0.75 to 1.35. ``shape`` is one of hatch, saloon, estate, suv, van, lorry, bus,
    bike. ``is_dirty`` says that its mark is hard to read.
    """

    vrm: Vrm
    style: MarkStyle
    make: str
    model: str
    colour: str
    shape: str
    habit: Habit
    home: int
    pace: float
    is_dirty: bool


_SHAPES_HABITS = {
    "van": (Habit.DELIVERY, Habit.DELIVERY, Habit.DELIVERY, Habit.PRIVATE),
    "lorry": (Habit.HAULAGE,),
    "bus": (Habit.BUS,),
    "bike": (Habit.PRIVATE, Habit.DELIVERY),
}
_CAR_HABITS = (Habit.COMMUTER,) * 9 + (Habit.PRIVATE,) * 9 + (Habit.TAXI,) * 2

# Share of each habit's journeys by hour GMT, 0 to 23; the shape of a British working day.
_RHYTHM: dict[Habit, tuple[int, ...]] = {
    habit: tuple(map(int, hours.split()))
    for habit, hours in {
        Habit.COMMUTER: "1 0 0 0 1 5 18 46 50 22 8 7 9 9 11 20 42 52 36 14 7 5 3 2",
        Habit.PRIVATE: "3 2 1 1 1 2 6 14 24 32 38 42 42 40 38 40 42 40 34 26 19 14 10 6",
        Habit.DELIVERY: "1 1 1 2 4 9 22 36 42 44 44 43 40 40 40 38 34 26 16 10 6 4 2 1",
        Habit.TAXI: "26 20 14 8 5 6 10 18 22 16 14 14 16 16 16 20 24 28 30 30 30 32 34 32",
        Habit.HAULAGE: "8 8 8 9 14 22 28 30 30 30 30 30 28 28 28 26 24 20 16 12 10 9 8 8",
        Habit.BUS: "2 0 0 0 2 10 26 34 34 30 28 28 28 28 30 34 34 32 26 18 14 12 10 6",
    }.items()
}
_FLEET_SHARE = (33.0, 36.0, 19.0, 6.0, 4.0, 2.0)


def rhythm_of(hour: int) -> float:
    """Return the traffic of an hour GMT (0 to 23) against the mean of the day, about 0.1 to 2."""
    return _BY_HOUR[hour % 24] / (sum(_BY_HOUR) / 24)


def habit_weights(hour: int) -> tuple[float, ...]:
    """Return how likely a journey of each habit is in an hour GMT, in the order of ``Habit``."""
    return tuple(share * _RHYTHM[Habit(i)][hour % 24] for i, share in enumerate(_FLEET_SHARE))


_BY_HOUR = tuple(sum(habit_weights(hour)) for hour in range(24))


class Fleet(Sequence[Vehicle]):
    """Vehicles by number, made on demand in order; no mark is given twice.

    Args:
        seed: decides every vehicle.
        year: the present year; no mark is newer.
        homes: how many standing cameras there are to live near.
        size: vehicles made at once.
    """

    def __init__(self, seed: int, year: int, homes: int, *, size: int = 0) -> None:
        self._rng = random.Random(f"fleet/{seed}")
        self._year = year
        self._homes = homes
        self._vehicles: list[Vehicle] = []
        self.marks: set[str] = set()
        self.by_habit: tuple[list[int], ...] = tuple([] for _habit in Habit)
        self._kinds, self._kind_weights = _kinds()
        self._data: dict[str, Any] = load_json("simulator", "models.json")
        self._colours = {
            key: ([name for name, _w in self._data[key]], [w for _name, w in self._data[key]])
            for key in ("colours", "van_colours")
        }
        for _number in range(size):
            self.add()

    def __len__(self) -> int:
        return len(self._vehicles)

    @overload
    def __getitem__(self, index: int) -> Vehicle: ...
    @overload
    def __getitem__(self, index: slice) -> list[Vehicle]: ...
    def __getitem__(self, index: int | slice) -> Vehicle | list[Vehicle]:
        return self._vehicles[index]

    def __iter__(self) -> Iterator[Vehicle]:
        return iter(self._vehicles)

    def add(self) -> int:
        """Make one more vehicle and return its number."""
        vehicle = self.invent(self._rng)
        self._vehicles.append(vehicle)
        self.by_habit[vehicle.habit].append(len(self._vehicles) - 1)
        return len(self._vehicles) - 1

    def invent(self, rng: random.Random, mark: tuple[Vrm, MarkStyle] | None = None) -> Vehicle:
        """Return a vehicle that belongs to nobody's habits; with ``mark`` it carries that one."""
        make, kind = rng.choices(self._kinds, cum_weights=self._kind_weights)[0]
        model, shape = self._model_of(rng, make, kind)
        if mark is None:
            mark = invent_mark(rng, self._year, is_bus_or_lorry=shape in ("bus", "lorry"))
            while mark[0] in self.marks:
                mark = invent_mark(rng, self._year)
        self.marks.add(mark[0])
        names, weights = self._colours["van_colours" if shape in ("van", "lorry") else "colours"]
        return Vehicle(
            vrm=mark[0],
            style=mark[1],
            make=make,
            model=model,
            colour=rng.choices(names, weights)[0],
            shape=shape,
            habit=rng.choice(_SHAPES_HABITS.get(shape, _CAR_HABITS)),
            home=rng.randrange(self._homes),
            pace=min(1.35, max(0.75, rng.gauss(1.0, 0.12))),
            is_dirty=rng.random() < 0.12,
        )

    def _model_of(self, rng: random.Random, make: str, kind: str) -> tuple[str, str]:
        shape: str = self._data["shapes"].get(kind, "hatch")
        typed: list[str] = self._data["typed_models"].get(f"{make}|{kind}", [])
        if typed:
            return rng.choice(typed), shape
        models: list[list[str]] = self._data["models"].get(make, [])
        if models and kind in ("CARS", ""):
            model, shape = rng.choice(models)
            return model, shape
        return "", shape


def _kinds() -> tuple[list[tuple[str, str]], list[int]]:
    path = resource_path("simulator", "makes.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["make"] not in ("", "SUPPRESSED")  # withheld in the survey, not a make
        ]
    kinds = [(row["make"], row["type"]) for row in rows]
    return kinds, list(accumulate(int(row["observations"]) for row in rows))
