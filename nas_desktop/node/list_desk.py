"""Work that people do on lists: edit, roll back, remove, disable, look inside.

Every change is put on record with who made it and why before anybody is told that it was made. A
list of the server is changed by the server: a desk passes the wish on, naming the account it acts
for, and the server looks up that account's rights itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.audit import AuditAction
from nas_desktop.adapters.voi_files.blocks import pack_entries
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching.layers import ListChange, rows_of_marks
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from nas_desktop.node.list_intake import check_authority, check_entry, check_marks, check_owner
from nas_desktop.node.list_record import ListRecord, Who
from nas_desktop.node.lists import ListRoom
from nas_desktop.node.stores import Stores
from nas_desktop.services.lists import (
    EntryFound,
    HeldList,
    ListEvent,
    ListOrigin,
    ListVersion,
)

MOST_FOUND = 500
"""Most entries in one page of a search."""

LOOKED_AT = 200_000
"""Entries a search by text looks at in one list; a search by mark sees all of them."""

MOST_CHANGED = 20_000
"""Entries that one edit may change."""


class ListDesk:
    """Does the work; every change is on record when it returns."""

    def __init__(self, stores: Stores, room: ListRoom, record: ListRecord) -> None:
        self._stores = stores
        self._room = room
        self._record = record

    # ------------------------------------------------------------------ changes

    async def edit(self, message: m.EditList, who: Who) -> m.ListDone:
        """Change entries of a list of this node's own.

        Raises:
            Refused: ``list_unknown``, ``list_owner``, ``list_entry``, ``list_moved`` when it has
                another revision than the editor looked at, ``authority_missing``.
        """
        for entry in message.put:
            check_entry(entry, may_be_pattern=True)
        check_marks(message.gone)
        if len(message.put) + len(message.gone) > MOST_CHANGED:
            raise Refused("list_entry", "Too many entries at once; import them as a file.")

        def only_if(held: HeldList) -> None:
            self._check_own(held, who[0])
            quiet = sum(entry.action is Action.NO_ALERT for entry in message.put)
            check_authority(quiet, held.voi_list.authority)
            if message.if_revision not in (0, held.voi_list.revision):
                raise Refused(
                    "list_moved",
                    "Somebody else has changed the list meanwhile.",
                    "Look at the entry again and repeat the change.",
                )

        held = await self._room.change(
            message.name,
            ListChange(tuple(message.put), tuple(message.gone)),
            ListEvent.EDITED,
            by=who[0],
            why=message.why,
            only_if=only_if,
        )
        revision = held.voi_list.revision
        await self._record.put(
            AuditAction.VOI_EDIT, who, message.name, message.why, revision,
            put=len(message.put), gone=len(message.gone),
        )  # fmt: skip
        return m.ListDone(
            message.request, message.name, revision, is_live=True, is_stored=True,
            words="The change is live.",
        )  # fmt: skip

    async def change(self, message: m.ChangeList, who: Who) -> m.ListDone:
        """Create, roll back, remove, disable or enable a list of this node's own.

        Raises:
            Refused: ``change_unknown``, ``list_exists``, ``list_unknown``, ``list_owner``,
                ``why_missing``, ``no_version``, ``list_national``.
        """
        works = {
            "create": (self._create, AuditAction.VOI_CREATE, "The list is there."),
            "roll_back": (self._roll_back, AuditAction.VOI_ROLLBACK, "The version before is live."),
            "remove": (self._remove, AuditAction.VOI_REMOVE, "The list is removed."),
            "disable": (self._disable, AuditAction.CONFIG_CHANGE, "The list is not matched now."),
            "enable": (self._enable, AuditAction.CONFIG_CHANGE, "The list is matched again."),
        }
        if message.change not in works:
            raise Refused("change_unknown", "This node does not know how to do that to a list.")
        if message.change != "create":
            self._check_own(self._room.held(message.name), who[0])
            if not message.why.strip():
                raise Refused("why_missing", "A change to a whole list needs a reason.", "Say why.")
        work, action, words = works[message.change]
        revision = await work(message, who[0])
        await self._record.put(
            action, who, message.name, message.why, revision, change=message.change
        )
        return m.ListDone(
            message.request, message.name, revision, is_live=True, is_stored=True, words=words
        )

    async def _create(self, message: m.ChangeList, by: str) -> int:
        if self._room.has(message.name):
            raise Refused("list_exists", "There is a list of this name.", "Choose another name.")
        if not message.name.strip() or len(message.name) > 120 or not message.name.isprintable():
            raise Refused("list_name", "A list needs a name of at most 120 characters.")
        one = VoiList(
            message.name, 1, pack_entries(()), self._room.now(), owner=by,
            authority=message.authority, finds_misreads=message.finds_misreads,
        )  # fmt: skip
        held = await self._room.replace(one, ListEvent.CREATED, by=by, why=message.why)
        await self._room.stored(message.name)
        return held.voi_list.revision

    async def _roll_back(self, message: m.ChangeList, by: str) -> int:
        held = self._room.held(message.name)
        if held.voi_list.source.is_national:
            raise Refused(
                "list_national",
                "National data has no version before: it is replaced, never kept.",
                "Load the newest data again.",
            )
        target = version_before(
            await self._stores.on_lists(self._stores.lists.versions, message.name)
        )
        if target is None:
            raise Refused("no_version", "No version before this one is kept.")
        entries = await self._stores.on_lists(self._stores.lists.content, message.name, target)
        today = self._room.now().astimezone(UTC).date()
        # What is weeded stays so: its time is over whatever version it comes from.
        kept = await asyncio.to_thread(
            lambda: pack_entries(entry for entry in entries if entry.weed_date > today)
        )
        one = replace(held.voi_list, entries=kept, loaded_at=self._room.now())
        done = await self._room.replace(one, ListEvent.ROLLED_BACK, by=by, why=message.why)
        await self._room.stored(message.name)
        return done.voi_list.revision

    async def _remove(self, message: m.ChangeList, by: str) -> int:
        await self._room.drop(message.name)
        return 0

    async def _disable(self, message: m.ChangeList, by: str) -> int:
        return await self._enabled(message, by, is_enabled=False)

    async def _enable(self, message: m.ChangeList, by: str) -> int:
        return await self._enabled(message, by, is_enabled=True)

    async def _enabled(self, message: m.ChangeList, by: str, *, is_enabled: bool) -> int:
        one = self._room.held(message.name).voi_list
        if one.is_enabled == is_enabled:
            return one.revision
        event = ListEvent.ENABLED if is_enabled else ListEvent.DISABLED
        held = await self._room.mark(
            message.name, replace(one, is_enabled=is_enabled), event, by=by, why=message.why
        )
        return held.voi_list.revision

    def _check_own(self, held: HeldList, by: str) -> None:
        check_owner(held, by)
        if held.origin is ListOrigin.ABOVE:
            raise Refused(
                "list_owner",
                "The list comes from the server and is changed there.",
                "Ask for the change at the server.",
            )

    # ------------------------------------------------------------------ looking

    async def search(self, message: m.SearchLists, username: str) -> m.EntriesFound:
        """Return entries whose mark, or any text, holds what is looked for."""
        wanted = message.text.strip().casefold()
        limit = max(1, min(message.limit, MOST_FOUND))
        lists = [
            held
            for held in self._room.all
            if not message.name or held.voi_list.name == message.name
        ]
        return await asyncio.to_thread(
            _searched, lists, username, wanted, max(0, message.first), limit, message.request
        )

    async def quiet(self, message: m.WantQuiet, who: Who) -> m.QuietHits:
        """Return the ``No Alert`` hits of a list to its owner, and put that on record.

        They are kept by list and owner: whoever takes a list over does not get what was recorded
        for the one before.

        Raises:
            Refused: ``list_owner``.
        """
        is_own = (
            self._room.has(message.name) and self._room.held(message.name).voi_list.owner == who[0]
        )
        total, hits = await self._stores.on_operational(
            self._stores.operational.quiet_hits,
            message.name,
            who[0],
            max(0, message.first),
            max(1, min(message.limit, 500)),
        )
        if not is_own and not total:
            raise Refused("list_owner", "Only the owner of a list sees what was recorded for it.")
        await self._record.put(AuditAction.VIEW_NO_ALERT, who, message.name, "", 0)
        return m.QuietHits(message.request, message.name, total, hits)

    async def versions(self, message: m.WantVersions, username: str) -> list[ListVersion]:
        """Return the versions kept of a list, newest first."""
        check_owner(self._room.held(message.name), username)
        return await self._stores.on_lists(self._stores.lists.versions, message.name)


_NO_STEP = frozenset({ListEvent.WEEDED, ListEvent.DISABLED, ListEvent.ENABLED})


def version_before(versions: list[ListVersion]) -> ListVersion | None:
    """Return the version that one step back leads to, of versions newest first.

    Weeding, disabling and enabling made no version that anybody would want to go back to: they
    are stepped over.
    """
    steps = iter(versions)
    for version in steps:
        if version.event not in _NO_STEP:
            return next(steps, None)
    return None


def _searched(
    lists: list[HeldList], username: str, wanted: str, first: int, limit: int, request: int
) -> m.EntriesFound:
    found: list[EntryFound] = []
    total = 0
    is_all = True
    for held in lists:
        one = held.voi_list
        entries: Iterable[VoiEntry] = one.entries
        if len(one.entries) > LOOKED_AT:
            # A whole mark is found in a list of any length; a part of a text is not looked for.
            mark = wanted.replace(" ", "").upper()
            rows = rows_of_marks(one.entries, [mark]) if mark.isascii() and mark.isalnum() else []
            entries = [one.entries[row] for row in rows]
            is_all = False
        for entry in entries:
            if entry.action is Action.NO_ALERT and one.owner != username:
                continue
            if wanted and not _holds(entry, wanted):
                continue
            if first <= total < first + limit:
                found.append(EntryFound(one.name, one.revision, entry))
            total += 1
    return m.EntriesFound(request, first, found, total, is_all)


def _holds(entry: VoiEntry, wanted: str) -> bool:
    mark = wanted.replace(" ", "")
    return mark in entry.vrm.casefold() or any(
        wanted in text.casefold()
        for text in (
            entry.information, entry.reason, entry.make, entry.model, entry.colour,
            entry.lea_and_area, entry.cad, entry.contact, entry.pnc_id,
        )
    )  # fmt: skip
