"""The connectivity test: QQ111QQQ as far as the chain goes, timed leg by leg; non-modal."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from nas_desktop.domain.errors import Refused
from nas_desktop.services.events import TestResult
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.forms.ui_connectivity_test import Ui_ConnectivityTest
from nas_desktop.ui.text import Tone, leg_words, result_words

_MARKS = {Tone.GOOD: "✓", Tone.RED: "✕"}


class ConnectivityDialog(QDialog):
    """Runs the test, shows the legs, can be cancelled; the window stays usable meanwhile."""

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._task: object | None = None
        self._began = 0.0
        self.form = Ui_ConnectivityTest()
        self.form.setupUi(self)  # type: ignore[no-untyped-call]
        self.setModal(False)
        self.setMinimumWidth(460)
        self.form.run.clicked.connect(self.run_test)
        self.form.cancel.clicked.connect(self.cancel_test)
        self.form.leave.clicked.connect(self.close)
        self._timer = QTimer(self, interval=200)
        self._timer.timeout.connect(self._show_elapsed)
        self._show_running(False)
        self._show_legs([("No test has run yet", "", Tone.QUIET)])

    def begin(self) -> None:
        """Come to the front and start a test."""
        self.show()
        self.raise_()
        self.run_test()

    def run_test(self) -> None:
        """Start a test unless one is running."""
        if self._task is not None:
            return
        self._began = self._bridge.clock.monotonic()
        self._show_running(True)
        self._show_legs([])
        self._show_elapsed()
        self._task = self._bridge.run(self._test(), "connectivity-test")

    def cancel_test(self) -> None:
        """Give up waiting; the answer, should it come, is nobody's."""
        task, self._task = self._task, None
        cancel = getattr(task, "cancel", None)
        if cancel is not None:
            cancel()
        if task is not None:
            self._show_running(False)
            self.form.summary.setText("Cancelled.")

    async def _test(self) -> None:
        try:
            result = await self._bridge.link.test_connectivity()
        except Refused as refusal:
            self._task = None
            self._show_running(False)
            self.form.summary.setText(refusal.words)
            return
        self._task = None
        self._show_running(False)
        self.show_result(result)

    def show_result(self, result: TestResult) -> None:
        """Show the legs of a test and its summary."""
        self._show_legs([leg_words(leg) for leg in result.legs])
        words, _tone = result_words(result)
        self.form.summary.setText(words)

    def _show_legs(self, legs: list[tuple[str, str, Tone]]) -> None:
        grid = self.form.legs
        while grid.count():
            item = grid.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for at, (name, figure, tone) in enumerate(legs):
            words = QLabel(f"{_MARKS.get(tone, '')} {name}".strip())
            value = QLabel(figure)
            value.setProperty("role", "strong")
            grid.addWidget(words, at, 0)
            grid.addWidget(value, at, 1)
        grid.setColumnStretch(0, 1)
        self.form.legsBox.setVisible(bool(legs))
        self.adjustSize()

    def _show_running(self, is_running: bool) -> None:
        self.form.run.setEnabled(not is_running)
        self.form.cancel.setEnabled(is_running)
        if is_running:
            self._timer.start()
        else:
            self._timer.stop()

    def _show_elapsed(self) -> None:
        seconds = self._bridge.clock.monotonic() - self._began
        self.form.summary.setText(f"Waiting for the answer … {seconds:.0f} s")

    def closeEvent(self, event: QCloseEvent) -> None:
        self.cancel_test()
        super().closeEvent(event)
