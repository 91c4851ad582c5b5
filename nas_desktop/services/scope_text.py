"""What a desk looks after as people write it: cameras, circles, lists; and back again."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nas_desktop.domain.desk_scope import MOST_RADIUS_M, Circle, DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position

CAMERA_HINT = "Write a feed, a source or a camera: 07, 07/12 or 07/12/3."
AREA_HINT = "Write latitude, longitude and km, for example 51.38,-2.36,10."

_FEED = re.compile(r"[0-9]{2,3}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)


def scope_from(cameras: Iterable[str], areas: Iterable[str], lists: Iterable[str]) -> DeskScope:
    """Return the scope that is written; each text may hold several cameras or areas.

    Raises:
        Refused: ``scope_unusable``, naming the part at fault.
    """
    return DeskScope(
        cameras=tuple(dict.fromkeys(c for text in cameras for c in cameras_in(text))),
        circles=tuple(dict.fromkeys(c for text in areas for c in circles_in(text))),
        lists=tuple(dict.fromkeys(name for name in lists if name)),
    ).checked()


def cameras_in(text: str) -> tuple[str, ...]:
    """Return feeds, sources and cameras parted by commas or spaces.

    Raises:
        Refused: ``scope_unusable``.
    """
    return tuple(_camera(part) for part in re.split(r"[,;\s]+", text) if part)


def _camera(part: str) -> str:
    feed, *numbers = part.split("/")
    is_one = (
        _FEED.fullmatch(feed) is not None
        and len(numbers) <= 2
        and all(_NUMBER.fullmatch(number) for number in numbers)
    )
    if not is_one:
        raise Refused("scope_unusable", f"“{part}” is no camera, source or feed.", CAMERA_HINT)
    return "/".join((feed, *(str(int(number)) for number in numbers)))


def circles_in(text: str) -> tuple[Circle, ...]:
    """Return areas of three numbers each, parted by semicolons or on lines of their own.

    Raises:
        Refused: ``scope_unusable``.
    """
    return tuple(_circle(part.strip()) for part in re.split(r"[;\n]+", text) if part.strip())


def _circle(part: str) -> Circle:
    try:
        latitude, longitude, km = (float(n) for n in re.split(r"[,\s]+", part))
    except ValueError:
        raise Refused("scope_unusable", f"“{part}” is no area.", AREA_HINT) from None
    # Written this way round, so that what is no number at all is refused too.
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused(
            "scope_unusable",
            f"The area “{part}” is nowhere on Earth.",
            "Latitude is from -90 to 90, longitude from -180 to 180.",
        )
    if not 0 < km <= MOST_RADIUS_M / 1000:
        raise Refused(
            "scope_unusable",
            f"The radius of “{part}” is not between 0 and 500 km.",
            AREA_HINT,
        )
    return Circle(Position(latitude, longitude), km * 1000)


def circle_text(circle: Circle) -> str:
    """Return an area as it is written: ``51.38,-2.36,10``."""
    numbers = (circle.centre.latitude, circle.centre.longitude, circle.radius_m / 1000)
    return ",".join(f"{number:.6f}".rstrip("0").rstrip(".") for number in numbers)
