"""The line for command and control, and contact and CAD one key away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Basis, Hit
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.domain.spec import Spec
from nas_desktop.services.cards import Card
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.services.sheets import SheetKind, marking_of, one_line
from nas_desktop.ui.control_line import FIELDS, command_line
from nas_desktop.ui.main_window import MainWindow
from tests.builders import NOON, a_hit, a_step, decided
from tests.fakes.node_link import FakeNodeLink
from tests.fakes.sheet_link import FakeSheetLink
from tests.unit.ui.at_desk import choose, drain, press

SPEC: Spec = load_spec()
README_LINE = (
    "OFFICIAL-SENSITIVE | ANPR HIT | P1 | AB51 ABC | STOP | Intel Serious Crime | FI VI | "
    "FORD FOCUS · BLUE | M6 North 14 · lane 2 | 20/11/2026 12:00:00 GMT | "
    "07_Cheshire VOI List rev 214 | CAD 1142 | INC 4711"
)


def a_card(*hits: Hit, incident: str = "") -> Card:
    board = HitBoard(SPEC)
    cards = [board.raise_hit(hit) for hit in hits]
    if incident:
        board.apply(decided(a_step(hits[-1].hit_id, StepKind.INCIDENT, text=incident)))
    card = cards[-1]
    assert card is not None
    return card


def test_that_the_line_has_every_field_in_its_place_marking_first() -> None:
    line = command_line(a_card(a_hit(), incident="4711"), SPEC, NOON)
    assert line == README_LINE
    assert len(line.split(" | ")) == len(FIELDS)


def test_that_a_field_without_a_value_keeps_its_place() -> None:
    hit = a_hit(cad="", warning_signals=(), gsc="OFFICIAL", make="", model="", colour="")
    fields = command_line(a_card(hit), SPEC, NOON).split(" | ")
    assert len(fields) == len(FIELDS)
    assert fields[0] == "OFFICIAL"
    assert [fields[FIELDS.index(n)] for n in ("warning signals", "vehicle", "CAD", "incident")] == [
        "–", "–", "–", "–"
    ]  # fmt: skip


def test_that_the_highest_marking_of_all_reasons_governs() -> None:
    low = a_hit(gsc="OFFICIAL")
    high = a_hit(gsc="OFFICIAL-SENSITIVE", list_name="06_GMP VOI List", reason="Cloned")
    assert marking_of([low]) == "OFFICIAL"
    assert marking_of([low.with_reasons(high.reasons)]) == "OFFICIAL-SENSITIVE"
    assert marking_of([a_hit(gsc="")]) == "OFFICIAL"


def test_that_nothing_in_a_value_can_shift_the_fields() -> None:
    hit = a_hit(reason="Stolen | STOP\nnow\x07")
    line = command_line(a_card(hit), SPEC, NOON)
    assert len(line.split(" | ")) == len(FIELDS)
    assert "Stolen / STOP now" in line
    assert one_line(" a|b \r\n c ") == "a/b c"


def test_that_the_line_says_when_nobody_may_act_any_more() -> None:
    hit = a_hit()
    gone = replace(hit.reasons[0], basis=Basis.WITHDRAWN, basis_at=NOON)
    fields = command_line(a_card(replace(hit, reasons=(gone,))), SPEC, NOON).split(" | ")
    assert fields[FIELDS.index("action")] == "ENTRY GONE, DO NOT STOP"
    weeded = command_line(a_card(a_hit()), SPEC, NOON + timedelta(days=90)).split(" | ")
    assert weeded[FIELDS.index("action")] == "ENTRY GONE, DO NOT STOP"


@pytest.mark.parametrize(
    ("is_simulation", "what"), [(True, "SIMULATION ANPR HIT"), (False, "ANPR HIT")]
)
def test_that_invented_data_is_marked(is_simulation: bool, what: str) -> None:
    line = command_line(a_card(a_hit(is_simulation=is_simulation)), SPEC, NOON)
    assert line.split(" | ")[1] == what


def test_that_f2_copies_it_records_it_and_says_what_comes_next(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, sheets: FakeSheetLink
) -> None:
    hit = a_hit()
    drain(qtbot, window, link, hit)
    choose(window, "AB51ABC")
    press(window.page.hits, Qt.Key.Key_F2)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("OFFICIAL-SENSITIVE | ANPR HIT | P1 | AB51 ABC | ")
    assert text.endswith(" | –")
    assert "Press I to paste back the incident number." in window.notice.words.text()
    (record,) = sheets.records
    assert (record.kind, record.hits, record.gsc) == (
        SheetKind.LINE, (hit.hit_id,), "OFFICIAL-SENSITIVE",
    )  # fmt: skip


def test_that_the_number_pasted_back_is_in_the_detail_and_in_the_next_line(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    qtbot.waitUntil(window.actions_by_name["incident"].isEnabled)
    press(window.page.hits, Qt.Key.Key_I)
    with qtbot.waitSignal(window.bridge.drained):
        QTest.keyClicks(window.page.asker.form.fields[0], "4711")
        press(window.page.asker.form.fields[0], Qt.Key.Key_Return)
    facts = window.page.detail.body._facts.findChildren(QLabel)
    assert {"Incident", "4711"} <= {w.text() for w in facts if not w.isHidden()}
    press(window.page.hits, Qt.Key.Key_F2)
    assert QGuiApplication.clipboard().text().endswith(" | INC 4711")
    assert "Incident 4711 is in the line." in window.notice.words.text()


def test_that_a_line_that_is_not_on_record_is_copied_and_says_so(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, sheets: FakeSheetLink
) -> None:
    sheets.refusal = Refused("link_down", "The node cannot be reached.")
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    press(window.page.hits, Qt.Key.Key_F2)
    assert "AB51 ABC" in QGuiApplication.clipboard().text()
    assert "cannot be reached" in window.notice.words.text()


# ------------------------------------------------------------------ contact and CAD


def test_that_k_shows_contact_and_cad_and_copies_them(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit())
    choose(window, "AB51ABC")
    press(window.page.hits, Qt.Key.Key_K)
    panel = window.tools.contact
    assert panel.isVisible()
    assert [v.text() for v in panel.values] == ["FIM 24 h 01606 000000", "1142"]
    press(panel, Qt.Key.Key_1)
    assert QGuiApplication.clipboard().text() == "FIM 24 h 01606 000000"
    press(panel, Qt.Key.Key_2)
    assert QGuiApplication.clipboard().text() == "1142"
    press(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert window.page.hits.hasFocus()


def test_that_what_the_entry_lacks_is_said(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit(cad="", contact=""))
    choose(window, "AB51ABC")
    press(window.page.hits, Qt.Key.Key_K)
    panel = window.tools.contact
    assert [v.text() for v in panel.values] == ["not given in the entry"] * 2
    assert not panel.buttons[0].isEnabled()
    before = QGuiApplication.clipboard().text()
    press(panel, Qt.Key.Key_1)
    assert QGuiApplication.clipboard().text() == before
    press(panel, Qt.Key.Key_K)
    assert not panel.isVisible()


def test_that_the_lock_and_another_card_put_the_contact_away(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    drain(qtbot, window, link, a_hit(), a_hit("CD62XYZ"))
    choose(window, "AB51ABC")
    press(window.page.hits, Qt.Key.Key_K)
    choose(window, "CD62XYZ")
    assert not window.tools.contact.isVisible()
    press(window.page.hits, Qt.Key.Key_K)
    window.lock.lock()
    assert not window.tools.contact.isVisible()
