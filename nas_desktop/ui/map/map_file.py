"""The map as one file that stands alone: everything inside, nothing asked of anybody."""

from __future__ import annotations

import base64
import gzip
import html
import json
import math
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from nas_desktop.domain.query import Area
from nas_desktop.services.base_map import CREDITS, clipped, load_base_map, packed
from nas_desktop.services.exports import DISCLAIMER
from nas_desktop.services.map_points import DIRECTIONS
from nas_desktop.services.mercator import to_world
from nas_desktop.services.resources import resource_path
from nas_desktop.ui.map import orders
from nas_desktop.ui.map.content import png_of
from nas_desktop.ui.map.map_colours import hue_colours, map_look
from nas_desktop.ui.map.map_view import ViewBox
from nas_desktop.ui.map.scene import MapScene, Reads, Way

GRID_ZOOMS = (6, 10, 13)
"""Zooms the grid is made for; the file has nobody to ask for others."""

COARSE_ZOOM = 7
"""Levels of the ground up to this zoom are in the file whole, finer ones cut to what is shown."""

_AROUND_M = 200_000.0
"""Ground and grid are in the file so far round what is shown: a reader may look about."""

_METRES_A_DEGREE = 111_195.0
_SCRIPT = re.compile(r'<script nonce="\w+" src="/assets/([\w.-]+)"></script>')
_STYLE = re.compile(r'<link rel="stylesheet" href="/assets/([\w.-]+)"\s*/>')
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class FileParts:
    """What goes into a file; made on the window's thread, put together on another.

    Attributes:
        title: for the browser's tab.
        gsc: marking at the top and at the bottom.
        facts: name and value of what stands above the map.
        orders: what the page is to draw, in order.
        data: binary content by the name the page asks for it.
        mark: ``SIMULATION`` or nothing.
    """

    title: str
    gsc: str
    facts: Sequence[tuple[str, str]]
    orders: Sequence[Mapping[str, Any]]
    data: Mapping[str, bytes] = field(default_factory=dict)
    mark: str = ""


def parts_of(
    scene: MapScene,
    box: ViewBox,
    title: str,
    gsc: str,
    facts: Sequence[tuple[str, str]],
    *,
    has_live: bool,
    has_reads: bool,
    area: Area | None = None,
    mark: str = "",
) -> FileParts:
    """Return what a file of the scene is made of.

    Args:
        scene: what is drawn now.
        box: what is seen now: the file opens there.
        title: for the browser's tab.
        gsc: marking.
        facts: what stands above the map.
        has_live: with hits, journey and cameras.
        has_reads: with the reads of the answer.
        area: that of the question that was asked.
        mark: ``SIMULATION`` or nothing.
    """
    reads = scene.reads if has_reads else None
    done: list[Mapping[str, Any]] = [
        {"do": "look", "look": map_look(scene.look)},
        {"do": "options", "options": {**asdict(scene.options), "dim": False}},
        orders.ground(load_base_map()),
        {"do": "grids", "grids": [
            {"zoom": zoom, "lines": orders.grid(_at_zoom(box, zoom))["lines"]}
            for zoom in GRID_ZOOMS
        ]},
    ]  # fmt: skip
    data = _base(box, reads)
    if has_live:
        pictures = {
            name: "data:image/png;base64," + base64.b64encode(png_of(paint())).decode()
            for name, paint in scene.symbols.items()
            if any(mark.symbol == name for mark in scene.hits.values())
        }
        done += [
            {"do": "symbols", "pictures": pictures},
            orders.hits(scene.hits, {}),
            *([orders.cameras(scene)] if scene.options.cameras else []),
            orders.journey(scene),
            orders.chosen(scene),
        ]
    if reads is not None:
        done += _reads(reads, scene, data)
    if has_reads:
        done.append(orders.area(area))
    corners = [[box.south, box.west], [box.north, box.east]]
    done.append({"do": "go", "box": corners, "zoom": 19})
    return FileParts(title, gsc, tuple(facts), tuple(done), data, mark)


def _at_zoom(box: ViewBox, zoom: float) -> ViewBox:
    """Return what is round a view; of the fine grid only a part, as it has 80 lines at most."""
    up = _AROUND_M / _METRES_A_DEGREE / (1 if zoom < GRID_ZOOMS[-1] else 20)
    along = up / math.cos(math.radians(min(80.0, abs(box.middle.latitude))))
    return ViewBox(
        box.middle, zoom, box.south - up, box.west - along, box.north + up, box.east + along
    )


def _base(box: ViewBox, reads: Reads | None) -> dict[str, bytes]:
    """Return the ground: coarse levels whole, the finer ones where something is shown."""
    wide = _at_zoom(box, 0)
    south, west, north, east = wide.south, wide.west, wide.north, wide.east
    bounds = reads.points.bounds() if reads is not None else None
    if bounds is not None:
        south, west = min(south, bounds[0].latitude), min(west, bounds[0].longitude)
        north, east = max(north, bounds[1].latitude), max(east, bounds[1].longitude)
    x, y = to_world([north, south], [west, east])
    cut = (float(x[0]), float(y[0]), float(x[1]), float(y[1]))
    return {
        f"base/{level.name}": packed(
            level if level.max_zoom <= COARSE_ZOOM else clipped(level, cut)
        )
        for level in load_base_map().levels
    }


