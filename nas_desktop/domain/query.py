"""What is asked of the reads: one immutable value for window, command line, wire and audit.

Its text is a URL query, e.g. ``from=2026-11-14T00:00:00Z&to=2026-11-15T00:00:00Z&vrm=AB5?*``. The
same value always gives the same text, so the audit can be compared with what was asked. Wildcards
are those of domain facts 9.4; their guards, like every limit here, are inferred.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, quote

from nas_desktop.domain.camera import CameraId, CameraKind
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query_area import (
    Area,
    Circle,
    Corridor,
    Polygon,
    QueryRefused,
    checked_area,
    point_text,
)
from nas_desktop.domain.vrm import MAX_LENGTH, UNREAD

__all__ = ["Area", "Circle", "Corridor", "Polygon", "QueryRefused"]
# Parts of a question that lie in a module of their own; asked for here like everything else.

MOST_MARKS = 10_000
"""Most marks and patterns in one question; more is a list, and belongs into the lists."""

MOST_FIELDS = 200_000
"""Most criteria read at all; beyond it nobody is told which are too many."""

MOST_PATTERNS = 50
"""Most patterns with wildcards among them: each looks at every mark there is."""

MOST_LOOK_ALIKES = 20
"""Most marks looked for misread; each stands for some hundred others."""

MOST_CAMERAS = 5_000

FEWEST_FIXED = 3
FEWEST_FIXED_NARROW = 2
"""Characters a pattern must fix: 3, or 2 with a place and at most a day (domain facts 9.4)."""

NARROW = timedelta(hours=24)
ANYTHING = timedelta(hours=1)
"""Longest span of a question that names neither a mark nor a place."""

MOST_STARS = 2
MOST_LANES = 100
LONGEST_LANE = 64
"""Longest lane name that a read may have, characters (domain.read)."""

LOOK_ALIKE_DISTANCE = 60
"""Weighted distance up to which a mark looks alike, hundredths (domain facts 9.3)."""

MOST_DISTANCE = 69
"""A whole edit costs 70 at least; beyond it everything would look alike."""

_PLAIN = re.compile(r"[A-Z0-9]{1,16}", re.ASCII)
_PATTERN = re.compile(r"[A-Z0-9?*]{1,18}", re.ASCII)
_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015]+")
_CAMERA = re.compile(r"(\d{2,3})/(\d{1,4})/(\d{1,4})", re.ASCII)
_FEED = re.compile(r"\d{2,3}", re.ASCII)


class Direction(StrEnum):
    """Direction of travel (domain facts 8.2)."""

    N = "N"
    NE = "NE"
    E = "E"
    SE = "SE"
    S = "S"
    SW = "SW"
    W = "W"
    NW = "NW"
    TOWARDS = "TOWARDS"
    AWAY = "AWAY"
    UNKNOWN = "UNKNOWN"


class DirectionSource(StrEnum):
    """How a direction is known, in falling order of trust (domain facts 8.2)."""

    PRESET = "preset"
    LANE = "lane"
    BEARING = "bearing"
    NONE = "none"


class Where(StrEnum):
    """Whose reads are asked: this node's, its server's, the national service's, or several."""

    LOCAL = "local"
    SERVER = "server"
    NATIONAL = "national"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """One question about reads; criteria that are empty do not narrow it.

    ``since`` is included, ``until`` is not; aware UTC. ``vrms`` are marks and patterns (``?``,
    ``*``), any of which may fit. ``look_alikes`` are marks looked for misread up to ``distance``
    hundredths; a read fits if one of ``vrms`` or one of ``look_alikes`` does. ``unread`` asks for
    vehicles whose mark was not identified, beside those. ``includes_unknown`` keeps reads whose
    direction is not known where ``directions`` are given. ``hits_only`` asks for reads that raised
    a hit, ``late_only`` for those that came buffered.
    """

    since: datetime
    until: datetime
    vrms: tuple[str, ...] = ()
    look_alikes: tuple[str, ...] = ()
    distance: int = LOOK_ALIKE_DISTANCE
    unread: bool = False
    cameras: tuple[CameraId, ...] = ()
    feeds: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    kinds: tuple[CameraKind, ...] = ()
    lanes: tuple[str, ...] = ()
    area: Area | None = None
    directions: tuple[Direction, ...] = ()
    includes_unknown: bool = True
    hits_only: bool = False
    late_only: bool = False

    @property
    def patterns(self) -> tuple[str, ...]:
        """Those of ``vrms`` that hold a wildcard."""
        return tuple(v for v in self.vrms if "?" in v or "*" in v)

    @property
    def marks(self) -> tuple[str, ...]:
        """Those of ``vrms`` without a wildcard."""
        return tuple(v for v in self.vrms if "?" not in v and "*" not in v)

    @property
    def has_mark(self) -> bool:
        """True where the question names marks."""
        return bool(self.vrms or self.look_alikes or self.unread)

    @property
    def has_place(self) -> bool:
        """True where the question names cameras or an area."""
        return bool(self.cameras or self.area is not None)

    @property
    def text(self) -> str:
        """The question as a URL query; ``query_from`` reads it."""
        return "&".join(f"{key}={quote(value, safe=_SAFE)}" for key, value in _pairs(self))

    def within(self, since: datetime, until: datetime) -> ReadQuery:
        """Return the same question for a part of its time."""
        return replace(self, since=max(self.since, since), until=min(self.until, until))


