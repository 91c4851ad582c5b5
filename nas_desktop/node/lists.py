"""Lists on a node: put together from parts, made live as a whole, handed down to every desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import LinkDown, Peer
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.voi import VoiEntry, VoiList
from nas_desktop.domain.vrm import is_special, normalise
from nas_desktop.node.stores import Stores
from nas_desktop.services.events import ListState
from nas_desktop.services.ports import Clock

PART_ENTRIES = 500
"""Entries a part; 500 of the longest kind stay below the bulk socket's limit."""

MAX_INFORMATION = 198
"""Longest information of an entry, characters (NAS v3.1 §5)."""

MAX_PARTS = 20_000
"""Ten million entries: beyond any list, and a bound on what a sender can make us hold."""


@dataclass(slots=True)
class _Assembly:
    """Parts of a list as they come, which must be in order."""

    revision: int
    parts: int
    entries: list[VoiEntry] = field(default_factory=list)
    next_part: int = 0


class ListRoom:
    """Holds the lists and distributes them.

    Args:
        use: called with all lists whenever one has changed.
    """

    def __init__(
        self, stores: Stores, spec: Spec, clock: Clock, use: Callable[[list[VoiList]], None]
    ) -> None:
        self._stores = stores
        self._spec = spec
        self._clock = clock
        self._use = use
        self._assemblies: dict[tuple[object, str], _Assembly] = {}
        self._receivers: dict[Peer, dict[str, int]] = {}
        self._lists: dict[str, VoiList] = {}

    async def open(self) -> None:
        """Take up the lists that the store has."""
        stored = await self._stores.on_operational(self._stores.operational.lists)
        self._lists = {voi_list.name: voi_list for voi_list in stored}
        self._use(stored)

    def states(self) -> tuple[ListState, ...]:
        """Return what is held, by name."""
        return tuple(
            ListState(
                held.name,
                held.revision,
                self._spec.badge_of(held.name),
                len(held.entries),
                held.loaded_at,
            )
            for held in sorted(self._lists.values(), key=lambda one: one.name)
        )

    def revisions(self) -> dict[str, int]:
        """Return the revision of each list held."""
        return {name: held.revision for name, held in self._lists.items()}

    # ------------------------------------------------------------------ taking in

    async def publish(self, message: m.PublishList, sender: Peer) -> bool:
        """Take a part of a list that an owner publishes; True when the list went live with it.

        Raises:
            Refused: ``list_parts`` when parts are missing or out of order, ``list_name``, or
                ``list_entry`` for one that could never match or cannot be shown.
        """
        if not message.name.strip() or len(message.name) > 120:
            raise Refused("list_name", "A list needs a name of at most 120 characters.")
        for entry in message.entries:
            _check(entry)
        held = self._lists.get(message.name)
        revision = held.revision + 1 if held is not None else 1
        entries = self._assembled(
            sender, message.name, revision, message.part, message.parts, message.entries
        )
        if entries is None:
            return False
        await self._go_live(VoiList(message.name, revision, tuple(entries), self._clock.now()))
        return True

    async def take(self, part: m.ListPart) -> None:
        """Take a part of a list from the node above.

        Raises:
            Refused: ``list_parts``; the node above is asked again at the next connection.
        """
        entries = self._assembled(
            None, part.name, part.revision, part.part, part.parts, part.entries
        )
        if entries is not None:
            await self._go_live(
                VoiList(part.name, part.revision, tuple(entries), self._clock.now())
            )

    async def drop(self, name: str) -> None:
        """Remove a list that the node above no longer distributes."""
        await self._stores.on_operational(self._stores.operational.drop_list, name)
        self._lists.pop(name, None)
        self._use(list(self._lists.values()))
        for peer in list(self._receivers):
            await self._quietly(peer, m.ListGone(name))

    def _assembled(
        self,
        sender: object,
        name: str,
        revision: int,
        part: int,
        parts: int,
        entries: list[VoiEntry],
    ) -> list[VoiEntry] | None:
        key = (sender, name)
        if part == 0:
            self._assemblies[key] = _Assembly(revision, parts)
        assembly = self._assemblies.get(key)
        if (
            assembly is None
            or not 0 < parts <= MAX_PARTS
            or (assembly.parts, assembly.next_part) != (parts, part)
        ):
            self._assemblies.pop(key, None)
            raise Refused("list_parts", "A part of the list is missing; send it again as a whole.")
        assembly.entries += entries
        assembly.next_part += 1
        if assembly.next_part < parts:
            return None
        return self._assemblies.pop(key).entries

    async def _go_live(self, voi_list: VoiList) -> None:
        held = self._lists.get(voi_list.name)
        if held is not None and held.revision > voi_list.revision:
            # The node above has begun to count anew; what it distributes is what counts.
            await self._stores.on_operational(self._stores.operational.drop_list, voi_list.name)
        await self._stores.on_operational(self._stores.operational.put_list, voi_list)
        self._lists[voi_list.name] = voi_list
        self._use(list(self._lists.values()))
        for peer, revisions in list(self._receivers.items()):
            await self._hand_down(peer, revisions)

    # ------------------------------------------------------------------ handing down

    async def subscribe(self, peer: Peer, held: dict[str, int]) -> None:
        """Send what a desk lacks, and from now on every change."""
        self._receivers[peer] = dict(held)
        await peer.bulk_opened.wait()
        await self._hand_down(peer, self._receivers[peer])
        for name in set(held) - set(self._lists):
            await self._quietly(peer, m.ListGone(name))

    def forget(self, peer: Peer) -> None:
        """A session is over."""
        self._receivers.pop(peer, None)
        for key in [k for k in self._assemblies if k[0] is peer]:
            del self._assemblies[key]

    async def _hand_down(self, peer: Peer, held: dict[str, int]) -> None:
        for voi_list in list(self._lists.values()):
            if held.get(voi_list.name) == voi_list.revision:
                continue
            held[voi_list.name] = voi_list.revision
            for part in parts_of(voi_list):
                if not await self._quietly(peer, part):
                    return

    async def _quietly(self, peer: Peer, message: m.Message) -> bool:
        try:
            await peer.send(message, bulk=True)
        except LinkDown:
            self.forget(peer)
            return False
        return True


def _check(entry: VoiEntry) -> None:
    """Refuse an entry that is none; whether it keeps to the template is judged elsewhere."""
    try:
        is_sound = normalise(entry.vrm) == entry.vrm and not is_special(entry.vrm)
    except Refused:
        is_sound = False
    if not is_sound:
        raise Refused("list_entry", "An entry of the list has no VRM that a read could have.")
    if len(entry.information) > MAX_INFORMATION:
        raise Refused(
            "list_entry", f"An entry's information is longer than {MAX_INFORMATION} characters."
        )


def parts_of(voi_list: VoiList) -> Iterator[m.ListPart]:
    """Yield a list in parts; an empty list is one empty part."""
    for part, parts, entries in split(voi_list.entries):
        yield m.ListPart(voi_list.name, voi_list.revision, part, parts, voi_list.loaded_at, entries)


def split(entries: tuple[VoiEntry, ...]) -> Iterator[tuple[int, int, list[VoiEntry]]]:
    """Yield (part, parts, entries) with at most ``PART_ENTRIES`` each."""
    parts = max(1, -(-len(entries) // PART_ENTRIES))
    for part in range(parts):
        yield part, parts, list(entries[part * PART_ENTRIES : (part + 1) * PART_ENTRIES])
