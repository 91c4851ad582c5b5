"""Python's garbage is swept on the window's thread alone.

A cycle that holds a widget may otherwise be found by a thread that reads a file or writes an
export: Qt's objects end there, which crashes the program.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 500
WHOLE_EVERY = 120
"""Sweeps of the young between two of everything: a minute."""


class Sweeper(QObject):
    """Sweeps by a timer, in place of the collector that runs wherever memory is asked for."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._young = 0
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.sweep)

    def begin(self) -> None:
        """Take over; what there is by now stays, and is not looked at again."""
        gc.collect()
        gc.freeze()
        gc.disable()
        self._timer.start()

    def sweep(self) -> None:
        """Sweep the young, and everything once in a while."""
        self._young += 1
        if self._young >= WHOLE_EVERY:
            self._young = 0
            gc.collect()
        else:
            gc.collect(1)

    def end(self) -> None:
        """Give the work back to Python's own collector."""
        self._timer.stop()
        gc.enable()
        gc.unfreeze()
