"""Rows that keep their place."""

from __future__ import annotations

from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from nas_desktop.ui.supervisor.lines import Cell, Line
from nas_desktop.ui.supervisor.steady_table import SteadyTable
from nas_desktop.ui.text import Tone
from nas_desktop.ui.theme import AMBER, Look, ThemeName

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def lines(names: str) -> list[Line]:
    return [Line(name, (Cell(name), Cell("▲ old", Tone.AMBER, "tip"))) for name in names]


def names(model: SteadyTable) -> str:
    return "".join(str(model.index(row, 0).data()) for row in range(model.rowCount()))


def a_table() -> SteadyTable:
    model = SteadyTable(("Name", "State"), Look())
    QAbstractItemModelTester(model, FATAL, model)
    return model


def test_that_rows_keep_their_place_until_they_are_put_in_order(qtbot: QtBot) -> None:
    model = a_table()
    model.show(lines("bdf"))
    kept = QPersistentModelIndex(model.index(1, 0))
    model.show(lines("abcdef"))
    assert names(model) == "abcdef"
    model.show(lines("fdb"))
    assert names(model) == "bdf"
    model.show(lines("gfdb"))
    assert names(model) == "gbdf"
    model.show(lines("gfdb"), in_order=True)
    assert names(model) == "gfdb"
    assert (kept.row(), kept.data()) == (2, "d")
    model.show([])
    assert model.rowCount() == 0
    assert not kept.isValid()


def test_that_a_cell_has_words_a_tip_a_tone_and_a_name(qtbot: QtBot) -> None:
    model = a_table()
    model.show([*lines("a"), Line("v", (Cell("AB51 ABC", is_vrm=True), Cell()))])
    plain, loud = model.index(0, 0), model.index(0, 1)
    assert (plain.data(Qt.ItemDataRole.ToolTipRole), loud.data(Qt.ItemDataRole.ToolTipRole)) == (
        "a",
        "tip",
    )
    assert plain.data(Qt.ItemDataRole.BackgroundRole) is None
    assert loud.data(Qt.ItemDataRole.BackgroundRole).color().name() == AMBER.lower()
    assert loud.data(Qt.ItemDataRole.ForegroundRole).color().name() == "#000000"
    assert loud.data(Qt.ItemDataRole.AccessibleTextRole) == "State: ▲ old"
    assert model.index(1, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "State: nothing"
    assert "B612" in model.index(1, 0).data(Qt.ItemDataRole.FontRole).family()
    assert loud.data(Qt.ItemDataRole.FontRole).weight() > 500
    assert plain.data(Qt.ItemDataRole.FontRole) is None
    assert plain.data(Qt.ItemDataRole.DecorationRole) is None
    model.set_look(Look(ThemeName.LIGHT, 2.0))
    assert model.line_at(5) is None
