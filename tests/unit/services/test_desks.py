"""Desks as their server sees them, and what no attended desk looks after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.desk_scope import Circle, DeskScope
from nas_desktop.domain.geo import Position
from nas_desktop.services.desks import (
    NAMED,
    DeskRegister,
    DeskReport,
    DeskState,
    Uncovered,
    uncovered,
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
    register.gone("desk 1")
    register.gone("desk 2")
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


def test_that_many_cameras_are_counted_and_some_are_named() -> None:
    many = [camera(100 + n, f"Oak {n:02}") for n in range(NAMED + 5)]
    near = DeskScope(circles=(Circle(Position(40, 0), 10),))
    found = uncovered([a_desk("d1", near)], many)
    assert (found.cameras, len(found.some)) == (NAMED + 5, NAMED)
    assert found.is_any
