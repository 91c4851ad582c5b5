"""Messages of ``nas.v1`` for the map: points of a search, cameras, pictures; see ``messages``."""

from __future__ import annotations

from msgspec import field

from nas_desktop.adapters.link.message import Message
from nas_desktop.services.map_link import CameraState, MapPicture
from nas_desktop.services.map_points import PointCamera
from nas_desktop.services.searches import Order


class WantPoints(Message, frozen=True, tag="want_points"):
    """Ask for up to 32,768 rows of a search that has ended, as points, by their place."""

    request: int
    search: int
    first: int
    limit: int
    order: Order = Order.NEWEST


class FoundPoints(Message, frozen=True, tag="found_points"):
    """Rows as points: columns of ``services.point_pack`` in ``data``, which count in ``cameras``.

    There may be fewer rows than asked for; there is at least one below ``total``.
    """

    request: int
    first: int
    total: int
    data: bytes
    cameras: list[PointCamera] = field(default_factory=list)


class WantCameraStates(Message, frozen=True, tag="want_camera_states"):
    """Ask how cameras stand, from place ``first`` on; answered by ``camera_states``.

    ``on_behalf`` is set by a desk node that asks for the person signed in there.
    """

    request: int
    first: int = 0
    on_behalf: str = ""


class CameraStates(Message, frozen=True, tag="camera_states"):
    """Up to 1,000 cameras of ``total``, by identity; ``problem`` as in ``CameraAnswer``."""

    request: int
    first: int
    total: int
    states: list[CameraState]
    problem: str = ""


class RecordMapPicture(Message, frozen=True, tag="record_map_picture"):
    """Put on record a picture of the live map that the window hands out; see ``recorded``."""

    request: int
    picture: MapPicture
