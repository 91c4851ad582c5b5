"""What the node does where nobody does anything: receipts, targets, repeats, parking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.hit import Hit, MatchClass
from nas_desktop.domain.hit_history import History, decide
from nas_desktop.domain.hit_life import HitLife, HitState, Step, StepKind, Why
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action
from nas_desktop.services.desks import DeskReport, DeskState
from nas_desktop.services.hit_watch import HitWatch
from nas_desktop.services.resources import load_spec
from tests.builders import NOON, a_hit, a_step

SPEC = load_spec()
LOW: dict[str, Any] = {"action": Action.ASSESS, "warning_signals": ()}
P2: dict[str, Any] = {"reason": "Drugs", "warning_signals": ()}


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def desk(name: str, *, is_attended: bool = True, **changes: Any) -> DeskState:
    report = DeskReport(
        "A. Khan", is_attended, is_supervisor=bool(changes.pop("supervises", False))
    )
    return DeskState(name, report=report, heard_at=NOON, is_attended=is_attended, **changes)


class Watched:
    """A watch with the lives of its hits, as a node keeps them."""

    def __init__(self, *hits: Hit, desks: Sequence[DeskState] = ()) -> None:
        self.watch = HitWatch(SPEC, "server", NOON - timedelta(days=30))
        self.desks = desks
        self.histories: dict[bytes, History] = {}
        self.hits: dict[bytes, Hit] = {}
        self.taken: list[Step] = []
        for hit in hits:
            self.raises(hit)

    def raises(self, hit: Hit, when: datetime | None = None) -> None:
        self.hits[hit.hit_id] = hit
        self.histories[hit.hit_id] = History()
        self.watch.raised(hit, HitLife(), when or hit.matched_at)

    def does(self, step: Step) -> None:
        history, verdict = decide(
            self.histories[step.hit_id], step, SPEC, step.at, hit=self.hits[step.hit_id]
        )
        assert verdict.is_accepted, verdict.refusal
        self.histories[step.hit_id] = history
        self.watch.decided(step.hit_id, history.life, step.at)

    def look(self, seconds: float) -> list[tuple[str, str, str]]:
        """Let the node look; what is due is decided, and returned as kind, code and desk."""
        steps = self.watch.due(at(seconds), self.desks)
        for step in steps:
            if step.step_id not in {s.step_id for s in self.taken}:
                self.taken.append(step)
                self.does(step)
        return [(step.kind, step.code, step.to) for step in steps]

    def life(self, hit: Hit) -> HitLife:
        return self.histories[hit.hit_id].life


def raised(hit: Hit) -> float:
    """Seconds after noon at which a hit was raised."""
    return (hit.matched_at - NOON).total_seconds()


HIT = a_hit()
R = raised(HIT)
NO_RECEIPT, UNCOVERED, TARGET, SUPERVISOR, REPEAT = (
    Why.NO_RECEIPT, Why.UNCOVERED, Why.TARGET, Why.SUPERVISOR, Why.REPEAT,
)  # fmt: skip
ESC = StepKind.ESCALATE


def test_that_a_stop_nobody_has_painted_goes_to_the_next_desk_and_on() -> None:
    watched = Watched(HIT, desks=[desk("away", is_attended=False), desk("d1"), desk("d2")])
    assert watched.look(R + 4.9) == []
    assert watched.look(R + 5) == [(ESC, NO_RECEIPT, "d1")]
    assert watched.look(R + 6) == []
    assert watched.look(R + 10) == [(ESC, NO_RECEIPT, "d2")]
    assert watched.look(R + 15) == [(ESC, UNCOVERED, ""), (ESC, TARGET, "")]
    assert watched.look(R + 20) == []
    assert watched.life(HIT).handed_to == ("d1", "d2")


def test_that_a_desk_that_lacks_the_hit_is_asked_first_and_a_supervisor_never() -> None:
    # The desk in whose scope it lies has it, and has not painted it: another is asked first.
    elsewhere = DeskScope(lists=("99_Other",))
    watched = Watched(
        HIT,
        desks=[desk("boss", supervises=True), desk("own"), desk("other", scope=elsewhere)],
    )
    assert watched.look(R + 5) == [(ESC, NO_RECEIPT, "other")]
    assert watched.look(R + 10) == [(ESC, NO_RECEIPT, "own")]
    assert watched.look(R + 14.9) == []
    assert watched.look(R + 15)[0] == (ESC, UNCOVERED, "")


def test_that_a_receipt_ends_the_search_for_a_desk() -> None:
    watched = Watched(HIT, desks=[desk("d1")])
    watched.does(a_step(HIT.hit_id, StepKind.DELIVER, at=at(R + 1)))
    assert watched.look(R + 14) == []
    assert watched.look(R + 15) == [(ESC, TARGET, "")]


def test_that_lower_tiers_need_no_receipt() -> None:
    low = a_hit("A3", **LOW)
    assert low.tier is Tier.P3
    watched = Watched(low, desks=[desk("d1")])
    assert watched.look(raised(low) + 299) == []
    assert watched.look(raised(low) + 300) == [(ESC, TARGET, "")]


@pytest.mark.parametrize(
    ("hit", "target", "supervisor"),
    [(HIT, 15, 30), (a_hit("A2", **P2), 60, 120), (a_hit("A3", **LOW), 300, 900)],
    ids=["P1", "P2", "P3"],
)
def test_that_missed_targets_go_to_the_supervisor_once(
    hit: Hit, target: int, supervisor: int
) -> None:
    watched, began = Watched(hit), raised(hit)
    watched.does(a_step(hit.hit_id, StepKind.DELIVER, at=at(began + 1)))
    assert watched.look(began + target - 0.1) == []
    assert watched.look(began + target) == [(ESC, TARGET, "")]
    assert watched.look(began + target + 1) == []
    assert watched.look(began + supervisor) == [(ESC, SUPERVISOR, "")]
    assert watched.look(began + 10 * supervisor) == []
    assert watched.watch.figures(at(began)).missed == 1


def test_that_an_acknowledged_or_closed_hit_is_left_alone() -> None:
    watched = Watched(HIT)
    watched.does(a_step(HIT.hit_id, at=at(R + 1)))
    assert watched.look(R + 10_000) == []
    watched.does(a_step(HIT.hit_id, StepKind.OUTCOME, code="arrest", at=at(R + 2)))
    assert len(watched.watch) == 0
    watched.watch.raised(HIT, watched.life(HIT), at(R + 3))
    watched.watch.decided(HIT.hit_id, watched.life(HIT), at(R + 3))
    assert len(watched.watch) == 0


def test_that_parking_ends_by_itself_and_the_targets_begin_anew() -> None:
    watched = Watched(HIT)
    watched.does(a_step(HIT.hit_id, at=at(R + 1)))
    watched.does(a_step(HIT.hit_id, StepKind.PARK, code="pnc", at=at(R + 2), until=at(R + 302)))
    assert watched.look(R + 301) == []
    assert watched.look(R + 302) == [(StepKind.RESUME, "", "")]
    assert watched.life(HIT).state is HitState.RETURNED
    assert watched.look(R + 316.9) == []
    assert (ESC, TARGET, "") in watched.look(R + 317)
    assert watched.life(HIT).escalated[-1] is TARGET


def test_that_a_passed_hit_nobody_takes_goes_to_the_supervisor() -> None:
    watched = Watched(HIT)
    watched.does(a_step(HIT.hit_id, StepKind.DELIVER, at=at(R)))
    watched.does(a_step(HIT.hit_id, at=at(R + 1)))
    watched.does(a_step(HIT.hit_id, StepKind.PASS, code="desk", to="d2", at=at(R + 100)))
    assert watched.look(R + 114) == []
    assert watched.look(R + 115) == [(ESC, TARGET, "")]


def test_that_a_raised_hit_has_the_target_of_its_new_tier() -> None:
    low = a_hit("A3", **LOW)
    watched, began = Watched(low), raised(low)
    watched.does(a_step(low.hit_id, StepKind.RAISE, code="P1", text="why", at=at(began)))
    watched.does(a_step(low.hit_id, StepKind.DELIVER, at=at(began)))
    assert watched.look(began + 15) == [(ESC, TARGET, "")]


def test_that_history_calls_nobody_and_a_late_hit_does() -> None:
    captured = HIT.read.captured_at
    old = replace(HIT, matched_at=captured + timedelta(minutes=31), is_late=True)
    late = replace(HIT, matched_at=captured + timedelta(minutes=29), is_late=True)
    assert Watched(old).look(raised(old) + 10_000) == []
    assert Watched(old).watch.figures(at(0)).hits == 0
    assert Watched(late).look(raised(late) + 5) == [(ESC, UNCOVERED, "")]


def test_that_possible_misreads_are_not_watched() -> None:
    reason = replace(HIT.leading, match_class=MatchClass.MISREAD, tier=None)
    assert len(Watched(replace(HIT, reasons=(reason,))).watch) == 0


def seen(minutes: float, **changes: Any) -> Hit:
    return a_hit("WANTED1", at(minutes * 60), **changes)


def test_that_a_vehicle_hit_again_with_no_outcome_climbs_and_goes_to_the_supervisor() -> None:
    first, second = seen(0, **LOW), seen(600, **LOW)
    watched = Watched(first)
    watched.does(a_step(first.hit_id, at=at(60)))  # acknowledged, and left at that
    watched.look(61)
    watched.raises(second)
    assert watched.look(raised(second)) == [(StepKind.RAISE, "P2", ""), (ESC, REPEAT, "")]
    assert watched.life(second).raised_why == "Hit 2 times without an outcome"
    assert watched.look(raised(second) + 1) == []


def test_that_sixteen_hits_in_four_days_are_sixteen_reports_from_the_second_on() -> None:
    hits = [seen(minutes, **LOW) for minutes in range(0, 16 * 360, 360)]
    watched = Watched()
    reports = []
    for hit in hits:
        watched.raises(hit)
        reports.append((ESC, REPEAT, "") in watched.look(raised(hit)))
    assert reports == [False] + [True] * 15


def test_that_cameras_in_a_row_are_one_passing() -> None:
    watched = Watched(seen(0), seen(4), seen(9))
    assert [s for s in watched.look(600) if s[1] == REPEAT] == []
    watched.raises(seen(10))
    assert [s for s in watched.look(600) if s[1] == REPEAT] == [(ESC, REPEAT, "")]


def test_that_what_was_acted_on_or_closed_or_is_long_ago_is_no_repeat() -> None:
    def reported(*steps: Step, gap_min: float = 30) -> bool:
        first, second = seen(0, **LOW), seen(gap_min, **LOW)
        watched = Watched(first)
        for step in steps:
            watched.does(replace(step, hit_id=first.hit_id))
        watched.raises(second)
        return (ESC, REPEAT, "") in watched.look(raised(second))

    taken = a_step(HIT.hit_id, at=at(10))
    acted = a_step(HIT.hit_id, StepKind.ACTION, code="monitor", at=at(20))
    closed = a_step(HIT.hit_id, StepKind.OUTCOME, code="not_located", at=at(30))
    nothing = a_step(HIT.hit_id, StepKind.ACTION, code="no_resource", at=at(20))
    assert reported(taken, nothing), "nobody acted on it"
    assert reported()
    assert reported(taken)
    assert not reported(taken, acted)
    assert reported(taken, acted, gap_min=62)
    assert not reported(taken, acted, closed, gap_min=62)
    assert not reported(gap_min=60 * 24 * 7 + 1)


def test_that_a_vehicle_closed_before_the_look_is_no_repeat() -> None:
    watched = Watched(HIT)
    watched.does(a_step(HIT.hit_id, at=at(R)))
    watched.does(a_step(HIT.hit_id, StepKind.OUTCOME, code="arrest", at=at(R)))
    assert watched.look(R) == []


def test_that_an_older_hit_that_comes_after_a_newer_one_was_acted_on_is_no_repeat() -> None:
    newer, older = seen(30, **LOW), seen(0, **LOW)
    watched = Watched(newer)
    watched.does(a_step(newer.hit_id, at=at(1801)))
    watched.does(a_step(newer.hit_id, StepKind.ACTION, code="monitor", at=at(1802)))
    watched.raises(older)
    watched.raises(seen(-30, **LOW))
    assert [s for s in watched.look(1803) if s[1] == REPEAT] == []


def test_that_the_same_rule_gives_the_same_step_on_every_node() -> None:
    one, other = Watched(HIT), Watched(HIT)
    assert one.watch.due(at(R + 15), ()) == other.watch.due(at(R + 15), ())
    assert {s.operator for s in one.watch.due(at(R + 15), ())} == {""}


def test_that_hits_and_receipts_balance() -> None:
    hits = [a_hit(f"A{n}", at(n)) for n in range(5)]
    watched = Watched(*hits)
    for n, hit in enumerate(hits[:2]):
        watched.does(a_step(hit.hit_id, StepKind.DELIVER, at=at(n + 2)))
    # Closed from another desk before it was painted here.
    watched.does(a_step(hits[2].hit_id, at=at(4)))
    watched.does(a_step(hits[2].hit_id, StepKind.OUTCOME, code="passed", at=at(4)))
    figures = watched.watch.figures(at(raised(hits[3]) + 5.5))
    assert (figures.hits, figures.receipts, figures.waiting, figures.without) == (5, 3, 1, 1)
    assert figures.oldest_at == hits[3].matched_at
    assert figures.hits == figures.receipts + figures.waiting + figures.without


def test_that_a_hit_of_before_a_restart_that_lacks_its_receipt_goes_on_being_counted() -> None:
    watch = HitWatch(SPEC, "server", at(10_000))
    watch.taken_up(HIT, HitLife(), at(10_000))
    watch.taken_up(a_hit("A2"), HitLife(acknowledged_at=at(3)), at(10_000))
    figures = watch.figures(at(20_000))
    assert (figures.hits, figures.without) == (1, 1)
    assert [s.code for s in watch.due(at(20_000), ())][:3] == [UNCOVERED, TARGET, SUPERVISOR]


def test_that_a_clock_put_right_over_a_restart_puts_no_target_off() -> None:
    watch = HitWatch(SPEC, "server", at(0))
    ahead = a_hit("A9", at(7_200))
    watch.taken_up(ahead, HitLife(waiting_since=at(7_300)), at(0))
    assert TARGET in [s.code for s in watch.due(at(15), ())]


def test_that_a_hit_raised_to_a_tier_with_receipts_is_counted() -> None:
    low = a_hit("A3", **LOW)
    watched = Watched(low)
    assert watched.watch.figures(at(raised(low))).hits == 0
    watched.does(a_step(low.hit_id, StepKind.RAISE, code="P2", text="why", at=at(raised(low))))
    assert watched.watch.figures(at(raised(low) + 60)).without == 1


def test_that_more_than_can_be_watched_leave_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas_desktop.services.hit_watch.WATCHED", 2)
    watched = Watched(*(a_hit(f"A{n}", at(n)) for n in range(4)))
    assert len(watched.watch) == 2
    watched.watch.raised(a_hit("A3", at(3)), HitLife(), at(5))
    assert len(watched.watch) == 2
