"""A window's way to what the map needs: the ``MapLink`` port over the window's session."""

from __future__ import annotations

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.camera_pages import all_states
from nas_desktop.adapters.link.client import LinkClient
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.services.map_link import CameraAnswer, MapPicture, checked

PAGE_S = 30.0
"""Longest a page of cameras may take, seconds, the way to the server included."""

RECORD_S = 10.0


class WindowMap:
    """Asks the node; see ``services.map_link.MapLink``."""

    def __init__(self, client: LinkClient) -> None:
        self._client = client

    async def cameras(self) -> CameraAnswer:
        """See ``MapLink.cameras``."""
        return await all_states(self._page)

    async def record_picture(self, picture: MapPicture) -> str:
        """See ``MapLink.record_picture``."""
        number = self._client.next_request()
        message = m.RecordMapPicture(number, checked(picture))
        reply = await self._client.request(message, number, bulk=True, within_s=RECORD_S)
        if not isinstance(reply, m.Recorded):
            raise LinkDown
        return reply.event_id

    async def _page(self, first: int) -> m.CameraStates:
        number = self._client.next_request()
        message = m.WantCameraStates(number, first)
        reply = await self._client.request(message, number, bulk=True, within_s=PAGE_S)
        if not isinstance(reply, m.CameraStates):
            raise LinkDown
        return reply
