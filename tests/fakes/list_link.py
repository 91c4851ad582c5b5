"""A scripted ``ListLink``: remembers what it was asked and answers what a test has laid down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.voi import VoiEntry
from nas_desktop.services.dry_run import DryRunReport
from nas_desktop.services.events import ListState
from nas_desktop.services.lists import (
    EntriesPage,
    EntryFound,
    ImportChoices,
    ListOutcome,
    ListReceiver,
    ListVersion,
)


@dataclass(frozen=True)
class Asked:
    """One call: its name, what came by place and what by name."""

    what: str
    given: tuple[Any, ...]
    named: dict[str, Any] = field(default_factory=dict)


class FakeListLink:
    """``ListLink`` without a node.

    ``refusal`` makes every coroutine raise it. ``never_answers`` keeps works waiting until they
    are cancelled. ``stages`` are told to an import before it answers with ``outcome``.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.refusal: Refused | None = None
        self.never_answers = False
        self.stages: list[tuple[str, int, int]] = []
        self.outcome = ListOutcome("07_Cheshire VOI List", 4, is_live=True, is_stored=True)
        self.lists: tuple[ListState, ...] = ()
        self.lists_at_server: tuple[ListState, ...] = ()
        self.found: tuple[EntryFound, ...] = ()
        self.versions_kept: tuple[ListVersion, ...] = ()
        self.receivers: tuple[ListReceiver, ...] = ()
        self.quiet: tuple[Hit, ...] = ()
        at = datetime(2026, 11, 20, 21, tzinfo=UTC)
        self.report = DryRunReport("07_Cheshire", at - timedelta(days=7), at)

    def calls(self, what: str) -> list[Asked]:
        """Return the calls of one coroutine, oldest first."""
        return [one for one in self.asked if one.what == what]

    async def _ask(self, what: str, *given: Any, **named: Any) -> None:
        self.asked.append(Asked(what, given, named))
        if self.refusal is not None:
            raise self.refusal

    async def _work(self) -> ListOutcome:
        if self.never_answers:
            await asyncio.Event().wait()
        return self.outcome

    async def import_file(
        self, path: str, choices: ImportChoices, progress: Callable[[str, int, int], None]
    ) -> ListOutcome:
        await self._ask("import_file", path, choices)
        for stage in self.stages:
            progress(*stage)
        return await self._work()

    async def dry_run(
        self,
        progress: Callable[[str, int, int], None],
        name: str = "",
        path: str = "",
        choices: ImportChoices = ImportChoices(),  # noqa: B008 - frozen
    ) -> DryRunReport:
        await self._ask("dry_run", name, path, choices)
        for stage in self.stages:
            progress(*stage)
        await self._work()
        return self.report

    async def edit(
        self,
        name: str,
        put: Sequence[VoiEntry],
        gone: Sequence[str],
        why: str,
        *,
        if_revision: int = 0,
        at_server: bool = False,
    ) -> ListOutcome:
        await self._ask(
            "edit", name, tuple(put), tuple(gone), why, if_revision=if_revision, at_server=at_server
        )
        return await self._work()

    async def change(
        self,
        name: str,
        change: str,
        why: str,
        *,
        authority: str = "",
        finds_misreads: bool = False,
        at_server: bool = False,
    ) -> ListOutcome:
        await self._ask(
            "change", name, change, why, authority=authority, finds_misreads=finds_misreads,
            at_server=at_server,
        )  # fmt: skip
        return await self._work()

    async def search(
        self, text: str, name: str = "", first: int = 0, limit: int = 100
    ) -> EntriesPage:
        await self._ask("search", text, name, first, limit)
        fit = [
            one
            for one in self.found
            if name in ("", one.list_name) and (text.upper() in one.entry.vrm or not text)
        ]
        return EntriesPage(first, tuple(fit[first : first + limit]), len(fit), is_all=True)

    async def states(self, *, at_server: bool = False) -> tuple[ListState, ...]:
        await self._ask("states", at_server=at_server)
        return self.lists_at_server if at_server else self.lists

    async def versions(
        self, name: str, *, at_server: bool = False
    ) -> tuple[tuple[ListVersion, ...], tuple[ListReceiver, ...]]:
        await self._ask("versions", name, at_server=at_server)
        return self.versions_kept, self.receivers

    async def quiet_hits(
        self, name: str, first: int = 0, limit: int = 200, *, at_server: bool = False
    ) -> tuple[int, tuple[Hit, ...]]:
        await self._ask("quiet_hits", name, first, limit, at_server=at_server)
        return len(self.quiet), self.quiet[first : first + limit]

    async def export(self, name: str, path: str, *, for_spreadsheets: bool = False) -> ListOutcome:
        await self._ask("export", name, path, for_spreadsheets=for_spreadsheets)
        return await self._work()
