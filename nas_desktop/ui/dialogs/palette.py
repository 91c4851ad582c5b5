"""The command palette: every command by name, with its key; Enter runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from nas_desktop.ui.dialogs.palette_model import PaletteDelegate, PaletteEntry, PaletteModel
from nas_desktop.ui.overlay import Overlay
from nas_desktop.ui.theme import Look

_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}


class CommandPalette(Overlay):
    """Opens over the window; what is typed filters, arrows choose, Enter runs, Escape closes.

    Signals:
        wanted(str): the name of the command to run; the palette is closed by then.
    """

    wanted = Signal(str)

    def __init__(self, page: QWidget, look: Look) -> None:
        super().__init__(page, "commandPalette")
        self.setAccessibleName("Commands")
        self.model = PaletteModel()
        self.field = QLineEdit()
        self.field.setObjectName("paletteField")
        self.field.setAccessibleName("Type part of a command")
        self.field.setPlaceholderText("Type part of a command · Enter runs it · Esc closes")
        self.list = QListView()
        self.list.setObjectName("paletteList")
        self.list.setAccessibleName("Commands that fit")
        self.list.setModel(self.model)
        self._delegate = PaletteDelegate(look)
        self.list.setItemDelegate(self._delegate)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.said = QLabel()
        self.said.setObjectName("paletteSaid")
        self.said.setProperty("role", "strong")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self._layout = QVBoxLayout(self)
        for part in (self.field, self.list, self.said):
            self._layout.addWidget(part)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._on_typed)
        self.field.returnPressed.connect(self.run_chosen)
        self.list.clicked.connect(lambda _index: self.run_chosen())
        self.list.selectionModel().currentChanged.connect(lambda _now, _then: self._show_why())
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = self._delegate.look = look
        pad = look.px(12)
        self._layout.setContentsMargins(pad, pad, pad, pad)
        self._layout.setSpacing(look.px(8))
        self.list.setMinimumHeight(look.px(120))
        self.list.setFixedHeight(look.px(46 * 9))
        self.list.reset()
        if self.isVisible():
            self.fit()

    def wanted_width(self) -> int:
        """As wide as the longest tip needs."""
        return self._look.px(680)

    def fit(self) -> None:
        """Keep the list within the window."""
        tall = self._place.window().height() - self._look.px(150)
        self.list.setFixedHeight(max(self._look.px(92), min(self._look.px(46 * 9), tall)))
        super().fit()

    def toggle(self, entries: Callable[[], Sequence[PaletteEntry]]) -> None:
        """Open with these commands, or close."""
        if self.isVisible():
            self.leave()
            return
        self.field.clear()
        self.model.set_entries(entries())
        self._choose(0)
        self.come(self.field)

    @property
    def chosen(self) -> PaletteEntry | None:
        """The command that Enter runs."""
        return self.model.entry(self.list.currentIndex())

    def run_chosen(self) -> None:
        """Run the command chosen; one that cannot be run says why and stays."""
        entry = self.chosen
        if entry is None:
            return
        if entry.why:
            self._show_why()
            return
        self.leave()
        self.wanted.emit(entry.name)

    # ------------------------------------------------------------------ inside

    def _on_typed(self, text: str) -> None:
        self.model.set_wanted(text)
        self._choose(0)

    def _choose(self, at: int) -> None:
        count = self.model.rowCount()
        if count:
            self.list.setCurrentIndex(self.model.index(max(0, min(count - 1, at))))
        self._show_why()

    def _show_why(self) -> None:
        entry = self.chosen
        if entry is None:
            words = "No command has that in its name or words."
        else:
            words = f"○ Not now: {entry.why}" if entry.why else f"{entry.keys}: {entry.tip}"
        self.said.setText(words)
        # The field keeps the keyboard: what is chosen below is read out with it.
        self.field.setAccessibleDescription(entry.spoken if entry is not None else words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if event.type() == QEvent.Type.KeyPress and key in _MOVES:
                self._choose(self.list.currentIndex().row() + _MOVES[key])
                return True
            if event.type() == QEvent.Type.KeyPress and key == Qt.Key.Key_Escape:
                self.leave()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
