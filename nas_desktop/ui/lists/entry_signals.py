"""Column 6 as ticks for the known signals and a line for all others."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QWidget

from nas_desktop.domain.spec import WarningSignal
from nas_desktop.domain.template_rows import signals_of

_ACROSS = 3


class EntrySignals(QWidget):
    """Warning signals; the order of an entry that is not touched stays as it was.

    Signals:
        changed: other signals are ticked or written now.
    """

    changed = Signal()

    def __init__(self, known: Iterable[WarningSignal]) -> None:
        super().__init__()
        self._order: tuple[str, ...] = ()
        self.ticks: dict[str, QCheckBox] = {}
        self.others = QLineEdit(maxLength=120)
        self.others.setAccessibleName("Other warning signals")
        self.others.setPlaceholderText("others, parted by spaces")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(5)
        at = 0
        for at, signal in enumerate(known):
            tick = QCheckBox(f"{signal.code} {signal.text}")
            tick.toggled.connect(self.changed)
            self.ticks[signal.code] = tick
            grid.addWidget(tick, at // _ACROSS, at % _ACROSS)
        row, column = divmod(at + 1, _ACROSS)
        grid.addWidget(self.others, row, column, 1, _ACROSS - column)
        self.others.textChanged.connect(self.changed)
        self.setFocusProxy(next(iter(self.ticks.values()), self.others))

    def show_signals(self, signals: tuple[str, ...]) -> None:
        """Show the signals of an entry; unknown ones verbatim."""
        self._order = signals
        for code, tick in self.ticks.items():
            tick.setChecked(code in signals)
        self.others.setText(" ".join(code for code in signals if code not in self.ticks))

    def signals(self) -> tuple[str, ...]:
        """Return what is ticked and written: first as the entry had it, then what is new."""
        ticked = [code for code, tick in self.ticks.items() if tick.isChecked()]
        wanted = list(dict.fromkeys([*ticked, *signals_of(self.others.text().strip())]))
        if set(wanted) == set(self._order):
            return self._order
        return tuple(
            [code for code in self._order if code in wanted]
            + [code for code in wanted if code not in self._order]
        )
