"""What is on the map, whoever draws it: after a crash of the page it is all still here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Area
from nas_desktop.services.map_points import MapPoints
from nas_desktop.services.map_tiles import TileSource
from nas_desktop.services.point_colours import ColourBy, colours
from nas_desktop.ui.theme import Look


class Part(StrEnum):
    """What can change apart from the rest."""

    LOOK = "look"
    HITS = "hits"
    CAMERAS = "cameras"
    JOURNEY = "journey"
    CHOSEN = "chosen"
    READS = "reads"
    HUES = "hues"
    SPAN = "span"
    WAY = "way"
    AREA = "area"
    OPTIONS = "options"
    TILES = "tiles"


class Way(StrEnum):
    """How reads of an answer are drawn."""

    DOTS = "dots"
    CIRCLES = "circles"
    HEAT = "heat"


@dataclass(frozen=True, slots=True)
class HitMark:
    """A card on the map: where its vehicle was seen last.

    ``at`` is the capture in seconds since 1970; ``rank`` 1 for P1; ``is_over`` closed or grey.
    """

    card: str
    place: Position
    rank: int
    at: float
    symbol: str
    mark: str
    words: str
    is_waiting: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class CameraMark:
    """A camera on the map; ``state`` is live, silent, degraded or never."""

    camera: str
    place: Position
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of a journey and what stands beside it."""

    place: Position
    words: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is marked: a card, places of reads, cameras that were picked."""

    card: str = ""
    rings: tuple[Position, ...] = ()
    cameras: frozenset[str] = frozenset()


@dataclass(slots=True)
class Options:
    """What the operator switches on and off by one key each."""

    labels: bool = True
    grid: bool = True
    cameras: bool = True
    marks: bool = False
    dim: bool = False


@dataclass(slots=True)
class Reads:
    """Reads of one answer, and how they are drawn."""

    points: MapPoints
    by: ColourBy = ColourBy.TIME
    way: Way = Way.DOTS
    span: tuple[int, int] | None = None
    """First and last capture shown, microseconds since 1970; None for all."""

    hues: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    legend: tuple[tuple[int, str], ...] = ()

    @property
    def mask(self) -> NDArray[np.bool_] | None:
        """Which rows are shown; None for all."""
        return None if self.span is None else self.points.within(self.span[0], self.span[1] + 1)


class MapScene(QObject):
    """Everything that is drawn; a view draws it, and may be put away and made anew.

    Signals:
        changed(Part): that part is another now.
    """

    changed = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.hits: Mapping[str, HitMark] = {}
        self.symbols: dict[str, Callable[[], QPixmap]] = {}
        self.cameras: tuple[CameraMark, ...] = ()
        self.journey: tuple[Stop, ...] = ()
        self.chosen = Chosen()
        self.reads: Reads | None = None
        self.area: Area | None = None
        self.edits_area = True
        self.options = Options()
        self.tiles: TileSource | None = None
        self.view: tuple[Position, float] | None = None
        """Where the operator looked last: middle and zoom."""

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self.symbols.clear()
        self.changed.emit(Part.LOOK)

    def set_hits(self, hits: Mapping[str, HitMark]) -> None:
        """Show these cards; nothing is said when nothing is new."""
        if hits != self.hits:
            self.hits = dict(hits)
            self.changed.emit(Part.HITS)

    def set_cameras(self, cameras: Sequence[CameraMark]) -> None:
        """Show these cameras."""
        if tuple(cameras) != self.cameras:
            self.cameras = tuple(cameras)
            self.changed.emit(Part.CAMERAS)

    def set_journey(self, stops: Sequence[Stop]) -> None:
        """Show where one vehicle was, in the order of time."""
        if tuple(stops) != self.journey:
            self.journey = tuple(stops)
            self.changed.emit(Part.JOURNEY)

    def set_chosen(self, chosen: Chosen) -> None:
        """Mark what is chosen."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.changed.emit(Part.CHOSEN)

    def set_reads(self, reads: Reads | None) -> None:
        """Show the reads of an answer, or none."""
        if reads is None and self.reads is None:
            return
        self.reads = reads
        if reads is not None:
            reads.hues, reads.legend = colours(reads.points, reads.by)
        self.changed.emit(Part.READS)

    def set_colour(self, by: ColourBy) -> None:
        """Colour the reads by something else."""
        by = ColourBy(by)  # a box of choices gives back its plain text
        if self.reads is not None and by is not self.reads.by:
            self.reads.by = by
            self.reads.hues, self.reads.legend = colours(self.reads.points, by)
            self.changed.emit(Part.HUES)

    def set_way(self, way: Way) -> None:
        """Draw the reads another way."""
        way = Way(way)
        if self.reads is not None and way is not self.reads.way:
            self.reads.way = way
            self.changed.emit(Part.WAY)

    def set_span(self, span: tuple[int, int] | None) -> None:
        """Show reads of a part of the time only."""
        if self.reads is not None and span != self.reads.span:
            self.reads.span = span
            self.changed.emit(Part.SPAN)

    def set_area(self, area: Area | None, *, edits: bool = True) -> None:
        """Show the area of a question; said again even when it is the same, as handles may be."""
        if area is None and self.area is None:
            return
        self.area, self.edits_area = area, edits
        self.changed.emit(Part.AREA)

    def set_tiles(self, tiles: TileSource | None) -> None:
        """Draw a map file of the force instead of the shipped map."""
        self.tiles = tiles
        self.changed.emit(Part.TILES)

    def switch(self, name: str) -> bool:
        """Turn an option on or off; returns what it is now."""
        is_on = not getattr(self.options, name)
        setattr(self.options, name, is_on)
        self.changed.emit(Part.OPTIONS)
        return is_on

    def forget(self) -> None:
        """Hold nothing of hits, reads and journeys: somebody else is there, or nobody."""
        self.set_hits({})
        self.set_journey(())
        self.set_chosen(Chosen())
        self.set_reads(None)
        self.set_cameras(())
        self.set_area(None)

    def forget_person(self) -> None:
        """Hold nothing of how somebody worked either: where they looked, what they switched."""
        self.forget()
        self.view = None
        self.symbols.clear()
        self.options = Options()
        self.changed.emit(Part.OPTIONS)
