"""The hit list. Arrivals never move what the operator looks at.

The card in hand, or the first in sight, keeps its place on screen and a pill tells what came above.
Only a list that stands at its very top, with nobody busy in it, shows new cards as they come: a hit
that stays out of sight is nobody's.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from nas_desktop.domain.spec import Tier
from nas_desktop.services.cards import FOLDING, POSSIBLE_MARK, Card, CardId, Group, Heading
from nas_desktop.services.events import ImageKind
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.hit_card_delegate import HitCardDelegate
from nas_desktop.ui.live.hit_list_model import AnyIndex, HitListModel, RowKind
from nas_desktop.ui.live.new_above import NewAbove
from nas_desktop.ui.live.row_list_view import RowListView
from nas_desktop.ui.theme import Look

POINTER_BUSY_S = 5.0
"""A pointer that moved over the list this recently is about to click: nothing may move."""

KEY_BUSY_S = 3.0
"""So does somebody who pressed a key this recently; less than a hit may wait to be painted."""

SEEN_SHARE = 0.6
"""Share of a card that must be in sight for it to count as painted."""


class HitListView(RowListView):
    """Shows the board and keeps still.

    Signals:
        card_chosen(CardId or None): the selection is on another card.
    """

    card_chosen = Signal(object)

    def __init__(
        self, model: HitListModel, bridge: Bridge, look: Look, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, HitCardDelegate(model, bridge, look), parent)
        self.setObjectName("hitList")
        self.setAccessibleName("Hits")
        self._bridge = bridge
        self._anchor: tuple[CardId, int] | None = None
        self._is_following = True
        self._is_keeping = False
        self._above: set[CardId] = set()
        self._pointer_moved = self._key_pressed = -POINTER_BUSY_S
        self.is_asked: Callable[[], bool] = lambda: False
        self._chosen: CardId | None = None
        self.setModel(model)
        self.setItemDelegate(self.card_delegate)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        # Scrolling to the current row is done where the operator moves, never by Qt on arrivals.
        self.setAutoScroll(False)
        self.viewport().setMouseTracking(True)
        self.pill = NewAbove(self, model.spec)
        self.pill.painted.connect(bridge.note_painted)
        self.pill.clicked.connect(self.go_to_top)
        bridge.about_to_drain.connect(self._remember_place)
        bridge.drained.connect(self._keep_place)
        bridge.images_changed.connect(self._on_images)
        model.rows_resized.connect(self._on_resized)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # ------------------------------------------------------------------ for the window

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size; the first card in sight stays in sight."""
        self._remember_place()
        self.card_delegate.set_look(look)
        self._generation = -1
        self._keep_place()
        self.viewport().update()

    @property
    def chosen(self) -> Card | None:
        """The selected card."""
        return None if self._chosen is None else self._hits.board.card(self._chosen)

    def choose(self, card_id: CardId) -> None:
        """Select a card and bring it into sight."""
        index = self._hits.index_of(card_id)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def forget_choice(self) -> None:
        """Choose nothing: another person sits here now."""
        self._chosen = None
        self.selectionModel().clear()

    def choose_next(self, tier: Tier | None = None) -> bool:
        """Select the next unacknowledged card below the selected one, else the first."""
        board = self._hits.board
        start = self.currentIndex().row() + 1 if tier is None else 0
        for at in (*range(max(0, start), len(board)), *range(max(0, start))):
            row = board.row(at)
            if not isinstance(row, Card) or not row.unacknowledged or row.is_possible:
                continue
            if tier is None or (tier is row.tier and not row.is_exercise):
                self.choose(row.card_id)
                return True
        return False

    def unfold(self, is_unfolded: bool, group: Group = Group.POSSIBLE) -> None:
        """Show the cards of a folding group under their heading, or fold them away."""
        self._remember_place()
        board, card = self._hits.board, self.chosen
        if not is_unfolded and card is not None and card.group_for(board.operator) is group:
            self.forget_choice()
            self.card_chosen.emit(None)
        board.unfold(is_unfolded, group)
        self._keep_place()
        at = board.position_of_heading(group)
        if is_unfolded and at is not None and at + 1 < len(self._hits.kinds):
            self.scrollTo(self._hits.index(at + 1))

    def toggle(self, group: Group) -> None:
        """Unfold a folding group, or fold it away."""
        self.unfold(not self._hits.board.is_open(group), group)

    def toggle_possible(self) -> None:
        """Unfold or fold away the possible misreads."""
        self.toggle(Group.POSSIBLE)

    def toggle_flooded(self) -> None:
        """Unfold or fold away what the flood has folded."""
        self.toggle(Group.FLOODED)

    def go_to_top(self) -> None:
        """Show the top of the list."""
        self._blank_to = 0
        self.updateGeometries()
        self.verticalScrollBar().setValue(0)
        self._is_following = True
        self._above.clear()
        self._show_pill()

    def tick(self) -> None:
        """Repaint the ages in sight; once a second."""
        self._hits.note_day()
        if not self.isVisible():
            return
        width = self.card_delegate.look.px(76)
        area = self.viewport().rect()
        self.viewport().update(area.right() - width, 0, width + 1, area.height())
        if self._is_following and self.verticalScrollBar().value() and not self.is_busy:
            self.go_to_top()

    # ------------------------------------------------------------------ keeping still

    @property
    def is_busy(self) -> bool:
        """True while somebody is about to click, is pressing keys, or is asked for an answer."""
        now = self._bridge.clock.monotonic()
        is_pointed = self.viewport().underMouse() and now - self._pointer_moved < POINTER_BUSY_S
        return is_pointed or now - self._key_pressed < KEY_BUSY_S or self.is_asked()

    def _remember_place(self) -> None:
        self._anchor = None
        value = self.verticalScrollBar().value()
        is_busy = self.is_busy
        if value == 0 and not is_busy:
            self._is_following = True
            return
        # Who stood at the top goes back there once nobody is busy any more.
        self._is_following = value == 0 or (self._is_following and is_busy)
        sums, bottom = self._sums(), value + self.viewport().height()
        rows = [self.currentIndex().row(), *range(self._row_at(value), len(self._hits.kinds))]
        for row in rows:
            if row < 0 or row >= len(self._hits.kinds):
                continue
            card = self._hits.card_at(self._hits.index(row))
            if card is not None and value + self._band().height() <= sums[row] < bottom:
                self._anchor = (card.card_id, sums[row] - value)
                return

    def _keep_place(self) -> None:
        self.updateGeometries()
        self._restore_choice()
        if self._anchor is not None:
            card_id, y = self._anchor
            at = self._hits.board.position_of(card_id)
            if at is not None:
                self._stay_at(self._sums()[at] - y)
        for card_id in self._bridge.fresh:
            at = self._hits.board.position_of(card_id)
            is_possible = card_id.startswith(POSSIBLE_MARK)
            if at is not None and self._is_above(at) and not is_possible:
                self._above.add(card_id)
        self._show_pill()
        self.viewport().update()

    def _stay_at(self, value: int) -> None:
        """Scroll so that what was remembered stays, past the end of a short list if need be."""
        bar, self._is_keeping = self.verticalScrollBar(), True
        self._blank_to = max(0, value)
        self.updateGeometries()
        bar.setValue(value)
        self._is_keeping = False

    def _is_above(self, at: int) -> bool:
        """Tell whether most of a row lies above what is in sight."""
        top = self.verticalScrollBar().value() + self._band().height()
        return self._sums()[at] + self.card_delegate.height_of(RowKind.CARD) // 2 < top

    def _restore_choice(self) -> None:
        """A reset loses the selection; the card in hand is the operator's, so it comes back."""
        if self._chosen is None or self.selectionModel().hasSelection():
            return
        index = self._hits.index_of(self._chosen)
        if index.isValid():
            self.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def _show_pill(self) -> None:
        for card_id in list(self._above):
            at = self._hits.board.position_of(card_id)
            if at is None or not self._is_above(at):
                self._above.discard(card_id)
        cards = [c for i in self._above if (c := self._hits.board.card(i)) is not None]
        band = self._band()
        self.pill.show_cards(cards, self.viewport().width() - 16)
        self.pill.setFixedHeight(max(12, band.height() - 4))
        self.pill.move(self.viewport().width() - self.pill.width() - 8, band.top() + 2)

    # ------------------------------------------------------------------ told

    def _on_scrolled(self, value: int) -> None:
        if not self._is_keeping:
            self._is_following = value == 0
            self._blank_to = min(self._blank_to, value)
        self._show_pill()
        self.viewport().update()

    def _on_images(self, read_ids: set[bytes]) -> None:
        for row in self._rows_in_sight(self.viewport().rect()):
            card = self._hits.card_at(self._hits.index(row))
            if card is not None and card.foremost.read.read_id in read_ids:
                self.viewport().update(self.visualRect(self._hits.index(row)))

    def _on_resized(self) -> None:
        QTimer.singleShot(0, self, self.updateGeometries)

    # ------------------------------------------------------------------ Qt

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        super().currentChanged(current, previous)
        card = self._hits.card_at(current)
        if card is None or card.card_id == self._chosen:
            return
        self._chosen = card.card_id
        self.card_chosen.emit(card.card_id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        QAbstractItemView.resizeEvent(self, event)
        self.updateGeometries()
        self._show_pill()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._heading_at(event.position().toPoint())
        if row in FOLDING:
            self.toggle(row)
            return
        super().mousePressEvent(event)

    def _heading_at(self, point: QPoint) -> Group | None:
        index = self.indexAt(point)
        if not index.isValid() or index.row() >= len(self._hits.board):
            return None
        row = self._hits.board.row(index.row())
        return row.group if isinstance(row, Heading) else None

    def event(self, event: QEvent) -> bool:
        # Asked before any shortcut: keys of the desk never reach keyPressEvent.
        if event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            self._key_pressed = self._bridge.clock.monotonic()
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # Qt's own would make the first card the current one: N would then pass the worst by.
        QAbstractScrollArea.focusInEvent(self, event)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer_moved = self._bridge.clock.monotonic()
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer_moved = -POINTER_BUSY_S
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        is_active = self.hasFocus()
        seen: list[Card] = []
        sight = self.viewport().rect()
        if self._is_banded():
            sight.setTop(self._band().bottom())
        for row in self._rows_in_sight(event.rect()):
            index = self._hits.index(row)
            area = self.visualRect(index)
            option.rect = area
            state = QStyle.StateFlag.State_Enabled
            if self.selectionModel().isSelected(index):
                state |= QStyle.StateFlag.State_Selected
                if is_active:
                    state |= QStyle.StateFlag.State_HasFocus
            option.state = state
            self.card_delegate.paint(painter, option, index)
            card = self._hits.card_at(index)
            if card is not None and (
                area.intersected(sight).height() >= area.height() * SEEN_SHARE
            ):
                seen.append(card)
        if self._is_banded():
            self._paint_band(painter)
        painter.end()
        for card in seen:
            self._bridge.note_painted(card)
        if seen and self._bridge.operator is not None:
            self._bridge.want([card.foremost.read for card in seen], [ImageKind.PATCH])
