"""Two desks and a supervisor below a server: scopes, hand-on, escalation, passing, history."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.hit_life import (
    BY_VOICE,
    TO_DESK,
    DecidedStep,
    HitLife,
    HitState,
    Step,
    StepKind,
    Why,
)
from nas_desktop.domain.voi import Action
from nas_desktop.node.node import Node
from nas_desktop.services.desks import DeskReport, DeskState
from nas_desktop.services.events import HitsRaised, NodeState, StateReported, StepsDecided
from nas_desktop.services.hit_board import HitBoard
from nas_desktop.services.resources import load_spec
from tests.nodes import (
    Window,
    a_caller,
    a_node,
    a_window,
    above,
    live_entry,
    now_item,
    publish,
    settle,
)

SPEC = load_spec()
LIST = "07_Cheshire VOI List"
WEST, EAST = DeskScope(cameras=("07/12",)), DeskScope(cameras=("07/13",))


class MovedClock(SystemClock):
    """The real time, as far ahead as a test has moved it; what is measured goes on as it does."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class Desk:
    """A desk's node with its window, and who sits there."""

    name: str
    node: Node
    window: Window
    is_attended: bool = True
    is_supervisor: bool = False
    more: dict[str, Any] | None = None

    async def report(self, at: datetime) -> None:
        """Say who attends this desk, as its window does every two seconds."""
        report = DeskReport(is_attended=self.is_attended, since=at, waiting={}, **(self.more or {}))
        await self.window.link.desks.report(report)

    @property
    def states(self) -> list[NodeState]:
        return [e.state for e in self.window.events if isinstance(e, StateReported)]

    @property
    def steps(self) -> list[DecidedStep]:
        return [d for e in self.window.events if isinstance(e, StepsDecided) for d in e.steps]

    def board(self) -> HitBoard:
        """Return the board that this window's operator would see now."""
        board = HitBoard(SPEC)
        scopes = {d.name: d.scope for d in self.states[-1].desks}
        scope = scopes.get(self.name, DeskScope())
        board.set_desk(self.name, None if self.is_supervisor or scope.is_everything else scope)
        for event in self.window.events:
            if isinstance(event, HitsRaised):
                for hit in event.hits:
                    board.raise_hit(hit)
            elif isinstance(event, StepsDecided):
                for step in event.steps:
                    board.apply(step)
        return board

    def shows(self, hit_id: HitId) -> bool:
        return self.board().card_of_hit(hit_id) is not None

    async def take(self, hit_id: HitId, kind: StepKind, **more: Any) -> Step:
        """Take a step here, and return it once its verdict has come from the server."""
        values: dict[str, Any] = {"operator": "", "workstation": "", "at": SystemClock().now()}
        step = Step(os.urandom(16), hit_id, kind, **(values | more))
        await self.window.link.send_steps([step])
        await self.verdict(step)
        return step

    async def verdict(self, step: Step) -> DecidedStep:
        """Return what the server says of a step."""
        event = await self.window.until(
            lambda e: (
                isinstance(e, StepsDecided)
                and any(d.step.step_id == step.step_id and not d.is_provisional for d in e.steps)
            )
        )
        return next(
            d for d in event.steps if d.step.step_id == step.step_id and not d.is_provisional
        )


