"""The map that is shipped: coast, borders, rivers and towns of the British Isles, at three levels.

Made by ``packaging/make_base_map.py`` from GSHHG and GeoNames; ``resources/LICENCES.md`` says what
was changed. It reaches from 48.5 to 61.6 N and from 11.5 W to 3.5 E, and has no roads: a force adds
those with a map file of its own. The borders are those between states only, as GSHHG has no
border between England, Wales and Scotland.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from nas_desktop.services.resources import load_json, resource_path

CREDITS: Final = (
    "Coast, borders, rivers: GSHHG 2.3.6 (LGPL-3.0-or-later), Wessel and Smith"
    " · Towns: GeoNames (CC BY 4.0)"
)
"""What has to stand on every picture of the map."""

MAGIC: Final = 0x4E415342
"""First word of a packed level: ``NASB``."""

PACKED_VERSION: Final = 1

LAYERS: Final = ("land", "borders", "rivers")
"""The layers of a level, in the order of a packed one."""

QUANTUM: Final = 2.0**-14
"""Grid of the shipped co-ordinates in world pixels: 5.5 m at 54.5 N, and exact in 32 bits."""

Box: TypeAlias = tuple[float, float, float, float]
"""West, north, east, south as ``services.mercator`` counts: y grows to the south."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Many lines or rings in one array.

    Attributes:
        xy: float32 (n, 2), world pixels less the origin of ``services.mercator``.
        starts: int32 (m + 1,); line k is ``xy[starts[k]:starts[k + 1]]``.
        boxes: float32 (m, 4); smallest x, smallest y, greatest x, greatest y of each line.
    """

    xy: NDArray[np.float32]
    starts: NDArray[np.int32]
    boxes: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        for first, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            yield self.xy[first:end]

    def touching(self, box: Box) -> NDArray[np.intp]:
        """Return the numbers of the lines whose boxes touch a box."""
        west, north, east, south = box
        b = self.boxes
        is_near = (b[:, 2] >= west) & (b[:, 0] <= east) & (b[:, 3] >= north) & (b[:, 1] <= south)
        return np.flatnonzero(is_near)


@dataclass(frozen=True, slots=True, eq=False)
class BaseLevel:
    """One level of detail, for the zooms ``min_zoom`` to ``max_zoom``, both included.

    ``land`` has closed rings whose first point is not repeated; fill them together by the even-odd
    rule. An outline has a positive area by the shoelace formula, a lake a negative one; lakes
    follow the outline that they lie in. ``borders`` and ``rivers`` are open lines.
    """

    name: str
    min_zoom: int
    max_zoom: int
    land: Lines
    borders: Lines
    rivers: Lines

    def layers(self) -> tuple[Lines, Lines, Lines]:
        """Return the layers in the order of ``LAYERS``."""
        return self.land, self.borders, self.rivers


class Town(NamedTuple):
    """A town: WGS 84 degrees and inhabitants; 0 where GeoNames has no number."""

    name: str
    latitude: float
    longitude: float
    population: int


@dataclass(frozen=True, slots=True, eq=False)
class BaseMap:
    """The levels from coarse to fine, and the towns from large to small."""

    levels: tuple[BaseLevel, ...]
    towns: tuple[Town, ...]

    def level_at(self, zoom: float) -> BaseLevel:
        """Return the level for a zoom; the coarsest or the finest for what lies beyond."""
        for level in self.levels:
            if zoom < level.max_zoom + 1:
                return level
        return self.levels[-1]


@cache
def load_base_map() -> BaseMap:
    """Return the shipped map; it is read once, in some 20 ms.

    Raises:
        OSError, ValueError, KeyError: the shipped files are missing or damaged.
    """
    with np.load(resource_path("map", "base.npz"), allow_pickle=False) as data:
        levels = tuple(
            BaseLevel(
                str(name),
                int(first),
                int(last),
                *(_unpacked(data[f"{name}_{x}"], data[f"{name}_{x}_starts"]) for x in LAYERS),
            )
            for name, (first, last) in zip(data["names"], data["zooms"], strict=True)
        )
    rows = load_json("map", "towns.json")["towns"]
    towns = (Town(str(n), float(lat), float(lon), int(size)) for n, lat, lon, size in rows)
    return BaseMap(levels, tuple(sorted(towns, key=lambda town: -town.population)))


def clipped(level: BaseLevel, box: Box) -> BaseLevel:
    """Return what of a level lies in a box.

    The land is cut along the edges of the box: its outline there is no coast.
    """
    return BaseLevel(
        level.name,
        level.min_zoom,
        level.max_zoom,
        _clipped_land(level.land, box),
        _clipped_lines(level.borders, box),
        _clipped_lines(level.rivers, box),
    )


def packed(level: BaseLevel) -> bytes:
    """Return a level as one binary that a page can view as typed arrays without copying.

    Everything is little-endian and stands at a multiple of 4 bytes::

        uint32[8]   0x4E415342, 1 (version), rings and points of land, lines and points of borders,
                    lines and points of rivers
        of land, then borders, then rivers, with m lines and n points:
        int32[m+1]  where each line starts, in points; the last is n
        float32[4m] box of each line: smallest x, smallest y, greatest x, greatest y
        float32[2n] x, y, x, y …, world pixels less the origin of ``services.mercator``
    """
    counts = [count for lines in level.layers() for count in (len(lines), len(lines.xy))]
    parts = [np.array([MAGIC, PACKED_VERSION, *counts], "<u4").tobytes()]
    for lines in level.layers():
        parts.append(lines.starts.astype("<i4").tobytes())
        parts.append(lines.boxes.astype("<f4").tobytes())
        parts.append(lines.xy.astype("<f4").tobytes())
    return b"".join(parts)


def lines_of(parts: Sequence[NDArray[np.float32]]) -> Lines:
    """Return lines put together from arrays (k, 2) of world pixels, none of them empty."""
    if not parts:
        return Lines(
            np.zeros((0, 2), np.float32), np.zeros(1, np.int32), np.zeros((0, 4), np.float32)
        )
    starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return _lines(np.concatenate(parts), starts)


def _lines(xy: NDArray[np.float32], starts: NDArray[np.int32]) -> Lines:
    xy = np.ascontiguousarray(xy, np.float32)
    firsts = starts[:-1]
    boxes = np.concatenate(
        [np.minimum.reduceat(xy, firsts, axis=0), np.maximum.reduceat(xy, firsts, axis=0)], axis=1
    )
    return Lines(xy, np.ascontiguousarray(starts, np.int32), boxes)


def _unpacked(steps: NDArray[np.int32], starts: NDArray[np.int32]) -> Lines:
    """Return the lines of steps in ``QUANTUM``; the first step is from the origin."""
    if len(starts) < 2:
        return lines_of([])
    return _lines((np.cumsum(steps, axis=0) * QUANTUM).astype(np.float32), starts)


def _clipped_lines(lines: Lines, box: Box) -> Lines:
    west, north, east, south = box
    found: list[NDArray[np.float32]] = []
    for k in lines.touching(box):
        line = shapely.LineString(lines.xy[lines.starts[k] : lines.starts[k + 1]])
        cut = shapely.clip_by_rect(line, west, north, east, south)
        for part in shapely.get_parts(cut):
            found.append(shapely.get_coordinates(part).astype(np.float32))  # noqa: PERF401
    return lines_of(found)


def _clipped_land(land: Lines, box: Box) -> Lines:
    west, north, east, south = box
    near = set(land.touching(box).tolist())
    found: list[NDArray[np.float32]] = []
    for outline, lakes in _polygons(land):
        if outline not in near:
            continue
        rings = [land.xy[land.starts[k] : land.starts[k + 1]] for k in (outline, *lakes)]
        shape = shapely.Polygon(rings[0], rings[1:])
        cut = shapely.intersection(shape, shapely.box(west, north, east, south))
        for part in shapely.get_parts(cut):
            if part.geom_type == "Polygon" and not part.is_empty:
                found.extend(rings_of(part))
    return lines_of(found)


def _polygons(land: Lines) -> Iterator[tuple[int, list[int]]]:
    """Yield the number of each outline with those of its lakes."""
    x, y = land.xy[:, 0].astype(np.float64), land.xy[:, 1].astype(np.float64)
    after = np.arange(1, len(land.xy) + 1)
    after[land.starts[1:] - 1] = land.starts[:-1]
    if not len(land):
        return
    areas = np.add.reduceat(x * y[after] - x[after] * y, land.starts[:-1])
    outline, lakes = 0, list[int]()
    for k, area in enumerate(areas):
        if k and area > 0:
            yield outline, lakes
            outline, lakes = k, []
        elif k:
            lakes.append(k)
    yield outline, lakes


def rings_of(polygon: shapely.Polygon) -> Iterator[NDArray[np.float32]]:
    """Yield the rings of a polygon as ``BaseLevel.land`` has them: outline, then lakes."""
    turned = shapely.orient_polygons(polygon)
    for ring in (turned.exterior, *turned.interiors):
        yield shapely.get_coordinates(ring)[:-1].astype(np.float32)
