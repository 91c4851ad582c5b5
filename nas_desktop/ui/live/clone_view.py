"""Two reads that one vehicle cannot have made, side by side: pictures, places, times, speed."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.services.events import ImageKind
from nas_desktop.ui.card_words import camera_line
from nas_desktop.ui.clone_words import head_words, side_words, speed_words, time_words
from nas_desktop.ui.images import ImageCache
from nas_desktop.ui.live.detail_parts import paint_picture
from nas_desktop.ui.live.fact_rows import label
from nas_desktop.ui.theme import AMBER, ON_AMBER, Look

PATCH_PX = 76
"""Height of both pictures at 100 %."""


class PairPatch(QWidget):
    """The plate patch of one of the two reads, or why there is none."""

    def __init__(self, look: Look, images: ImageCache) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._images = images
        self._look = look
        self._read_id: ReadId | None = None

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self.updateGeometry()
        self.update()

    def show_read(self, read: Read, which: str) -> None:
        """Show the patch of a read."""
        self._read_id = read.read_id
        self.setAccessibleName(f"{which}: plate patch")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._look.px(160), self._look.px(PATCH_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._look.px(80), self._look.px(PATCH_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._read_id is None:
            return
        height = self.height()
        box = QRect(0, 0, min(2 * height, self.width()), height)
        inset = self._look.px(4)
        picture = self._images.scaled(
            self._read_id,
            ImageKind.PATCH,
            box.width() - 2 * inset,
            height - 2 * inset,
            self.devicePixelRatioF(),
        )
        why = self._images.why_missing(self._read_id, ImageKind.PATCH)
        words = "Plate patch asked for" if why is None else f"Plate patch: {why}"
        paint_picture(QPainter(self), box, self._look, picture, words)


class ClonePair(QFrame):
    """The pair of a hit; hidden while there is none."""

    def __init__(self, look: Look, images: ImageCache) -> None:
        super().__init__()
        self.setObjectName("clonePair")
        self.head = label("strong", wraps=True)
        self.head.setObjectName("cloneHead")
        self.speed = label("strong", wraps=True)
        self.patches = (PairPatch(look, images), PairPatch(look, images))
        self._which = (label("strong", wraps=True), label("strong", wraps=True))
        self._where = (label("", wraps=True), label("", wraps=True))
        self._when = (label("second", wraps=True), label("second", wraps=True))
        self._grid = QGridLayout()
        for column in (0, 1):
            rows = (self._which, self.patches, self._where, self._when)
            for at, parts in enumerate(rows):
                self._grid.addWidget(parts[column], at, column, Qt.AlignmentFlag.AlignTop)
            self._grid.setColumnStretch(column, 1)
        self._grid.addWidget(self.speed, 4, 0, 1, 2)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self.head)
        self._layout.addLayout(self._grid)
        self._reads: frozenset[ReadId] = frozenset()
        self.set_look(look)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        for patch in self.patches:
            patch.set_look(look)
        frame = max(2, look.px(2))
        self._layout.setContentsMargins(frame, frame, frame, frame)
        self._layout.setSpacing(look.px(6))
        self._grid.setContentsMargins(look.px(10), 0, look.px(10), look.px(8))
        self._grid.setHorizontalSpacing(look.px(12))
        self._grid.setVerticalSpacing(look.px(4))
        # Read by its sign, its words and its frame before its colour.
        self.setStyleSheet(
            f"#clonePair {{ border: {frame}px solid {AMBER}; border-radius: {look.px(4)}px; }}"
            f"#clonePair QLabel#cloneHead {{ background: {AMBER}; color: {ON_AMBER};"
            f" font-weight: 700; padding: {look.px(5)}px {look.px(8)}px; }}"
        )

    def show_pair(self, hit: Hit | None, now: datetime) -> None:
        """Show the pair of a hit, or nothing."""
        rival = hit.rival if hit is not None else None
        self.setVisible(rival is not None)
        if hit is None or rival is None:
            self._reads = frozenset()
            return
        self._reads = frozenset((hit.read.read_id, rival.read.read_id))
        self.head.setText(f"≠ {head_words(rival)}")
        self.speed.setText(speed_words(rival))
        spoken = [head_words(rival)]
        for column, (read, other) in enumerate(((hit.read, None), (rival.read, hit.read))):
            which, when = side_words(read, other), time_words(read, now)
            self._which[column].setText(which)
            self._where[column].setText(camera_line(read))
            self._when[column].setText(when)
            self.patches[column].show_read(read, which)
            spoken.append(f"{which}: {camera_line(read)}, {when}")
        self.setAccessibleName(". ".join((*spoken, speed_words(rival))))

    def update_images(self, read_ids: set[bytes]) -> None:
        """Repaint when an image of one of the two came."""
        if self._reads & read_ids:
            for patch in self.patches:
                patch.update()
