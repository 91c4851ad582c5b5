"""Rows: fetched by page, never all here, their places kept; table, pictures and timeline agree."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from nas_desktop.domain.errors import Refused
from nas_desktop.services.resources import load_match_rules, load_spec
from nas_desktop.services.searches import Order, SearchPage
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.search.results_view import ResultsView
from nas_desktop.ui.search.row_painting import MarkPainter
from nas_desktop.ui.search.rows_model import MOST_PAGES, PAGE, Column, RowsModel
from nas_desktop.ui.search.search_words import captured_words
from nas_desktop.ui.theme import Look
from tests.fakes.search_link import FakeRunningSearch, row_at, some_progress

SPEC = load_spec()
CONFUSIONS = load_match_rules().confusions


@pytest.fixture
def model(qtbot: QtBot) -> RowsModel:
    return RowsModel(SPEC.grammar)


def page(first: int, total: int) -> SearchPage:
    rows = tuple(row_at(place) for place in range(first, min(first + PAGE, total)))
    return SearchPage(first, rows, total)


def answering(model: RowsModel, total: int) -> list[int]:
    asked: list[int] = []

    def answer(first: int) -> None:
        asked.append(first)
        model.put(page(first, total), model.generation)

    model.wanted.connect(answer)
    return asked


def test_that_the_model_keeps_qts_rules(qtbot: QtBot, model: RowsModel) -> None:
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    assert tester is not None
    answering(model, 250)
    model.set_total(120)
    model.set_total(250)
    assert model.index(249, 0).data() is not None
    model.set_order(Order.OLDEST)
    model.set_total(10)
    model.refresh()
    model.clear()
    assert model.rowCount() == 0


def test_that_a_row_is_asked_for_once_when_it_is_looked_at(model: RowsModel) -> None:
    asked: list[int] = []
    model.wanted.connect(asked.append)
    model.set_total(500_000)
    assert asked == []
    assert model.index(450_123, Column.CAPTURED).data() == "…"
    assert model.index(450_150, Column.VRM).data() is None
    assert asked == [450_100]
    model.put(page(450_100, 500_000), model.generation)
    assert model.index(450_123, Column.CAPTURED).data() == captured_words(
        row_at(450_123).read.captured_at
    )


def test_that_only_so_many_pages_are_kept(model: RowsModel) -> None:
    answering(model, 500_000)
    model.set_total(500_000)
    for place in range(0, 100 * PAGE, PAGE):
        model.found_at(place)
    assert model.pages_held == MOST_PAGES
    assert model.found_at(0) == row_at(0)  # asked for again


def test_that_a_page_that_was_short_is_fetched_again_when_there_is_more(model: RowsModel) -> None:
    asked = answering(model, 30)
    model.set_total(30)
    model.found_at(0)
    model.set_total(80)
    asked.clear()
    model.found_at(50)
    assert asked == [0]


def test_that_rows_of_an_earlier_order_are_dropped(model: RowsModel) -> None:
    model.set_total(50)
    before = model.generation
    model.set_order(Order.OLDEST)
    model.put(page(0, 50), before)
    assert model.pages_held == 0


def test_that_rows_stay_in_sight_while_they_are_fetched_anew(model: RowsModel) -> None:
    asked: list[int] = []
    model.wanted.connect(asked.append)
    model.set_total(50)
    model.found_at(0)
    model.put(page(0, 50), model.generation)
    model.refresh()
    assert model.found_at(3) == row_at(3)
    assert asked == [0, 0]
    model.set_order(Order.OLDEST)
    assert model.found_at(3) is None


def test_that_the_differing_characters_of_a_look_alike_are_known() -> None:
    marks = MarkPainter(SPEC.grammar, CONFUSIONS)
    assert marks.differing(row_at(0)) == frozenset()
    assert marks.differing(row_at(4)) == {1}  # A851ABC
    assert marks.differing(row_at(8)) == {6}  # AB51ABG


# ------------------------------------------------------------------ the view


@pytest.fixture
def view(qtbot: QtBot, bridge: Bridge) -> ResultsView:
    made = ResultsView(bridge, SPEC, CONFUSIONS, Look())
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def begin(view: ResultsView, found: int = 412, *, is_done: bool = False) -> FakeRunningSearch:
    running = FakeRunningSearch(view.show_progress, some_progress(found, is_done=is_done))
    view.begin(running)
    return running


def test_that_rows_stream_in_under_what_was_found(view: ResultsView) -> None:
    running = begin(view)
    assert view.model.rowCount() == 412
    assert view.status.text().startswith("412 reads of 9 marks")
    assert view.bar.isVisible()
    assert "36 of 38" in view.coverage.title.text()
    running.tell(some_progress(500, is_done=True))
    assert view.model.rowCount() == 500
    assert not view.bar.isVisible()


def test_that_rows_that_are_read_stay_until_they_are_put_in_order(view: ResultsView) -> None:
    running = begin(view)
    view.table.selectRow(3)
    running.tell(some_progress(500))
    assert view.pill.isVisible()
    assert view.chosen == row_at(3)
    view.bring_in_order()
    assert not view.pill.isVisible()
    assert view.chosen == row_at(3)


def test_that_table_pictures_timeline_and_details_show_the_same_read(view: ResultsView) -> None:
    begin(view)
    view.as_pictures.setChecked(True)
    assert view.strip.isVisible()
    view.strip.setFocus()
    QTest.keyClick(view.strip, Qt.Key.Key_Home)
    QTest.keyClick(view.strip, Qt.Key.Key_Right)
    assert view.chosen == row_at(1)
    assert view.detail.found == row_at(1)
    QTest.keyClick(view.strip, Qt.Key.Key_End)
    assert view.chosen == row_at(411)
    assert view.strip.verticalScrollBar().value() == view.strip.verticalScrollBar().maximum()


def test_that_half_a_million_rows_cost_a_screenful(view: ResultsView) -> None:
    running = begin(view, 500_000, is_done=True)
    view.table.scrollToBottom()
    view.table.viewport().repaint()
    assert len([one for one in running.asked if one[0] == "rows"]) < 12
    assert view.model.pages_held < 12


def test_that_a_bar_leads_to_its_rows_and_keys_brush(view: ResultsView) -> None:
    begin(view, is_done=True)
    line = view.timeline
    QTest.keyClick(line, Qt.Key.Key_Left)
    assert line.span is not None
    since = line.span[0]
    QTest.keyClick(line, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert line.span[0] < since
    caught: list[object] = []
    line.brushed.connect(lambda a, b: caught.extend((a, b)))
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert caught == list(line.span)
    view._go_to(line.span[0])
    assert view.table.currentIndex().row() == line.row_of(line.span[0])
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert line.span is None


def test_that_dragging_over_bars_narrows_and_a_click_does_not(view: ResultsView) -> None:
    begin(view, is_done=True)
    caught: list[object] = []
    view.timeline.brushed.connect(lambda a, b: caught.append((a, b)))
    area = view.timeline.viewport()
    centre = area.rect().center()
    QTest.mouseClick(area, Qt.MouseButton.LeftButton, pos=centre)
    assert caught == []
    assert view.chosen is not None
    QTest.mousePress(area, Qt.MouseButton.LeftButton, pos=centre)
    QTest.mouseMove(area, area.rect().topRight())
    QTest.mouseRelease(area, Qt.MouseButton.LeftButton, pos=area.rect().topRight())
    assert len(caught) == 1


def test_that_sorting_waits_for_the_end(view: ResultsView) -> None:
    running = begin(view)
    view.table.order_wanted.emit(Order.OLDEST)
    assert view.model.order is Order.NEWEST
    running.tell(some_progress(412, is_done=True))
    view.table._on_heading(Column.CAPTURED)
    assert view.model.order is Order.OLDEST
    assert view.model.found_at(0) == row_at(411)
    assert "▲" in str(view.model.headerData(Column.CAPTURED, Qt.Orientation.Horizontal))


def test_that_columns_are_chosen_and_remembered(view: ResultsView) -> None:
    menu = view.table.ask_columns(view.mapToGlobal(view.rect().center()))
    menu.actions()[Column.LANE].trigger()
    assert not view.table.isColumnHidden(Column.LANE)
    assert not menu.actions()[Column.VRM].isEnabled()
    menu.close()
    view.table.setColumnWidth(Column.CAMERA, 222)
    state = view.table.columns_state()
    view.table.setColumnHidden(Column.LANE, True)
    view.table.setColumnWidth(Column.CAMERA, 50)
    view.table.restore_columns(state)
    assert not view.table.isColumnHidden(Column.LANE)
    assert view.table.columnWidth(Column.CAMERA) == 222


def test_that_the_first_columns_stay_where_the_table_is_narrow(view: ResultsView) -> None:
    begin(view)
    view.resize(520, 700)
    view.table.horizontalScrollBar().setValue(view.table.horizontalScrollBar().maximum())
    assert view.table._frozen.isVisible()
    assert view.table._frozen.columnWidth(0) == view.table.columnWidth(0)


def test_that_several_rows_can_be_chosen(view: ResultsView) -> None:
    begin(view)
    view.table.selectRow(1)
    view.table.selectionModel().select(
        view.model.index(4, 0),
        QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
    )
    assert view.table.rows_chosen == (1, 4)


def test_that_rows_that_did_not_come_are_not_asked_for_without_end(view: ResultsView) -> None:
    running = begin(view, is_done=True)
    running.refusal = Refused("away", "The node does not answer.", "Wait.")
    view.table.scrollToBottom()
    for _ in range(5):
        view.table.viewport().repaint()
    asked = len(running.asked)
    view.table.viewport().repaint()
    assert len(running.asked) == asked
    assert "did not come" in view.pill.text()
    running.refusal = None
    view.bring_in_order()
    view.table.viewport().repaint()
    assert view.model.found_at(411) == row_at(411)


def test_that_half_a_million_rows_are_chosen_by_their_range(view: ResultsView) -> None:
    begin(view, 500_000, is_done=True)
    view.table.selectAll()
    assert len(view.table.rows_chosen) == 500_000
