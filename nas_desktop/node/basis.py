"""What open hits stand on: an entry withdrawn, changed or weeded reaches every one of them.

Each node looks for itself, with the lists it holds; what it finds joins the hit and travels with
it, and of two findings the newer counts. A finding is added, nothing is ever taken from a hit.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from nas_desktop.domain.hit import Basis, Hit, HitId, HitReason, ordered_reasons, reason_of
from nas_desktop.domain.hit_life import FINAL
from nas_desktop.domain.matching.layers import rows_of_marks
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.voi import VoiEntry, VoiList
from nas_desktop.node.engine import Engine
from nas_desktop.node.lists import ListMove, ListRoom
from nas_desktop.node.steps import StepDesk
from nas_desktop.node.stores import Stores
from nas_desktop.services.ports import Clock
from nas_desktop.services.tasks import spawn, stop

WATCHED_HITS = 20_000
"""Newest hits that are watched; a board holds a quarter of that."""


class BasisKeeper:
    """Watches the newest hits that nobody has closed."""

    def __init__(
        self, stores: Stores, spec: Spec, clock: Clock, engine: Engine, steps: StepDesk,
        lists: ListRoom,
    ) -> None:  # fmt: skip
        self._stores = stores
        self._spec = spec
        self._clock = clock
        self._engine = engine
        self._steps = steps
        self._lists = lists
        self._hits: OrderedDict[HitId, Hit] = OrderedDict()
        self._standing_on: dict[str, dict[str, set[HitId]]] = {}
        self._moves: asyncio.Queue[tuple[str, frozenset[str] | None]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Take up the hits of before, and look at what has changed under them since."""
        newest = await self._stores.on_operational(
            self._stores.operational.newest_hits, WATCHED_HITS
        )
        self.raised(newest)
        self._engine.when_raised.append(self.raised)
        self._lists.when_moved.append(self._moved)
        self._task = spawn(self._run(), "basis")
        for name in list(self._standing_on):
            if self._lists.has(name):
                self._moves.put_nowait((name, None))

    async def close(self) -> None:
        """Watch no longer."""
        await stop(self._task)

    def raised(self, hits: Iterable[Hit]) -> None:
        """Watch hits from now on; one whose list has moved on meanwhile is looked at at once."""
        for hit in hits:
            self._forget(hit.hit_id)
            self._hits[hit.hit_id] = hit
            for reason in hit.reasons:
                marks = self._standing_on.setdefault(reason.list_name, {})
                marks.setdefault(reason.entry.vrm, set()).add(hit.hit_id)
                if self._is_behind(reason):
                    self._moves.put_nowait((reason.list_name, frozenset([reason.entry.vrm])))
        while len(self._hits) > WATCHED_HITS:
            self._forget(next(iter(self._hits)))

    def _is_behind(self, reason: HitReason) -> bool:
        return (
            reason.basis_at is None
            and self._lists.has(reason.list_name)
            and self._lists.held(reason.list_name).voi_list.revision > reason.list_revision
        )

    def _forget(self, hit_id: HitId) -> None:
        hit = self._hits.pop(hit_id, None)
        if hit is None:
            return
        for reason in hit.reasons:
            marks = self._standing_on.get(reason.list_name, {})
            hits = marks.get(reason.entry.vrm)
            if hits is not None:
                hits.discard(hit_id)
                if not hits:
                    del marks[reason.entry.vrm]

    async def _moved(self, move: ListMove) -> None:
        touched: frozenset[str] | None = None
        if move.change is not None and len(move.change) and _is_matched(move):
            touched = frozenset(move.change.gone) | {e.vrm for e in move.change.put}
        self._moves.put_nowait((move.name, touched))

    # ------------------------------------------------------------------ inside

    async def _run(self) -> None:
        while True:
            name, touched = await self._moves.get()
            await self._look(name, touched)

    async def _look(self, name: str, touched: frozenset[str] | None) -> None:
        standing = self._standing_on.get(name, {})
        marks = set(standing) if touched is None else touched & set(standing)
        ids = {hit_id for mark in marks for hit_id in standing[mark]}
        if not ids:
            return
        one = self._lists.held(name).voi_list if self._lists.has(name) else None
        now_listed: dict[str, list[VoiEntry]] = {}
        if one is not None and one.is_enabled:
            now_listed = await asyncio.to_thread(_entries_of, one, marks)
        now = self._clock.now()
        changed: list[Hit] = []
        for hit_id in ids:
            hit = self._hits.get(hit_id)
            if hit is None or (await self._steps.life(hit_id)).state in FINAL:
                continue
            after = self._judged(hit, name, one, marks, now_listed, now)
            if after != hit:
                changed.append(after)
        await self._engine.amend(changed)

    def _judged(
        self,
        hit: Hit,
        name: str,
        one: VoiList | None,
        marks: set[str] | frozenset[str],
        listed: dict[str, list[VoiEntry]],
        now: datetime,
    ) -> Hit:
        reasons: list[HitReason] = []
        for reason in hit.reasons:
            if reason.list_name != name or reason.entry.vrm not in marks:
                reasons.append(reason)
                continue
            entries = listed.get(reason.entry.vrm, [])
            reasons.append(_after(reason, entries, now))
            if one is not None:
                reasons += self._instead(hit, reason, one, entries)
        return replace(hit, reasons=ordered_reasons(reasons))

    def _instead(
        self, hit: Hit, reason: HitReason, one: VoiList, entries: Sequence[VoiEntry]
    ) -> list[HitReason]:
        """Return reasons that the list gives now for the same mark and did not before."""
        known = {r.key for r in hit.reasons}
        new = [
            reason_of(
                self._spec,
                entry,
                one,
                reason.match_class,
                distance=reason.distance,
                confidence=reason.confidence,
            )
            for entry in entries
            if entry.is_active_at(hit.read.effective_at)
        ]
        return [r for r in new if r.key not in known and not r.is_quiet]


def _is_matched(move: ListMove) -> bool:
    """Tell whether a list was and is matched; only then does a change say what is touched."""
    return all(held is not None and held.voi_list.is_enabled for held in (move.old, move.new))


def _entries_of(one: VoiList, marks: set[str] | frozenset[str]) -> dict[str, list[VoiEntry]]:
    found: dict[str, list[VoiEntry]] = {}
    for row in rows_of_marks(one.entries, list(marks)):
        entry = one.entries[row]
        found.setdefault(entry.vrm, []).append(entry)
    return found


def _after(reason: HitReason, entries: Sequence[VoiEntry], now: datetime) -> HitReason:
    """Return a reason as its list has it now."""
    same = [
        e for e in entries if (e.action, e.reason) == (reason.entry.action, reason.entry.reason)
    ]
    if reason.entry in same:
        if reason.basis in (Basis.STANDS, Basis.CHANGED, Basis.NOT_ON_PNC):
            return reason
        return replace(reason, basis=Basis.STANDS, basis_at=now)
    if same:
        return replace(reason, entry=same[0], basis=Basis.CHANGED, basis_at=now)
    if reason.is_void:
        return reason
    basis = Basis.WEEDED if _is_weeded(reason.entry, now.astimezone(UTC).date()) else None
    return replace(reason, basis=basis or Basis.WITHDRAWN, basis_at=now)


def _is_weeded(entry: VoiEntry, today: date) -> bool:
    return entry.weed_date <= today