def _reads(reads: Reads, scene: MapScene, data: dict[str, bytes]) -> list[Mapping[str, Any]]:
    points = reads.points
    data["reads/1"] = orders.packed_reads(reads)
    data["details/1"] = (
        points.camera.astype("<i4").tobytes() + points.direction.astype(np.int8).tobytes()
    )
    colours = hue_colours(reads.by, scene.look)
    done: list[Mapping[str, Any]] = [
        {"do": "palette", "colours": colours},
        orders.span(reads),
        {"do": "way", "way": str(reads.way)},
        {"do": "reads", "name": "reads/1"},
        {
            "do": "details",
            "name": "details/1",
            "first_ms": orders.first_us(points) // 1000,
            "cameras": [camera.alias or str(camera.camera_id) for camera in points.cameras],
            "ways": [str(way) for way in DIRECTIONS],
        },
        {
            "do": "legend",
            "entries": [
                {"colour": colours[min(n, len(colours) - 1)], "words": words}
                for n, words in (reads.legend if reads.way is Way.DOTS else ())
            ],
        },
    ]
    return done


def file_bytes(parts: FileParts) -> bytes:
    """Put a file together; some seconds with half a million reads, on any thread."""
    # folium takes half a second to import: only once somebody writes a file.
    from nas_desktop.ui.map.page import map_of, policy_of

    nonce = secrets.token_hex(16)
    page = str(map_of(is_drawn_on=False, is_alone=True).get_root().render())
    page = re.sub(r"<(script|style)\b", rf'<\1 nonce="{nonce}"', page)
    script, style = f'<script nonce="{nonce}"', f'<style nonce="{nonce}"'
    page = _STYLE.sub(lambda found: f"{style}>\n{_asset(found[1])}\n</style>", page)
    page = _SCRIPT.sub(lambda found: f"{script}>\n{_asset(found[1])}\n</script>", page)
    # Before the page's own scripts: they look for it when they begin.
    held = [
        f'{script} type="text/plain" id="{_id(name)}">'
        f"{base64.b64encode(gzip.compress(content, 6, mtime=0)).decode()}</script>"
        for name, content in parts.data.items()
    ]
    words = json.dumps(list(parts.orders), allow_nan=False, ensure_ascii=False)
    # What others wrote stands in here: no sign of it may end the element, or open another.
    safe = words.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    held.append(f'{script} type="application/json" id="data-orders">{safe}</script>')
    policy = policy_of(nonce, is_alone=True)
    head = (
        f'\n    <meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"\n    <title>{html.escape(parts.title)}</title>"
        f'\n    <meta name="referrer" content="no-referrer">'
    )
    page = page.replace("<head>", f"<head>{head}", 1)
    first, body, rest = page.partition("<body>")
    top, foot = _frame(parts)
    # The ids of the data are looked up by the scripts behind </body>, where folium has its own.
    inside, close, scripts = rest.partition("</body>")
    return "".join((first, body, top, inside, foot, *held, close, scripts)).encode()


def _id(name: str) -> str:
    return "data-" + re.sub(r"[^a-z0-9]", "-", name)


def _asset(name: str) -> str:
    """Return a script or a style sheet as it can stand inside a page."""
    for folder in ("page", "vendor"):
        path = resource_path("map", folder, name)
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".css":
                # Pictures of buttons that are not shown, and fonts of some hundred kilobytes.
                text = _FONT_FACE.sub("", text)
                return re.sub(r"url\((?!['\"]?data:)[^)]*\)", "none", text)
            return re.sub(r"</(?=script)", r"<\\/", text, flags=re.IGNORECASE).replace(
                "//# sourceMappingURL=", "// "
            )
    raise FileNotFoundError(name)


def _frame(parts: FileParts) -> tuple[str, str]:
    rows = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
        for name, value in parts.facts
    )
    mark = f'<b class="nas-mark">{html.escape(parts.mark)}</b> ' if parts.mark else ""
    gsc = html.escape(parts.gsc)
    top = (
        f'\n<header class="nas-gsc">{mark}{gsc}</header>'
        f'\n<details class="nas-facts"><summary>{html.escape(parts.title)}</summary>'
        f"<table>{rows}</table></details>\n"
    )
    foot = (
        f'\n<aside id="nas-found" hidden></aside><div id="nas-legend"></div>'
        f'\n<p class="nas-notes">{html.escape(DISCLAIMER)} {html.escape(CREDITS)}</p>'
        f'\n<footer class="nas-gsc">{gsc}</footer>\n'
    )
    return top, foot
