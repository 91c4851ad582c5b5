"""The handover of a shift: what it says, what it does not know, both names, its digest."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import BY_VOICE, NODE, StepKind
from nas_desktop.services.board_filter import BoardFilter
from nas_desktop.services.desks import ReceiptFigures, Uncovered
from nas_desktop.services.events import (
    HopState,
    HopStatus,
    ListState,
    NodeFound,
    NodeLost,
    NodeState,
    Outage,
    StateReported,
)
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.lists import ListEvent, ListVersion
from nas_desktop.services.resources import load_spec
from nas_desktop.services.sheets import Section, Sheet, SheetKind
from nas_desktop.ui.main_window import MainWindow
from nas_desktop.ui.sheets.handover import MOST_ROWS, Shift, handover, text_digest
from nas_desktop.ui.sheets.handover_dialog import HandoverDialog
from nas_desktop.ui.shift_log import Entry, Matter
from nas_desktop.ui.step_history import StepHistory
from tests.builders import NOON, a_hit, a_step, decided
from tests.fakes.node_link import START, DeskClock, FakeNodeLink
from tests.fakes.sheet_link import FakeSheetLink
from tests.unit.ui.at_desk import choose, drain, press
from tests.unit.ui.sheets.conftest import Running
from tests.unit.ui.sheets.test_hit_sheet import text_in

SPEC = load_spec()
BEGAN = NOON - timedelta(hours=4)
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class Desk:
    """A board with a history, played by hand."""

    def __init__(self) -> None:
        self.board, self.history = HitBoard(SPEC, "A. Khan"), StepHistory()

    def hit(self, vrm: str, **changes: Any) -> Hit:
        hit = a_hit(vrm, NOON - timedelta(minutes=10), **changes)
        self.board.raise_hit(hit)
        return hit

    def step(self, hit: Hit, kind: StepKind, **changes: Any) -> None:
        changes.setdefault("at", NOON - timedelta(minutes=5))
        step = decided(a_step(hit.hit_id, kind, **changes))
        self.history.add([step])
        self.board.apply(step)

    def shift(self, **changes: Any) -> Shift:
        values: dict[str, Any] = {
            "giver": "A. Khan",
            "desk": "desk 1",
            "began": BEGAN,
            "now": NOON,
            "cards": tuple(self.board.cards),
            "history": self.history,
            "state": None,
            "state_age_s": 0.2,
            "is_lost": False,
            "entries": (),
            "flood_minutes": 0.0,
            "is_flooded": False,
            "mute": (None, ""),
            "filter": BoardFilter(),
            "paint_ms": (),
        }
        values.update(changes)
        return Shift(**values)


def part(sheet: Sheet, title: str) -> str:
    (found,) = [s for s in sheet.sections if s.title.startswith(title)]
    return "\n".join(f"{name}: {words}" for name, words in found.rows)


def a_state(**changes: Any) -> NodeState:
    return NodeState("Desk 1", "desk", NOON, False, **changes)


# ------------------------------------------------------------------ hits


def test_that_every_open_vehicle_stands_where_it_is() -> None:
    desk = Desk()
    desk.hit("AB51ABC")
    taken = desk.hit("CD62XYZ")
    parked = desk.hit("EF03GHJ")
    voiced = desk.hit("KL15MNP")
    for hit in (taken, parked, voiced):
        desk.step(hit, StepKind.ACKNOWLEDGE)
    until = NOON + timedelta(minutes=20)
    code = next(iter(SPEC.desk.park_reasons))
    desk.step(parked, StepKind.PARK, code=code, until=until)
    desk.step(voiced, StepKind.PASS, code=BY_VOICE, to="Gwent", text="Sgt Lee 12:01")
    sheet, hits = handover(desk.shift(), "B. Rees", SPEC)
    assert "P1 AB51 ABC" in part(sheet, "Unacknowledged · 1")
    assert "CD62 XYZ" in part(sheet, "In progress")
    assert "12:20" in part(sheet, "Parked · 1")
    assert SPEC.desk.park_reasons[code] in part(sheet, "Parked")
    assert "Gwent" in part(sheet, "Passed by voice")
    assert "Sgt Lee 12:01" in part(sheet, "Passed by voice")
    assert len(hits) == len(set(hits)) == 4
    assert sheet.gsc == "OFFICIAL-SENSITIVE"


def test_that_what_was_missed_is_listed_though_somebody_took_it_since() -> None:
    desk = Desk()
    hit, old = desk.hit("AB51ABC"), desk.hit("CD62XYZ")
    desk.step(hit, StepKind.ESCALATE, operator=NODE, code="target", at=NOON - timedelta(minutes=9))
    desk.step(hit, StepKind.ACKNOWLEDGE)
    desk.step(old, StepKind.ESCALATE, operator=NODE, code="target", at=BEGAN - timedelta(minutes=1))
    sheet, _hits = handover(desk.shift(), "B. Rees", SPEC)
    missed = part(sheet, "Missed")
    assert "AB51 ABC: 11:51:00 not acknowledged within its target" in missed
    assert "acknowledged 11:55:00 by A. Khan" in missed
    assert "CD62" not in missed


def test_that_an_empty_shift_says_none_and_what_is_not_known() -> None:
    sheet, hits = handover(Desk().shift(is_lost=True), "", SPEC)
    assert hits == ()
    assert sheet.gsc == "OFFICIAL"
    assert part(sheet, "Unacknowledged · 0") == ": None"
    assert "name to be entered" in part(sheet, "Shift")
    assert "Not known" in part(sheet, "Silent cameras")
    assert "NO LINK" in part(sheet, "Links")
    assert "Not known" in part(sheet, "Latency")


def test_that_a_long_list_is_cut_and_says_so() -> None:
    desk = Desk()
    for n in range(MOST_ROWS + 3):
        desk.hit(f"AA{n:05d}")
    sheet, hits = handover(desk.shift(), "B. Rees", SPEC)
    assert "3 more, on the board" in part(sheet, "Unacknowledged")
    assert len(hits) == MOST_ROWS + 3


# ------------------------------------------------------------------ everything else


def test_that_cameras_links_lists_and_figures_are_as_far_as_known() -> None:
    own = ListState("07_Own", 215, "CHESH", 12, NOON)
    changed = ListVersion(215, ListEvent.EDITED, NOON - timedelta(hours=1), by="V. Shah", why="new")
    before = ListVersion(3, ListEvent.IMPORTED, BEGAN - timedelta(hours=1))
    covert = replace(own, name="07_Covert", authority="X/1", entries=0, version=changed)
    state = a_state(
        hops=(
            HopState("cameras", HopStatus.LIVE, BEGAN, live=212, total=214),
            HopState("server", HopStatus.LIVE, BEGAN, age_s=0.3),
        ),
        lists=(
            replace(own, version=changed),
            replace(own, name="06_Old", revision=3, version=before),
            covert,
        ),
        outages=(
            Outage("server", NOON - timedelta(hours=2), NOON - timedelta(minutes=100), 1_243),
            Outage("server", BEGAN - timedelta(hours=2), BEGAN - timedelta(hours=1)),
        ),
        painted_p50_s=0.9,
        painted_p95_s=1.4,
        painted_max_s=2.2,
        uncovered=Uncovered(2, ("Oak 01",)),
        receipts=ReceiptFigures(10, 8, 1, 1, None, 2),
        hits_10_min=4,
    )
    shift = Desk().shift(
        state=state,
        flood_minutes=12.4,
        mute=(NOON + timedelta(minutes=5), "A. Khan"),
        filter=BoardFilter(text="M6"),
        paint_ms=(10.0, 20.0, 200.0),
        entries=(
            Entry(NOON - timedelta(minutes=50), Matter.SILENCED, "P2 and P3 muted by A. Khan"),
            Entry(NOON - timedelta(minutes=40), Matter.LINK, "Link to this desk’s node lost"),
        ),
    )
    sheet, _hits = handover(shift, "B. Rees", SPEC)
    assert "212 of 214 are heard, 2 silent" in part(sheet, "Silent cameras")
    assert "Which of them are silent is not known" in part(sheet, "Silent cameras")
    assert "Oak 01" in part(sheet, "Silent cameras")
    links = part(sheet, "Links")
    assert links.count("Outage") == 1
    assert "1,243 reads held" in links
    assert "Link to this desk’s node lost" in links
    lists = part(sheet, "Changes of lists")
    assert "07_Own revision 215, edited by V. Shah: new" in lists
    assert "06_Old" not in lists
    assert "Covert" not in sheet.text
    assert "muted by A. Khan until 12:05" in part(sheet, "Mutes")
    assert "only “M6”" in part(sheet, "Mutes")
    assert "11:10:00: P2 and P3 muted" in part(sheet, "Mutes")
    assert "12 minutes" in part(sheet, "Load")
    assert "10 hits = 8 painted + 1 not yet due + 1 overdue" in part(sheet, "Load")
    assert "p50 0.90 s, p95 1.40 s, max 2.20 s" in part(sheet, "Latency")
    assert "frame to painted p50 20 ms, p95 0.20 s" in part(sheet, "Latency")


def test_that_a_clock_in_doubt_judges_no_latency() -> None:
    hops = (HopState("server", HopStatus.LIVE, BEGAN, clock_offset_s=90.0),)
    sheet, _hits = handover(Desk().shift(state=a_state(hops=hops)), "B. Rees", SPEC)
    assert "Not judged" in part(sheet, "Latency")


def test_that_the_digest_is_that_of_the_words_above_it() -> None:
    sheet, _hits = handover(Desk().shift(), "B. Rees", SPEC)
    without = replace(sheet, sections=sheet.sections[:-1])
    assert text_digest(sheet) == hashlib.sha256(without.text.encode()).hexdigest()
    other, _hits = handover(Desk().shift(), "C. Rees", SPEC)
    assert text_digest(other) != text_digest(sheet)
    assert isinstance(sheet.sections[-1], Section)


# ------------------------------------------------------------------ in the window


def open_handover(window: MainWindow) -> HandoverDialog:
    press(window.page.hits, Qt.Key.Key_H, CTRL_SHIFT)
    dialog = window.tools.sheets.dialog
    assert isinstance(dialog, HandoverDialog)
    assert dialog.isVisible()
    assert not dialog.isModal()
    return dialog


async def test_that_a_handover_needs_two_names_and_is_on_record_with_both_digests(
    qtbot: QtBot,
    window: MainWindow,
    link: FakeNodeLink,
    sheets: FakeSheetLink,
    running: Running,
    tmp_path: Path,
) -> None:
    drain(qtbot, window, link, a_hit("AB51ABC", gsc="OFFICIAL"))
    choose(window, "AB51ABC")
    dialog = open_handover(window)
    dialog.path.setText(str(tmp_path / "over.pdf"))
    assert dialog.said.text() == "○ Name who takes over."
    QTest.keyClicks(dialog.taker, "a. khan")
    assert not dialog.write.isEnabled()
    dialog.taker.setText("B. Rees 4711")
    assert "Taken by: B. Rees 4711" in dialog.preview.toPlainText()
    dialog.write.click()
    await running.wait()
    assert dialog.said.text().startswith("✓ Written: over OFFICIAL.pdf"), dialog.said.text()
    record = sheets.records[-1]
    assert (record.kind, record.taker, len(record.hits)) == (SheetKind.HANDOVER, "B. Rees 4711", 1)
    assert record.text_sha256 == text_digest(dialog.sheet)
    written = tmp_path / "over OFFICIAL.pdf"
    assert record.file_sha256 == hashlib.sha256(written.read_bytes()).hexdigest()
    words = "".join("".join(text_in(written)).split())
    assert record.text_sha256 in words
    assert "AB51ABC" in words


def test_that_the_words_are_those_of_the_moment_until_made_anew(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink, clock: DeskClock
) -> None:
    dialog = open_handover(window)
    clock.advance(90)
    drain(qtbot, window, link, a_hit("CD62XYZ"))
    assert "CD62 XYZ" not in dialog.preview.toPlainText()
    dialog.anew.click()
    assert "CD62 XYZ" in dialog.preview.toPlainText()


def test_that_mutes_filters_and_lost_links_of_the_shift_are_kept(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    window.sounds.mute(5)
    window.sounds.unmute()
    window.page.head.words.setText("M6")
    window.page.head.clear()
    version = ListState("07_Own", 1, "CHESH", 12, START)
    for revision in (1, 2):
        with qtbot.waitSignal(window.bridge.state_changed):
            link.play(StateReported(a_state(lists=(replace(version, revision=revision),))))
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(NodeLost(START, "gone"))
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(NodeFound(START))
    with qtbot.waitSignal(window.bridge.state_changed):
        link.play(StateReported(a_state()))
    said = [entry.words for entry in window.tools.sheets.log.entries(*Matter)]
    assert said[0].startswith("P2 and P3 muted by A. Khan until")
    assert said[1:] == [
        "Mute ended by A. Khan",
        "Filter: only “M6”",
        "Filter ended",
        "07_Own revision 2",
        "Link to this desk’s node lost",
        "Link to this desk’s node back",
        "07_Own is no longer here",
    ]
    sheet, _hits = handover(window.tools.sheets.shift_now(), "B. Rees", SPEC)
    assert "07_Own revision 2" in part(sheet, "Changes of lists")