@dataclass
class Room:
    """A control room: the server, whose clock can be moved on, two desks and a supervisor."""

    force: Node
    clock: MovedClock
    one: Desk
    two: Desk
    boss: Desk

    @property
    def desks(self) -> tuple[Desk, Desk, Desk]:
        return (self.one, self.two, self.boss)

    def known(self) -> dict[str, DeskState]:
        return {d.name: d for d in self.force.desks.states()}

    async def report(self) -> None:
        """Have every desk speak up, and the server hear it."""
        before = {name: d.heard_at for name, d in self.known().items()}
        for desk in self.desks:
            await desk.report(self.clock.now() - timedelta(seconds=60))
        await settle(
            lambda: all(
                d.name in self.known()
                and self.known()[d.name].heard_at != before.get(d.name)
                and self.known()[d.name].is_attended == d.is_attended
                for d in self.desks
            )
        )

    async def pass_time(self, seconds: float) -> None:
        """Move the server's clock on; desks go on reporting meanwhile."""
        while seconds > 0:
            await self.report()
            step = min(seconds, 4.0)
            self.clock.ahead += timedelta(seconds=step)
            seconds -= step
            await self.force.desks.look()
        await self.report()

    async def raise_hit(self, vrm: str = "AB51ABC", **changes: Any) -> Hit:
        """Have a camera send a read of a listed vehicle; returns the hit as the server has it."""
        before = len(self.force.stores.operational.newest_hits(100))
        item = now_item(vrm, captured_at=self.clock.now(), **changes)
        async with a_caller(self.force.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [item]))
        await settle(lambda: len(self.force.stores.operational.newest_hits(100)) > before)
        (hit,) = [
            h for h in self.force.stores.operational.newest_hits(100) if h.read.vrm == item.vrm
        ]
        for desk in self.desks:
            await desk.window.until(
                lambda e: isinstance(e, HitsRaised) and any(h.hit_id == hit.hit_id for h in e.hits)
            )
        return hit

    async def life(self, hit_id: HitId) -> HitLife:
        return await self.force.steps.life(hit_id)

    async def set_scopes(self) -> None:
        """Divide the work: the west for one, the east for two."""
        for desk, scope in ((self.one, WEST), (self.two, EAST)):
            await self.boss.window.link.desks.set_scope(desk.name, scope)
        await settle(
            lambda: all(
                {d.name: d.scope for d in desk.states[-1].desks if d.name in ("west", "east")}
                == {"west": WEST, "east": EAST}
                for desk in self.desks
            )
        )


@asynccontextmanager
async def a_room(folder: Path) -> AsyncIterator[Room]:
    """Run a server, and three desks with their windows below it."""
    clock = MovedClock()
    async with AsyncExitStack() as stack:
        force = await stack.enter_async_context(a_node(folder / "force", clock=clock))
        await publish(force.port, live_entry(), live_entry("CD62XYZ", action=Action.ASSESS))
        made: list[Desk] = []
        for name, account, person in (
            ("west", "demo-desk", "demo-operator"),
            ("east", "demo-desk-2", "demo-second"),
            ("boss", "demo-force", "demo-supervisor"),
        ):
            node = await stack.enter_async_context(
                a_node(folder / name, "desk", above=above(force, account), name=name)
            )
            await settle(lambda node=node: node.lists.revisions() == {LIST: 1})
            window = await stack.enter_async_context(a_window(node, person, name))
            made.append(Desk(name, node, window, is_supervisor=name == "boss"))
        room = Room(force, clock, *made)
        await room.report()
        await settle(lambda: all(len(d.states[-1].desks) == 3 for d in room.desks))
        yield room


def kinds(steps: list[DecidedStep], hit_id: HitId) -> list[tuple[StepKind, str, str]]:
    return [
        (d.step.kind, d.step.code, d.step.to)
        for d in steps
        if d.step.hit_id == hit_id and d.is_accepted and not d.is_provisional
    ]


def records_of(node: Node, what: str) -> list[AuditRecord]:
    return [
        record
        for _seq, record in node.stores.audit.records(limit=10_000)
        if record.detail.get("what") == what
    ]


# ------------------------------------------------------------------ scopes


async def test_that_a_scope_counts_at_the_desks_and_only_a_supervisor_sets_it(
    tmp_path: Path,
) -> None:
    async with a_room(tmp_path) as room:
        await room.set_scopes()
        west = await room.raise_hit()
        east = await room.raise_hit("CD62XYZ", source_id=13)
        assert (room.one.shows(west.hit_id), room.one.shows(east.hit_id)) == (True, False)
        assert (room.two.shows(west.hit_id), room.two.shows(east.hit_id)) == (False, True)
        assert room.boss.shows(west.hit_id)
        assert room.boss.shows(east.hit_id)
        (first, second) = records_of(room.force, "desk scope")
        assert (first.username, first.subject) == ("demo-supervisor", "west")
        assert second.detail["cameras"] == "07/13"
        with pytest.raises(Refused) as refusal:
            await room.one.window.link.desks.set_scope("east", WEST)
        assert refusal.value.code == "not_permitted"
        for scope, desk in ((DeskScope(cameras=("seven",)), "west"), (WEST, " ")):
            with pytest.raises(Refused) as refusal:
                await room.boss.window.link.desks.set_scope(desk, scope)
            assert refusal.value.code == "scope_unusable"
        assert len(records_of(room.force, "desk scope")) == 2


