"""What is on the plain map, in words for who cannot see it."""

from __future__ import annotations

from nas_desktop.ui.map.scene import MapScene


def said_of(scene: MapScene, reads: int, zoom: float, drawing: str) -> str:
    """Return what is on the map, in numbers.

    Args:
        scene: what is drawn.
        reads: how many reads are drawn of those that there are.
        zoom: of the view.
        drawing: what is being drawn, or an empty string.
    """
    parts = [_counted(len(scene.hits), "hit"), _counted(len(scene.cameras), "camera")]
    if scene.journey:
        parts.append(f"a journey of {_counted(len(scene.journey), 'place')}")
    if scene.reads is not None:
        parts.append(f"{_counted(reads, 'read')} as {scene.reads.way}")
    if scene.area is not None:
        parts.append("a search area")
    return ", ".join(part for part in (*parts, f"zoom {zoom:g}", drawing) if part)


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
