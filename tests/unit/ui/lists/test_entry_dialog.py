"""The editor of one entry: checked as it is typed, saved against a revision, nothing lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QDate
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.services.events import ListState
from nas_desktop.ui.lists.entry_dialog import EntryDialog
from nas_desktop.ui.theme import Look
from tests.builders import NOON, an_entry
from tests.fakes.list_link import FakeListLink

LIST = ListState("07_Cheshire VOI List", 7, "CHESH", 12, NOON, is_own=True, owner="akhan")
TODAY = date(2026, 11, 20)


@pytest.fixture
def link() -> FakeListLink:
    return FakeListLink()


def an_editor(
    qtbot: QtBot,
    link: FakeListLink,
    entry: VoiEntry | None,
    state: ListState = LIST,
    *,
    at_server: bool = False,
) -> EntryDialog:
    window = QWidget()
    qtbot.addWidget(window)
    made = EntryDialog(link, state, entry, at_server=at_server, today=TODAY, parent=window)
    made.window_kept = window  # type: ignore[attr-defined]  # the test's only hold on its owner
    made.open()
    return made


def codes(dialog: EntryDialog) -> set[str]:
    return {finding.code for finding in dialog.findings}


async def save(dialog: EntryDialog) -> None:
    dialog.save_entry()
    for _turn in range(20):
        await asyncio.sleep(0)
        if dialog._task is None:
            return


def test_that_an_entry_is_shown_as_it_stands(qtbot: QtBot, link: FakeListLink) -> None:
    entry = an_entry()
    dialog = an_editor(qtbot, link, entry)
    assert dialog._record.entry == entry
    assert not dialog.has_changes
    assert not dialog.save.isEnabled()
    assert "Nothing has been changed" in dialog.standing.text()


def test_that_faults_are_found_before_anything_is_sent(qtbot: QtBot, link: FakeListLink) -> None:
    dialog = an_editor(qtbot, link, an_entry())
    dialog.form.lines[16].setText("")
    assert "V070" in codes(dialog)
    assert not dialog.save.isEnabled()
    dialog.form.lines[16].setText("FIM 24 h")
    dialog.form.lines[8].setText("B24")
    assert codes(dialog) == {"V030"}
    dialog.form.lines[8].setText("2BP")
    assert dialog.save.isEnabled()


def test_that_the_counter_counts_code_points_after_composing(
    qtbot: QtBot, link: FakeListLink
) -> None:
    dialog = an_editor(qtbot, link, an_entry())
    dialog.form.information.setPlainText("e\u0301" * 198)
    assert dialog.form.length.text().startswith("198 of 198")
    assert "V040" not in codes(dialog)
    dialog.form.information.setPlainText("e\u0301" * 199)
    assert "V040" in codes(dialog)
    assert not dialog.save.isEnabled()


def test_that_a_mark_may_be_typed_with_a_space_and_small(qtbot: QtBot, link: FakeListLink) -> None:
    dialog = an_editor(qtbot, link, None)
    qtbot.keyClicks(dialog.form.vrm, "ab51 abc")
    assert dialog.form.vrm.text() == "AB51ABC"
    assert "AB51 ABC" in dialog.form.vrm_hint.text()


def test_that_the_last_active_day_is_said(qtbot: QtBot, link: FakeListLink) -> None:
    dialog = an_editor(qtbot, link, an_entry())
    dialog.form.weed_date.setDate(QDate(2026, 12, 1))
    assert "30/11/2026" in dialog.form.last_day.text()
    assert "Last active day" in dialog.form.last_day.text()


def test_that_no_alert_needs_the_authority_of_its_list(qtbot: QtBot, link: FakeListLink) -> None:
    quiet = an_entry(action=Action.NO_ALERT)
    dialog = an_editor(qtbot, link, quiet)
    dialog.form.lines[4].setText("GREY")
    assert not dialog.save.isEnabled()
    other = an_editor(qtbot, link, quiet, replace(LIST, authority="RIPA 12/26"))
    other.form.lines[4].setText("GREY")
    assert other.save.isEnabled()


async def test_that_an_entry_is_saved_against_the_revision_it_was_read_from(
    qtbot: QtBot, link: FakeListLink
) -> None:
    dialog = an_editor(qtbot, link, an_entry(), at_server=True)
    dialog.form.lines[4].setText("GREY")
    dialog.why.setText("seen by the OIC")
    await save(dialog)
    (asked,) = link.calls("edit")
    name, put, gone, why = asked.given
    assert (name, gone, why) == (LIST.name, (), "seen by the OIC")
    assert put[0].colour == "GREY"
    assert asked.named == {"if_revision": 7, "at_server": True}
    assert not dialog.isVisible()


async def test_that_another_mark_takes_the_old_one_away(qtbot: QtBot, link: FakeListLink) -> None:
    dialog = an_editor(qtbot, link, an_entry())
    dialog.form.vrm.setText("AB51ABD")
    await save(dialog)
    (asked,) = link.calls("edit")
    assert asked.given[2] == ("AB51ABC",)


async def test_that_a_refusal_is_said_and_nothing_typed_is_lost(
    qtbot: QtBot, link: FakeListLink
) -> None:
    link.refusal = Refused(
        "list_moved", "Somebody else has changed the list meanwhile.", "Look at the entry again."
    )
    dialog = an_editor(qtbot, link, an_entry())
    dialog.form.lines[4].setText("GREY")
    await save(dialog)
    assert "Somebody else has changed" in dialog.said.text()
    assert dialog.isVisible()
    assert dialog.form.lines[4].text() == "GREY"
    assert dialog.save.isEnabled()


def test_that_unsaved_changes_are_asked_about(qtbot: QtBot, link: FakeListLink) -> None:
    dialog = an_editor(qtbot, link, an_entry())
    dialog.form.lines[4].setText("GREY")
    dialog.reject()
    assert dialog.isVisible()
    assert dialog.throw_away.isVisible()
    dialog.keep.click()
    assert not dialog.throw_away.isVisible()
    dialog.close()
    assert dialog.isVisible()
    dialog.throw_away.click()
    assert not dialog.isVisible()
    assert link.calls("edit") == []


@pytest.mark.parametrize("width", [700, 1400])
def test_that_the_columns_stand_where_there_is_room(
    qtbot: QtBot, link: FakeListLink, width: int
) -> None:
    # The window sets the face of the whole program; an earlier one may have left a large one.
    QApplication.setFont(Look().font(13))
    dialog = an_editor(qtbot, link, an_entry())
    dialog.resize(width, 640)
    left, right = dialog.form._left, dialog.form._right
    qtbot.waitUntil(lambda: (right.x() > left.x()) is (width == 1400))
    assert dialog.form.horizontalScrollBar().maximum() == 0


def test_that_a_dialog_stays_within_its_window(qtbot: QtBot, link: FakeListLink) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.look = Look(scale=2.0)  # type: ignore[attr-defined]
    dialog = EntryDialog(link, LIST, None, at_server=False, today=TODAY, parent=window)
    assert dialog.width() <= 1366
    assert dialog.height() <= 800
