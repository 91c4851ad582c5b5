from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from nas_desktop.domain.voi import ListSource
from nas_desktop.services.events import ListState
from nas_desktop.services.lists import EntriesPage, EntryFound
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.lists.entries_model import EntriesModel
from nas_desktop.ui.lists.lists_model import COLUMNS, ListsModel
from tests.builders import NOON, an_entry

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def a_state(name: str, **changes: object) -> ListState:
    return ListState(name, 1, "CHESH", 3, NOON, **changes)  # type: ignore[arg-type]


def shown(model: ListsModel, column: int) -> list[str]:
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_that_lists_come_change_and_go_in_their_order(qtbot: QtBot) -> None:
    model = ListsModel()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show([a_state("B"), a_state("D")], NOON)
    model.show([a_state("A"), a_state("B"), a_state("C"), a_state("D")], NOON)
    assert shown(model, 0) == ["A", "B", "C", "D"]
    model.show([replace(a_state("B"), revision=7), a_state("D"), a_state("E")], NOON)
    assert shown(model, 0) == ["B", "D", "E"]
    assert shown(model, 6) == ["7", "1", "1"]
    assert (model.row_of("D"), model.row_of("Z"), model.list_at(9)) == (1, -1, None)
    model.show([], NOON)
    assert model.rowCount() == 0
    tester.deleteLater()


def test_that_only_what_is_wrong_has_a_colour(qtbot: QtBot) -> None:
    model = ListsModel()
    old = NOON - timedelta(hours=9)
    model.show(
        [
            a_state("A"),
            a_state("B", is_enabled=False),
            replace(a_state("C", source=ListSource.PNC_EXTRACT), loaded_at=old),
        ],
        NOON,
    )
    ground = Qt.ItemDataRole.BackgroundRole
    colours = [
        [model.index(row, column).data(ground) for column in range(len(COLUMNS))]
        for row in range(3)
    ]
    assert [[cell is not None for cell in row] for row in colours] == [
        [False] * 8,
        [column == 2 for column in range(8)],
        [column == 2 for column in range(8)],
    ]
    assert model.headerData(0, Qt.Orientation.Horizontal) == "List"
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.data(QModelIndex()) is None


def page(first: int, count: int, total: int) -> EntriesPage:
    found = tuple(EntryFound("07_A", 1, an_entry(f"AB{10 + first + i}ABC")) for i in range(count))
    return EntriesPage(first, found, total, is_all=True)


def test_that_entries_come_page_by_page_and_none_is_asked_for_twice(qtbot: QtBot) -> None:
    model = EntriesModel(load_spec().grammar)
    asked: list[int] = []
    model.wanted.connect(asked.append)
    model.add(page(0, 3, 8), NOON.date())
    assert model.canFetchMore(QModelIndex())
    model.fetchMore(QModelIndex())
    model.fetchMore(QModelIndex())
    assert asked == [3]
    tester = QAbstractItemModelTester(model, FATAL)
    model.add(page(3, 5, 8), NOON.date())
    assert (model.rowCount(), model.total, model.canFetchMore(QModelIndex())) == (8, 8, False)
    assert model.index(0, 0).data() == "AB10 ABC"
    assert model.index(0, 1).data() == "STOP"
    model.add(page(20, 2, 30), NOON.date())  # a page of an older question
    assert model.rowCount() == 0
    model.clear()
    assert model.entry_at(0) is None
    tester.deleteLater()


@pytest.mark.parametrize("mark", ["AB5?A*", "ABCDEFGHIJ"])
def test_that_marks_without_a_format_are_shown_as_they_are(qtbot: QtBot, mark: str) -> None:
    model = EntriesModel(load_spec().grammar)
    found = EntryFound("07_A", 1, an_entry(mark))
    model.add(EntriesPage(0, (found,), 1, is_all=True), NOON.date())
    assert model.index(0, 0).data() == mark
    assert model.index(0, 0).data(Qt.ItemDataRole.FontRole) is not None
