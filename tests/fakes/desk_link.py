"""A scripted ``DeskLink``: remembers what it was asked and answers what a test has laid down."""

from __future__ import annotations

import asyncio
from datetime import datetime

from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.services.desks import DeskReport, HistoryPage, Notice


class FakeDeskLink:
    """``DeskLink`` without a node.

    ``pages`` are handed out one after the other by ``history``, the last again and again;
    ``refusal`` makes every coroutine but ``report`` raise it; ``never_answers`` keeps them waiting.
    """

    def __init__(self) -> None:
        self.reports: list[DeskReport] = []
        self.scopes: list[tuple[str, DeskScope]] = []
        self.asked_history: list[tuple[datetime | None, int, str]] = []
        self.asked_notices: list[str] = []
        self.pages: list[HistoryPage] = [HistoryPage()]
        self.found: tuple[Notice, ...] = ()
        self.refusal: Refused | None = None
        self.never_answers = False

    async def _answer(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        if self.never_answers:
            await asyncio.get_running_loop().create_future()

    async def report(self, report: DeskReport) -> None:
        self.reports.append(report)

    async def set_scope(self, desk: str, scope: DeskScope) -> None:
        await self._answer()
        self.scopes.append((desk, scope))

    async def history(
        self, before: datetime | None = None, limit: int = 100, mark: str = ""
    ) -> HistoryPage:
        self.asked_history.append((before, limit, mark))
        await self._answer()
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]

    async def notices(self, list_name: str = "") -> tuple[Notice, ...]:
        self.asked_notices.append(list_name)
        await self._answer()
        return tuple(n for n in self.found if list_name in ("", n.list_name))
