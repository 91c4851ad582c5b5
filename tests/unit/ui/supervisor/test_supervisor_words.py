"""The words of the supervisor workspace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nas_desktop.domain.desk_scope import Circle, DeskScope
from nas_desktop.domain.geo import Position
from nas_desktop.services.desks import DeskReport, DeskState, ReceiptFigures, Uncovered
from nas_desktop.services.silences import Silence, SilenceKind
from nas_desktop.ui.supervisor.lines import Line
from nas_desktop.ui.supervisor.supervisor_words import (
    DESK_HEADS,
    attended_words,
    balance_words,
    covered_words,
    desk_line,
    missed_tip,
    nothing_missed,
    silence_line,
    uncovered_banner,
)
from nas_desktop.ui.text import Tone
from tests.builders import NOON

HERE = DeskReport("B. Lee", True, NOON - timedelta(hours=2))
EAST = DeskState("east", DeskScope(("07/13",)), HERE, NOON - timedelta(seconds=1), True)


def cells(line: Line) -> dict[str, str]:
    return dict(zip(DESK_HEADS, (cell.text for cell in line.cells), strict=True))


def test_that_a_desk_says_who_is_there_since_when_and_for_what() -> None:
    shown = cells(desk_line(EAST, NOON))
    assert shown["Attended"] == "● attended since 10:00"
    assert (shown["Operator"], shown["Looks after"]) == ("B. Lee", "cameras 07/13")
    assert (shown["Nobody has"], shown["Oldest"], shown["Heard"]) == ("–", "–", "1 s ago")
    assert (shown["Muted"], shown["Filter"], shown["Flood"]) == ("–", "–", "–")


def test_that_a_desk_says_what_waits_and_what_it_silences() -> None:
    report = replace(
        HERE,
        waiting={"P3": 4, "P1": 1, "P2": 0},
        oldest_at=NOON - timedelta(minutes=2),
        muted_until=NOON + timedelta(minutes=8),
        muted_by="B. Lee",
        filter="P1 P3",
        hides_urgent=True,
        is_flooded=True,
    )
    line = desk_line(replace(EAST, report=report), NOON)
    shown = cells(line)
    assert (shown["Nobody has"], shown["Oldest"]) == ("P1 1 · P3 4", "2:00")
    assert shown["Muted"] == "▲ until 12:08 · B. Lee"
    assert (shown["Filter"], shown["Flood"]) == ("▲ only P1 P3", "▲ flood")
    assert [cell.tone for cell in line.cells[6:9]] == [Tone.AMBER] * 3
    quiet = replace(report, hides_urgent=False, muted_until=NOON)
    shown = cells(desk_line(replace(EAST, report=quiet), NOON))
    assert (shown["Muted"], shown["Filter"]) == ("–", "only P1 P3")


@pytest.mark.parametrize(
    ("desk", "words", "tone"),
    [
        (replace(EAST, is_attended=False), "■ NO WORD for 1 s", Tone.RED),
        (
            replace(EAST, is_attended=False, report=DeskReport(since=NOON)),
            "■ NOBODY since 12:00",
            Tone.RED,
        ),
        (DeskState("night"), "○ not seen yet", Tone.QUIET),
    ],
)
def test_that_nobody_is_told_in_shape_and_word(desk: DeskState, words: str, tone: Tone) -> None:
    cell = desk_line(desk, NOON).cells[1]
    assert (cell.text, cell.tone) == (words, tone)


def test_that_a_scope_is_whole_in_its_tip() -> None:
    scope = DeskScope(("07/13",), (Circle(Position(53.4, -2.2), 2_500),), ("A",))
    tip = desk_line(replace(EAST, scope=scope), NOON).cells[3].tip
    assert tip.splitlines() == [
        "Cameras: 07/13",
        "Area: 2.5 km round 53.4000, -2.2000",
        "Lists: A",
    ]
    boss = replace(EAST, scope=DeskScope(), report=replace(HERE, is_supervisor=True))
    cell = desk_line(boss, NOON).cells[3]
    assert (cell.text, cell.tip) == ("all desks (supervisor)", "Every camera and every list")


def test_that_desks_are_counted() -> None:
    assert attended_words(()) == "no desk has reported yet"
    assert attended_words((EAST, DeskState("night"))) == "1 of 2 attended"


def test_that_what_nobody_covers_is_named() -> None:
    assert covered_words(Uncovered(), ()).startswith("○ No desk has reported")
    assert covered_words(Uncovered(), (EAST,)).startswith("● Covered")
    alone = Uncovered(3, ("Oak 01", "Elm 02"), ("north", "south"))
    words = "3 cameras (Oak 01, Elm 02 and 1 more) · the scopes of north, south"
    assert covered_words(alone, (EAST,)) == f"■ NOT COVERED: {words}"
    banner = uncovered_banner(alone)
    assert banner is not None
    assert (banner.tone, banner.title) == (Tone.RED, f"Not covered by any attended desk: {words}")
    assert uncovered_banner(Uncovered()) is None
    assert "the scope of north" in covered_words(Uncovered(desks=("north",)), (EAST,))


@pytest.mark.parametrize(
    ("figures", "begins", "tone"),
    [
        (ReceiptFigures(), "Receipts: no hit", Tone.QUIET),
        (ReceiptFigures(2, 1, 1, 0), "● Receipts balance: 2 hits = 1 receipt + 1", Tone.QUIET),
        (
            ReceiptFigures(3, 1, 0, 2, NOON - timedelta(minutes=2)),
            "▲ Receipts balance: 3 hits = 1 receipt + 0 waiting + 2 without, the oldest for 2 min",
            Tone.AMBER,
        ),
        (ReceiptFigures(3, 1, 0, 2), "▲ Receipts balance", Tone.AMBER),
        (ReceiptFigures(9, 1, 0, 2), "■ RECEIPTS DO NOT BALANCE", Tone.RED),
    ],
)
def test_that_the_balance_says_whether_it_does(
    figures: ReceiptFigures, begins: str, tone: Tone
) -> None:
    words, loud = balance_words(figures, NOON)
    assert words.startswith(begins)
    assert loud is tone


def test_that_missed_targets_are_never_told_as_none() -> None:
    assert nothing_missed(0).startswith("Nothing was missed")
    assert nothing_missed(2).startswith("2 targets missed")
    assert missed_tip(1, 0) == "1 target missed since the server started."
    assert "3 older vehicles" in missed_tip(1, 3)


@pytest.mark.parametrize(
    ("silence", "what", "where", "words"),
    [
        (
            Silence(SilenceKind.MUTE, "east", "B. Lee", until=NOON + timedelta(minutes=8)),
            "○ Muted",
            "east",
            "by B. Lee, until 12:08 (8 min)",
        ),
        (
            Silence(SilenceKind.LIST_OFF, "A", "J. Moss", NOON, detail="Storm", is_urgent=True),
            "▲ List not matched",
            "A",
            "Storm · by J. Moss, since 12:00, until enabled",
        ),
        (
            Silence(SilenceKind.SOURCE, "server", since=NOON, is_urgent=True),
            "▲ Not delivering",
            "Server",
            "since 12:00, until it is back",
        ),
        (
            Silence(SilenceKind.PNC, "PNC", detail="extract"),
            "○ PNC: Extract only",
            "PNC",
            "until the live link is back",
        ),
        (
            Silence(SilenceKind.PNC, "PNC", is_urgent=True),
            "▲ PNC: NO MATCHING",
            "PNC",
            "until the live link is back",
        ),
    ],
)
def test_that_what_silences_says_who_and_until_when(
    silence: Silence, what: str, where: str, words: str
) -> None:
    assert tuple(cell.text for cell in silence_line(silence, NOON).cells) == (what, where, words)
