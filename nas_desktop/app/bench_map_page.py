"""Part of ``bench map``: the page asked what it does, and what all its processes hold."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.geo import Position
from nas_desktop.services.map_points import MapPoints, PointCamera

if TYPE_CHECKING:
    from nas_desktop.ui.map.web_map import WebMap

WITHIN_S = 30.0
"""Longest wait for anything the page is to say."""

MIDDLE, ZOOM = Position(53.0, -2.0), 8.0
"""What is seen: nearly all of the points at once, which is the most that can be drawn."""

WIDE, HIGH = 1_000, 800

_DAY_US = 86_400_000_000
_START_US = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * 1_000_000
_CAMERAS = 1_000

_PAN = """
(function () {
  const map = NAS.map, at = [], step = %(step)d, isDragged = %(dragged)s;
  let turn = 0;
  function frame(now) {
    at.push(now);
    if (now - at[0] >= %(seconds)f * 1000) {
      map.fire("moveend");
      const took = at.slice(1).map((t, n) => Math.round(10 * (t - at[n])) / 10);
      NAS.tell("bench", { took: took.slice(0, 2000) });
      return;
    }
    const way = Math.floor(turn++ / 30) %% 2 ? -step : step;
    map._rawPanBy(L.point(way, way / 2));
    map.fire("move");
    if (!isDragged || turn %% 30 === 0) map.fire("moveend");
    requestAnimationFrame(frame);
  }
  requestAnimationFrame(frame);
})();
"""
"""To and fro in every frame; a drag is let go after every thirtieth, a key at once."""

_OWN = """
NAS.content("%(name)s").then((buffer) => {
  const began = performance.now();
  NAS.setReads(buffer);
  requestAnimationFrame(() => requestAnimationFrame(() =>
    NAS.tell("bench", { ms: performance.now() - began })));
});
"""

_LEAFLET = """
NAS.content("%(name)s").then((buffer) => {
  const places = new Float64Array(buffer), many = places.length / 2;
  const began = performance.now();
  const renderer = %(renderer)s, group = L.layerGroup();
  for (let n = 0; n < many; n++)
    L.circleMarker([places[n], places[many + n]],
      { renderer, radius: 3, stroke: false, fillOpacity: 1, interactive: true }).addTo(group);
  group.addTo(NAS.map);
  NAS.benchGroup = group;
  requestAnimationFrame(() => requestAnimationFrame(() =>
    NAS.tell("bench", { ms: performance.now() - began })));
});
"""

_GONE = """
if (NAS.benchGroup) NAS.benchGroup.remove();
NAS.benchGroup = null;
requestAnimationFrame(() => requestAnimationFrame(() => NAS.tell("bench", {})));
"""


class Watched:
    """A page that is listened to, beside the window."""

    def __init__(self, view: WebMap) -> None:
        self.view = view
        self._waiting: list[tuple[str, asyncio.Future[Mapping[str, Any]]]] = []
        view.wire.heard.connect(self._on_heard)

    def _on_heard(self, message: Mapping[str, Any]) -> None:
        for one in [w for w in self._waiting if w[0] == message.get("what")]:
            self._waiting.remove(one)
            if not one[1].done():
                one[1].set_result(message)

    async def told(self, what: str, act: Callable[[], object]) -> Mapping[str, Any]:
        """Do something and return what the page says of it.

        Raises:
            TimeoutError: it says nothing.
        """
        future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append((what, future))
        act()
        async with asyncio.timeout(WITHIN_S):
            return await future

    async def ran(self, script: str) -> Mapping[str, Any]:
        """Run a script that ends with telling ``bench``, and return that."""
        return await self.told("bench", lambda: self.view.page.runJavaScript(script))

    async def panned(self, seconds: float, step: int = 3, *, is_dragged: bool) -> list[float]:
        """Pan for a while; returns the seconds each frame took."""
        script = _PAN % {
            "step": step, "seconds": seconds, "dragged": json.dumps(is_dragged),
        }  # fmt: skip
        return [float(ms) / 1000 for ms in (await self.ran(script))["took"]]

    async def drew_own(self, name: str) -> float:
        """Return the milliseconds from held bytes to the frame that shows them, drawn our way."""
        return float((await self.ran(_OWN % {"name": name}))["ms"])

    async def drew_leaflet(self, name: str, *, is_canvas: bool) -> float:
        """Return the same of Leaflet's circle markers."""
        renderer = "L.canvas()" if is_canvas else "L.svg()"
        return float((await self.ran(_LEAFLET % {"name": name, "renderer": renderer}))["ms"])

    async def cleared(self) -> None:
        """Take Leaflet's markers away."""
        await self.ran(_GONE)


async def heard(signal: Any, act: Callable[[], object]) -> None:
    """Do something and wait for a signal.

    Raises:
        TimeoutError: it does not come.
    """
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def note(*_values: object) -> None:
        if not future.done():
            future.set_result(None)

    signal.connect(note)
    try:
        act()
        async with asyncio.timeout(WITHIN_S):
            await future
    finally:
        signal.disconnect(note)


def invented_points(count: int, seed: int = 1) -> MapPoints:
    """Return points of one day around the middle of what is seen."""
    rng = np.random.default_rng(seed)
    return MapPoints(
        MIDDLE.latitude + rng.normal(0, 0.45, count),
        MIDDLE.longitude + rng.normal(0, 0.8, count),
        _START_US + rng.integers(0, _DAY_US, count),
        rng.integers(0, _CAMERAS, count).astype(np.int32),
        rng.integers(0, max(1, count // 20), count).astype(np.int32),
        rng.integers(0, 8, count).astype(np.int8),
        tuple(PointCamera(CameraId("52", 1 + n, 1), f"Oak {n:03d} North") for n in range(_CAMERAS)),
    )


def proportional_bytes() -> int:
    """Return the memory of this process and all it started, shared pages by their part.

    0 where that cannot be told.
    """
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    total, todo = 0, [os.getpid()]
    while todo:
        pid = todo.pop()
        todo += children.get(pid, [])
        total += _share_of(pid)
    return total


def _share_of(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
