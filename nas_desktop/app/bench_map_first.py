"""Part of ``bench map``: from asking for a map to its first picture, in a process of its own.

Run as ``python -m nas_desktop.app.bench_map_first``; prints one JSON object.
"""

from __future__ import annotations

import json
import time

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.app.bench_map_page import HIGH, WIDE, Watched, heard
from nas_desktop.app.desktop import run_qt

_SEEN = 'requestAnimationFrame(() => requestAnimationFrame(() => NAS.tell("bench", {})));'


async def first_map() -> dict[str, float]:
    """Return milliseconds from asking to the page that listens, and to the coast on it."""
    from PySide6.QtWidgets import QWidget

    from nas_desktop.ui.fonts import load_fonts
    from nas_desktop.ui.map.map_choice import make_view
    from nas_desktop.ui.map.scene import MapScene
    from nas_desktop.ui.theme import Look, ThemeName

    # What a window has done long before anybody asks for a map.
    load_fonts()
    window = QWidget()
    window.resize(WIDE, HIGH)
    window.show()
    window.grab()
    began = time.perf_counter()
    view, _why = make_view(MapScene(Look(ThemeName.DARK)), SystemClock(), None)
    made = time.perf_counter()
    view.resize(WIDE, HIGH)
    view.show()
    if not hasattr(view, "wire"):
        await heard(view.ready, view.begin)
        view.grab()
        ready = seen = time.perf_counter()
    else:
        watched = Watched(view)  # type: ignore[arg-type]
        await watched.told("base", view.begin)
        ready = time.perf_counter()
        await watched.ran(_SEEN)
        seen = time.perf_counter()
    figures = {"made_ms": made, "ready_ms": ready, "seen_ms": seen}
    view.end()
    window.close()
    return {name: round(1000 * (at - began), 1) for name, at in figures.items()}


def main() -> int:
    """Measure once and print."""

    async def work() -> int:
        print(json.dumps(await first_map()))
        return 0

    return run_qt(work, is_offscreen=True)


if __name__ == "__main__":
    raise SystemExit(main())
