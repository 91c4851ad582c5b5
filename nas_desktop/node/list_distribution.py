"""Lists on their way down: what each desk holds, what it lacks, and how that reaches it.

Every receiver is served by a task of its own, so that a slow one holds nobody up. It gets what has
changed since the revision it holds, or the whole in parts; a snapshot cut short by a broken link
goes on where it stopped. ``No Alert`` entries go to nobody: the desks have no use for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import LinkDown, Peer
from nas_desktop.adapters.store.list_store import blocks_of
from nas_desktop.adapters.voi_files.blocks import BlockEntries, pack_entries
from nas_desktop.domain.matching.columns import ACTIONS, columns_of
from nas_desktop.domain.matching.layers import LayeredEntries, ListChange
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.node.lists import ListMove, ListRoom
from nas_desktop.node.stores import Stores
from nas_desktop.services.lists import HeldList, ListReceiver
from nas_desktop.services.ports import Clock
from nas_desktop.services.tasks import spawn, stop

PART_BYTES = 256 * 1024
"""Compressed bytes in one part of a snapshot; the bulk socket takes frames of four times that."""

DELTA_ENTRIES = 400
"""Entries and marks in one part of a delta; 400 of the longest kind stay below the limit."""


_QUIET = ACTIONS.index(Action.NO_ALERT)


@dataclass(slots=True)
class _Receiver:
    """A desk that asked for lists."""

    node: str
    revisions: dict[str, int]
    partial: dict[str, tuple[int, int]]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Distribution:
    """Hands the lists of a node down."""

    def __init__(self, room: ListRoom, stores: Stores, clock: Clock) -> None:
        self._room = room
        self._stores = stores
        self._clock = clock
        self._receivers: dict[Peer, _Receiver] = {}
        self._holdings: dict[tuple[str, str], ListReceiver] = {}
        self._open: dict[str, tuple[object, BlockEntries]] = {}
        room.when_moved.append(self._moved)

    async def subscribe(
        self, peer: Peer, node: str, held: dict[str, int], partial: dict[str, tuple[int, int]]
    ) -> None:
        """Send a desk what it lacks, and from now on every change."""
        await self.forget(peer)
        receiver = _Receiver(node, dict(held), dict(partial))
        self._receivers[peer] = receiver
        self.held(peer, held)
        receiver.task = spawn(self._serve(peer, receiver), "hand-down-lists")

    def want(self, peer: Peer, name: str) -> None:
        """A desk could make nothing of what it got of a list: send the whole."""
        receiver = self._receivers.get(peer)
        if receiver is not None:
            receiver.revisions.pop(name, None)
            receiver.partial.pop(name, None)
            receiver.wake.set()

    def held(self, peer: Peer, revisions: dict[str, int]) -> None:
        """A desk says what it matches against now."""
        receiver = self._receivers.get(peer)
        if receiver is None:
            return
        now = self._clock.now()
        for key in [k for k in self._holdings if k[0] == receiver.node and k[1] not in revisions]:
            del self._holdings[key]
        for name, revision in list(revisions.items())[:10_000]:
            known = self._holdings.get((receiver.node, name))
            since = known.held_since if known and known.revision == revision else now
            self._holdings[receiver.node, name] = ListReceiver(
                receiver.node, name, revision, since, is_connected=True
            )

    def receivers(self, name: str) -> list[ListReceiver]:
        """Return what every desk that ever asked holds of a list, by desk."""
        connected = {receiver.node for receiver in self._receivers.values()}
        return [
            ListReceiver(one.node, name, one.revision, one.held_since, one.node in connected)
            for (_node, of), one in sorted(self._holdings.items())
            if of == name
        ]

    async def forget(self, peer: Peer) -> None:
        """A session is over."""
        receiver = self._receivers.pop(peer, None)
        if receiver is not None:
            await stop(receiver.task)

    # ------------------------------------------------------------------ inside

    async def _moved(self, move: ListMove) -> None:
        self._open.pop(move.name, None)
        for receiver in self._receivers.values():
            receiver.wake.set()

    async def _serve(self, peer: Peer, receiver: _Receiver) -> None:
        await peer.bulk_opened.wait()
        try:
            while True:
                receiver.wake.clear()
                for held in self._room.all:
                    if _is_for_desks(held):
                        await self._send(peer, receiver, held.voi_list.name)
                there = {one.voi_list.name for one in self._room.all if _is_for_desks(one)}
                for name in set(receiver.revisions) - there:
                    del receiver.revisions[name]
                    await peer.send(m.ListGone(name), bulk=True)
                await receiver.wake.wait()
        except LinkDown:
            return  # the session is over, and says so itself

    async def _send(self, peer: Peer, receiver: _Receiver, name: str) -> None:
        if receiver.revisions.get(name) == self._room.revisions().get(name):
            return
        await self._room.stored(name)
        if not self._room.has(name):
            return  # gone meanwhile; the next round says so
        held = self._room.held(name)
        one, version = held.voi_list, held.version
        has = receiver.revisions.get(name, 0)
        if not held.is_stored:
            # What the store has of it cannot be told from: the whole, as it is matched against.
            for part in await self._snapshot(held, 0, (0, 0), is_whole=True):
                await peer.send(part, bulk=True)
            has = one.revision
        elif not version.base_revision <= has <= one.revision:
            final = one.revision if one.revision != version.base_revision else 0
            has = version.base_revision
            for part in await self._snapshot(held, final, receiver.partial.pop(name, (0, 0))):
                await peer.send(part, bulk=True)
        if has != one.revision:
            store = self._stores.lists
            change = await self._stores.on_lists(store.change_since, name, version, has)
            for delta in _deltas(held, has, for_desks(change)):
                await peer.send(delta, bulk=True)
        receiver.revisions[name] = one.revision

    async def _snapshot(
        self, held: HeldList, final: int, partial: tuple[int, int], *, is_whole: bool = False
    ) -> Iterator[m.ListPart]:
        one, version = held.voi_list, held.version
        base = one.entries
        if isinstance(base, LayeredEntries):
            base = pack_entries(base) if is_whole else base.base
        base_revision = one.revision if is_whole else version.base_revision
        known = self._open.get(one.name)
        if known is None or known[0] is not base:
            known = (base, await asyncio.to_thread(_for_desks, base))
            self._open[one.name] = known
        parts = _parts(known[1].blocks)
        revision, first = partial
        first = first if revision == base_revision and first < len(parts) else 0
        return (
            m.ListPart(
                one.name,
                base_revision,
                number,
                len(parts),
                one.loaded_at,
                blocks=list(blocks),
                facts=facts_of(held),
                final_revision=final,
            )
            for number, blocks in enumerate(parts)
            if number >= first
        )


def facts_of(held: HeldList) -> m.ListFacts:
    """Return what goes with a list besides its entries."""
    one, counts = held.voi_list, held.version.counts
    # Desks get no No Alert entries, and nothing from which to tell how many there are.
    shown = replace(counts, entries=counts.entries - counts.no_alert, no_alert=0)
    return m.ListFacts(
        one.source,
        one.finds_misreads,
        one.is_enabled,
        one.next_due_at,
        shown,
        # What silences many hits is said on every desk, with who did it and why.
        "" if one.is_enabled else held.version.by,
        "" if one.is_enabled else held.version.why,
    )


def for_desks(change: ListChange) -> ListChange:
    """Return a change without ``No Alert``: what becomes so leaves the desks."""
    quiet = tuple(e.vrm for e in change.put if e.action is Action.NO_ALERT)
    return ListChange(
        tuple(e for e in change.put if e.action is not Action.NO_ALERT), change.gone + quiet
    )


def _is_for_desks(held: HeldList) -> bool:
    counts = held.version.counts
    if counts.entries == 0:
        return not held.voi_list.authority  # a list run for No Alert that is empty just now
    return counts.no_alert < counts.entries


def _for_desks(entries: Sequence[VoiEntry]) -> BlockEntries:
    """Return entries without ``No Alert``."""
    columns = columns_of(entries)
    if isinstance(entries, BlockEntries) and not (columns.actions == _QUIET).any():
        return entries
    return pack_entries(e for e in entries if e.action is not Action.NO_ALERT)


def _parts(blocks: Sequence[bytes]) -> list[list[bytes]]:
    parts: list[list[bytes]] = [[]]
    size = 0
    for block in blocks:
        if parts[-1] and size + len(block) > PART_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(block)
        size += len(block)
    return parts


def parts_to_publish(entries: Sequence[VoiEntry]) -> list[list[bytes]]:
    """Return entries as parts of a list for the node above."""
    return _parts(blocks_of(entries).blocks)


def _deltas(held: HeldList, has: int, change: ListChange) -> Iterator[m.ListDelta]:
    one = held.voi_list
    length = max(len(change.put), len(change.gone), 1)
    pieces = [
        (list(change.put[at : at + DELTA_ENTRIES]), list(change.gone[at : at + DELTA_ENTRIES]))
        for at in range(0, length, DELTA_ENTRIES)
    ]
    loaded_at: datetime = one.loaded_at
    for number, (put, gone) in enumerate(pieces):
        yield m.ListDelta(
            one.name, has, one.revision, loaded_at, put, gone, number, len(pieces), facts_of(held)
        )
