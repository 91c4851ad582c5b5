"""The board as a Qt model, watched by Qt's own tester through every kind of change."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit_life import StepKind
from nas_desktop.domain.voi import Action
from nas_desktop.services.cards import Heading
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from nas_desktop.ui.live.hit_list_model import ROW_ROLE, HitListModel, RowKind, kind_of
from tests.builders import NOON, a_hit, a_step, decided

VRMS = ("AB51ABC", "CD62XYZ", "LM19KXR", "YK70DPO", "RN08WLG")

moves = st.lists(
    st.one_of(
        st.tuples(st.just("hit"), st.integers(0, 4), st.integers(0, 6), st.booleans()),
        st.tuples(st.sampled_from(["take", "act", "end"]), st.integers(0, 4), st.booleans()),
        st.tuples(st.sampled_from(["hold", "release", "operator", "load"]), st.integers(0, 4)),
    ),
    max_size=40,
)


def assert_agrees(model: HitListModel, board: HitBoard) -> None:
    assert model.rowCount() == len(board)
    for at in range(len(board)):
        row = board.row(at)
        assert model.kinds[at] is kind_of(row)
        assert model.data(model.index(at), ROW_ROLE) == row


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
def test_that_the_model_follows_the_board_through_any_history(
    qapp: object, steps: list[tuple[object, ...]]
) -> None:
    spec = load_spec()
    board = HitBoard(spec, "A. Khan", max_cards=4)
    model = HitListModel(board, spec)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    hits = []
    for name, which, *more in steps:
        assert isinstance(which, int)
        if name == "hit":
            at, is_stop = more
            assert isinstance(at, int)
            hit = a_hit(
                VRMS[which],
                NOON + timedelta(seconds=at),
                action=Action.STOP if is_stop else Action.ASSESS,
            )
            hits.append(hit)
            board.raise_hit(hit)
        elif name == "load":
            board.load([a_hit(v, NOON + timedelta(minutes=which)) for v in VRMS], ())
        elif name == "operator":
            board.set_operator(("A. Khan", "B. Jones")[which % 2])
        elif name == "release":
            board.release()
        elif hits:
            hit = hits[which % len(hits)]
            card = board.card_of_hit(hit.hit_id)
            if name == "hold" and card is not None:
                board.hold(card.card_id)
            elif name in ("take", "act", "end"):
                kind, code = {
                    "take": (StepKind.ACKNOWLEDGE, ""),
                    "act": (StepKind.ACTION, "deployed"),
                    "end": (StepKind.OUTCOME, "arrest"),
                }[name]
                step = a_step(hit.hit_id, kind, "A. Khan" if more[0] else "B. Jones", code=code)
                board.apply(decided(step))
        assert_agrees(model, board)
    del tester


def test_that_headings_cannot_be_chosen_and_cards_can(qapp: object, board: HitBoard) -> None:
    model = HitListModel(board, load_spec())
    board.raise_hit(a_hit())
    assert isinstance(model.data(model.index(0), ROW_ROLE), Heading)
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable
    assert model.card_at(model.index(0)) is None


def test_that_a_row_can_be_read_aloud(qapp: object, board: HitBoard) -> None:
    model = HitListModel(board, load_spec())
    board.raise_hit(a_hit())
    assert model.data(model.index(0)) == "UNACKNOWLEDGED · 1"
    assert model.data(model.index(1), Qt.ItemDataRole.AccessibleTextRole) == (
        "P1, Stop, AB51 ABC, Intel Serious Crime, CHESH, M6 North 14 · lane 2, new"
    )
    assert "Stop. Driver" in model.data(model.index(1), Qt.ItemDataRole.ToolTipRole)


def test_that_a_card_that_gains_a_note_grows(qtbot: QtBot, board: HitBoard) -> None:
    model = HitListModel(board, load_spec())
    board.raise_hit(a_hit())
    assert model.kinds[1] is RowKind.CARD
    with qtbot.waitSignal(model.rows_resized):
        board.raise_hit(a_hit(captured_at=NOON + timedelta(seconds=5)))
    assert model.kinds[1] is RowKind.CARD_WITH_NOTE
