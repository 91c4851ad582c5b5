from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from nas_desktop.domain.voi import ListSource
from nas_desktop.services.events import ListState
from nas_desktop.services.lists import ListCounts, ListEvent, ListVersion
from nas_desktop.ui.lists.list_words import (
    change_words,
    counts_words,
    event_words,
    loaded_words,
    source_words,
    state_words,
    version_words,
    weed_words,
    window_words,
)
from nas_desktop.ui.text import Tone
from tests.builders import NOON

VERSION = ListVersion(
    4, ListEvent.DISABLED, NOON, by="v.shah", why="under review", counts=ListCounts(9, 4, 3, 2)
)
STATE = ListState("07_Cheshire", 4, "CHESH", 9, NOON - timedelta(hours=2), version=VERSION)


@pytest.mark.parametrize(
    ("changes", "words", "tone"),
    [
        ({}, "● live", Tone.GOOD),
        ({"is_enabled": False}, "■ not matched", Tone.RED),
        ({"is_stored": False}, "▲ live, not yet stored", Tone.AMBER),
        ({"next_due_at": NOON - timedelta(minutes=5)}, "▲ overdue by 5 min", Tone.AMBER),
        ({"next_due_at": NOON + timedelta(minutes=5)}, "● live", Tone.GOOD),
        (
            {"source": ListSource.PNC_EXTRACT, "loaded_at": NOON - timedelta(hours=9)},
            "▲ 9 h old",
            Tone.AMBER,
        ),
        (
            {"source": ListSource.PNC_EXTRACT, "loaded_at": NOON - timedelta(hours=25)},
            "■ stale, 1 d 1 h old",
            Tone.RED,
        ),
        ({"source": ListSource.PNC_EXTRACT}, "● live", Tone.GOOD),
        (
            {"version": replace(VERSION, counts=ListCounts(2, no_alert=2))},
            "● live, yours alone",
            Tone.GOOD,
        ),
    ],
)
def test_that_the_state_of_a_list_is_said(
    changes: dict[str, object], words: str, tone: Tone
) -> None:
    assert state_words(replace(STATE, **changes), NOON) == (words, tone)  # type: ignore[arg-type]


def test_that_counts_loading_and_versions_are_said() -> None:
    assert (
        counts_words(ListCounts(1_009, 1_004, 3, 2)) == "1,009: 1,004 Stop · 3 Assess · 2 No Alert"
    )
    assert counts_words(ListCounts()) == "0"
    assert loaded_words(STATE, NOON) == "10:00:00 · 2 h ago"
    assert version_words(VERSION, NOON) == "Disabled 12:00:00 GMT by v.shah"
    assert version_words(replace(VERSION, by=""), NOON) == "Disabled 12:00:00 GMT"
    assert all(source_words(source) for source in ListSource)
    assert all(event_words(event) for event in ListEvent)


@pytest.mark.parametrize(
    ("next_weed", "words"),
    [
        (None, ""),
        ((date(2026, 11, 21), 3), "3 on 21/11 (tomorrow)"),
        ((date(2026, 11, 24), 1_200), "1,200 on 24/11 (in 4 days)"),
        ((date(2028, 1, 1), 1), "1 on 01/01/2028 (in 407 days)"),
    ],
)
def test_that_weeding_counts_down(next_weed: tuple[date, int] | None, words: str) -> None:
    assert weed_words(next_weed, date(2026, 11, 20)) == words


def test_that_the_window_of_an_entry_is_said() -> None:
    today = date(2026, 11, 20)
    assert window_words(today, date(2026, 11, 24), today) == "last active day 23/11/2026"
    assert window_words(today, today, today) == "weeded 20/11/2026"
    assert window_words(date(2026, 11, 21), date(2026, 11, 24), today) == "starts 21/11/2026"


@pytest.mark.parametrize("change", ["roll_back", "disable", "enable", "remove"])
def test_that_a_change_says_where_it_acts(change: str) -> None:
    assert "on every desk" in change_words(change, STATE)
    assert "on this node" in change_words(change, replace(STATE, is_own=True))
