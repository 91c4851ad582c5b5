"""Dialogs beside the searches: authority, export, preserve, saved; none of them modal."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import ReadQuery, Where
from nas_desktop.domain.search_access import Authority, Purpose
from nas_desktop.services import tasks
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.services.searches import ExportFormat, Order, Preserved, SavedSearch
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.search.authority_dialog import AuthorityDialog
from nas_desktop.ui.search.camera_dialog import CameraModel
from nas_desktop.ui.search.coverage_view import GapsModel
from nas_desktop.ui.search.export_dialog import ExportDialog
from nas_desktop.ui.search.preserve_dialog import PreserveDialog
from nas_desktop.ui.search.preserved_dialog import REVIEW, PreservedDialog, PreservedModel
from nas_desktop.ui.search.saved_dialog import SavedDialog, SaveDialog, TableOf
from nas_desktop.ui.theme import Look
from tests.builders import a_read
from tests.fakes.node_link import START, DeskClock, FakeNodeLink, an_operator
from tests.fakes.search_link import (
    FakeRunningSearch,
    FakeSearchLink,
    some_cameras,
    some_progress,
)

QUERY = ReadQuery(START - timedelta(days=7), START, vrms=("AB51ABC",))
GIVEN = Authority(
    "A-9", "b.lowe", "B. Lowe", "Inspector", "Staffordshire", START - timedelta(hours=1),
    Purpose.SERIOUS, "OP MERCURY", START - timedelta(days=200), START,
    START + timedelta(hours=10), is_verbal=True,
)  # fmt: skip


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def link() -> FakeNodeLink:
    return FakeNodeLink()


@pytest.fixture
def searches() -> FakeSearchLink:
    return FakeSearchLink(START)


@pytest.fixture
def running() -> FakeRunningSearch:
    return FakeRunningSearch(lambda _progress: None, some_progress(is_done=True))


def authority(bridge: Bridge, searches: FakeSearchLink, parent: QWidget) -> AuthorityDialog:
    made = AuthorityDialog(
        bridge, searches, searches.rules, parent, span=(QUERY.since, QUERY.until),
        purpose=Purpose.SERIOUS, operation="OP MERCURY", marks="AB51ABC",
    )  # fmt: skip
    made.show()
    return made


# ------------------------------------------------------------------ authority


def test_that_a_verbal_authority_is_entered_and_used(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    bridge.set_operator(an_operator(Role.ANALYST))
    dialog = authority(bridge, searches, parent)
    assert dialog.tabs.currentIndex() == 1  # there is none to choose
    assert not dialog.enter.isEnabled()
    assert "Name the authoriser" in dialog.said.text()
    dialog.fields["authoriser"].setText("akhan")
    dialog.fields["name"].setText("B. Lowe")
    dialog.rank.setCurrentIndex(3)
    assert "of their own" in dialog.said.text()
    dialog.fields["authoriser"].setText("b.lowe")
    assert dialog.enter.isEnabled()
    found: list[Authority] = []
    dialog.chosen.connect(found.append)
    dialog.enter.click()
    (one,) = found
    assert one.is_verbal
    assert one.granted_to == "akhan"
    assert one.rank == "Inspector"
    assert one.marks == ("AB51ABC",)
    assert one.expires_at == START + timedelta(hours=24)
    assert one.authority_id == "A-1"


def test_that_a_known_authority_is_chosen_and_says_what_it_waits_for(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    bridge.set_operator(an_operator(Role.ANALYST))
    searches.given = [GIVEN, replace(GIVEN, expires_at=START - timedelta(hours=1))]
    dialog = authority(bridge, searches, parent)
    assert dialog.known_model.index(0, 5).data().startswith("▲ countersign by")
    assert dialog.known_model.index(1, 5).data() == "■ has run out"
    found: list[Authority] = []
    dialog.chosen.connect(found.append)
    dialog.use.click()
    assert found == [GIVEN]
    assert not dialog.isVisible()


def test_that_an_authoriser_countersigns_what_was_given_in_their_name(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    bridge.set_operator(replace(an_operator(Role.AUTHORISER), username="b.lowe", name="B. Lowe"))
    searches.given = [GIVEN, replace(GIVEN, authority_id="A-10", authoriser="c.day")]
    dialog = authority(bridge, searches, parent)
    assert dialog.tabs.currentIndex() == 2
    assert dialog.waiting_model.rowCount() == 1
    dialog.sign.click()
    assert searches.calls("countersign") == [("A-9",)]
    assert dialog.waiting_model.rowCount() == 0
    assert dialog.said.text() == "Nothing waits for you."


def test_that_a_refused_authority_is_said_in_the_dialog(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    bridge.set_operator(an_operator(Role.ANALYST))
    dialog = authority(bridge, searches, parent)
    dialog.fields["authoriser"].setText("b.lowe")
    dialog.fields["name"].setText("B. Lowe")
    dialog.rank.setCurrentIndex(3)
    searches.refusal = Refused("no", "Nobody is called so.", "Correct the name.")
    dialog.enter.click()
    assert "Nobody is called so." in dialog.said.text()
    assert dialog.isVisible()


def test_that_a_rank_too_low_for_the_band_is_said_at_once(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    bridge.set_operator(an_operator(Role.ANALYST))
    dialog = authority(bridge, searches, parent)
    dialog.fields["authoriser"].setText("b.lowe")
    dialog.fields["name"].setText("B. Lowe")
    dialog.rank.setCurrentIndex(2)
    assert dialog.enter.isEnabled()  # a week back nobody's rank is asked for
    dialog.fields["since"].setText("120 days")
    assert "Band B needs the rank Inspector" in dialog.said.text()
    dialog.rank.setCurrentIndex(3)
    assert dialog.enter.isEnabled()


# ------------------------------------------------------------------ export


def filled(dialog: ExportDialog) -> ExportDialog:
    dialog.show()
    dialog.recipient.setText("DS Lowe")
    dialog.path.setText("/tmp/reads.csv")
    return dialog


def test_that_an_export_needs_a_recipient_and_shows_its_marking(
    bridge: Bridge, running: FakeRunningSearch, parent: QWidget
) -> None:
    dialog = ExportDialog(bridge, running, "OP MERCURY", parent)
    dialog.show()
    assert "OFFICIAL-SENSITIVE" in dialog.what.text()
    assert "CPIA" in dialog.note.text()
    assert "MOPI" in dialog.note.text()
    assert not dialog.write.isEnabled()
    filled(dialog)
    dialog.write.click()
    assert running.asked[-1] == ("export", "/tmp/reads.csv", ExportFormat.CSV, "DS Lowe", False)
    assert "412 rows written" in dialog.said.text()


def test_that_locations_need_a_second_confirmation(
    bridge: Bridge, running: FakeRunningSearch, parent: QWidget
) -> None:
    dialog = filled(ExportDialog(bridge, running, "OP MERCURY", parent))
    assert not dialog.warning.isVisible()
    dialog.locations.setChecked(True)
    assert dialog.warning.isVisible()
    assert not dialog.write.isEnabled()
    dialog.sure.setChecked(True)
    assert dialog.write.isEnabled()
    dialog.locations.setChecked(False)
    dialog.locations.setChecked(True)
    assert not dialog.write.isEnabled()  # asked each time
    dialog.sure.setChecked(True)
    dialog.write.click()
    assert running.asked[-1][-1] is True


def test_that_the_file_follows_the_format(
    bridge: Bridge, running: FakeRunningSearch, parent: QWidget
) -> None:
    dialog = filled(ExportDialog(bridge, running, "OP MERCURY", parent))
    dialog.kind.setCurrentIndex(dialog.kind.findData(ExportFormat.KML))
    assert dialog.path.text().endswith("reads.kml")
    assert "without them" in dialog.locations.text()


def test_that_a_refused_export_says_why(
    bridge: Bridge, running: FakeRunningSearch, parent: QWidget
) -> None:
    dialog = filled(ExportDialog(bridge, running, "OP MERCURY", parent))
    running.refusal = Refused("disk", "The disk is full.", "Free space.")
    dialog.write.click()
    assert dialog.said.text() == "■ The disk is full. Free space."


def test_that_an_export_under_way_shows_progress_and_can_be_cancelled(
    qtbot: QtBot, board: HitBoard, clock: DeskClock, running: FakeRunningSearch, parent: QWidget
) -> None:
    running.never_answers = True

    async def scenario() -> None:
        bridge = Bridge(FakeNodeLink(), board, clock, tasks.spawn)
        dialog = filled(ExportDialog(bridge, running, "OP MERCURY", parent))
        dialog.write.click()
        await asyncio.sleep(0)
        assert dialog.progress.isVisible()
        assert dialog.said.text() == "206 of 412 rows"
        dialog.reject()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert dialog.isVisible()
        assert "cancelled" in dialog.said.text()
        dialog.reject()
        assert not dialog.isVisible()
        bridge.stop()

    asyncio.run(scenario())


# ------------------------------------------------------------------ preserve, saved


def test_that_reads_are_preserved_with_reference_and_review_date(
    bridge: Bridge, running: FakeRunningSearch, parent: QWidget
) -> None:
    dialog = PreserveDialog(bridge, running, (1, 4), Order.OLDEST, "", parent)
    dialog.show()
    assert not dialog.keep.isEnabled()
    dialog.reference.setText("CR 2211")
    kept: list[int] = []
    dialog.preserved.connect(kept.append)
    dialog.keep.click()
    assert kept == [2]
    what, places, reference, review, order = running.asked[-1]
    assert (what, places, reference, order) == ("preserve", (1, 4), "CR 2211", Order.OLDEST)
    assert review.date() == (START + timedelta(days=90)).date()


def test_that_a_question_is_saved_under_a_name_without_its_reason(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    dialog = SaveDialog(bridge, searches, QUERY, Where.BOTH, parent)
    dialog.show()
    dialog.name.setText("A50 corridor")
    dialog.shared.setChecked(True)
    dialog.keep.click()
    assert searches.calls("save") == [("A50 corridor", QUERY, Where.BOTH, True)]
    assert not dialog.isVisible()


def test_that_saved_searches_show_their_owner_and_give_their_question(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    bridge.set_operator(an_operator(Role.ANALYST))
    searches.kept = [
        SavedSearch("S-1", "Mine", "akhan", QUERY.text, Where.LOCAL, START),
        SavedSearch("S-2", "Theirs", "b.lowe", QUERY.text, Where.BOTH, START, is_shared=True),
    ]
    dialog = SavedDialog(bridge, searches, parent, is_history=False)
    dialog.show()
    assert dialog.saved_model.index(0, 3).data() == "mine"
    assert dialog.saved_model.index(1, 3).data() == "b.lowe · shared"
    assert dialog.forget.isEnabled()
    dialog.saved.selectRow(1)
    assert not dialog.forget.isEnabled()
    found: list[tuple[object, object]] = []
    dialog.chosen.connect(lambda query, where: found.append((query, where)))
    dialog.to_now.setChecked(False)
    dialog.take_chosen()
    assert found == [(QUERY, Where.BOTH)]


def test_that_a_saved_span_is_moved_up_to_now(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    old = replace(QUERY, since=QUERY.since - timedelta(days=30), until=QUERY.until - timedelta(30))
    searches.kept = [SavedSearch("S-1", "Week", "akhan", old.text, Where.LOCAL, START)]
    dialog = SavedDialog(bridge, searches, parent, is_history=False)
    dialog.show()
    found: list[ReadQuery] = []
    dialog.chosen.connect(lambda query, _where: found.append(query))
    dialog.take.click()
    assert found[0].until - found[0].since == timedelta(days=7)
    assert found[0].until - START < timedelta(minutes=1)


def test_that_ones_own_saved_search_is_forgotten_and_empty_lists_teach(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    bridge.set_operator(an_operator(Role.ANALYST))
    searches.kept = [SavedSearch("S-1", "Mine", "akhan", QUERY.text, Where.LOCAL, START)]
    dialog = SavedDialog(bridge, searches, parent, is_history=False)
    dialog.show()
    dialog.forget.click()
    assert dialog.saved_model.rowCount() == 0
    assert "Ctrl+S" in dialog.said.text()
    dialog.tabs.setCurrentIndex(1)
    assert "No search of yours" in dialog.said.text()


# ------------------------------------------------------------------ preserved reads


def kept(vrm: str, review_in: int) -> Preserved:
    at = START - timedelta(days=100)
    read = a_read(vrm, at - timedelta(days=1))
    return Preserved(read, "OP MERCURY", "b.lowe", at, START + timedelta(days=review_in))


def test_that_the_next_review_stands_first_and_an_overdue_one_says_so(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    searches.kept_reads = (kept("AB51ABC", 40), kept("CD62XYZ", -12), kept("LM19KXR", 3))
    dialog = PreservedDialog(bridge, searches, load_spec().grammar, parent)
    dialog.show()
    model = dialog.model
    rows = [[model.index(at, column).data() for column in range(6)] for at in range(3)]
    assert [row[0] for row in rows] == ["CD62 XYZ", "LM19 KXR", "AB51 ABC"]
    assert rows[0][1:5] == ["11/08/2026 21:04:07", "OP MERCURY", "b.lowe", "12/08/2026"]
    assert [row[5] for row in rows] == [
        "overdue by 12 days · 08/11/2026",
        "in 3 days · 23/11/2026",
        "in 40 days · 30/12/2026",
    ]
    mark = Qt.ItemDataRole.DecorationRole
    colours = [model.index(at, REVIEW).data(mark) for at in range(3)]
    assert colours[0] is not None
    assert colours[1] is not None
    assert colours[0].toImage() != colours[1].toImage()
    assert colours[2] is None
    assert dialog.said.text() == "■ 1 review is overdue of 3 reads."
    assert dialog.table.currentIndex().row() == 0


def test_that_a_review_of_today_is_due_and_not_overdue(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    searches.kept_reads = (kept("AB51ABC", 0),)
    dialog = PreservedDialog(bridge, searches, load_spec().grammar, parent)
    assert dialog.model.index(0, REVIEW).data() == "due today · 20/11/2026"
    assert "no review is overdue" in dialog.said.text()


def test_that_no_preserved_read_teaches_and_a_refusal_is_said(
    bridge: Bridge, searches: FakeSearchLink, parent: QWidget
) -> None:
    dialog = PreservedDialog(bridge, searches, load_spec().grammar, parent)
    assert "Ctrl+K" in dialog.said.text()
    searches.refusal = Refused("link_down", "The node cannot be reached.")
    dialog = PreservedDialog(bridge, searches, load_spec().grammar, parent)
    assert dialog.said.text() == "■ The node cannot be reached."


# ------------------------------------------------------------------ models


def test_that_the_models_keep_qts_rules(qtbot: QtBot) -> None:
    cameras = CameraModel(some_cameras())
    gaps = GapsModel(some_progress().coverage)
    words = TableOf(("One", "Two"), lambda thing: (str(thing), "x"))
    preserved = PreservedModel(load_spec().grammar, START, Look())
    testers = [
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
        for model in (cameras, gaps, words, preserved)
    ]
    assert len(testers) == 4
    preserved.show([kept("AB51ABC", 1), kept("CD62XYZ", -1)])
    cameras.narrow("a50")
    index = cameras.index(0)
    cameras.setData(index, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert len(cameras.chosen) == 1
    cameras.narrow("")
    assert len(cameras.chosen) == 1
    cameras.tick_shown(is_on=False)
    assert cameras.chosen == set()
    words.show([1, 2])
    assert words.at(1) == 2
    assert words.at(9) is None


def test_that_cameras_stand_as_people_count() -> None:
    cameras = CameraModel(some_cameras())
    names = [str(cameras.index(row).data()).split("  ")[0] for row in range(cameras.rowCount())]
    assert names.index("A34 South 3") < names.index("A34 South 11")
