"""What a desk is responsible for: cameras or areas, and lists.

A hit must reach a specific operator (NAS Technical Specifications v3.1 §6); how a control room
divides its work is its own matter, so a scope is data that a supervisor sets.
"""

from __future__ import annotations

from dataclasses import dataclass

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position, distance_m
from nas_desktop.domain.hit import Hit

MOST_PARTS = 200
"""Most cameras, circles or lists of one scope."""

MOST_RADIUS_M = 500_000.0


@dataclass(frozen=True, slots=True)
class Circle:
    """An area round a point; ``radius_m`` in metres, up to 500 km."""

    centre: Position
    radius_m: float


@dataclass(frozen=True, slots=True)
class DeskScope:
    """What a desk looks after; an empty part leaves nothing out, an empty scope is everything.

    ``cameras`` name a feed, a source or a camera: ``07``, ``07/12`` or ``07/12/3``. A hit is
    covered when its camera or its place is, and one of its lists. A read without a position may
    have been made anywhere, so every circle covers it.
    """

    cameras: tuple[str, ...] = ()
    circles: tuple[Circle, ...] = ()
    lists: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        """True when nothing is left out."""
        return not (self.cameras or self.circles or self.lists)

    def covers(self, hit: Hit) -> bool:
        """Tell whether a hit is this desk's."""
        if self.lists and not any(reason.list_name in self.lists for reason in hit.reasons):
            return False
        return self.covers_place(hit.read.camera, hit.read.position)

    def covers_place(self, camera: CameraId, position: Position | None) -> bool:
        """Tell whether a camera is this desk's, whatever the list."""
        if not self.cameras and not self.circles:
            return True
        name = str(camera)
        return any(_is_within(name, part) for part in self.cameras) or any(
            position is None or distance_m(position, c.centre) <= c.radius_m for c in self.circles
        )

    def checked(self) -> DeskScope:
        """Return the scope itself when it is possible.

        Raises:
            Refused: ``scope_unusable``, with the part that is at fault.
        """
        if max(len(self.cameras), len(self.circles), len(self.lists)) > MOST_PARTS:
            raise Refused("scope_unusable", f"A scope has at most {MOST_PARTS} parts of a kind.")
        for camera in self.cameras:
            parts = camera.split("/")
            if not 1 <= len(parts) <= 3 or not all(p.isascii() and p.isdigit() for p in parts):
                raise Refused(
                    "scope_unusable",
                    "A camera of the scope is not a feed, a source or a camera.",
                    "Write 07, 07/12 or 07/12/3.",
                )
        for circle in self.circles:
            latitude, longitude = circle.centre
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                raise Refused(
                    "scope_unusable",
                    "The centre of an area is no place on Earth.",
                    "Write latitude and longitude in degrees.",
                )
            if not 0 < circle.radius_m <= MOST_RADIUS_M:
                raise Refused(
                    "scope_unusable",
                    "The radius of an area is not between 0 and 500 km.",
                    "Give it in metres.",
                )
        return self


def _is_within(camera: str, part: str) -> bool:
    return camera == part or camera.startswith(f"{part}/")
