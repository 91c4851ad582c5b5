"""Areas read from GeoJSON (RFC 7946) and KML (OGC 2.3) files that others made.

Such a file is not to be trusted: its size, depth and number of points are limited, KML is read
without DTD, entities or anything from elsewhere, and names are plain text. What in it can be used
is returned with a list of what cannot, each fault with its place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from nas_desktop.domain.geo import Position
from nas_desktop.domain.query_area import QueryRefused
from nas_desktop.services.map_shapes import (
    MOST_DRAWN,
    NamedArea,
    circle,
    corridor,
    plain_name,
    repaired,
)

MOST_BYTES: Final = 10_000_000
"""Largest file."""

MOST_AREAS: Final = 200
"""Most shapes of a file, good and bad together."""

MOST_FAULTS: Final = 50
"""Most faults that are told; the rest is counted."""

_MOST_DEPTH: Final = 32
_MOST_ELEMENTS: Final = 200_000
_HOLES = "Holes were filled: a question has none."
_SMALLER = "Take a smaller part of it."


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file has: the areas that can be used, and what is wrong with the others."""

    areas: tuple[NamedArea, ...]
    faults: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """The shapes of a file as they are found."""

    width_m: float
    areas: list[NamedArea] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    count: int = 0

    def take(self, name: str, where: str, make: Callable[[], tuple[Any, str]]) -> None:
        """Add an area, or why there is none; ``make`` returns it with a note."""
        self.count += 1
        if self.count > MOST_AREAS:
            raise QueryRefused("area", f"The file has more than {MOST_AREAS} shapes.", _SMALLER)
        named = plain_name(name)
        try:
            area, note = make()
        except QueryRefused as refusal:
            shown = f" ({named})" if named else ""
            self.faults.append(f"{where}{shown}: {refusal.message}")
        else:
            self.areas.append(NamedArea(named or f"Area {self.count}", area, note))

    def fault(self, where: str, words: str) -> None:
        """Note what is no shape at all."""
        self.take("", where, _refuser(words))

    def done(self) -> Imported:
        """Return what was found."""
        faults = self.faults[:MOST_FAULTS]
        if len(self.faults) > MOST_FAULTS:
            faults.append(f"And {len(self.faults) - MOST_FAULTS} more.")
        if not self.areas and not faults:
            faults.append("The file has no shape in it.")
        return Imported(tuple(self.areas), tuple(faults))


