"""What a view of the map can do and says, whether Chromium or Qt draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nas_desktop.domain.geo import Position
from nas_desktop.ui.map.scene import MapScene

LEAST_ZOOM, MOST_ZOOM = 5.0, 19.0
PAN_PX = 120

DRAWING_TOOLS = ("box", "polygon", "circle", "corridor", "pick")


@dataclass(frozen=True, slots=True)
class ViewBox:
    """What is seen: middle, zoom, and the four sides in degrees."""

    middle: Position
    zoom: float
    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Click:
    """A click: where, at which zoom, and the cards and cameras that lie there, nearest first."""

    place: Position
    zoom: float
    hits: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A shape as it was drawn: box, polygon, circle or corridor. Unchecked."""

    kind: str
    points: tuple[tuple[float, float], ...]
    radius_m: float | None = None


class MapView(QWidget):
    """Draws a scene.

    Signals:
        ready: it can be seen for the first time, or again.
        clicked(Click)
        moved(ViewBox): the view is another, by whoever.
        moved_by_hand: the operator moved it.
        pointed(Position | None): where the pointer is.
        drawn(Drawn), edited(Drawn): a shape was drawn, or its handles were moved.
        failed(str): it cannot go on, and why, in a sentence.
        healed(str): it broke and is back; a sentence.
    """

    ready = Signal()
    clicked = Signal(object)
    moved = Signal(object)
    moved_by_hand = Signal()
    pointed = Signal(object)
    drawn = Signal(object)
    edited = Signal(object)
    failed = Signal(str)
    healed = Signal(str)

    def __init__(self, scene: MapScene, parent: QObject | None = None) -> None:
        super().__init__()
        self.scene = scene
        self.is_ready = True
        self.place = QVBoxLayout(self)
        self.place.setContentsMargins(0, 0, 0, 0)
        scene.changed.connect(self.show_part)

    def begin(self) -> None:
        """Start to draw; returns at once."""
        raise NotImplementedError

    def show_part(self, part: object) -> None:
        """Draw a part of the scene anew."""
        raise NotImplementedError

    def go(self, place: Position, zoom: float | None = None) -> None:
        """Put a place into the middle."""
        raise NotImplementedError

    def fit(self, south_west: Position, north_east: Position, most_zoom: float = 14) -> None:
        """Show a box whole."""
        raise NotImplementedError

    def zoom_by(self, steps: float) -> None:
        """Come closer, or go away."""
        raise NotImplementedError

    def pan_by(self, x: int, y: int) -> None:
        """Move what is seen by pixels."""
        raise NotImplementedError

    def draw(self, tool: str) -> None:
        """Take up a drawing tool of ``DRAWING_TOOLS``, or none."""
        raise NotImplementedError

    @property
    def drawn_by(self) -> str:
        """What draws the map, in words."""
        raise NotImplementedError

    @property
    def seen(self) -> ViewBox | None:
        """What is seen now; None before it was drawn for the first time."""
        raise NotImplementedError

    def refused(self) -> tuple[int, Sequence[str]]:
        """Return how many requests to other computers were refused, and the last in words."""
        return 0, ()

    def renew(self) -> None:
        """Begin anew, with nothing of before in memory: somebody else will look at it."""

    def picture(self) -> QPixmap:
        """Return what is seen."""
        return self.grab()

    def end(self) -> None:
        """Put everything away."""
