"""Desks as their server sees them, and what no attended desk looks after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.desk_scope import Circle, DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.services.desks import (
    MOST_DESKS,
    NAMED,
    DeskRegister,
    DeskReport,
    DeskState,
    Uncovered,
    bounded,
    silencing_details,
    uncovered,
    without_words,
)
from tests.builders import NOON, a_hit

HERE = DeskReport("A. Khan", True, NOON)
NORTH = DeskScope(cameras=("07/12",))
FOR = timedelta(seconds=10)


def camera(source: int, alias: str = "") -> Camera:
    return Camera(CameraId("07", source, 1), alias, CameraKind.FIXED, Position(51, -2))


def test_that_a_desk_is_attended_while_its_word_is_fresh() -> None:
    register = DeskRegister(FOR)
    assert register.report("desk 1", HERE, NOON, 100.0)
    assert [d.is_attended for d in register.states(110.0)] == [True]
    assert [d.is_attended for d in register.states(110.1)] == [False]
    assert register.report_of("desk 1") == HERE
    register.report("desk 1", DeskReport(since=NOON), NOON, 100.0)
    assert [d.is_attended for d in register.states(100.0)] == [False]


def test_that_only_what_matters_counts_as_a_change() -> None:
    register = DeskRegister(FOR)
    register.report("desk 1", HERE, NOON, 100.0)
    assert not register.report(
        "desk 1", replace(HERE, waiting={"P1": 1}, oldest_at=NOON), NOON, 101.0
    )
    assert register.report("desk 1", replace(HERE, is_attended=False), NOON, 102.0)


def test_that_a_desk_nobody_gave_a_scope_looks_after_everything() -> None:
    register = DeskRegister(FOR)
    assert register.scope_of("desk 1").is_everything
    register.set_scope("desk 1", NORTH)
    assert (register.scope_of("desk 1"), register.report_of("desk 1")) == (NORTH, None)
    register.report("desk 1", HERE, NOON, 100.0)
    assert register.scope_of("desk 1") == NORTH
    assert register.report_of("desk 9") is None


def test_that_a_supervisors_desk_covers_nothing_of_its_own() -> None:
    assert DeskState("d").covers(a_hit())
    assert not DeskState("d", report=DeskReport(is_supervisor=True)).covers(a_hit())
    assert not DeskState("d", scope=DeskScope(lists=("99",))).covers(a_hit())


def a_desk(name: str, scope: DeskScope, *, is_attended: bool = True) -> DeskState:
    return DeskState(name, scope, HERE, NOON, is_attended)


def test_that_cameras_and_scopes_without_a_desk_are_named() -> None:
    cameras = [camera(12, "Oak 01"), camera(13, "Elm 02"), camera(14)]
    both = [a_desk("d1", NORTH), a_desk("d2", DeskScope(cameras=("07/13", "07/14")))]
    assert not uncovered(both, cameras).is_any
    assert uncovered([], cameras) == Uncovered()
    gone = [both[0], replace(both[1], is_attended=False)]
    assert uncovered(gone, cameras) == Uncovered(2, ("07/14/1", "Elm 02"), ("d2",))
    stands_in = [*gone, a_desk("d3", DeskScope())]
    assert not uncovered(stands_in, cameras).is_any
    same = [*gone, a_desk("d3", both[1].scope)]
    assert not uncovered(same, cameras).is_any
    boss = a_desk("boss", DeskScope())
    boss = replace(boss, report=replace(HERE, is_supervisor=True))
    assert uncovered([boss], cameras).cameras == 3
    # A desk for everything that nobody attends is no scope of its own.
    empty = [a_desk("d1", DeskScope(), is_attended=False)]
    assert uncovered(empty, cameras) == Uncovered(3, ("07/14/1", "Elm 02", "Oak 01"))


def test_that_lists_nobody_looks_after_are_named() -> None:
    one = a_desk("d1", DeskScope(lists=("07_A",)))
    assert uncovered([one], [], ["07_A", "07_B"]) == Uncovered(lists=("07_B",))
    assert uncovered([one], [], ["07_A", "07_B"]).is_any
    assert not uncovered([one, a_desk("d2", DeskScope())], [], ["07_A", "07_B"]).is_any
    assert uncovered([replace(one, is_attended=False)], [], ["07_A"]).lists == ()


def test_that_a_report_is_taken_as_from_a_stranger() -> None:
    wild = replace(HERE, filter="x" * 60_000, muted_by="A\nB", waiting={"P1": -3, "P9": 7, "P2": 2})
    tame = bounded(wild)
    assert (len(tame.filter), tame.muted_by, tame.waiting) == (120, "AB", {"P1": 0, "P2": 2})
    with pytest.raises(Refused, match="time zone"):
        bounded(replace(HERE, since=NOON.replace(tzinfo=None)))


def test_that_names_without_end_push_out_only_desks_without_a_scope() -> None:
    register = DeskRegister(FOR)
    register.set_scope("north", NORTH)
    for n in range(MOST_DESKS + 5):
        register.report(f"d{n}", HERE, NOON, float(n))
    names = [d.name for d in register.states(0.0)]
    assert len(names) == MOST_DESKS
    assert "north" in names
    assert "d0" not in names
    full = DeskRegister(FOR)
    for n in range(MOST_DESKS):
        full.set_scope(f"d{n}", NORTH)
    assert not full.is_used
    assert not full.report("one more", HERE, NOON, 1.0)


def test_that_many_cameras_are_counted_and_some_are_named() -> None:
    many = [camera(100 + n, f"Oak {n:02}") for n in range(NAMED + 5)]
    near = DeskScope(circles=(Circle(Position(40, 0), 10),))
    found = uncovered([a_desk("d1", near)], many)
    assert (found.cameras, len(found.some)) == (NAMED + 5, NAMED)
    assert found.is_any


def test_that_what_is_silenced_is_told_once_and_without_the_words_of_a_filter() -> None:
    until = NOON + timedelta(minutes=10)
    muted = replace(HERE, muted_until=until, muted_by="B. Lee")
    (begun,) = silencing_details(HERE, muted)
    assert begun == {
        "what": "mute",
        "state": "on",
        "operator": "A. Khan",
        "until": "2026-11-20T12:10:00+00:00",
        "by": "B. Lee",
    }
    assert silencing_details(muted, replace(muted, waiting={"P1": 1})) == []
    longer = replace(muted, muted_until=until + timedelta(minutes=5), muted_by="")
    assert [(d["state"], d["by"]) for d in silencing_details(muted, longer)] == [
        ("changed", "A. Khan")
    ]
    assert [d["state"] for d in silencing_details(muted, DeskReport())] == ["off"]
    hides = replace(HERE, filter="P1 P2, “AB51ABC”", hides_urgent=True, is_flooded=True)
    told, flood = silencing_details(DeskReport(), hides)
    assert told["tiers"] == "P1 P2"
    assert (told["word"], told["hides_p2"]) == ("yes", "yes")
    assert "AB51ABC" not in str(told)
    assert (flood["what"], flood["state"]) == ("flood", "on")
    (only,) = silencing_details(HERE, replace(HERE, filter="“oak”"))
    assert (only["tiers"], only["word"], only["hides_p2"]) == ("all", "yes", "no")
    (bare,) = silencing_details(HERE, replace(HERE, filter="P1 P2"))
    assert bare["word"] == "no"
    assert silencing_details(DeskReport(), DeskReport(is_flooded=True)) == [
        {"what": "flood", "state": "on"}
    ]


def test_that_the_words_of_filters_can_be_left_out() -> None:
    plain = a_desk("d1", NORTH)
    filtered = replace(plain, report=replace(HERE, filter="“AB51ABC”"))
    assert without_words([plain, filtered]) == (
        plain,
        replace(plain, report=replace(HERE, filter="on")),
    )