_SAFE = "/:?*,;.-"


def pattern_of(text: str) -> str:
    """Return a mark or pattern as it is looked for: upper case, ``%`` as ``*``, ``_`` as ``?``.

    Raises:
        QueryRefused: it is empty, too long, or holds another character.
    """
    cleaned = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    # Before upper(): it makes SS of a sharp s and I of a dotless i, which are no such letters.
    is_plain = cleaned.isascii()
    cleaned = cleaned.upper().replace("%", "*").replace("_", "?")
    cleaned = re.sub(r"\*{2,}", "*", cleaned)
    if (
        not is_plain
        or not _PATTERN.fullmatch(cleaned)
        or len(cleaned.replace("*", "")) > MAX_LENGTH
    ):
        raise QueryRefused(
            "vrm",
            "A VRM holds 1 to 16 letters and digits; ? stands for one character, * for any number.",
            "Correct the VRM.",
        )
    return cleaned


def checked(query: ReadQuery) -> ReadQuery:
    """Return the question in its one normal form, or say why it cannot be asked.

    What has no effect is left at its default, and an area is rounded to what the text can hold, so
    that ``query_from(checked(query).text) == checked(query)``.

    Raises:
        QueryRefused: times that are no span, a pattern that fits nearly everything, too many
            marks, an area that is none; domain facts 9.4.
    """
    since, until = _span(query)
    directions = _unique(d for d in query.directions if d is not Direction.UNKNOWN)
    if query.directions and not directions:
        raise QueryRefused(
            "direction", "Unknown is not a direction.", "Name one, or leave directions out."
        )
    asks_unknown = query.includes_unknown or Direction.UNKNOWN in query.directions
    look_alikes = _unique(pattern_of(v) for v in query.look_alikes)
    query = replace(
        query,
        since=since,
        until=until,
        vrms=_unique(pattern_of(v) for v in query.vrms),
        look_alikes=look_alikes,
        distance=query.distance if look_alikes else LOOK_ALIKE_DISTANCE,
        cameras=_unique(query.cameras),
        feeds=_unique(query.feeds),
        sources=_unique(query.sources),
        kinds=_unique(query.kinds),
        lanes=_unique(query.lanes),
        area=None if query.area is None else checked_area(query.area),
        directions=directions,
        includes_unknown=asks_unknown or not directions,
    )
    _check_marks(query)
    _check_cameras(query)
    if not query.has_mark and not query.has_place and until - since > ANYTHING:
        raise QueryRefused(
            "vrm",
            "The question names no VRM, no camera and no area.",
            "Name one of them, or ask for at most an hour.",
        )
    return query


