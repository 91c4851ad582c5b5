"""PNC: banner and chip in every state, never colour alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nas_desktop.services.events import (
    HopState,
    HopStatus,
    NodeLost,
    NodeState,
    PncState,
    PncStatus,
)
from nas_desktop.ui.pnc_words import SHOWN, pnc_banner, pnc_hop_words, window_banners
from nas_desktop.ui.text import Tone
from tests.fakes.node_link import START

HOP = HopState("pnc", HopStatus.LOST, START - timedelta(minutes=1))


def on_extract(hours: float, **changes: object) -> PncState:
    return PncState(
        PncStatus.EXTRACT,
        START - timedelta(minutes=1),
        START - timedelta(hours=hours),
        **changes,  # type: ignore[arg-type]
    )


def a_state(pnc: PncState, **changes: object) -> NodeState:
    return NodeState("Desk 1", "desk", START, is_simulation=False, pnc=pnc, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [PncStatus.LIVE, PncStatus.NOT_CONFIGURED])
def test_that_nothing_is_said_while_there_is_nothing_to_say(status: PncStatus) -> None:
    assert pnc_banner(PncState(status, START), START) is None


def test_that_the_extract_is_named_with_its_age() -> None:
    banner = pnc_banner(on_extract(5.8), START)
    assert banner is not None
    assert banner.tone is Tone.AMBER
    assert banner.title == "PNC live link away since 21:03 GMT"
    assert banner.detail == ("Reads are matched against the Extract of 15:16 (5 h 48 min old).")


def test_that_an_extract_over_8_hours_asks_for_a_check_by_voice() -> None:
    banner = pnc_banner(on_extract(9), START)
    assert banner is not None
    assert banner.tone is Tone.AMBER
    assert banner.detail.endswith("Check a Stop with PNC by voice.")


def test_that_an_extract_over_24_hours_is_stale() -> None:
    banner = pnc_banner(on_extract(26, unchecked=1234), START)
    assert banner is not None
    assert banner.tone is Tone.RED
    assert banner.title == "PNC DATA STALE: the Extract is 1 d 2 h old"
    assert "1,234 reads to be checked once it is back" in banner.detail


def test_that_no_matching_is_red_and_says_what_still_works() -> None:
    banner = pnc_banner(PncState(PncStatus.NO_MATCHING, START), START)
    assert banner is not None
    assert banner.tone is Tone.RED
    assert banner.title == "NO PNC MATCHING"
    assert banner.detail.startswith(
        "No live link and no Extract since 21:04 GMT; local lists still match."
    )


def test_that_a_gap_is_counted_until_it_is_checked() -> None:
    pnc = PncState(PncStatus.LIVE, START, unchecked=1234, corrections=3)
    banner = pnc_banner(pnc, START)
    assert banner is not None
    assert banner.title == "PNC back: 1,234 reads of the gap still to be checked, 3 corrections"


@pytest.mark.parametrize(
    ("pnc", "said", "tone"),
    [
        (PncState(PncStatus.LIVE, START), "PNC LIVE", Tone.GOOD),
        (on_extract(5.8), "PNC EXTRACT 5 h 48 min", Tone.AMBER),
        (on_extract(30), "PNC EXTRACT 1 d 6 h", Tone.RED),
        (PncState(PncStatus.NO_MATCHING, START), "PNC NO MATCHING", Tone.RED),
        (PncState(PncStatus.LIVE, START, unchecked=7), "PNC LIVE 7 to check", Tone.AMBER),
    ],
)
def test_that_the_chip_says_how_reads_are_matched(pnc: PncState, said: str, tone: Tone) -> None:
    chip = pnc_hop_words(pnc, HOP, START, 0.0)
    assert " ".join(filter(None, (chip.name, chip.state, chip.figure))) == said
    assert chip.tone is tone


def test_that_pnc_that_is_not_set_up_has_its_chip_and_no_banner() -> None:
    hop = HopState("pnc", HopStatus.NOT_CONFIGURED, START)
    assert pnc_hop_words(PncState(), hop, START, 0.0).state == "not set up"
    assert window_banners(a_state(PncState(), hops=(hop,)), START, 0.0, None) == []


def test_that_a_hop_of_pnc_says_nothing_that_the_state_of_pnc_denies() -> None:
    titles = [b.title for b in window_banners(a_state(on_extract(5), hops=(HOP,)), START, 0, None)]
    assert titles == ["PNC live link away since 21:03 GMT"]


def test_that_a_lost_node_makes_all_else_hearsay() -> None:
    state = a_state(PncState(PncStatus.NO_MATCHING, START))
    banners = window_banners(state, START, 0.0, NodeLost(START, "gone"))
    assert len(banners) == 1
    assert "No link to this desk" in banners[0].title


def test_that_what_finds_no_room_is_named_in_the_last_banner() -> None:
    hops = tuple(HopState(n, HopStatus.LOST, START) for n in ("server", "nas", "pnc"))
    state = a_state(on_extract(5), hops=hops, is_stored=False, problem="The disk is full.")
    banners = window_banners(state, START, 0.0, None)
    assert len(banners) == SHOWN
    said = " ".join(f"{b.title} {b.detail}" for b in banners)
    for part in (
        "Server lost",
        "NAS lost",
        "PNC live link away",
        "disk is full",
        "Nothing is kept",
    ):
        assert part in said
