"""Painted parts of the detail: plate patch beside VRM, ledger, overview, buttons with keys."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.latency import LatencyLedger, Leg
from nas_desktop.domain.read import Read
from nas_desktop.services.events import ImageKind
from nas_desktop.ui.card_words import LEG_WORDS
from nas_desktop.ui.images import ImageCache
from nas_desktop.ui.text import seconds_words, tenths_words
from nas_desktop.ui.theme import AMBER, ON_AMBER, ON_VRM_GROUND, VRM_GROUND, Look

_MIDDLE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_WRAPPED = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)


class _Part(QWidget):
    """A painted widget of a height that follows the operator's size."""

    HEIGHT = 100

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.look = look
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(200), self.look.px(self.HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.look.px(120), self.look.px(self.HEIGHT))


def paint_picture(
    painter: QPainter, box: QRect, look: Look, picture: QPixmap | None, why: str
) -> None:
    """Paint a picture in its box, or an empty box that says why there is none."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.color("line"), look.tokens.line_px))
    painter.setBrush(look.color("panel"))
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), look.px(4), look.px(4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if picture is not None:
        size = picture.deviceIndependentSize().toSize()
        painter.drawPixmap(
            box.left() + (box.width() - size.width()) // 2,
            box.top() + (box.height() - size.height()) // 2,
            picture,
        )
        return
    painter.setFont(look.font(12))
    painter.setPen(look.color("text_2"))
    painter.drawText(box.adjusted(8, 4, -8, -4), _WRAPPED, why)


class PatchAndVrm(_Part):
    """The picture that was read and the VRM side by side at one height."""

    HEIGHT = 100

    def __init__(self, look: Look, images: ImageCache) -> None:
        super().__init__(look)
        self._images = images
        self._read: Read | None = None
        self._vrm = ""

    def show_read(self, read: Read, vrm: str) -> None:
        """Show a read's patch beside its VRM as a person writes it."""
        self._read, self._vrm = read, vrm
        self.setAccessibleName(f"Plate patch and VRM {vrm}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._read is None:
            return
        painter = QPainter(self)
        look, height = self.look, self.height()
        patch = QRect(0, 0, min(2 * height, self.width() * 9 // 20), height)
        read_id = self._read.read_id
        inset = look.px(4)
        picture = self._images.scaled(
            read_id,
            ImageKind.PATCH,
            patch.width() - 2 * inset,
            height - 2 * inset,
            self.devicePixelRatioF(),
        )
        why = self._images.why_missing(read_id, ImageKind.PATCH)
        words = "Plate patch asked for" if why is None else f"Plate patch: {why}"
        paint_picture(painter, patch, look, picture, words)
        left = patch.right() + 1 + look.px(12)
        box = QRectF(left, 1.5, min(self.width() - left - 2, look.px(340)), height - 3)
        painter.setPen(QPen(QColor(ON_VRM_GROUND), 3))
        painter.setBrush(QColor(VRM_GROUND))
        painter.drawRoundedRect(box, look.px(7), look.px(7))
        pixels = 46
        font = look.vrm(pixels)
        room = box.width() - look.px(24)
        while pixels > 12 and QFontMetrics(font).horizontalAdvance(self._vrm) > room:
            pixels -= 1
            font = look.vrm(pixels)
        painter.setFont(font)
        painter.setPen(QColor(ON_VRM_GROUND))
        painter.drawText(box, _MIDDLE, self._vrm)


class LedgerBar(_Part):
    """The latency ledger, a box a leg, as wide as the leg was long; the broken leg stands out.

    The acknowledgement stands behind the legs in a frame of its own: it is no part of the budget.
    """

    HEIGHT = 24

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._legs: tuple[tuple[Leg, float], ...] = ()
        self._budget_s = 4.0
        self._broken: Leg | None = None
        self._taken_s: float | None = None

    def show_ledger(
        self, ledger: LatencyLedger, *, is_judged: bool = True, taken: str = ""
    ) -> None:
        """Show the legs of a hit; ``taken`` says the acknowledgement in words.

        A desk whose clock is in doubt shows the legs and judges none (``is_judged``).
        """
        self._legs = ledger.legs()
        self._budget_s = ledger.budget.total_seconds()
        self._broken = ledger.broken_leg if is_judged else None
        self._taken_s = ledger.acknowledged_s
        spoken = ", ".join(f"{LEG_WORDS[leg]} {seconds_words(s)}" for leg, s in self._legs)
        spoken = ", ".join(part for part in (spoken, taken) if part)
        self.setAccessibleName(f"Latency by leg: {spoken}")
        self.setToolTip(spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look, px = self.look, self.look.px
        painter.setFont(look.semibold(11))
        metrics = painter.fontMetrics()
        # In high contrast the lines are white: no ground for white words.
        quiet = "line" if look.tokens.line_px == 1 else "selection"
        whole = max(sum(s for _leg, s in self._legs), self._budget_s)
        labels = [
            f"{'▲ ' if leg is self._broken else ''}{LEG_WORDS[leg]} {seconds_words(s)}"
            for leg, s in self._legs
        ]
        least = [metrics.horizontalAdvance(words) + px(14) for words in labels]
        # Every leg keeps room for its words; what is left is shared by how long each took.
        spare = max(0, self.width() - sum(least) - px(2) * len(least))
        spare -= self._paint_taken(painter, spare)
        left = 0
        for (leg, seconds), words, least_width in zip(self._legs, labels, least, strict=True):
            width = least_width + round(spare * seconds / whole)
            box = QRect(left, 0, width, self.height())
            is_broken = leg is self._broken
            painter.fillRect(box, QColor(AMBER) if is_broken else look.color(quiet))
            painter.setPen(QColor(ON_AMBER) if is_broken else look.color("text"))
            painter.drawText(box.adjusted(px(7), 0, 0, 0), _LEFT, words)
            left += width + px(2)

    def _paint_taken(self, painter: QPainter, spare: int) -> int:
        """Paint the acknowledgement at the right end; returns the width it takes with its gap.

        Where there is no room beside the legs it is left to the words above.
        """
        if self._taken_s is None:
            return 0
        px = self.look.px
        words = f"acknowledged {tenths_words(self._taken_s)}"
        width = painter.fontMetrics().horizontalAdvance(words) + px(14)
        if width + px(8) > spare:
            return 0
        box = QRect(self.width() - width, 0, width, self.height())
        painter.setPen(QPen(self.look.color("text_2"), self.look.tokens.line_px))
        painter.drawRect(box.adjusted(0, 0, -1, -1))
        painter.setPen(self.look.color("text_2"))
        painter.drawText(box.adjusted(px(7), 0, 0, 0), _LEFT, words)
        return width + px(8)


class Overview(_Part):
    """The overview image of exactly this read, or why there is none."""

    HEIGHT = 200

    def __init__(self, look: Look, images: ImageCache) -> None:
        super().__init__(look)
        self._images = images
        self._read: Read | None = None

    def set_height(self, height: int) -> None:
        """Take more room where there is more; logical pixels at 100 %."""
        self.HEIGHT = height
        self.updateGeometry()

    def show_read(self, read: Read) -> None:
        """Show a read's overview."""
        self._read = read
        self.setAccessibleName("Overview image")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._read is None:
            return
        painter = QPainter(self)
        read_id, inset = self._read.read_id, 2
        picture = self._images.scaled(
            read_id,
            ImageKind.OVERVIEW,
            self.width() - 2 * inset,
            self.height() - 2 * inset,
            self.devicePixelRatioF(),
        )
        why = self._images.why_missing(read_id, ImageKind.OVERVIEW)
        words = "Overview asked for" if why is None else f"Overview: {why}"
        paint_picture(painter, self.rect(), self.look, picture, words)


class KeyButton(QPushButton):
    """A button that shows the key that does the same."""

    def __init__(self, key: str, words: str, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._key = key
        self.setAccessibleDescription(f"Key {key}")
        self.set_look(look)

    def set_due(self, is_due: bool) -> None:
        """Fill the button when its action is the one that is due."""
        if bool(self.property("due")) != is_due:
            self.setProperty("due", is_due)
            self.style().unpolish(self)
            self.style().polish(self)
            self.set_look(self._look)

    def set_look(self, look: Look) -> None:
        """Paint the key cap anew for a theme and a size."""
        self._look = look
        is_due = bool(self.property("due"))
        ratio = 2.0
        font = look.semibold(11)
        width = max(look.px(20), QFontMetrics(font).horizontalAdvance(self._key) + look.px(10))
        height = look.px(19)
        gap = look.px(5)
        pixmap = QPixmap(round((width + gap) * ratio), round(height * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = look.color("on_focus" if is_due and self.isEnabled() else "text_2")
        painter.setPen(QPen(ink, 1))
        painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, height - 1), look.px(3), look.px(3))
        painter.setFont(font)
        painter.drawText(QRectF(0, 0, width, height), _MIDDLE, self._key)
        painter.end()
        self.setIcon(pixmap)
        self.setIconSize(QSize(width + gap, height))


def ledger_of(hit: Hit, ledger: LatencyLedger) -> bool:
    """Tell whether a ledger says anything: not for a clock nobody trusts, late or exercise."""
    return ledger.is_clock_trusted and not hit.is_late and not hit.is_exercise
