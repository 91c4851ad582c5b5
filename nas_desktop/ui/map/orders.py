"""The scene as words and numbers of the map's page, live or in a file that stands alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Area, Circle, Corridor
from nas_desktop.services.base_map import BaseMap
from nas_desktop.services.map_points import MapPoints
from nas_desktop.services.mercator import to_world
from nas_desktop.services.os_grid import graticule
from nas_desktop.ui.map.map_view import ViewBox
from nas_desktop.ui.map.scene import HitMark, MapScene, Reads

Order: TypeAlias = Mapping[str, Any]
"""One thing the page is to do: ``do`` names it."""

MAGIC = 0x4E415352
"""First word of packed reads: ``NASR``."""


def ground(base: BaseMap) -> Order:
    """Return the levels of the base map, and the towns."""
    return {
        "do": "ground",
        "levels": [{"name": level.name, "min": level.min_zoom} for level in base.levels],
        "towns": [list(town) for town in base.towns],
    }


def grid(box: ViewBox) -> Order:
    """Return the lines of the National Grid for a view."""
    x, y = to_world([box.north, box.south], [box.west, box.east])
    lines = graticule((float(x[0]), float(y[0]), float(x[1]), float(y[1])), box.zoom)
    return {
        "do": "grid",
        "lines": [
            {"words": line.label, "is_easting": line.is_easting, "xy": line.xy.tolist()}
            for line in lines
        ],
    }


def is_place(place: Position) -> bool:
    """Tell whether a position is one: one number that is none would spoil the whole message."""
    return math.isfinite(place.latitude) and math.isfinite(place.longitude)


def hits(now: Mapping[str, HitMark], sent: Mapping[str, HitMark]) -> Order:
    """Return what is other than what the page has."""
    put = [
        {
            "id": m.card, "lat": m.place.latitude, "lon": m.place.longitude, "rank": m.rank,
            "at": m.at, "symbol": m.symbol, "mark": m.mark, "words": m.words,
            "is_waiting": m.is_waiting, "is_over": m.is_over,
        }
        for m in now.values()
        if sent.get(m.card) != m and is_place(m.place)
    ]  # fmt: skip
    gone = [card for card in sent if card not in now]
    return {"do": "hits", "whole": not sent, "put": put, "gone": gone}


def cameras(scene: MapScene) -> Order:
    """Return all cameras."""
    return {
        "do": "cameras",
        "cameras": [
            {
                "id": c.camera, "lat": c.place.latitude, "lon": c.place.longitude,
                "state": c.state, "words": c.words,
            }
            for c in scene.cameras
            if is_place(c.place)
        ],
    }  # fmt: skip


def journey(scene: MapScene) -> Order:
    """Return the stops of the journey."""
    stops = [
        {"lat": s.place.latitude, "lon": s.place.longitude, "words": s.words}
        for s in scene.journey
        if is_place(s.place)
    ]
    return {"do": "journey", "stops": stops}


def chosen(scene: MapScene) -> Order:
    """Return what is marked."""
    held = scene.chosen
    rings = [{"lat": p.latitude, "lon": p.longitude} for p in held.rings if is_place(p)]
    return {"do": "chosen", "hit": held.card, "rings": rings, "cameras": sorted(held.cameras)}


def area(shown: Area | None, *, edits: bool = False) -> Order:
    """Return an area, or that there is none; with handles or without."""
    shape: dict[str, Any] | None
    match shown:
        case None:
            shape = None
        case Circle(centre=centre, radius_m=radius):
            shape = {"kind": "circle", "points": [list(centre)], "radius_m": radius}
        case Corridor(points=points, radius_m=radius):
            shape = {"kind": "corridor", "points": [list(p) for p in points], "radius_m": radius}
        case polygon:
            shape = {"kind": "polygon", "points": [list(p) for p in polygon.corners]}
    return {"do": "area", "area": shape, "edits": edits}


def span(reads: Reads | None) -> Order:
    """Return the part of the time that is shown, in seconds since the first read."""
    if reads is None or reads.span is None:
        return {"do": "span", "since": 0, "until": 0xFFFFFFFF}
    first = first_us(reads.points)
    since, until = ((us - first) // 1_000_000 for us in reads.span)
    return {"do": "span", "since": max(0, since), "until": max(0, until)}


def first_us(points: MapPoints) -> int:
    """Return the earliest capture, microseconds since 1970; 0 without any."""
    return int(points.at.min()) if len(points.at) else 0


def packed_reads(reads: Reads) -> bytes:
    """Return reads as the page views them: x, y, seconds since the first, number of the colour."""
    points = reads.points
    seconds = (points.at - first_us(points)) // 1_000_000
    return b"".join(
        (
            np.array([MAGIC, len(points.at), 0, 0], "<u4").tobytes(),
            *(axis.astype("<f4").tobytes() for axis in points.world),
            np.clip(seconds, 0, 0xFFFFFFFE).astype("<u4").tobytes(),
            reads.hues.astype(np.uint8).tobytes(),
        )
    )
