"""Points of a search fetched page by page; what a node sends is looked at before it is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.errors import Refused
from nas_desktop.services.map_points import MapPoints, PointCamera, joined
from nas_desktop.services.point_pack import POINTS_AT_ONCE, ROW_BYTES, from_binary
from nas_desktop.services.searches import MOST_ROWS

MOST_ALIAS = 80
"""Characters of an alias that are shown."""

Ask = Callable[[int, int], Awaitable[m.FoundPoints]]
"""Returns the answer for rows from a place on, at most so many."""


async def all_points(ask: Ask, progress: Callable[[int, int], None]) -> MapPoints:
    """Return every row of an answer, at most ``MOST_ROWS``.

    Raises:
        Refused: ``points_damaged`` for an answer that cannot be, ``points_changed`` for rows that
            are others than when the first of them came; and whatever ``ask`` raises.
    """
    parts: list[MapPoints] = []
    done, total = 0, -1
    while total < 0 or done < total:
        answer = await ask(done, POINTS_AT_ONCE)
        if total >= 0 and answer.total != total:
            raise Refused(
                "points_changed", "What was found has changed meanwhile.", "Draw the map again."
            )
        total = answer.total
        part = _checked(answer, done)
        parts.append(part)
        done += len(part)
        progress(done, total)
    return joined(parts)


def _checked(answer: m.FoundPoints, first: int) -> MapPoints:
    rows = len(answer.data) // ROW_BYTES
    is_over = rows == 0 and first == answer.total
    if (
        answer.first != first
        or not 0 <= answer.total <= MOST_ROWS
        or not (is_over or 0 < rows <= min(POINTS_AT_ONCE, answer.total - first))
    ):
        raise Refused(
            "points_damaged",
            "The node sent points that cannot be.",
            "Search again; if it happens again, tell the administrator.",
        )
    return from_binary(answer.data, [_shown(camera) for camera in answer.cameras])


def _shown(camera: PointCamera) -> PointCamera:
    alias = "".join(c for c in camera.alias[:MOST_ALIAS] if c.isprintable())
    return camera if alias == camera.alias else replace(camera, alias=alias)