def _span(query: ReadQuery) -> tuple[datetime, datetime]:
    if query.since.tzinfo is None or query.until.tzinfo is None:
        raise QueryRefused("from", "The times have no time zone.", "Times are GMT.")
    try:
        since, until = query.since.astimezone(UTC), query.until.astimezone(UTC)
    except OverflowError:
        raise QueryRefused("from", "This is not a time.", "Correct the times.") from None
    if since >= until:
        raise QueryRefused("to", "The end is not after the beginning.", "Correct the times.")
    return since, until


def _check_cameras(query: ReadQuery) -> None:
    if len(query.cameras) > MOST_CAMERAS:
        raise QueryRefused("camera", f"More than {MOST_CAMERAS:,} cameras.", "Draw an area.")
    for camera in query.cameras:
        camera_from(str(camera))
    for feed in query.feeds:
        _feed(feed)
    for source in query.sources:
        _number(str(source), "source", 9999)
    if len(query.lanes) > MOST_LANES or any(len(lane) > LONGEST_LANE for lane in query.lanes):
        raise QueryRefused(
            "lane", f"At most {MOST_LANES} lanes of {LONGEST_LANE} characters.", "Leave some out."
        )
    if not all(lane.isprintable() for lane in query.lanes):
        raise QueryRefused("lane", "A lane holds characters that nothing prints.", "Correct it.")


def _check_marks(query: ReadQuery) -> None:
    count = len(query.vrms) + len(query.look_alikes)
    if count > MOST_MARKS:
        raise QueryRefused(
            "vrm",
            f"{count:,} VRMs in one question; {MOST_MARKS:,} are the most.",
            "Ask in parts, or put them on a list and try it against the stored reads.",
        )
    if len(query.patterns) > MOST_PATTERNS:
        raise QueryRefused("vrm", f"More than {MOST_PATTERNS} patterns.", "Ask in parts.")
    if len(query.look_alikes) > MOST_LOOK_ALIKES:
        raise QueryRefused("like", f"More than {MOST_LOOK_ALIKES} look-alikes.", "Ask in parts.")
    if not 0 < query.distance <= MOST_DISTANCE:
        raise QueryRefused(
            "distance", f"The distance of look-alikes is 0.01 to 0.{MOST_DISTANCE}.", ""
        )
    for mark in query.look_alikes:
        if not _PLAIN.fullmatch(mark) or len(mark) < FEWEST_FIXED:
            raise QueryRefused(
                "like",
                "A look-alike is a whole VRM of at least 3 characters, without wildcards.",
                "Use ? or * in the VRM instead.",
            )
    is_narrow = query.has_place and query.until - query.since <= NARROW
    for pattern in query.patterns:
        fixed = len(pattern) - pattern.count("?") - pattern.count("*")
        if pattern.count("*") > MOST_STARS:
            raise QueryRefused("vrm", "A pattern may hold * twice at most.", "Leave one out.")
        if fixed < (FEWEST_FIXED_NARROW if is_narrow else FEWEST_FIXED):
            raise QueryRefused(
                "vrm",
                "The pattern fits too many vehicles.",
                "Give at least 3 known characters, or 2 with a camera or an area and at most 24"
                " hours.",
            )


_Item = TypeVar("_Item")


def _unique(items: Iterable[_Item]) -> tuple[_Item, ...]:
    return tuple(sorted(set(items)))  # type: ignore[type-var]


# ------------------------------------------------------------------ text


