"""Which cameras a node knows, and which of them are alive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nas_desktop.domain.camera import Camera, CameraId
from nas_desktop.domain.read import Read
from nas_desktop.node.stores import Stores
from nas_desktop.services.events import HopState, HopStatus
from nas_desktop.services.links import SILENT_AFTER_S, SLOW_AFTER_S
from nas_desktop.services.ports import Clock

SILENT_CAMERA_S = 120.0
"""A camera without a read for this long is not counted as live (inferred; a setting later)."""


@dataclass(frozen=True, slots=True)
class CameraLife:
    """What a node knows of one camera by its sessions.

    ``camera`` is its registration, None without one. ``is_live`` as the hop counts it.
    ``heard_at`` is when the node took in its newest read of this run, aware UTC.
    """

    camera_id: CameraId
    camera: Camera | None
    is_live: bool
    heard_at: datetime | None


class CameraRoom:
    """Registrations, and the age of each camera's newest read."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._registered: dict[CameraId, Camera] = {}
        self._heard: dict[CameraId, float] = {}
        self._read_at: dict[CameraId, float] = {}
        self._session_of: dict[CameraId, str] = {}
        self._beats: dict[str, float] = {}
        self._held: dict[str, int] = {}
        self._status = HopStatus.NOT_CONFIGURED
        self._since = clock.now()

    async def open(self) -> None:
        """Take up the registrations that the store has."""
        stored = await self._stores.on_operational(self._stores.operational.cameras)
        self._registered = {camera.camera_id: camera for camera in stored}

    def registered(self, camera_id: CameraId) -> Camera | None:
        """Return a camera's registration, or None."""
        return self._registered.get(camera_id)

    def known(self) -> dict[CameraId, Camera]:
        """Return every registration that this node has or was told of."""
        return dict(self._registered)

    async def learn(self, cameras: Sequence[Camera]) -> None:
        """Take over registrations that the node above has; they say nothing of what is live."""
        new = [c for c in cameras if self._registered.get(c.camera_id) != c]
        if new:
            await self._stores.on_operational(self._stores.operational.put_cameras, new)
            self._registered.update((camera.camera_id, camera) for camera in new)

    async def register(self, cameras: Sequence[Camera], session: str) -> None:
        """Record what a camera system says stands behind its session."""
        new = [c for c in cameras if self._registered.get(c.camera_id) != c]
        if new:
            await self._stores.on_operational(self._stores.operational.put_cameras, new)
        now = self._clock.monotonic()
        for camera in cameras:
            self._registered[camera.camera_id] = camera
            self._session_of[camera.camera_id] = session
            # Fresh from its registration on: silence is measured from there.
            self._heard[camera.camera_id] = now
        self._beats[session] = now

    def heard(self, reads: Iterable[Read], session: str) -> None:
        """Note reads just taken in."""
        now = self._clock.monotonic()
        for read in reads:
            self._heard[read.camera] = self._read_at[read.camera] = now
            self._session_of[read.camera] = session
        self._beats[session] = now

    def beat(self, session: str, held: int) -> None:
        """Note that a camera session is alive and how much it holds back."""
        self._beats[session] = self._clock.monotonic()
        self._held[session] = held

    def closed(self, session: str) -> None:
        """A session is over: its cameras are not live."""
        self._beats.pop(session, None)
        self._held.pop(session, None)

    def state(self, name: str) -> HopState:
        """Return the cameras as one hop: live of all, age of the newest sign of life."""
        now = self._clock.monotonic()
        known = self._registered.keys() | self._heard.keys()
        live = sum(1 for camera in known if self._is_live(camera, now))
        age = min((now - at for at in self._beats.values()), default=None)
        held = sum(self._held.values())
        status = self._judge(len(known), age, held)
        if status is not self._status:
            self._status, self._since = status, self._clock.now()
        return HopState(
            name, status, self._since, age_s=age, held=held, live=live, total=len(known)
        )

    def lives(self) -> list[CameraLife]:
        """Return every camera known here, live by the same rule as in ``state``."""
        now, at = self._clock.monotonic(), self._clock.now()
        return [
            CameraLife(
                camera_id,
                self._registered.get(camera_id),
                self._is_live(camera_id, now),
                at - timedelta(seconds=now - self._read_at[camera_id])
                if camera_id in self._read_at
                else None,
            )
            for camera_id in self._registered.keys() | self._heard.keys()
        ]

    def _is_live(self, camera: CameraId, now: float) -> bool:
        beat = self._beats.get(self._session_of.get(camera, ""))
        if beat is None or now - beat >= SILENT_AFTER_S:
            return False
        return now - self._heard.get(camera, -SILENT_CAMERA_S) < SILENT_CAMERA_S

    def _judge(self, known: int, age: float | None, held: int) -> HopStatus:
        if known == 0:
            return HopStatus.NOT_CONFIGURED
        if age is None:
            return HopStatus.LOST
        if age >= SILENT_AFTER_S:
            return HopStatus.SILENT
        if age >= SLOW_AFTER_S:
            return HopStatus.SLOW
        return HopStatus.CATCHING_UP if held > 0 else HopStatus.LIVE
