"""Messages of ``nas.v1`` for the map: points of a search, cameras, pictures; see ``messages``."""

from __future__ import annotations

from msgspec import field

from nas_desktop.adapters.link.message import Message
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