def _pairs(query: ReadQuery) -> Iterable[tuple[str, str]]:
    yield "from", instant_text(query.since)
    yield "to", instant_text(query.until)
    yield from (("vrm", v) for v in query.vrms)
    yield from (("like", v) for v in query.look_alikes)
    if query.look_alikes and query.distance != LOOK_ALIKE_DISTANCE:
        yield "distance", f"{query.distance / 100:.2f}"
    if query.unread:
        yield "unread", "yes"
    yield from (("camera", str(c)) for c in query.cameras)
    yield from (("feed", f) for f in query.feeds)
    yield from (("source", str(s)) for s in query.sources)
    yield from (("kind", str(k)) for k in query.kinds)
    yield from (("lane", lane) for lane in query.lanes)
    match query.area:
        case Circle(centre=centre, radius_m=radius):
            yield "near", f"{point_text(centre)},{radius:g}"
        case Polygon(corners=corners):
            yield "polygon", ";".join(map(point_text, corners))
        case Corridor(points=points, radius_m=radius):
            yield "corridor", f"{radius:g};" + ";".join(map(point_text, points))
    yield from (("direction", str(d)) for d in query.directions)
    if query.directions and not query.includes_unknown:
        yield "unknown", "no"
    if query.hits_only:
        yield "hits", "only"
    if query.late_only:
        yield "late", "only"


