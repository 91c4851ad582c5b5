"""The lock page: stands in place of the workspaces until the same person gives their password."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.ui.icons import icon_pixmap
from nas_desktop.ui.theme import Look

CARD_PX = 400


class LockPage(QScrollArea):
    """Says who is signed in and since when; takes their password, or lets somebody else sign in.

    Signals:
        unlock_wanted(str): a password was given.
        sign_out_wanted: somebody else wants to work here.
    """

    unlock_wanted = Signal(str)
    sign_out_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("lockScroll")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self._mark, self.title = QLabel(), QLabel("Locked")
        self._mark.setAccessibleName("Padlock")
        self.title.setProperty("role", "title")
        self.who, self.since = QLabel(), QLabel()
        self.who.setProperty("role", "strong")
        self.since.setProperty("role", "second")
        self.note = QLabel("Hits go on arriving and are counted above; searches stay open.")
        self.note.setProperty("role", "second")
        self.fault = QLabel()
        self.fault.setObjectName("lockFault")
        self.password = QLineEdit(maxLength=1024)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName("Password")
        name = QLabel("&Password")
        name.setProperty("role", "strong")
        name.setBuddy(self.password)
        self.unlock = QPushButton("Unlock")
        self.unlock.setProperty("due", True)
        self.sign_out = QPushButton("Sign out")
        self.sign_out.setToolTip("Put open searches away and let somebody else sign in")
        for label in (self.who, self.since, self.note, self.fault):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._card = QFrame()
        self._card.setObjectName("lockCard")
        self._column = QVBoxLayout(self._card)
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._mark)
        head.addWidget(self.title, 1)
        foot.addWidget(self.unlock, 1)
        foot.addWidget(self.sign_out)
        self._column.addLayout(head)
        for part in (self.who, self.since, self.note, name, self.password, self.fault):
            self._column.addWidget(part)
        self._column.addLayout(foot)
        inner = QWidget()
        inner.setObjectName("lockPage")
        grid = QGridLayout(inner)
        grid.setRowStretch(0, 1)
        # Not aligned but between stretches: only so is it as tall as its wrapped words.
        grid.addWidget(self._card, 1, 1)
        grid.setRowStretch(2, 2)
        for column in (0, 2):
            grid.setColumnStretch(column, 1)
        self.setWidget(inner)
        self.password.returnPressed.connect(self._on_unlock)
        self.unlock.clicked.connect(lambda _checked=False: self._on_unlock())
        self.sign_out.clicked.connect(lambda _checked=False: self.sign_out_wanted.emit())
        self.say("")
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._card.setFixedWidth(look.px(CARD_PX))
        self._column.setContentsMargins(look.px(28), look.px(24), look.px(28), look.px(24))
        self._column.setSpacing(look.px(8))
        self._mark.setPixmap(icon_pixmap("lock", look.tokens.text, look.px(24), 2.0))

    def show_person(self, who: str, since: str) -> None:
        """Say who can unlock."""
        self.who.setText(who)
        self.since.setText(since)
        self.say("")
        self.password.clear()
        self.wait(False)

    def say(self, fault: str) -> None:
        """Say what was wrong, with its mark; nothing when all is well."""
        self.fault.setText(f"■ {fault}" if fault else "")
        self.fault.setVisible(bool(fault))

    def refuse(self, fault: str) -> None:
        """Say why it stays locked; the next try writes over the last."""
        self.say(fault)
        self.password.selectAll()
        self.form_focus()

    def wait(self, is_waiting: bool) -> None:
        """While the node is asked nothing else is: not a second password, not another person."""
        self.unlock.setEnabled(not is_waiting)
        self.sign_out.setEnabled(not is_waiting)
        self.unlock.setText("Unlocking …" if is_waiting else "Unlock")

    def form_focus(self) -> None:
        """Give the keyboard to the password."""
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_unlock(self) -> None:
        password = self.password.text()
        if not self.unlock.isEnabled():
            return
        if password:
            self.unlock_wanted.emit(password)
        else:
            self.refuse("The password is needed.")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.form_focus()
