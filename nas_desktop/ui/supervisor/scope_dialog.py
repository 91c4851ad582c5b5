"""What a desk looks after: cameras, areas and lists, set beside the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.services.desks import DeskLink, DeskState
from nas_desktop.services.scope_text import AREA_HINT, CAMERA_HINT, circle_text, scope_from
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.scope_words import scope_parts
from nas_desktop.ui.search.form_parts import Said, quiet_form
from nas_desktop.ui.theme import Look

MOST_NAME = 64


class ScopeDialog(QDialog):
    """Fields for one desk; what is wrong is said in a sentence, and nothing is lost by it.

    Signals:
        scope_set(str, DeskScope): the server has it on disk.
    """

    scope_set = Signal(str, object)

    def __init__(
        self,
        bridge: Bridge,
        link: DeskLink,
        desks: Sequence[DeskState],
        lists: Sequence[str],
        chosen: str,
        look: Look,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._link = bridge, link
        self._scopes = {desk.name: desk.scope for desk in desks}
        self._lists = tuple(sorted(lists))
        self._is_sending = False
        self.setObjectName("scopeDialog")
        self.setWindowTitle("What a desk looks after")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.desk = QComboBox()
        self.desk.setEditable(True)
        self.desk.addItems(sorted(self._scopes))
        self.desk.setAccessibleName("Desk")
        self.desk.setToolTip("A desk that is known, or the name of one that is still to come")
        line = self.desk.lineEdit()
        if line is not None:
            line.setMaxLength(MOST_NAME)
        self.cameras = self._line("Cameras", "07, 07/12 or 07/12/3; commas between", CAMERA_HINT)
        self.areas = self._line("Areas", "51.38,-2.36,10; semicolons between", AREA_HINT)
        self.lists = QListWidget()
        self.lists.setAccessibleName("Lists")
        self.lists.setToolTip("Only hits on these lists; none chosen is all of them")
        self.now = QLabel()
        self.now.setProperty("role", "second")
        self.now.setWordWrap(True)
        self.now.setTextFormat(Qt.TextFormat.PlainText)
        self.said = Said("scopeSaid")
        form = quiet_form()
        for words, field in (
            ("&Desk", self.desk),
            ("&Cameras", self.cameras),
            ("&Areas", self.areas),
            ("&Lists", self.lists),
        ):
            form.addRow(words, field)
        about = QLabel(
            "A hit is the desk’s when its camera or its place is named here, and one of its lists."
            " What is left empty leaves nothing out."
        )
        about.setProperty("role", "second")
        about.setWordWrap(True)
        self.send = QPushButton("Set scope")
        self.send.setProperty("due", True)
        self.send.setDefault(True)
        self.everything = QPushButton("&Everything")
        self.everything.setToolTip("Empty every field: the desk looks after all hits")
        leave = QPushButton("Close")
        for button in (self.everything, leave):
            button.setAutoDefault(False)
        self.send.clicked.connect(lambda _checked=False: self.submit())
        self.everything.clicked.connect(lambda _checked=False: self._fill(DeskScope()))
        leave.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self.everything)
        foot.addStretch(1)
        foot.addWidget(leave)
        foot.addWidget(self.send)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 20, 14)
        layout.setSpacing(10)
        layout.addWidget(about)
        layout.addWidget(self.now)
        layout.addLayout(form, 1)
        layout.addWidget(self.said)
        layout.addLayout(foot)
        resize_within(self, look.px(620), look.px(460))
        self.desk.currentTextChanged.connect(self._on_desk)
        self.desk.setCurrentText(chosen)
        self._on_desk(chosen)

    def _line(self, name: str, hint: str, tip: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.setPlaceholderText(hint)
        field.setToolTip(tip)
        return field

    # ------------------------------------------------------------------ filling

    def _on_desk(self, name: str) -> None:
        """Show what a known desk looks after; another name keeps what is written."""
        known = self._scopes.get(name.strip())
        if known is not None:
            self.now.setText(f"Now: {scope_parts(known)}")
            self._fill(known)
        else:
            self.now.setText("Not known yet: it looks after everything until it is told.")
            if not self.lists.count():
                self._fill(DeskScope())
        self.now.setAccessibleName(self.now.text())

    def _fill(self, scope: DeskScope) -> None:
        self.cameras.setText(", ".join(scope.cameras))
        self.areas.setText("; ".join(circle_text(circle) for circle in scope.circles))
        self.lists.clear()
        gone = [name for name in scope.lists if name not in self._lists]
        for name in (*self._lists, *gone):
            item = QListWidgetItem(name if name not in gone else f"{name} (not here now)")
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(
                Qt.CheckState.Checked if name in scope.lists else Qt.CheckState.Unchecked
            )
            self.lists.addItem(item)
        self.said.say("")

    def chosen_lists(self) -> tuple[str, ...]:
        """Return the names of the lists that are ticked."""
        items = (self.lists.item(at) for at in range(self.lists.count()))
        return tuple(
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item is not None and item.checkState() is Qt.CheckState.Checked
        )

    # ------------------------------------------------------------------ sending

    def submit(self) -> None:
        """Have the server take what is written, when it is possible."""
        name = self.desk.currentText().strip()
        if self._is_sending:
            return
        if not name:
            self._fault(self.desk, "No desk is named. Choose one, or write the name of one.")
            return
        for field, cameras, areas in (
            (self.cameras, [self.cameras.text()], []),
            (self.areas, [], [self.areas.text()]),
        ):
            try:
                scope_from(cameras, areas, ())
            except Refused as refusal:
                self._fault(field, refusal.words)
                return
        scope = scope_from([self.cameras.text()], [self.areas.text()], self.chosen_lists())
        self._is_sending = True
        self.send.setEnabled(False)
        self.said.say("Asking the server…")
        self._bridge.run(self._set(name, scope), "set-scope")

    def _fault(self, field: QWidget, words: str) -> None:
        self.said.say(words, is_fault=True)
        self.said.setAccessibleName(words)
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _set(self, name: str, scope: DeskScope) -> None:
        words = ""
        try:
            await self._link.set_scope(name, scope)
        except Refused as refusal:
            words = refusal.words
        if not isValid(self):
            return
        self._is_sending = False
        self.send.setEnabled(True)
        if words:
            self.said.say(words, is_fault=True)
            return
        self.scope_set.emit(name, scope)
        self.accept()
