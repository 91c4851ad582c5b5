"""A window's way to what is kept of desks: the ``DeskLink`` port over the window's session."""

from __future__ import annotations

from datetime import datetime

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.services.desks import DeskReport, HistoryPage, Notice

PAGE_S = 30.0


class WindowDesks:
    """Asks the node; see ``services.desks.DeskLink``."""

    def __init__(self, client: LinkClient) -> None:
        self._client = client

    async def report(self, report: DeskReport) -> None:
        """See ``DeskLink.report``."""
        if self._client.is_ready:
            await self._client.send(m.ReportDesk(report))

    async def set_scope(self, desk: str, scope: DeskScope) -> None:
        """See ``DeskLink.set_scope``."""
        number = self._client.next_request()
        message = m.SetScope(number, desk, scope)
        await self._client.request(message, number, bulk=True, within_s=PAGE_S)

    async def history(
        self, before: datetime | None = None, limit: int = 100, mark: str = ""
    ) -> HistoryPage:
        """See ``DeskLink.history``."""
        number = self._client.next_request()
        message = m.WantHistory(number, before, limit, mark)
        reply = await self._client.request(message, number, bulk=True, within_s=PAGE_S)
        if not isinstance(reply, m.History):
            raise LinkDown
        return reply.page

    async def notices(self, list_name: str = "") -> tuple[Notice, ...]:
        """See ``DeskLink.notices``."""
        number = self._client.next_request()
        message = m.WantNotices(number, list_name)
        reply = await self._client.request(message, number, bulk=True, within_s=PAGE_S)
        if not isinstance(reply, m.Notices):
            raise LinkDown
        return tuple(reply.notices)
