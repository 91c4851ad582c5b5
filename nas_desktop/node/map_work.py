"""What sessions ask for the map: how cameras stand, and records of pictures of the live map."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from nas_desktop import __version__
from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.camera_pages import CAMERAS_AT_ONCE
from nas_desktop.adapters.link.peer import LinkDown, Peer
from nas_desktop.domain.access import Operator, Right, Role, may
from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit import AuditAction, AuditRecord
from nas_desktop.services.exports import HIGHEST, LOWEST, marking_in
from nas_desktop.services.map_link import CameraAnswer, MapPicture, checked
from nas_desktop.services.tasks import spawn, stop

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

MAP_WORK = (m.WantCameraStates, m.RecordMapPicture)

MOST_UNDER_WAY = 8


def may_work_on_map(message: m.Message, roles: Sequence[Role]) -> bool:
    """Tell whether a session with these roles may send this message.

    Whoever may search is told where cameras stand already; fixed sites are disclosed to nobody
    else (domain facts 8.4). A desk asks for a person, who is judged then.
    """
    if isinstance(message, m.WantCameraStates) and message.on_behalf:
        return may(roles, Right.RELAY_SEARCHES) or may(roles, Right.SEARCH)
    if isinstance(message, m.RecordMapPicture) and Role.WINDOW not in roles:
        return False
    return may(roles, Right.SEARCH)


class MapWork:
    """Does for one session what it asks for the map."""

    def __init__(self, node: Node, peer: Peer, workstation: str, session: str) -> None:
        self._node = node
        self._peer = peer
        self._workstation = workstation
        self._session = session
        self._held: CameraAnswer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def received(
        self, message: m.Message, operator: Operator | None, roles: Sequence[Role]
    ) -> None:
        """Begin what is asked for; the session goes on meanwhile.

        Raises:
            Refused: too much is under way.
        """
        self._tasks = {task for task in self._tasks if not task.done()}
        if len(self._tasks) >= MOST_UNDER_WAY:
            raise Refused("busy", "Too much work is under way.", "Wait until some is done.")
        self._tasks.add(spawn(self._work(message, operator, roles), "map-work"))

    async def close(self) -> None:
        """The session is over."""
        await stop(*self._tasks)

    async def _work(
        self, message: m.Message, operator: Operator | None, roles: Sequence[Role]
    ) -> None:
        request = int(getattr(message, "request", 0))
        try:
            try:
                answer = await self._answer(message, request, operator, roles)
            except Refused as refusal:
                await self._peer.refuse(refusal, str(message.__struct_config__.tag), request)
                return
            await self._peer.send(answer, bulk=True)
        except LinkDown:
            return  # the session is over, and says so itself

    async def _answer(
        self, message: m.Message, request: int, operator: Operator | None, roles: Sequence[Role]
    ) -> m.Message:
        username = operator.username if operator is not None else ""
        match message:
            case m.WantCameraStates(first=first, on_behalf=on_behalf):
                acting = self._acting(on_behalf, username, roles)
                return await self._states(request, max(0, first), acting)
            case m.RecordMapPicture(picture=picture):
                return m.Recorded(request, await self._record(checked(picture), username))
        raise Refused("unknown_work", "This node does not know this work.")

    def _acting(self, on_behalf: str, username: str, roles: Sequence[Role]) -> str:
        if not on_behalf or Role.DESK not in roles:
            return username
        if not may(self._node.sign_ins.roles_of(on_behalf), Right.SEARCH):
            raise Refused(
                "not_permitted",
                "The account does not have the right to do this.",
                "Ask the administrator for the role it needs.",
            )
        return on_behalf

    async def _states(self, request: int, first: int, username: str) -> m.CameraStates:
        # Pages after the first are of the same answer, so that none is missed or comes twice.
        held = self._held
        if first == 0 or held is None:
            held = self._held = await self._node.camera_states.answer(username)
        page = list(held.states[first : first + CAMERAS_AT_ONCE])
        return m.CameraStates(request, first, len(held.states), page, held.problem)

    async def _record(self, picture: MapPicture, username: str) -> str:
        """Put a picture on record; returns its event.

        Its marking is that of its name; one without is taken for the highest where hits are shown.

        Raises:
            StoreRefused: it could not be put on record, so there is no picture.
        """
        node, event = self._node, os.urandom(16).hex()
        usual = HIGHEST if picture.hits else LOWEST
        await node.stores.record(
            AuditRecord(
                AuditAction.MAP_PICTURE,
                node.clock.now(),
                username,
                self._workstation,
                self._session,
                subject=picture.file_name,
                detail={
                    "what": "live map",
                    "format": picture.form,
                    "hits": str(picture.hits),
                    "cameras": str(picture.cameras),
                    "reads": str(picture.reads),
                },
                event_id=event,
                role=",".join(node.sign_ins.roles_of(username)),
                justification=picture.reason,
                result_count=picture.hits + picture.reads,
                recipients=picture.recipient,
                gsc=marking_in(PurePath(picture.file_name)) or usual,
                file_sha256=picture.sha256,
                app_version=__version__,
            )
        )
        return event
