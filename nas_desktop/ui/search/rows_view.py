"""The table of reads: its first columns stay in place, its columns are chosen and remembered."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QTableView

from nas_desktop.services.searches import Order
from nas_desktop.ui.search.row_painting import RowDelegate
from nas_desktop.ui.search.rows_model import HEADINGS, ORDERS, USUAL, Column, RowsModel
from nas_desktop.ui.theme import Look

FROZEN = 2
"""Captured and VRM stay in sight when the table is moved sideways."""

_WIDTHS = {
    Column.CAPTURED: 168,
    Column.VRM: 104,
    Column.PATCH: 76,
    Column.CAMERA: 124,
    Column.DIRECTION: 44,
    Column.LIKENESS: 78,
    Column.HELD: 84,
    Column.LANE: 80,
    Column.CONFIDENCE: 90,
    Column.KIND: 90,
    Column.RECEIVED: 168,
    Column.LATE: 56,
    Column.HIT: 50,
}


class RowsView(QTableView):
    """Rows of any number at a fixed height; what is not on screen is neither here nor painted.

    Signals:
        order_wanted(Order): a heading was pressed.
        menu_wanted(QPoint): the menu of the chosen rows is asked for, at this place on screen.
    """

    order_wanted = Signal(object)
    menu_wanted = Signal(object)

    def __init__(self, model: RowsModel, delegate: RowDelegate, look: Look) -> None:
        super().__init__()
        self._rows = model
        self._delegate = delegate
        self._frozen = QTableView(self)
        self.setModel(model)
        self._frozen.setModel(model)
        self._frozen.setSelectionModel(self.selectionModel())
        self.setAccessibleName("Reads found")
        for view in (self, self._frozen):
            view.setItemDelegate(delegate)
            view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
            view.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
            view.setWordWrap(False)
            view.setShowGrid(False)
            view.setTabKeyNavigation(False)
            view.verticalHeader().hide()
            view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            view.horizontalHeader().setHighlightSections(False)
            view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
            view.horizontalHeader().setSectionsClickable(True)
            view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
            view.horizontalHeader().sectionClicked.connect(self._on_heading)
            header = view.horizontalHeader()
            header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            header.customContextMenuRequested.connect(
                lambda at, of=header: self.ask_columns(of.mapToGlobal(at))
            )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._frozen.setFrameShape(QFrame.Shape.NoFrame)
        self._frozen.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._frozen.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._frozen.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._frozen.setObjectName("frozenColumns")
        for column in Column:
            self._frozen.setColumnHidden(column, column >= FROZEN)
            self.setColumnHidden(column, column not in USUAL)
        self.verticalScrollBar().valueChanged.connect(self._frozen.verticalScrollBar().setValue)
        self._frozen.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.horizontalScrollBar().rangeChanged.connect(lambda _a, _b: self._fit())
        self.horizontalHeader().sectionResized.connect(lambda _s, _o, _n: self._fit())
        self.horizontalHeader().setStretchLastSection(True)
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        is_new = getattr(self, "_scale", None) != look.scale
        self._scale = look.scale
        self._delegate.look = look
        for view in (self, self._frozen):
            view.verticalHeader().setDefaultSectionSize(look.px(34))
        if is_new:
            for column, width in _WIDTHS.items():
                self.setColumnWidth(column, look.px(width))
        self._fit()

    # ------------------------------------------------------------------ frozen columns

    def _fit(self) -> None:
        is_needed = self.horizontalScrollBar().maximum() > 0
        self._frozen.setVisible(is_needed)
        if not is_needed:
            return
        width = 0
        for column in range(FROZEN):
            self._frozen.setColumnWidth(column, self.columnWidth(column))
            width += self.columnWidth(column)
        edge = self.frameWidth()
        header = self.horizontalHeader().height()
        self._frozen.horizontalHeader().setFixedHeight(header)
        self._frozen.setGeometry(edge, edge, width, self.viewport().height() + header)
        self._frozen.verticalScrollBar().setValue(self.verticalScrollBar().value())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def scrollTo(
        self,
        index: QModelIndex,  # type: ignore[override]
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        # Columns that stay in place need no scrolling sideways.
        if index.column() >= FROZEN or not self._frozen.isVisible():
            super().scrollTo(index, hint)
        else:
            across = self.horizontalScrollBar().value()
            super().scrollTo(index, hint)
            self.horizontalScrollBar().setValue(across)

    def update_rows(self) -> None:
        """Paint anew what is on screen: images have come."""
        self.viewport().update()
        self._frozen.viewport().update()

    # ------------------------------------------------------------------ columns

    def ask_columns(self, at: QPoint) -> QMenu:
        """Show which columns there are, to be ticked."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in Column:
            action = menu.addAction(HEADINGS[column])
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(column))
            action.setEnabled(column >= FROZEN)
            action.toggled.connect(lambda is_on, c=column: self.setColumnHidden(c, not is_on))
        menu.popup(at)
        return menu

    def columns_state(self) -> QByteArray:
        """Return columns and widths, to be kept."""
        return self.horizontalHeader().saveState()

    def restore_columns(self, state: QByteArray | None) -> None:
        """Put columns and widths as they were left."""
        if state is not None and self.horizontalHeader().restoreState(state):
            for column in range(FROZEN):
                self.setColumnHidden(column, False)
            self.horizontalHeader().setSectionsClickable(True)
            self._fit()

    def _on_heading(self, section: int) -> None:
        orders: tuple[Order, ...] = ORDERS.get(Column(section), ())
        if not orders:
            return
        now = self._rows.order
        at = (orders.index(now) + 1) % len(orders) if now in orders else 0
        self.order_wanted.emit(orders[at])

    # ------------------------------------------------------------------ menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Menu) and (
            event.modifiers() == Qt.KeyboardModifier.NoModifier
        ):
            place = self.visualRect(self.currentIndex()).bottomLeft()
            self.menu_wanted.emit(self.viewport().mapToGlobal(place))
        else:
            super().keyPressEvent(event)

    @property
    def rows_chosen(self) -> tuple[int, ...]:
        """The places of the rows chosen; by their ranges, for there may be half a million."""
        rows: set[int] = set()
        chosen = self.selectionModel().selection()
        for part in (chosen.at(number) for number in range(chosen.size())):
            rows.update(range(part.top(), part.bottom() + 1))
        return tuple(sorted(rows))
