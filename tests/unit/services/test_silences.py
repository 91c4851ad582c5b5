"""Everything that silences many hits, with who and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nas_desktop.services.desks import DeskReport, DeskState, Uncovered
from nas_desktop.services.events import (
    HopState,
    HopStatus,
    ListState,
    NodeState,
    PncState,
    PncStatus,
)
from nas_desktop.services.lists import ListEvent, ListVersion
from nas_desktop.services.silences import Silence, SilenceKind, SilenceWatch
from tests.builders import NOON

CALM = NodeState(
    "force",
    "force",
    NOON,
    True,
    hops=(
        HopState("cameras", HopStatus.LIVE, NOON, live=4, total=4),
        HopState("nas", HopStatus.NOT_CONFIGURED, NOON),
        HopState("pnc", HopStatus.LOST, NOON),
    ),
    pnc=PncState(PncStatus.LIVE, NOON),
    lists=(ListState("A", 1, "A", 10, NOON), ListState("B", 1, "B", 10, NOON)),
    desks=(DeskState("east", report=DeskReport("B. Lee", True, NOON)),),
)


def silences(state: NodeState, watch: SilenceWatch | None = None) -> list[Silence]:
    return (watch or SilenceWatch()).silences(state, "spatel", NOON)


def with_report(**changes: object) -> NodeState:
    (desk,) = CALM.desks
    return replace(CALM, desks=(replace(desk, report=replace(desk.report, **changes)),))  # type: ignore[arg-type]


def test_that_nothing_silences_on_a_calm_day() -> None:
    assert silences(CALM) == []


def test_that_a_mute_counts_until_it_ends() -> None:
    until = NOON + timedelta(minutes=5)
    (mute,) = silences(with_report(muted_until=until, muted_by="C. Roe"))
    assert (mute.kind, mute.subject, mute.by, mute.until) == (
        SilenceKind.MUTE,
        "east",
        "C. Roe",
        until,
    )
    assert silences(with_report(muted_until=until))[0].by == "B. Lee"
    assert silences(with_report(muted_until=NOON)) == []


def test_that_filters_and_floods_are_listed_and_what_hides_a_p2_comes_first() -> None:
    found = silences(with_report(filter="P1 P3", hides_urgent=True, is_flooded=True))
    assert [(s.kind, s.is_urgent) for s in found] == [
        (SilenceKind.FILTER, True),
        (SilenceKind.FLOOD, False),
    ]
    assert (found[0].by, found[0].detail) == ("B. Lee", "P1 P3")
    assert not silences(with_report(filter="P1 P2"))[0].is_urgent


def test_that_a_list_that_is_not_matched_says_by_whom_and_why() -> None:
    version = ListVersion(1, ListEvent.DISABLED, NOON, by="J. Moss", why="Storm")
    off = replace(CALM.lists[0], is_enabled=False, version=version)
    (found,) = silences(replace(CALM, lists=(off,)))
    assert (found.kind, found.by, found.since, found.detail) == (
        SilenceKind.LIST_OFF,
        "J. Moss",
        NOON,
        "Storm",
    )
    (bare,) = silences(replace(CALM, lists=(replace(off, version=None),)))
    assert (bare.by, bare.since) == ("", None)


def test_that_a_list_that_vanishes_is_remembered_until_it_is_back() -> None:
    watch = SilenceWatch()
    less = replace(CALM, lists=CALM.lists[:1])
    assert silences(CALM, watch) == []
    assert [(s.kind, s.subject) for s in silences(less, watch)] == [(SilenceKind.LIST_GONE, "B")]
    assert [s.subject for s in silences(less, watch)] == ["B"]
    assert silences(CALM, watch) == []
    # Somebody else may know of other lists: that is no removal.
    assert watch.silences(less, "another", NOON) == []


def test_that_sources_that_do_not_deliver_are_listed() -> None:
    hops = (
        HopState("cameras", HopStatus.LIVE, NOON, live=2, total=4),
        HopState("server", HopStatus.LOST, NOON, detail="no answer"),
        HopState("nas", HopStatus.BUFFERING, NOON),
    )
    found = silences(replace(CALM, hops=hops))
    assert [(s.subject, s.is_urgent, s.detail) for s in found] == [
        ("nas", True, ""),
        ("server", True, "no answer"),
        ("cameras", False, "2 of 4 silent"),
    ]
    assert found[2].since is None


def test_that_pnc_without_its_live_link_is_listed() -> None:
    (extract,) = silences(replace(CALM, pnc=PncState(PncStatus.EXTRACT, NOON)))
    assert (extract.kind, extract.detail, extract.is_urgent) == (
        SilenceKind.PNC,
        "extract",
        False,
    )
    (off,) = silences(replace(CALM, pnc=PncState(PncStatus.NO_MATCHING, NOON)))
    assert (off.detail, off.is_urgent) == ("", True)


def test_that_what_nobody_covers_is_listed_first() -> None:
    state = replace(
        with_report(filter="x", hides_urgent=True),
        uncovered=Uncovered(3, ("Oak 01", "Elm 02"), ("north",)),
    )
    found = silences(state)
    assert [s.kind for s in found] == [
        SilenceKind.UNCOVERED,
        SilenceKind.UNCOVERED,
        SilenceKind.FILTER,
    ]
    assert {s.subject: s.detail for s in found[:2]} == {
        "3 cameras": "Oak 01, Elm 02 and 1 more",
        "north": "",
    }
    (one,) = silences(replace(CALM, uncovered=Uncovered(1, ("Oak 01",))))
    assert (one.subject, one.detail) == ("1 camera", "Oak 01")
