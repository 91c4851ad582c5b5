"""The sign-in page: a part of the window, not a box over it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from nas_desktop.domain.errors import Refused
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.forms.ui_sign_in import Ui_SignIn
from nas_desktop.ui.theme import Look

CARD_PX = 400

LEAD_FROM_PX = 330
"""Height of the page, at 100 %, from which there is room for more than the fields."""


class SignInView(QWidget):
    """Takes a user name and a password; a refusal is said on the page.

    Signals:
        signed_in: somebody is.
    """

    signed_in = Signal()

    def __init__(self, bridge: Bridge, look: Look) -> None:
        super().__init__()
        self._bridge = bridge
        self.form = Ui_SignIn()
        self.form.setupUi(self)  # type: ignore[no-untyped-call]
        self.setObjectName("signInPage")
        self.form.signIn.clicked.connect(self._on_sign_in)
        self.form.username.returnPressed.connect(self.form.password.setFocus)
        self.form.password.returnPressed.connect(self._on_sign_in)
        self.form.signInFault.hide()
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self.form.signInCard.setFixedWidth(look.px(CARD_PX))

    def _on_sign_in(self) -> None:
        form = self.form
        username, password = form.username.text().strip(), form.password.text()
        if not username or not password:
            self._say("User name and password are both needed.")
            (form.password if username else form.username).setFocus()
            return
        self._wait(True)
        self._bridge.run(self._sign_in(username, password), "sign-in")

    async def _sign_in(self, username: str, password: str) -> None:
        try:
            await self._bridge.sign_in(username, password)
        except Refused as refusal:
            self._say(refusal.words)
            self.form.password.selectAll()
            self.form.password.setFocus()
        else:
            self._say("")
            self.form.username.clear()
            self.signed_in.emit()
        finally:
            self._wait(False)
            if self._bridge.operator is not None:
                # A password has no business staying in a field.
                self.form.password.clear()

    def _wait(self, is_waiting: bool) -> None:
        self.form.signIn.setEnabled(not is_waiting)
        self.form.signIn.setText("Signing in …" if is_waiting else "Sign in")

    def _say(self, fault: str) -> None:
        self.form.signInFault.setText(fault)
        self.form.signInFault.setVisible(bool(fault))

    def fit(self, height: int) -> None:
        """Leave out the sentence where the height is short; the fields always stay."""
        self.form.lead.setVisible(height >= self._look.px(LEAD_FROM_PX))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.form.username.setFocus()


class SignInPage(QScrollArea):
    """Holds the sign-in form; scrolls it where large text leaves too little height."""

    def __init__(self, bridge: Bridge, look: Look) -> None:
        super().__init__()
        self.setObjectName("signInScroll")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.view = SignInView(bridge, look)
        self.setWidget(self.view)

    @property
    def form(self) -> Ui_SignIn:
        """The form, as compiled."""
        return self.view.form

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.view.set_look(look)
        self.view.fit(self.viewport().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view.fit(self.viewport().height())
        super().resizeEvent(event)
