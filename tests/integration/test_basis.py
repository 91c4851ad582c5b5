"""An entry withdrawn, changed or weeded reaches every open hit that stands on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.hit import Basis, Hit
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.domain.voi import Action
from nas_desktop.node.node import Node
from nas_desktop.services.events import HitsRaised
from tests.builders import a_step
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

NAME = "07_Cheshire VOI List"


async def seen(window: Window, fits: Callable[[Hit], bool]) -> Hit:
    def has(event: object) -> bool:
        return isinstance(event, HitsRaised) and any(fits(hit) for hit in event.hits)

    event = await window.until(has)
    return next(hit for hit in event.hits if fits(hit))


def basis_is(basis: Basis) -> Callable[[Hit], bool]:
    return lambda hit: any(reason.basis is basis for reason in hit.reasons)


async def read(port: int, *items: m.RawReadItem) -> None:
    async with a_caller(port, "demo-cameras", "camera") as cameras:
        await cameras.ask(lambda n: m.SendReads(n, list(items)))


async def edit(port: int, *put: object, gone: tuple[str, ...] = ()) -> None:
    async with a_caller(port, "demo-lists") as manager:
        await manager.ask(lambda n: m.EditList(n, NAME, list(put), list(gone), "test"))  # type: ignore[arg-type]


async def test_that_a_withdrawn_entry_is_said_on_two_desks(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "d1", "desk", above=above(force)) as one,
        a_node(tmp_path / "d2", "desk", above=above(force, "demo-desk-2")) as two,
        a_window(one) as left,
        a_window(two, "demo-second") as right,
    ):
        await publish(force.port, live_entry(), live_entry("ZZ99ZZZ"))
        await settle(lambda: len(one.lists.revisions()) == len(two.lists.revisions()) == 1)
        await read(force.port, now_item())
        for window in (left, right):
            hit = await seen(window, lambda hit: hit.read.vrm == "AB51ABC")
            assert not hit.leading.is_void
        await edit(force.port, gone=("AB51ABC",))
        for window in (left, right):
            hit = await seen(window, basis_is(Basis.WITHDRAWN))
            assert hit.leading.is_void
            assert hit.leading.basis_at is not None
        await edit(force.port, live_entry())
        for window in (left, right):
            hit = await seen(
                window, lambda h: h.leading.basis_at is not None and not h.leading.is_void
            )
            assert hit.leading.basis is Basis.STANDS


async def test_that_a_changed_entry_shows_what_it_says_now(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        await publish(node.port, live_entry())
        await read(node.port, now_item())
        await seen(window, lambda hit: True)
        await edit(node.port, live_entry(information="Do not stop. Report only."))
        hit = await seen(window, basis_is(Basis.CHANGED))
        assert hit.leading.entry.information == "Do not stop. Report only."
        assert not hit.leading.is_void


async def test_that_another_action_is_a_new_reason_and_the_old_one_is_gone(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        await publish(node.port, live_entry(warning_signals=()))
        await read(node.port, now_item())
        await seen(window, lambda hit: True)
        await edit(node.port, live_entry(action=Action.ASSESS, warning_signals=()))
        hit = await seen(window, basis_is(Basis.WITHDRAWN))
        assert [(r.entry.action, r.basis) for r in hit.reasons] == [
            (Action.ASSESS, Basis.STANDS),
            (Action.STOP, Basis.WITHDRAWN),
        ]
        assert hit.tier is not None
        assert hit.tier.rank == 3


def bases(node: Node) -> dict[str, Basis]:
    hits = node.stores.operational.fetch_hits(0, 100)
    return {str(hit.read.vrm): hit.leading.basis for _at, hit in hits}


class _Clock(SystemClock):
    days = 0

    def now(self):  # type: ignore[no-untyped-def]
        return super().now() + timedelta(days=self.days)


async def test_that_a_weeded_entry_and_a_removed_list_are_said(tmp_path: Path) -> None:
    clock = _Clock()
    tomorrow = clock.now().date() + timedelta(days=1)
    async with a_node(tmp_path, clock=clock) as node, a_window(node) as window:
        await publish(node.port, replace(live_entry(), weed_date=tomorrow))
        await publish(node.port, live_entry("ZZ99ZZZ"), name="06_GMP")
        await read(node.port, now_item(), now_item("ZZ99ZZZ"))
        await seen(window, lambda hit: hit.read.vrm == "ZZ99ZZZ")
        clock.days = 1
        await node.lists.weed()
        await settle(lambda: bases(node) == {"AB51ABC": Basis.WEEDED, "ZZ99ZZZ": Basis.STANDS})
        clock.days = 0  # nobody's sign-in lasts a day
        async with a_caller(node.port, "demo-lists") as manager:
            await manager.ask(lambda n: m.ChangeList(n, "06_GMP", "disable", "test"))
        await settle(lambda: bases(node)["ZZ99ZZZ"] is Basis.WITHDRAWN)


async def test_that_a_closed_hit_is_left_as_it_was(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        await publish(node.port, live_entry())
        await read(node.port, now_item())
        hit = await seen(window, lambda hit: True)
        await window.link.send_steps(
            [
                a_step(hit.hit_id),
                a_step(hit.hit_id, StepKind.OUTCOME, code="not_located"),
            ]
        )
        await read(node.port, now_item(nrd_id=9))
        await settle(lambda: node.engine.hits.end == 2)
        await edit(node.port, gone=("AB51ABC",))
        withdrawn = await seen(window, basis_is(Basis.WITHDRAWN))
        assert withdrawn.hit_id != hit.hit_id
        held = node.stores.operational.hit(hit.hit_id)
        assert held is not None
        assert held.leading.basis is Basis.STANDS


async def test_that_what_changed_while_the_node_was_down_is_found_at_the_start(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path) as node:
        await publish(node.port, live_entry(), live_entry("ZZ99ZZZ"))
        await read(node.port, now_item())
        await settle(lambda: node.engine.hits.end == 1)
        # A crash between the list and its hits: the list is changed behind the keeper's back.
        await node.basis.close()
        await edit(node.port, gone=("AB51ABC",))
    async with a_node(tmp_path) as node, a_window(node) as window:
        assert (await seen(window, basis_is(Basis.WITHDRAWN))).read.vrm == "AB51ABC"
