"""A window's way to have what it hands out put on record: ``SheetLink`` over its session."""

from __future__ import annotations

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.client import LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.services.sheets import SheetRecord

RECORD_S = 10.0


class WindowSheets:
    """Asks the node; see ``services.sheets.SheetLink``."""

    def __init__(self, client: LinkClient) -> None:
        self._client = client

    async def record(self, sheet: SheetRecord) -> str:
        """See ``SheetLink.record``."""
        number = self._client.next_request()
        message = m.RecordSheet(number, sheet)
        reply = await self._client.request(message, number, bulk=True, within_s=RECORD_S)
        if not isinstance(reply, m.Recorded):
            raise LinkDown
        return reply.event_id
