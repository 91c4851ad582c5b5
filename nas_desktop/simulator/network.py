"""The camera network: the sites of a real traffic survey, with invented aliases and numbers.

The 66 site-directions of the Bath survey of 2017 carry fixed, moveable, dual-lane and
CCTV-integrated cameras; a few mobile units patrol between them. A larger network repeats the
pattern round other centres of Great Britain, under the Feed IDs of their forces.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.geo import Position, distance_m
from nas_desktop.services.resources import resource_path

HOME_FEED = "52"
"""Avon and Somerset (Annex A), in whose area the surveyed sites lie."""

_WRONG_CLOCK_S = 437.0
"""A clock seven minutes ahead: far beyond the 60 s that a node tolerates."""

_HEADINGS = {"N": 0.0, "E": 90.0, "S": 180.0, "W": 270.0}
_TREES = ("Ash", "Oak", "Elm", "Rowan", "Cedar", "Larch", "Hazel", "Maple", "Alder", "Willow")
_OUTSIDE = {"N": "North", "E": "East", "S": "South", "W": "West"}

# Towns that a network larger than the survey repeats its pattern round: Feed ID and a rough
# centre. Only the demonstration of a whole country's load uses them.
_TOWNS = (
    ("07", 53.20, -2.90),
    ("06", 53.48, -2.24),
    ("20", 52.48, -1.90),
    ("13", 53.80, -1.55),
    ("02", 51.51, -0.12),
    ("43", 51.75, -1.26),
    ("46", 51.28, 0.52),
    ("62", 51.62, -3.94),
    ("90", 55.86, -4.25),
    ("12", 53.96, -1.08),
    ("36", 52.63, 1.29),
    ("50", 50.72, -3.53),
)


@dataclass(frozen=True, slots=True)
class SimulatedCamera:
    """A camera with what only its inventor knows.

    ``site`` numbers the place; cameras of one place differ in direction. ``lanes`` counts the
    lanes it covers. ``clock_offset_s`` is how far its clock is ahead of true time, seconds.
    ``sees_rear`` says that it looks at departing vehicles; ``is_infrared`` that its patches are
    grey. ``stands_at`` is where it really is, None for a mobile unit, whose place is that of the
    site it patrols.
    """

    camera: Camera
    site: int
    heading: float
    lanes: int = 1
    clock_offset_s: float = 0.0
    sees_rear: bool = False
    is_infrared: bool = False
    is_car_park: bool = False
    stands_at: Position | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """The way from one camera to a near one: index of the next camera and metres by road."""

    to: int
    road_m: float


class CameraNetwork:
    """All cameras, the registered ones as the node knows them, and which lie near which."""

    def __init__(self, cameras: Sequence[SimulatedCamera]) -> None:
        self.cameras = tuple(cameras)
        self.standing = tuple(i for i, c in enumerate(self.cameras) if c.stands_at is not None)
        self.mobile = tuple(i for i, c in enumerate(self.cameras) if c.stands_at is None)
        self.legs: tuple[tuple[Leg, ...], ...] = _legs(self.cameras)

    @property
    def registered(self) -> tuple[Camera, ...]:
        """The cameras as domain values, in the order of ``cameras``."""
        return tuple(c.camera for c in self.cameras)

    def road_m(self, a: int, b: int) -> float:
        """Return metres by road between two standing cameras: the straight line times 1.3."""
        return ROAD_FACTOR * distance_m(self._at(a), self._at(b))

    def _at(self, index: int) -> Position:
        position = self.cameras[index].stands_at
        if position is None:
            raise ValueError("a mobile unit has no place of its own")
        return position


ROAD_FACTOR = 1.3
"""Road over straight-line distance in built-up areas (common planning figure)."""

_FAR_M = 7_000.0
_NEAR_M = 250.0


def build_network(seed: int, *, count: int = 66, mobile_units: int = 4) -> CameraNetwork:
    """Build a network of ``count`` standing cameras and some mobile units, the same for a seed.

    Args:
        seed: decides kinds, aliases and numbering details.
        count: standing cameras; 66 is the survey itself, more repeats it elsewhere.
        mobile_units: units without a place of their own.
    """
    rng = random.Random(f"network/{seed}")
    rows = _surveyed_sites()
    cameras: list[SimulatedCamera] = []
    bad_clock = rng.randrange(min(count, len(rows)))
    aliases = _aliases(rng)
    for index in range(count):
        town, row_index = divmod(index, len(rows))
        feed, shift = _town(town)
        row = rows[row_index]
        cameras.append(
            _standing_camera(rng, row, feed, shift, index, next(aliases), index == bad_clock)
        )
    cameras += [_mobile_unit(number) for number in range(1, mobile_units + 1)]
    return CameraNetwork(cameras)


def surveyed_names() -> tuple[str, ...]:
    """Return the names of the surveyed places, none of which an alias may contain."""
    return tuple(sorted({row["description"] for row in _surveyed_sites()}))


def _surveyed_sites() -> list[dict[str, str]]:
    path = resource_path("simulator", "sites.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _town(number: int) -> tuple[str, tuple[float, float]]:
    """Return the Feed ID of a town and its shift against the survey in degrees."""
    if number == 0:
        return HOME_FEED, (0.0, 0.0)
    feed, latitude, longitude = _TOWNS[(number - 1) % len(_TOWNS)]
    # Towns past the first round lie beside the first ones, about 20 km further north.
    ring = 0.18 * ((number - 1) // len(_TOWNS))
    return feed, (latitude + ring - 51.385, longitude + 2.36)


def _aliases(rng: random.Random) -> Iterator[str]:
    numbers = dict.fromkeys(_TREES, 0)
    while True:
        tree = rng.choice(_TREES)
        numbers[tree] += 1
        yield f"{tree} {numbers[tree]:02d}"


def _standing_camera(
    rng: random.Random,
    row: dict[str, str],
    feed: str,
    shift: tuple[float, float],
    index: int,
    alias: str,
    has_bad_clock: bool,
) -> SimulatedCamera:
    position = Position(
        round(float(row["latitude"]) + shift[0], 6), round(float(row["longitude"]) + shift[1], 6)
    )
    is_car_park = row["radial_group"] == "3"
    kind = _kind_of(rng, is_car_park)
    source = {"fixed": 1, "moveable": 2, "dual_lane": 3, "cctv": 4}[kind.value]
    camera = Camera(
        camera_id=CameraId(feed, source, index + 1),
        alias=f"{alias} {_OUTSIDE[row['direction']]}",
        kind=kind,
        position=position,
        direction=row["direction"],
    )
    return SimulatedCamera(
        camera=camera,
        site=index // 66 * 1_000 + int(row["location_id"]),
        heading=_HEADINGS[row["direction"]],
        lanes=2 if kind is CameraKind.DUAL_LANE else 1,
        clock_offset_s=_WRONG_CLOCK_S if has_bad_clock else rng.uniform(-0.15, 0.15),
        sees_rear=rng.random() < 0.45,
        is_infrared=rng.random() < 0.4,
        is_car_park=is_car_park,
        stands_at=position,
    )


def _kind_of(rng: random.Random, is_car_park: bool) -> CameraKind:
    if is_car_park:
        return CameraKind.CCTV if rng.random() < 0.6 else CameraKind.FIXED
    draw = rng.random()
    if draw < 0.55:
        return CameraKind.FIXED
    if draw < 0.75:
        return CameraKind.DUAL_LANE
    return CameraKind.MOVEABLE if draw < 0.88 else CameraKind.CCTV


def _mobile_unit(number: int) -> SimulatedCamera:
    return SimulatedCamera(
        camera=Camera(
            camera_id=CameraId(HOME_FEED, 9, number),
            alias=f"Unit Kestrel {number}",
            kind=CameraKind.MOBILE,
        ),
        site=-number,
        heading=0.0,
        lanes=1,
        sees_rear=number % 2 == 0,
    )


def _legs(cameras: Sequence[SimulatedCamera]) -> tuple[tuple[Leg, ...], ...]:
    """Return for each camera up to six near ones that the direction of travel leads to."""
    by_town: dict[int, list[int]] = {}
    for index, camera in enumerate(cameras):
        if camera.stands_at is not None:
            by_town.setdefault(camera.site // 1_000, []).append(index)
    legs: list[tuple[Leg, ...]] = [()] * len(cameras)
    for members in by_town.values():
        for index in members:
            legs[index] = _legs_from(cameras, index, members)
    return tuple(legs)


def _legs_from(
    cameras: Sequence[SimulatedCamera], index: int, members: Sequence[int]
) -> tuple[Leg, ...]:
    here = cameras[index]
    start = here.stands_at
    assert start is not None
    ahead: list[tuple[float, int]] = []
    around: list[tuple[float, int]] = []
    for other in members:
        there = cameras[other]
        assert there.stands_at is not None
        if there.site == here.site:
            continue
        metres = distance_m(start, there.stands_at)
        if not _NEAR_M <= metres <= 4 * _FAR_M:
            continue
        around.append((metres, other))
        course = _bearing(start, there.stands_at)
        if (
            metres <= _FAR_M
            and _turn(course, here.heading) <= 100
            and _turn(course, there.heading) <= 100
        ):
            ahead.append((metres, other))
    chosen = sorted(ahead)[:6] or sorted(around)[:3]
    return tuple(Leg(other, ROAD_FACTOR * metres) for metres, other in chosen)


def _bearing(a: Position, b: Position) -> float:
    east = (b.longitude - a.longitude) * math.cos(math.radians(a.latitude))
    return math.degrees(math.atan2(east, b.latitude - a.latitude)) % 360


def _turn(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)