async def test_that_a_scope_can_be_set_before_the_desk_is_there_and_outlives_a_restart(
    tmp_path: Path,
) -> None:
    async with a_room(tmp_path) as room:
        await room.boss.window.link.desks.set_scope("night", EAST)
        assert room.known()["night"].scope == EAST
        assert not room.known()["night"].is_attended
    async with a_node(tmp_path / "force") as force:
        (night,) = [d for d in force.desks.states() if d.name == "night"]
        assert night.scope == EAST


async def test_that_what_nobody_covers_is_told_to_the_supervisor(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        await room.set_scopes()
        cameras = [
            Camera(CameraId("07", source, 1), f"Oak {source}", CameraKind.FIXED, Position(51, -2))
            for source in (12, 13)
        ]
        async with a_caller(room.force.port, "demo-cameras", "camera") as system:
            await system.client.send(m.Cameras(cameras))
            await settle(lambda: len(room.boss.node.cameras.known()) == 2)
        await settle(lambda: not room.boss.states[-1].uncovered.is_any)
        room.two.is_attended = False
        await room.report()
        await settle(lambda: room.boss.states[-1].uncovered.is_any)
        uncovered = room.boss.states[-1].uncovered
        assert uncovered.desks == ("east",)
        assert (uncovered.cameras, uncovered.some) == (1, ("Oak 13",))
        # A closed window leaves its desk at once, not when its word has grown old.
        room.two.is_attended = True
        await room.report()
        await room.two.window.link.close()
        await settle(lambda: not room.known()["east"].is_attended, within_s=2)


# ------------------------------------------------------------------ receipts and targets


async def test_that_a_hit_nobody_painted_goes_to_the_next_desk_and_the_supervisor(
    tmp_path: Path,
) -> None:
    async with a_room(tmp_path) as room:
        await room.set_scopes()
        hit = await room.raise_hit()
        assert not room.two.shows(hit.hit_id)
        await room.pass_time(5.3)
        # The desk it belongs to has it, and has not painted it: another one is asked.
        life = await room.life(hit.hit_id)
        assert life.handed_to == ("east",)
        assert Why.NO_RECEIPT in life.escalated
        await settle(lambda: room.two.shows(hit.hit_id))
        receipt = await room.two.take(hit.hit_id, StepKind.DELIVER)
        assert (await room.two.verdict(receipt)).is_accepted
        assert (await room.life(hit.hit_id)).delivered_to == "Second Demo Operator on east"
        figures = room.force.desks.figures()
        assert (figures.hits, figures.receipts, figures.without) == (1, 1, 0)


async def test_that_a_hit_no_desk_is_left_for_is_uncovered_and_the_balance_says_so(
    tmp_path: Path,
) -> None:
    async with a_room(tmp_path) as room:
        room.one.is_attended = room.two.is_attended = False
        await room.report()
        hit = await room.raise_hit()
        figures = room.force.desks.figures()
        assert (figures.hits, figures.waiting, figures.without) == (1, 1, 0)
        # A supervisor sees every desk's hits: that brings this one to nobody.
        early = await room.boss.take(hit.hit_id, StepKind.DELIVER)
        assert (await room.boss.verdict(early)).refusal == "out_of_scope"
        await room.pass_time(12)
        assert Why.UNCOVERED in (await room.life(hit.hit_id)).escalated
        figures = room.force.desks.figures()
        assert (figures.hits, figures.receipts, figures.waiting, figures.without) == (1, 0, 0, 1)
        assert figures.oldest_at is not None
        await settle(lambda: room.boss.states[-1].receipts.without == 1)
        late = await room.boss.take(hit.hit_id, StepKind.DELIVER)
        assert (await room.boss.verdict(late)).is_accepted
        assert room.force.desks.figures().receipts == 1


async def test_that_a_target_missed_is_escalated_and_stays_counted(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        hit = await room.raise_hit()
        await room.one.take(hit.hit_id, StepKind.DELIVER)
        await room.pass_time(16)
        assert (await room.life(hit.hit_id)).escalated == (Why.TARGET,)
        await room.pass_time(15)
        life = await room.life(hit.hit_id)
        assert life.escalated == (Why.TARGET, Why.SUPERVISOR)
        await settle(lambda: room.boss.states[-1].receipts.missed == 1)
        card = room.boss.board().card_of_hit(hit.hit_id)
        assert card is not None
        assert card.escalated == (Why.TARGET, Why.SUPERVISOR)
        await room.one.take(hit.hit_id, StepKind.ACKNOWLEDGE)
        assert (await room.life(hit.hit_id)).escalated == ()
        assert room.force.desks.figures().missed == 1


async def test_that_a_receipt_of_a_locked_desk_or_out_of_scope_is_refused(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        room.one.is_attended = False
        await room.report()
        hit = await room.raise_hit()
        receipt = await room.one.take(hit.hit_id, StepKind.DELIVER)
        verdict = await room.one.verdict(receipt)
        assert (verdict.is_accepted, verdict.refusal) == (False, "not_attended")
        assert (await room.life(hit.hit_id)).delivered_at is None
        # What was painted before the lock counts, though it comes after.
        before = await room.one.take(
            hit.hit_id, StepKind.DELIVER, at=SystemClock().now() - timedelta(minutes=5)
        )
        assert (await room.one.verdict(before)).is_accepted
        room.one.is_attended = True
        await room.report()
        await room.set_scopes()
        hit = await room.raise_hit("CD62XYZ", nrd_id=9)
        receipt = await room.two.take(hit.hit_id, StepKind.DELIVER)
        verdict = await room.two.verdict(receipt)
        assert (verdict.is_accepted, verdict.refusal) == (False, "out_of_scope")
        assert (await room.life(hit.hit_id)).delivered_at is None
        stored = room.force.stores.operational.steps_of(hit.hit_id)
        assert [d.refusal for d in stored] == ["out_of_scope"]


# ------------------------------------------------------------------ from desk to desk


async def test_that_two_acknowledgements_have_one_winner(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        hit = await room.raise_hit()
        steps = await asyncio.gather(
            room.one.take(hit.hit_id, StepKind.ACKNOWLEDGE),
            room.two.take(hit.hit_id, StepKind.ACKNOWLEDGE),
        )
        verdicts = [await room.boss.verdict(step) for step in steps]
        assert sorted(v.refusal for v in verdicts) == ["", "second"]
        (winner,) = [v for v in verdicts if v.is_accepted]
        (second,) = [v for v in verdicts if not v.is_accepted]
        assert second.first_by == winner.step.operator
        assert (await room.life(hit.hit_id)).holder == winner.step.operator
        # Nobody can acknowledge what they have not seen: it stands for the receipt.
        figures = room.force.desks.figures()
        assert (figures.hits, figures.receipts) == (1, 1)


async def test_that_a_hit_passed_waits_at_one_desk_whatever_its_scope(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        await room.set_scopes()
        hit = await room.raise_hit()
        await room.one.take(hit.hit_id, StepKind.ACKNOWLEDGE)
        step = await room.one.take(hit.hit_id, StepKind.PASS, code=TO_DESK, to="east")
        await room.two.verdict(step)
        assert room.two.shows(hit.hit_id)
        card = room.two.board().card_of_hit(hit.hit_id)
        assert card is not None
        assert card.unacknowledged == (hit.hit_id,)
        own = room.one.board().card_of_hit(hit.hit_id)
        assert own is not None
        assert own.unacknowledged == ()
        await room.two.take(hit.hit_id, StepKind.ACKNOWLEDGE)
        life = await room.life(hit.hit_id)
        assert (life.holder, life.holder_on) == ("Second Demo Operator", "east")
        assert life.acknowledged_by == "Demo Operator"
        # A force that is not on this server is told by voice; the hit stays where it is.
        step = await room.two.take(
            hit.hit_id, StepKind.PASS, code=BY_VOICE, to="Norfolk", text="Sgt Hale, FIM"
        )
        await room.boss.verdict(step)
        card = room.boss.board().card_of_hit(hit.hit_id)
        assert card is not None
        life = card.lives[hit.hit_id]
        assert (life.voice_to, life.holder, life.is_final) == (
            "Norfolk",
            "Second Demo Operator",
            False,
        )


async def test_that_only_a_supervisor_gives_anybodys_hit_to_a_desk(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        hit = await room.raise_hit()
        await room.one.take(hit.hit_id, StepKind.ACKNOWLEDGE)
        with pytest.raises(Refused):
            await room.two.take(hit.hit_id, StepKind.ASSIGN, to="east")
        step = await room.boss.take(hit.hit_id, StepKind.ASSIGN, to="east")
        verdict = await room.two.verdict(step)
        assert (verdict.is_accepted, verdict.step.operator) == (True, "Demo Supervisor")
        life = await room.life(hit.hit_id)
        assert (life.state, life.passed_to, life.holder) == (HitState.PASSED, "east", "")
        # One that does nothing about it is escalated anew.
        hit = await room.raise_hit("CD62XYZ")
        await room.one.take(hit.hit_id, StepKind.DELIVER)
        await room.pass_time(61)
        assert (await room.life(hit.hit_id)).escalated == (Why.TARGET,)
        await room.boss.take(hit.hit_id, StepKind.ASSIGN, to="east")
        assert (await room.life(hit.hit_id)).escalated == ()
        await room.pass_time(61)
        assert (await room.life(hit.hit_id)).escalated == (Why.TARGET,)
        twice = [(StepKind.ESCALATE, "target", "")] * 2
        await settle(
            lambda: (
                [k for k in kinds(room.boss.steps, hit.hit_id) if k[0] is StepKind.ESCALATE]
                == twice
            )
        )


async def test_that_parking_ends_by_itself_and_the_hit_waits_again(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        hit = await room.raise_hit()
        await room.one.take(hit.hit_id, StepKind.ACKNOWLEDGE)
        until = SystemClock().now() + timedelta(minutes=1)
        await room.one.take(hit.hit_id, StepKind.PARK, code="no_unit", until=until)
        await room.pass_time(40)
        assert (await room.life(hit.hit_id)).state is HitState.PARKED
        await room.pass_time(24)
        life = await room.life(hit.hit_id)
        assert (life.state, life.holder) == (HitState.RETURNED, "Demo Operator")
        await settle(lambda: (StepKind.RESUME, "", "") in kinds(room.two.steps, hit.hit_id))
        await room.pass_time(16)
        assert (await room.life(hit.hit_id)).escalated == (Why.TARGET,)


# ------------------------------------------------------------------ what is kept


async def close(desk: Desk, hit: Hit) -> None:
    await desk.take(hit.hit_id, StepKind.ACKNOWLEDGE)
    await desk.take(hit.hit_id, StepKind.OUTCOME, code="no_offence", text="All in order")


async def test_that_history_is_there_after_a_restart_and_a_look_at_it_is_on_record(
    tmp_path: Path,
) -> None:
    async with a_room(tmp_path) as room:
        first = await room.raise_hit()
        await close(room.one, first)
        second = await room.raise_hit("CD62XYZ")
        await close(room.one, second)
        await settle(lambda: len(room.two.node.stores.operational.history(None, 10).hits) == 2)
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "east", "desk", above=above(force, "demo-desk-2"), name="east") as node,
        a_window(node, "demo-second", "east") as window,
    ):
        page = await window.link.desks.history(limit=1)
        assert [h.hit_id for h in page.hits] == [second.hit_id]
        assert page.total == 2
        assert page.before is not None
        older = await window.link.desks.history(page.before, 1)
        assert [h.hit_id for h in older.hits] == [first.hit_id]
        assert older.before is None
        assert {d.step.kind for d in older.steps} >= {StepKind.ACKNOWLEDGE, StepKind.OUTCOME}
        found = await window.link.desks.history(mark="cd62 xyz")
        assert [h.read.vrm for h in found.hits] == ["CD62XYZ"]
        with pytest.raises(Refused) as refusal:
            await window.link.desks.history(mark="?!")
        assert refusal.value.code == "vrm"
        looks = records_of(node, "history of hits")
        assert [(r.action, r.username, r.subject, r.result_count) for r in looks] == [
            (AuditAction.VIEW_READ, "demo-second", "", 1),
            (AuditAction.VIEW_READ, "demo-second", "", 1),
            (AuditAction.VIEW_READ, "demo-second", "CD62XYZ", 1),
        ]


async def test_that_hits_closed_by_one_key_are_not_lost_between_pages(tmp_path: Path) -> None:
    async with a_node(tmp_path / "force") as force, a_window(force, name="one") as window:
        await publish(force.port, live_entry())
        at = SystemClock().now()
        async with a_caller(force.port, "demo-cameras", "camera") as cameras:
            items = [now_item(captured_at=at - timedelta(seconds=n)) for n in range(5)]
            await cameras.ask(lambda n: m.SendReads(n, items))
        await settle(lambda: len(force.stores.operational.newest_hits(9)) == 5)
        hits = force.stores.operational.newest_hits(9)
        for kind, code in ((StepKind.ACKNOWLEDGE, ""), (StepKind.OUTCOME, "no_offence")):
            await window.link.send_steps(
                [Step(os.urandom(16), h.hit_id, kind, "", "", at, code) for h in hits]
            )
        shown: list[HitId] = []
        page = await window.link.desks.history(limit=2)
        shown += [h.hit_id for h in page.hits]
        while page.before is not None:
            page = await window.link.desks.history(page.before, 2)
            shown += [h.hit_id for h in page.hits]
        assert sorted(shown) == sorted(h.hit_id for h in hits)


async def test_that_a_closing_that_did_not_count_is_no_history(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        hit = await room.raise_hit()
        await room.one.take(hit.hit_id, StepKind.ACKNOWLEDGE)
        outcome = await room.one.take(hit.hit_id, StepKind.OUTCOME, code="no_offence")
        page = await room.one.window.link.desks.history()
        assert page.total == 1
        await room.one.take(hit.hit_id, StepKind.WITHDRAW, undoes=outcome.step_id)
        page = await room.one.window.link.desks.history()
        assert (page.total, page.hits) == (0, ())


async def test_that_word_on_an_entry_reaches_who_looks_after_the_list(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        hit = await room.raise_hit()
        await room.one.take(hit.hit_id, StepKind.NOTIFY, text="Sold in June")
        async with a_window(room.two.node, "demo-lists", "lists") as manager:
            (notice,) = await manager.link.desks.notices(LIST)
            assert (notice.vrm, notice.by, notice.text) == (
                "AB51ABC",
                "Demo Operator",
                "Sold in June",
            )
            assert await manager.link.desks.notices("another list") == ()
            assert await manager.link.desks.notices() == (notice,)
            with pytest.raises(Refused):
                await manager.link.desks.history()
    async with a_node(tmp_path / "force") as force:
        assert len(await force.desks.notices(LIST, "demo-lists")) == 1


async def test_that_what_a_desk_silences_is_on_record_once_and_without_its_words(
    tmp_path: Path,
) -> None:
    async with a_room(tmp_path) as room:
        until = room.clock.now() + timedelta(minutes=10)
        room.one.more = {
            "filter": "P1 P3, “AB51ABC”",
            "hides_urgent": True,
            "muted_until": until,
            "muted_by": "Demo Operator",
            "is_flooded": True,
        }
        await room.report()
        await room.report()

        def filter_at(desk: Desk) -> str:
            known = {d.name: d for d in desk.states[-1].desks}
            return known["west"].report.filter

        await settle(lambda: filter_at(room.boss) == "P1 P3, “AB51ABC”")
        await settle(lambda: filter_at(room.two) == "on")
        assert replace(room.two.states[-1].desks[2].report, filter="").hides_urgent
        room.one.more = None
        await room.report()
        await settle(lambda: len(records_of(room.force, "flood")) == 2)
        on, off = records_of(room.force, "filter")
        assert on.action is AuditAction.CONFIG_CHANGE
        assert (on.workstation, on.detail["operator"]) == ("west", "Demo Operator")
        assert {k: on.detail[k] for k in ("state", "tiers", "word", "hides_p2")} == {
            "state": "on",
            "tiers": "P1 P3",
            "word": "yes",
            "hides_p2": "yes",
        }
        assert off.detail["state"] == "off"
        mutes = records_of(room.force, "mute")
        assert [r.detail["state"] for r in mutes] == ["on", "off"]
        assert mutes[0].detail["until"] == until.isoformat(timespec="seconds")
        assert all("AB51ABC" not in str(r.detail) for r in (on, off, *mutes))
        # The desk has somebody above it: it keeps no record of its own.
        assert records_of(room.one.node, "mute") == []
