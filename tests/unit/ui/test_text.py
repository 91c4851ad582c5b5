"""The words of the window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nas_desktop.services import events
from nas_desktop.services.events import (
    HopState,
    HopStatus,
    ListState,
    NodeLost,
    NodeState,
)
from nas_desktop.ui import text
from nas_desktop.ui.text import Tone

NOW = datetime(2026, 11, 20, 21, 4, 7, tzinfo=UTC)


def a_state(**changes: object) -> NodeState:
    values: dict[str, object] = {
        "node_name": "Desk 1",
        "role": "desk",
        "at": NOW,
        "is_simulation": False,
        "lists": (ListState("07_Cheshire", 3, "CHESH", 120, NOW),),
        "reads_per_s": 1482.0,
    }
    values.update(changes)
    return NodeState(**values)  # type: ignore[arg-type]


def a_hop(name: str, status: HopStatus, **changes: object) -> HopState:
    return HopState(name, status, NOW - timedelta(minutes=5), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-2, "0 s"),
        (4.9, "4 s"),
        (59, "59 s"),
        (60, "1:00"),
        (128, "2:08"),
        (599, "9:59"),
        (600, "10 min"),
        (3_600, "1 h"),
        (20_880, "5 h 48 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_that_an_age_is_said_in_the_unit_that_suits_it(seconds: float, words: str) -> None:
    assert text.age_words(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(59, "59 s"), (3_599, "59 min"), (7_800, "2h 10m"), (200_000, "2 d")]
)
def test_that_an_age_on_a_card_stays_short(seconds: float, words: str) -> None:
    assert text.card_age_words(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "–"), (0.02, "20 ms"), (0.34, "0.34 s"), (12, "12.0 s")]
)
def test_that_a_measured_span_keeps_its_precision(seconds: float | None, words: str) -> None:
    assert text.seconds_words(seconds) == words


def test_that_a_moment_of_another_day_carries_its_date() -> None:
    assert text.moment_words(NOW, NOW) == "21:04:07"
    assert text.moment_words(NOW - timedelta(days=1), NOW) == "19/11/2026 21:04:07"


def test_that_a_live_hop_says_how_old_its_news_is() -> None:
    words = text.hop_words(a_hop("server", HopStatus.LIVE, age_s=0.3), NOW, 1.0)
    assert (words.name, words.state, words.figure, words.tone) == (
        "Server",
        "live",
        "1.3 s",
        Tone.GOOD,
    )


def test_that_cameras_are_counted() -> None:
    words = text.hop_words(a_hop("cameras", HopStatus.LIVE, live=212, total=214), NOW)
    assert (words.state, words.figure, words.tone) == ("", "212 of 214", Tone.QUIET)


def test_that_a_lost_hop_says_since_when_and_what_waits() -> None:
    hop = a_hop("nas", HopStatus.LOST, held=1200, oldest_at=NOW - timedelta(minutes=4))
    words = text.hop_words(hop, NOW)
    assert words.figure == "since 20:59:07 · 1,200 waiting, oldest 4 min"
    assert words.tone is Tone.RED


def test_that_a_backlog_that_does_not_clear_is_called_stuck() -> None:
    hop = a_hop("server", HopStatus.CATCHING_UP, held=3)
    assert "stuck" in text.held_words(hop, NOW)
    hop = a_hop("server", HopStatus.CATCHING_UP, held=3, eta_s=70)
    assert text.held_words(hop, NOW) == "3 waiting, clear in 1 min"


@pytest.mark.parametrize("status", HopStatus)
def test_that_old_news_is_never_told_in_the_present(status: HopStatus) -> None:
    words = text.hop_words(a_hop("server", status), NOW, is_old=True)
    assert words.state.startswith("was ")
    assert words.tone is Tone.QUIET


def test_that_a_lost_node_outshouts_everything_else() -> None:
    state = a_state(hops=(a_hop("pnc", HopStatus.LOST),), is_stored=False)
    lost = NodeLost(NOW - timedelta(seconds=65), "it stopped.")
    (banner,) = text.banners_of(state, NOW, 65.0, lost)
    assert banner.tone is Tone.RED
    assert banner.title == "No link to this desk’s node since 21:03:02 GMT (it stopped)"


def test_that_a_silent_node_is_called_old_after_three_seconds() -> None:
    assert text.banners_of(a_state(), NOW, 3.0, None) == []
    (banner,) = text.banners_of(a_state(), NOW, 4.0, None)
    assert "for 4 s" in banner.title


@pytest.mark.parametrize("hop", ["pnc", "server", "nas"])
def test_that_a_lost_hop_tells_what_still_works(hop: str) -> None:
    (banner,) = text.banners_of(a_state(hops=(a_hop(hop, HopStatus.LOST),)), NOW, 0, None)
    assert "20:59:07 GMT" in banner.title
    assert banner.detail


def test_that_a_desk_without_a_key_and_a_problem_say_so_worst_first() -> None:
    banners = text.banners_of(a_state(is_stored=False, problem="Disk full."), NOW, 0, None)
    assert [b.tone for b in banners] == [Tone.RED, Tone.AMBER]


def test_that_an_empty_board_says_what_it_listens_to() -> None:
    state = a_state(
        hops=(a_hop("cameras", HopStatus.LIVE, live=214, total=214),),
        last_hit_at=NOW - timedelta(hours=2, minutes=10),
    )
    assert text.listening_words(state, NOW) == (
        "No hits",
        "Listening: 214 cameras, 1,482 reads a second. 1 list, 120 entries. "
        "Last hit 2 h 10 min ago.",
    )


def test_that_a_board_without_lists_says_that_nothing_can_match() -> None:
    assert "nothing can match" in text.listening_words(a_state(lists=()), NOW)[0]
    assert text.listening_words(None, NOW)[0].startswith("Waiting")


def test_that_a_missing_leg_of_the_test_is_said_with_its_reason() -> None:
    assert text.leg_words(events.TestLeg("NAS", 0.031)) == ("NAS", "31 ms", Tone.GOOD)
    assert text.leg_words(events.TestLeg("PNC", None)) == ("PNC", "no answer", Tone.RED)
    result = events.TestResult(NOW, (), 0.047, is_complete=True)
    assert text.result_words(result)[0] == "QQ111QQQ went there and back in 47 ms."
    result = events.TestResult(NOW, (), 5.0, is_complete=False, detail="PNC did not answer.")
    assert text.result_words(result) == (
        "Not every leg answered within 5,000 ms. PNC did not answer.",
        Tone.RED,
    )