def instant_text(at: datetime) -> str:
    """Return an instant as ISO 8601 in UTC, with microseconds only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant_from(text: str, field: str) -> datetime:
    """Return the instant of ISO 8601 text or ``dd/mm/yyyy[ hh:mm[:ss]]``; both GMT.

    Raises:
        QueryRefused: it is neither.
    """
    text = text.strip()
    for form in ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise QueryRefused(
            field, "This is not a time.", "Write 21/11/2026 20:57 or 2026-11-21T20:57:00Z, GMT."
        ) from None


def query_from(text: str) -> ReadQuery:
    """Return the question of a URL query, checked.

    Raises:
        QueryRefused: an unknown criterion, a value that is none, or what ``checked`` refuses.
    """
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict",
            max_num_fields=MOST_FIELDS,
        )  # fmt: skip
    except (ValueError, UnicodeDecodeError):
        raise QueryRefused("", "The text is not a question.", "See docs/cli.md, search.") from None
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    unknown = sorted(found.keys() - _KEYS)
    if unknown:
        raise QueryRefused("", f"Unknown criterion: {unknown[0][:40]}.", "See docs/cli.md, search.")
    for key in found.keys() & _ONCE:
        if len(found[key]) > 1:
            raise QueryRefused(key, f"The criterion {key} is given twice.", "Leave one out.")
    for key in ("from", "to"):
        if key not in found:
            raise QueryRefused(key, "The question has no span of time.", "Give from and to.")
    return checked(
        ReadQuery(
            since=instant_from(found["from"][-1], "from"),
            until=instant_from(found["to"][-1], "to"),
            vrms=tuple(pattern_of(v) for v in found.get("vrm", ())),
            look_alikes=tuple(pattern_of(v) for v in found.get("like", ())),
            distance=_distance(found.get("distance", ["0.60"])[-1]),
            unread=_is_set(found, "unread", "yes"),
            cameras=tuple(camera_from(v) for v in found.get("camera", ())),
            feeds=tuple(_feed(v) for v in found.get("feed", ())),
            sources=tuple(_number(v, "source", 9999) for v in found.get("source", ())),
            kinds=tuple(_one_of(CameraKind, v, "kind") for v in found.get("kind", ())),
            lanes=tuple(found.get("lane", ())),
            area=_area(found),
            directions=tuple(
                _one_of(Direction, v.upper(), "direction") for v in found.get("direction", ())
            ),
            includes_unknown=not _is_set(found, "unknown", "no"),
            hits_only=_is_set(found, "hits", "only"),
            late_only=_is_set(found, "late", "only"),
        )
    )


_KEYS = frozenset(
    {"from", "to", "vrm", "like", "distance", "unread", "camera", "feed", "source", "kind"}
    | {"lane", "near", "polygon", "corridor", "direction", "unknown", "hits", "late"}
)


_ONCE = _KEYS - {"vrm", "like", "camera", "feed", "source", "kind", "lane", "direction"}


def _is_set(found: dict[str, list[str]], key: str, word: str) -> bool:
    values = found.get(key)
    if values is None:
        return False
    if values[-1] != word:
        raise QueryRefused(key, f"The criterion {key} takes only the word {word}.", "")
    return True


_Word = TypeVar("_Word", bound=StrEnum)


def _one_of(kind: type[_Word], value: str, field: str) -> _Word:
    try:
        return kind(value)
    except ValueError:
        raise QueryRefused(field, f"Unknown {field}.", f"One of {', '.join(kind)}.") from None


def _distance(text: str) -> int:
    try:
        return round(float(text) * 100)
    except (ValueError, OverflowError):
        raise QueryRefused("distance", "The distance is not a number.", "") from None


def _number(text: str, field: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most):
        raise QueryRefused(field, f"The {field} is not a number from 1 to {most}.", "")
    return int(text)


def _feed(text: str) -> str:
    if not _FEED.fullmatch(text):
        raise QueryRefused("feed", "The Feed ID is a PNC force code of 2 or 3 digits.", "")
    return text


def camera_from(text: str) -> CameraId:
    """Return the camera of ``FEED/SOURCE/NRD`` text, e.g. ``52/1/14``.

    Raises:
        QueryRefused: it names no camera.
    """
    match = _CAMERA.fullmatch(text.strip())
    if match is None or not int(match[2]):
        raise QueryRefused(
            "camera", "A camera is written FEED/SOURCE/NRD, such as 52/1/14.", "Correct it."
        )
    return CameraId(match[1], int(match[2]), int(match[3]))


def _numbers(text: str, field: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise QueryRefused(field, "A co-ordinate is not a number.", "Decimal degrees.") from None


def point_from(text: str, field: str) -> Position:
    """Return the point of ``LAT,LON`` text in decimal degrees.

    Raises:
        QueryRefused: it is none.
    """
    numbers = _numbers(text, field)
    if len(numbers) != 2:
        raise QueryRefused(field, "A point is LATITUDE,LONGITUDE in decimal degrees.", "")
    return Position(*numbers)


def _area(found: dict[str, list[str]]) -> Area | None:
    given = [key for key in ("near", "polygon", "corridor") if key in found]
    if len(given) > 1:
        raise QueryRefused(given[1], "A question has one area.", "Leave the others out.")
    if not given:
        return None
    key, value = given[0], found[given[0]][-1]
    match key:
        case "near":
            numbers = _numbers(value, key)
            if len(numbers) != 3:
                raise QueryRefused(key, "Near is LATITUDE,LONGITUDE,RADIUS in metres.", "")
            return Circle(Position(*numbers[:2]), numbers[2])
        case "polygon":
            return Polygon(tuple(point_from(part, key) for part in value.split(";")))
        case _:
            width, *points = value.split(";")
            radius = _numbers(width, key)
            if len(radius) != 1:
                raise QueryRefused(key, "A corridor is RADIUS;LATITUDE,LONGITUDE;… .", "")
            return Corridor(tuple(point_from(part, key) for part in points), radius[0])


def hides_unread(query: ReadQuery) -> bool:
    """Tell whether vehicles without a mark are left out: patterns never find them (facts 1.2)."""
    is_asked = query.unread or UNREAD in query.vrms
    return bool(query.vrms or query.look_alikes) and not is_asked


def fits(pattern: str, mark: str) -> bool:
    """Tell whether a mark fits a pattern of ``pattern_of``: ``?`` one character, ``*`` any."""
    parts = ("." if c == "?" else ".*" if c == "*" else c for c in pattern)
    return re.fullmatch("".join(parts), mark, re.ASCII) is not None
