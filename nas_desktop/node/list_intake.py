"""Lists on their way in: parts put together, judged entry by entry, made live as a whole.

Nothing that comes over a link is believed: a part out of order, a block that cannot be read, an
entry that could never match or a change to a revision that is not held is refused, and what was
held before goes on being matched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.voi_files.blocks import BlockEntries, from_blocks, pack_entries
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching.columns import EntryColumns, joined
from nas_desktop.domain.matching.layers import ListChange
from nas_desktop.domain.voi import VoiEntry, VoiList
from nas_desktop.domain.vrm import is_special, normalise
from nas_desktop.node.lists import ListRoom
from nas_desktop.services.lists import HeldList, ListCounts, ListEvent, ListOrigin

MAX_INFORMATION = 198
"""Longest information of an entry, characters (NAS v3.1 §5)."""

MAX_PARTS = 50_000
"""Ten million entries and more: a bound on what a sender can make us hold."""

MAX_NAME = 120

MAX_PATTERN = 18
"""Longest pattern of a wildcard entry: a mark of 16 characters and two stars."""

ASK_AGAIN = timedelta(seconds=2)
"""Pause before a list that could not be used is asked for again; doubled each time."""


@dataclass(slots=True)
class _Assembly:
    """Parts of a snapshot as they come, which must be in order."""

    revision: int
    parts: int
    blocks: list[bytes] = field(default_factory=list)
    columns: list[EntryColumns] = field(default_factory=list)
    next_part: int = 0

    def entries(self) -> BlockEntries:
        """Return what has been put together."""
        return from_blocks(self.blocks, joined(self.columns))


@dataclass(slots=True)
class _Staged:
    """A whole snapshot that waits for the change that belongs on top of it."""

    part: m.ListPart
    entries: BlockEntries


@dataclass(slots=True)
class _Delta:
    """Parts of a change as they come."""

    to_revision: int
    parts: int
    put: list[VoiEntry] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    next_part: int = 0


class ListIntake:
    """Takes lists from the node above and from those who publish here.

    Args:
        want: asks the node above for a whole list.
    """

    def __init__(self, room: ListRoom) -> None:
        self._room = room
        self._assemblies: dict[tuple[object, str], _Assembly] = {}
        self._staged: dict[str, _Staged] = {}
        self._deltas: dict[str, _Delta] = {}
        self._asked: dict[str, tuple[int, datetime | None]] = {}
        self.published: set[str] = set()
        self.want: Callable[[str], Awaitable[None]] | None = None

    def partial(self) -> dict[str, tuple[int, int]]:
        """Return how far snapshots from above had come when the link broke."""
        return {
            name: (assembly.revision, assembly.next_part)
            for (sender, name), assembly in self._assemblies.items()
            if sender is None and assembly.next_part > 0
        }

    def forget(self, sender: object) -> None:
        """A session is over; what it began to publish is nothing."""
        for key in [k for k in self._assemblies if k[0] is sender]:
            del self._assemblies[key]

    # ------------------------------------------------------------------ from below

    async def publish(self, message: m.PublishList, sender: object, by: str) -> HeldList | None:
        """Take a part of a list that an owner publishes; the list once the last one is here.

        It is live and on disk when this returns it.

        Raises:
            Refused: ``list_parts`` when parts are missing or out of order, ``list_name``,
                ``list_owner``, ``list_block``, or ``list_entry`` for one that could never match or
                cannot be shown.
        """
        _check_name(message.name)
        held = self._room.held(message.name) if self._room.has(message.name) else None
        check_owner(held, by)
        if held is not None and held.origin is ListOrigin.ABOVE:
            raise Refused("list_owner", "A list of this name comes from the node above.")
        entries = await self._assembled(
            sender, message.name, 0, message.part, message.parts, message.entries, message.blocks
        )
        if entries is None:
            return None
        if (entries.columns.keys == 0).any():
            raise Refused(
                "list_entry",
                "The list has wildcard entries, which are never published.",
                "Keep them in a list of this desk.",
            )
        facts = message.facts
        # Counted here: what a sender says of No Alert entries decides nothing.
        counts = ListCounts().counted(entries.columns)
        check_authority(counts.no_alert, message.authority)
        await self._room.replace(
            VoiList(
                message.name, 1, entries, self._room.now(), facts.source, by, message.authority,
                facts.finds_misreads, facts.is_enabled, facts.next_due_at,
            ),
            ListEvent.PUBLISHED,
            by=by,
            counts=counts,
        )  # fmt: skip
        await self._room.stored(message.name)
        return self._room.held(message.name)

    # ------------------------------------------------------------------ from above

    async def take(self, part: m.ListPart) -> None:
        """Take a part of a snapshot from the node above.

        Raises:
            Refused: ``list_parts``, ``list_block``, ``list_entry``, ``list_name``; the list is
                asked for again, and matching goes on with what was held.
        """
        try:
            await self._take(part)
        except Refused as refusal:
            self._assemblies.pop((None, part.name), None)
            await self._ask(part.name, refusal)
            raise

    async def _take(self, part: m.ListPart) -> None:
        _check_name(part.name)
        self._check_not_own(part.name)
        entries = await self._assembled(
            None, part.name, part.revision, part.part, part.parts, part.entries, part.blocks
        )
        if entries is None:
            return
        if part.final_revision and part.final_revision != part.revision:
            self._staged[part.name] = _Staged(part, entries)
            return
        await self._go_live(part, entries, None)

    async def take_delta(self, delta: m.ListDelta) -> None:
        """Take a part of a change from the node above.

        Raises:
            Refused: ``list_parts``, ``list_revision``, ``list_entry``; a snapshot is asked for, and
                matching goes on with what was held.
        """
        try:
            await self._take_delta(delta)
        except Refused as refusal:
            self._deltas.pop(delta.name, None)
            self._staged.pop(delta.name, None)
            await self._ask(delta.name, refusal)
            raise

    async def _take_delta(self, delta: m.ListDelta) -> None:
        self._check_not_own(delta.name)
        for entry in delta.put:
            check_entry(entry, may_be_pattern=True)
        check_marks(delta.gone)
        if delta.part == 0:
            self._deltas[delta.name] = _Delta(delta.to_revision, delta.parts)
        known = self._deltas.get(delta.name)
        if (
            known is None
            or not 0 < delta.parts <= MAX_PARTS
            or (known.to_revision, known.parts) != (delta.to_revision, delta.parts)
            or known.next_part != delta.part
        ):
            raise Refused("list_parts", "A part of a change to a list is missing.")
        known.put += delta.put
        known.gone += delta.gone
        known.next_part += 1
        if known.next_part < known.parts:
            return
        del self._deltas[delta.name]
        change = ListChange(tuple(known.put), tuple(known.gone))
        staged = self._staged.pop(delta.name, None)
        if staged is not None and staged.part.revision == delta.from_revision:
            await self._go_live(staged.part, staged.entries, (delta.to_revision, change))
            return
        held = self._room.held(delta.name) if self._room.has(delta.name) else None
        if (
            held is None
            or held.voi_list.revision != delta.from_revision
            or delta.to_revision <= delta.from_revision
        ):
            raise Refused("list_revision", "A change belongs to a revision that is not held.")
        await self._room.change(
            delta.name,
            change,
            ListEvent.RECEIVED,
            by=delta.facts.by,
            why=delta.facts.why,
            to_revision=delta.to_revision,
            loaded_at=delta.loaded_at,
            is_enabled=delta.facts.is_enabled,
        )

    async def gone(self, name: str) -> None:
        """Remove a list that the node above no longer distributes."""
        if self._room.has(name) and self._room.held(name).origin is ListOrigin.ABOVE:
            await self._room.drop(name)

    # ------------------------------------------------------------------ inside

    async def _ask(self, name: str, refusal: Refused) -> None:
        """Ask for the whole list, unless that would bring the same again; less and less often."""
        if self.want is None or refusal.code == "list_name":
            return
        times, last_at = self._asked.get(name, (0, None))
        now = self._room.now()
        if last_at is not None and now - last_at < ASK_AGAIN * 2 ** min(times, 6):
            return
        self._asked[name] = (times + 1, now)
        await self.want(name)

    def _check_not_own(self, name: str) -> None:
        is_own = self._room.has(name) and self._room.held(name).origin is ListOrigin.OWN
        if is_own and name not in self.published:
            raise Refused("list_name", "This desk has a list of its own of the same name.")

    async def _go_live(
        self, part: m.ListPart, entries: BlockEntries, then: tuple[int, ListChange] | None
    ) -> None:
        facts = part.facts
        self._asked.pop(part.name, None)
        one = VoiList(
            part.name, part.revision, entries, part.loaded_at, facts.source,
            finds_misreads=facts.finds_misreads, is_enabled=facts.is_enabled,
            next_due_at=facts.next_due_at,
        )  # fmt: skip
        await self._room.replace(
            one,
            ListEvent.RECEIVED,
            by=facts.by,
            why=facts.why,
            origin=ListOrigin.ABOVE,
            then=then,
            counts=facts.counts,
        )

    async def _assembled(
        self,
        sender: object,
        name: str,
        revision: int,
        part: int,
        parts: int,
        entries: Sequence[VoiEntry],
        blocks: Sequence[bytes],
    ) -> BlockEntries | None:
        key = (sender, name)
        if part == 0:
            self._assemblies[key] = _Assembly(revision, parts)
        assembly = self._assemblies.get(key)
        if (
            assembly is None
            or not 0 < parts <= MAX_PARTS
            or (assembly.revision, assembly.parts, assembly.next_part) != (revision, parts, part)
        ):
            self._assemblies.pop(key, None)
            raise Refused("list_parts", "A part of the list is missing; send it again as a whole.")
        for entry in entries:
            check_entry(entry, may_be_pattern=True)
        # Decoding is what takes the time, so the loop goes on meanwhile; the order stays, because
        # a session deals with one message after another.
        packed = await asyncio.to_thread(_packed, list(entries), list(blocks))
        assembly.blocks += packed.blocks
        assembly.columns.append(packed.columns)
        assembly.next_part += 1
        if assembly.next_part < parts:
            return None
        return self._assemblies.pop(key).entries()


def _packed(entries: list[VoiEntry], blocks: list[bytes]) -> BlockEntries:
    if not entries:
        return from_blocks(blocks, None)
    if not blocks:
        return pack_entries(entries)
    raise Refused("list_parts", "A part of the list holds both blocks and entries.")


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise Refused("list_name", f"A list needs a name of at most {MAX_NAME} characters.")


def check_authority(no_alerts: int, authority: str) -> None:
    """Refuse ``No Alert`` entries without the reference of an authority.

    Raises:
        Refused: ``authority_missing``. Systematic monitoring of a person may need a
            directed-surveillance authority (domain facts 2.2, recalled).
    """
    if no_alerts and not authority.strip():
        raise Refused(
            "authority_missing",
            "A list with No Alert entries needs the reference of the authority it is run under.",
            "Give the reference, or change the action of these entries.",
        )


def check_owner(held: HeldList | None, by: str) -> None:
    """Refuse to touch somebody else's list that has, or is run for, ``No Alert`` entries.

    Raises:
        Refused: ``list_owner``; in words that tell nothing of what the list holds.
    """
    if held is None or not held.voi_list.owner or held.voi_list.owner == by:
        return
    if held.version.counts.no_alert or held.voi_list.authority:
        raise Refused(
            "list_owner",
            "A list of this name belongs to somebody else.",
            "Give the list another name, or ask the administrator.",
        )


def check_marks(marks: Iterable[str]) -> None:
    """Refuse marks that no entry could have.

    Raises:
        Refused: ``list_entry``.
    """
    for mark in marks:
        if not mark.isascii() or not mark.isprintable() or len(mark) > MAX_PATTERN:
            raise Refused("list_entry", "A mark that is to leave is none that an entry could have.")


def check_entry(entry: VoiEntry, *, may_be_pattern: bool = False) -> None:
    """Refuse an entry that is none; whether it keeps to the template is judged elsewhere.

    Raises:
        Refused: ``list_entry``.
    """
    mark = "".join(c for c in entry.vrm if c not in "?*") if may_be_pattern else entry.vrm
    try:
        is_sound = normalise(mark) == mark and not is_special(entry.vrm)
    except Refused:
        is_sound = False
    if not is_sound or len(entry.vrm) > MAX_PATTERN:
        raise Refused("list_entry", "An entry of the list has no VRM that a read could have.")
    if len(entry.information) > MAX_INFORMATION:
        raise Refused(
            "list_entry", f"An entry's information is longer than {MAX_INFORMATION} characters."
        )