def areas_from_file(path: Path, width_m: float) -> Imported:
    """Return the areas of a GeoJSON or KML file; which of them it is, its content says.

    Args:
        path: at most 10 MB.
        width_m: metres to each side of a line, and round a point that has no radius of its own.

    Raises:
        QueryRefused: the file as a whole cannot be used.
    """
    try:
        with path.open("rb") as source:
            content = source.read(MOST_BYTES + 1)
    except OSError as fault:
        raise QueryRefused(
            "area", f"{path.name} cannot be read ({fault.strerror or type(fault).__name__}).", ""
        ) from None
    if content.startswith(b"PK\x03\x04"):
        raise QueryRefused(
            "area",
            "A KMZ file is a zip archive, which is not opened here.",
            "Unpack it and take the .kml file that is in it.",
        )
    start = content[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    if start.startswith(b"<"):
        return areas_from_kml(content, width_m)
    if start.startswith(b"{"):
        return areas_from_geojson(content, width_m)
    raise QueryRefused("area", f"{path.name} is neither GeoJSON nor KML.", "Export it as one.")


# ------------------------------------------------------------------ GeoJSON


def areas_from_geojson(content: str | bytes, width_m: float) -> Imported:
    """Return the areas of GeoJSON: features, collections, or geometries alone.

    Polygons lose their holes, each part of a multi-geometry is an area. A line is a corridor and a
    point a circle, with the property ``radius_m`` (metres) or else ``width_m``.

    Raises:
        QueryRefused: it is too large, no JSON, too deep, or of another co-ordinate system.
    """
    if isinstance(content, str):
        content = content.encode("utf-8", "replace")
    _check_size(content)
    try:
        data = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise QueryRefused("area", "The file is not in UTF-8.", "Save it as UTF-8.") from None
    except RecursionError:
        raise QueryRefused("area", "The file is nested too deeply.", "") from None
    except json.JSONDecodeError as fault:
        raise QueryRefused(
            "area", f"The file is no JSON: line {fault.lineno}, column {fault.colno}.", ""
        ) from None
    except ValueError as fault:  # NaN, or more digits than Python reads
        raise QueryRefused("area", f"A number of the file is none ({str(fault)[:40]}).") from None
    found = _Found(width_m)
    if not isinstance(data, dict):
        raise QueryRefused("area", "The file is no GeoJSON: it has no type.", "")
    system = json.dumps(data.get("crs"))[:2_000] if data.get("crs") else "CRS84"
    if not any(name in system for name in ("CRS84", "4326")):
        raise QueryRefused(
            "area", "The file is in another co-ordinate system.", "Export it as WGS 84."
        )
    _walk_geojson(data, found, "", {}, "file", 0)
    return found.done()


def _walk_geojson(
    data: object, found: _Found, name: str, properties: dict[str, Any], where: str, depth: int
) -> None:
    if depth > _MOST_DEPTH:
        raise QueryRefused("area", "The file is nested too deeply.", "")
    if not isinstance(data, dict):
        found.fault(where, "It is no object.")
        return
    kind = data.get("type")
    if kind == "FeatureCollection":
        for number, item in enumerate(_list(data.get("features"))):
            _walk_geojson(item, found, name, {}, f"features[{number}]", depth + 1)
    elif kind == "Feature":
        own = data.get("properties")
        properties = own if isinstance(own, dict) else {}
        title = properties.get("name") or properties.get("Name") or properties.get("title")
        title = title if isinstance(title, str) else ""
        _walk_geojson(data.get("geometry"), found, title, properties, where, depth + 1)
    elif kind == "GeometryCollection":
        for number, item in enumerate(_list(data.get("geometries"))):
            place = f"{where}.geometries[{number}]"
            _walk_geojson(item, found, name, properties, place, depth + 1)
    else:
        _take_geometry(data, found, name, properties, where)


def _take_geometry(
    data: dict[str, Any], found: _Found, name: str, properties: dict[str, Any], where: str
) -> None:
    kind, coordinates = data.get("type"), data.get("coordinates")
    makers: dict[str, Callable[[object], tuple[Any, str]]] = {
        "Polygon": _polygon_of,
        "LineString": lambda c: corridor(_points(c), _radius(properties, found.width_m)[0]),
        "Point": lambda c: _circle_of(_points([c])[0], *_radius(properties, found.width_m)),
    }
    plain = kind.removeprefix("Multi") if isinstance(kind, str) else ""
    maker = makers.get(plain)
    if maker is None:
        known = plain_name(kind) if isinstance(kind, str) else ""
        found.fault(where, f"{known or 'Something without a type'} is no shape of an area.")
    elif kind == plain:
        found.take(name, where, lambda: maker(coordinates))
    else:
        for number, part in enumerate(_list(coordinates), 1):
            title = f"{name} {number}" if name else ""
            place = f"{where}.coordinates[{number - 1}]"
            found.take(title, place, lambda part=part: maker(part))  # type: ignore[misc]


def _polygon_of(coordinates: object) -> tuple[Any, str]:
    rings = _list(coordinates)
    if not rings:
        raise QueryRefused("polygon", "It has no corners.", "")
    polygon, note = repaired(_points(rings[0]))
    return polygon, " ".join(filter(None, (note, _HOLES if len(rings) > 1 else "")))


def _circle_of(centre: Position, radius_m: float, note: str) -> tuple[Any, str]:
    return circle(centre, radius_m), note


def _points(coordinates: object) -> list[Position]:
    pairs = _list(coordinates)
    if len(pairs) > MOST_DRAWN:
        raise QueryRefused(
            "area", f"It has {len(pairs):,} points; {MOST_DRAWN:,} are the most.", "Simplify it."
        )
    found: list[Position] = []
    for number, pair in enumerate(pairs, 1):
        numbers = _list(pair)
        if len(numbers) < 2 or not all(_is_number(n) for n in numbers):
            raise QueryRefused("area", f"Point {number} is not two numbers.", "")
        found.append(Position(float(numbers[1]), float(numbers[0])))
    return found


def _radius(properties: dict[str, Any], width_m: float) -> tuple[float, str]:
    """Return the metres round a point or beside a line, and a note if the file has none."""
    given = properties.get("radius_m")
    if given is None:
        return width_m, f"The file gives no radius; {width_m:g} m was taken."
    if not _is_number(given):
        raise QueryRefused("area", "Its radius_m is no number.", "")
    return float(given), ""


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _no_number(word: str) -> float:
    raise ValueError(word)


# ------------------------------------------------------------------ KML


def areas_from_kml(content: bytes, width_m: float) -> Imported:
    """Return the areas of KML: outer rings of polygons, lines as corridors, points as circles.

    Args:
        content: the file, at most 10 MB.
        width_m: metres to each side of a line, and round a point; KML has no such number.

    Raises:
        QueryRefused: it is too large or too deep, no KML, has a DTD or an entity, or wants
            something from another computer.
    """
    _check_size(content)
    found = _Found(width_m)
    number = 0
    try:
        for mark in _marks(content):
            number += 1
            name = _text(mark, "name")
            for order, (kind, shape) in enumerate(_kml_shapes(mark), 1):
                title = f"{name} {order}" if name and order > 1 else name
                found.take(title, f"Placemark {number}", _kml_maker(kind, shape, width_m))
    except ParseError as fault:
        line, column = fault.position
        raise QueryRefused("area", f"The file is no XML: line {line}, column {column}.") from None
    except DefusedXmlException:
        raise QueryRefused(
            "area",
            "The file defines entities or a document type, which are not read.",
            "Export it anew as plain KML.",
        ) from None
    except (LookupError, ValueError):  # an encoding that Python does not know
        raise QueryRefused("area", "The encoding of the file is not known.", "") from None
    return found.done()


def _marks(content: bytes) -> Iterator[Element]:
    """Yield the placemarks of a file one by one; each is gone when the next is asked for."""
    depth = elements = 0
    parsed = ElementTree.iterparse(
        BytesIO(content), ("start", "end"), forbid_dtd=True, forbid_entities=True,
        forbid_external=True,
    )  # fmt: skip
    for event, element in parsed:
        tag = _tag(element)
        if event == "start":
            depth, elements = depth + 1, elements + 1
            if elements == 1 and tag not in ("kml", "Document", "Folder", "Placemark"):
                raise QueryRefused("area", "The file is XML but no KML.", "")
            if depth > _MOST_DEPTH or elements > _MOST_ELEMENTS:
                raise QueryRefused("area", "The file has too many elements or too deep.", _SMALLER)
            if tag in ("NetworkLink", "NetworkLinkControl"):
                raise QueryRefused(
                    "area",
                    "The file takes its content from another computer (NetworkLink).",
                    "Save what it shows as a file of its own; nothing is fetched here.",
                )
        else:
            depth -= 1
            if tag == "Placemark":
                yield element
                element.clear()


def _kml_shapes(mark: Element) -> Iterator[tuple[str, Element]]:
    for element in mark.iter():
        if (tag := _tag(element)) in ("Polygon", "LineString", "Point"):
            yield tag, element


def _kml_maker(kind: str, shape: Element, width_m: float) -> Callable[[], tuple[Any, str]]:
    def make() -> tuple[Any, str]:
        if kind == "Polygon":
            rings = [e for e in shape.iter() if _tag(e) == "outerBoundaryIs"]
            polygon, note = repaired(_kml_points(rings[0] if rings else shape))
            has_holes = any(_tag(e) == "innerBoundaryIs" for e in shape.iter())
            return polygon, " ".join(filter(None, (note, _HOLES if has_holes else "")))
        points = _kml_points(shape)
        if kind == "LineString":
            return corridor(points, width_m)
        if len(points) != 1:
            raise QueryRefused("area", "A point has one pair of co-ordinates.", "")
        return circle(points[0], width_m), _radius({}, width_m)[1]

    return make


def _kml_points(shape: Element) -> list[Position]:
    words = _text(shape, "coordinates").split(None, MOST_DRAWN)
    if len(words) > MOST_DRAWN:
        raise QueryRefused("area", f"It has more than {MOST_DRAWN:,} points.", "Simplify it.")
    found: list[Position] = []
    for number, word in enumerate(words, 1):
        try:
            longitude, latitude = (float(n) for n in word.split(",")[:2])
        except ValueError:
            raise QueryRefused("area", f"Point {number} is not two numbers.", "") from None
        found.append(Position(latitude, longitude))
    return found


def _text(parent: Element, tag: str) -> str:
    return next((e.text or "" for e in parent.iter() if _tag(e) == tag), "")


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


# ------------------------------------------------------------------ both


def _check_size(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise QueryRefused("area", "The file is larger than 10 MB.", _SMALLER)


def _refuser(words: str) -> Callable[[], tuple[Any, str]]:
    def refuse() -> tuple[Any, str]:
        raise QueryRefused("area", words)

    return refuse
