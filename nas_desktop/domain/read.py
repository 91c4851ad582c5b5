"""Reads: what a camera saw once, with every field of NAS Technical Specifications v3.1 §2.

Reading is tolerant: only a missing VRM, time or camera makes a read impossible. Everything else
that is wrong is kept, put right where that is safe, and named in ``Read.flags``; a read that
matched a list must never be lost over a lane name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol

from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.errors import ReadRefused
from nas_desktop.domain.geo import Position, distance_m, in_uk_box, is_no_fix_text
from nas_desktop.domain.vrm import Vrm, normalise

ReadId = NewType("ReadId", bytes)
"""16 bytes: digest of feed, source, NRD, capture time and VRM. Delivering twice changes nothing."""

UNATTENDED = "Unattended"
"""The literal the specification asks for where no operator worked the system (§2)."""

MAX_POSITION_ERROR_M = 10.0
"""A read must be placed within 10 m (§2); beyond it a fixed camera's read is kept and flagged."""

CLOCK_AHEAD = timedelta(seconds=60)
"""A capture time further ahead of our clock means the camera's clock is wrong (inferred)."""

LIVE_AGE = timedelta(minutes=5)
"""Oldest capture that still counts as live on arrival (setting, domain facts 7.2)."""

CLOCK_BEHIND = timedelta(days=10)
"""Beyond retention and both grace periods (7 d + 48 h + 24 h) a capture time is not credible."""

MAX_TEXT = 64
"""Longest lane, alias or user name kept; the specification gives no limit (inferred)."""

_KINDS: dict[str, CameraKind] = {kind.value: kind for kind in CameraKind}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FEED = re.compile(r"\d{2,3}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ReadFlag(StrEnum):
    """What was wrong or remarkable about a read that was kept all the same."""

    NO_FIX = "no_fix"
    POSITION_INVALID = "position_invalid"
    POSITION_OUTSIDE_UK = "position_outside_uk"
    POSITION_MOVED = "position_moved"
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_BEHIND = "clock_behind"
    LANE_INVALID = "lane_invalid"
    ALIAS_INVALID = "alias_invalid"
    USERNAME_INVALID = "username_invalid"
    PRESET_INVALID = "preset_invalid"
    KIND_INVALID = "kind_invalid"
    CONFIDENCE_INVALID = "confidence_invalid"
    MANUAL_ENTRY = "manual_entry"
    BUFFERED = "buffered"
    IMAGE_REFUSED = "image_refused"
    DIGEST_INVALID = "digest_invalid"


CLOCK_FLAGS = frozenset({ReadFlag.CLOCK_AHEAD, ReadFlag.CLOCK_BEHIND})


class RawRead(Protocol):
    """What arrives, before anything is believed: any field may hold anything."""

    vrm: object
    captured_at: object
    feed_id: object
    source_id: object
    nrd_id: object
    latitude: object
    longitude: object
    lane_id: object
    alias: object
    username: object
    preset_id: object
    kind: object
    confidence: object
    patch: object
    overview: object


@dataclass(frozen=True, slots=True)
class Read:
    """One camera, one VRM, one instant.

    ``captured_at`` is the camera's clock, ``received_at`` the clock of the first node that took
    the read in; both aware UTC. ``patch`` and ``overview`` are SHA-256 digests (64 hex digits) of
    the images the sender announced, or None where none was announced.
    ``confidence`` is a percentage, 0 to 100.
    """

    read_id: ReadId
    vrm: Vrm
    vrm_raw: str
    captured_at: datetime
    received_at: datetime
    camera: CameraId
    position: Position | None = None
    lane_id: str = ""
    alias: str = ""
    username: str = UNATTENDED
    preset_id: int = 0
    kind: CameraKind = CameraKind.FIXED
    confidence: int | None = None
    patch: str | None = None
    overview: str | None = None
    flags: tuple[ReadFlag, ...] = ()

    @property
    def is_clock_trusted(self) -> bool:
        """False where the capture time cannot be believed; then age is judged by receipt."""
        return not CLOCK_FLAGS.intersection(self.flags)

    @property
    def effective_at(self) -> datetime:
        """The instant that age and list windows are judged by."""
        return self.captured_at if self.is_clock_trusted else self.received_at

    def flagged(self, *more: ReadFlag) -> Read:
        """Return the same read with further flags."""
        return replace(self, flags=tuple(sorted({*self.flags, *more})))


def read_id_of(camera: CameraId, captured_at: datetime, vrm: Vrm) -> ReadId:
    """Return the identity of a read; microseconds of the capture time count."""
    micros = (captured_at - _EPOCH) // timedelta(microseconds=1)
    text = f"{camera.feed_id}|{camera.source_id}|{camera.nrd_id}|{micros}|{vrm}"
    return ReadId(hashlib.blake2b(text.encode("ascii"), digest_size=16).digest())


def accept_read(
    raw: RawRead,
    received_at: datetime,
    *,
    is_backlog: bool = False,
    registered: Callable[[CameraId], Camera | None] | None = None,
) -> Read:
    """Turn what arrived into a read, or say which mandatory field makes that impossible.

    Args:
        raw: the values as sent.
        received_at: our clock, aware UTC.
        is_backlog: the sender said that it held the read back; age is then no clock fault.
        registered: looks up the camera's registration, for the 10 m check.

    Raises:
        ReadRefused: ``vrm``, ``captured_at``, ``feed_id``, ``source_id`` or ``nrd_id`` is missing
            or outside the range of NAS v3.1 §2.
    """
    vrm = normalise(raw.vrm)
    camera = _camera_id(raw)
    captured_at = _instant(raw.captured_at)
    flags: set[ReadFlag] = set()
    if captured_at - received_at > CLOCK_AHEAD:
        flags.add(ReadFlag.CLOCK_AHEAD)
    age = received_at - captured_at
    if age > CLOCK_BEHIND or (age > LIVE_AGE and not is_backlog):
        flags.add(ReadFlag.CLOCK_BEHIND)
    if is_backlog:
        flags.add(ReadFlag.BUFFERED)
    if camera.nrd_id == 0:
        flags.add(ReadFlag.MANUAL_ENTRY)
    kind = _kind(raw.kind, flags)
    known = registered(camera) if registered else None
    position = _position(raw, flags)
    if known is not None:
        kind = known.kind
        if (
            position is not None
            and known.position is not None
            and kind is not CameraKind.MOBILE
            and distance_m(position, known.position) > MAX_POSITION_ERROR_M
        ):
            flags.add(ReadFlag.POSITION_MOVED)
    return Read(
        read_id=read_id_of(camera, captured_at, vrm),
        vrm=vrm,
        vrm_raw=str(raw.vrm)[:MAX_TEXT],
        captured_at=captured_at,
        received_at=received_at,
        camera=camera,
        position=position,
        lane_id=_text(raw.lane_id, "", ReadFlag.LANE_INVALID, flags),
        alias=_text(raw.alias, "", ReadFlag.ALIAS_INVALID, flags),
        username=_text(raw.username, UNATTENDED, ReadFlag.USERNAME_INVALID, flags),
        preset_id=_whole(raw.preset_id, 0, ReadFlag.PRESET_INVALID, flags) or 0,
        kind=kind,
        confidence=_percentage(raw.confidence, flags),
        patch=_digest(raw.patch, flags),
        overview=_digest(raw.overview, flags),
        flags=tuple(sorted(flags)),
    )


def _camera_id(raw: RawRead) -> CameraId:
    feed = raw.feed_id
    if not isinstance(feed, str) or not _FEED.fullmatch(feed):
        raise ReadRefused("feed_id", "The Feed ID is not a PNC force code of 2 or 3 digits.")
    source, nrd = raw.source_id, raw.nrd_id
    if type(source) is not int or not 1 <= source <= 9999:
        raise ReadRefused("source_id", "The Source ID is not a whole number from 1 to 9999.")
    if type(nrd) is not int or not 0 <= nrd <= 9999:
        raise ReadRefused("nrd_id", "The NRD ID is not a whole number from 0 to 9999.")
    return CameraId(feed, source, nrd)


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise ReadRefused("captured_at", "The capture time is not a time.")
    if value.tzinfo is None:
        raise ReadRefused("captured_at", "The capture time has no time zone.")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ReadRefused("captured_at", "The capture time is outside the calendar.") from None


def _position(raw: RawRead, flags: set[ReadFlag]) -> Position | None:
    lat, lon = raw.latitude, raw.longitude
    if lat is None and lon is None:
        flags.add(ReadFlag.NO_FIX)
        return None
    if isinstance(lat, str) and is_no_fix_text(f"{lat} {lon if isinstance(lon, str) else ''}"):
        flags.add(ReadFlag.NO_FIX)
        return None
    if (
        not isinstance(lat, int | float)
        or not isinstance(lon, int | float)
        or isinstance(lat, bool)
        or isinstance(lon, bool)
        or not (-90 <= lat <= 90 and -180 <= lon <= 180)  # false for NaN and infinities too
    ):
        flags.update((ReadFlag.NO_FIX, ReadFlag.POSITION_INVALID))
        return None
    if lat == 0 and lon == 0:
        flags.add(ReadFlag.NO_FIX)
        return None
    position = Position(float(lat), float(lon))
    if not in_uk_box(position):
        flags.add(ReadFlag.POSITION_OUTSIDE_UK)
    return position


def _text(value: object, default: str, flag: ReadFlag, flags: set[ReadFlag]) -> str:
    if value is None or value == "":
        return default
    if isinstance(value, str) and value.isprintable():
        if len(value) <= MAX_TEXT:
            return value
        flags.add(flag)
        return value[:MAX_TEXT]
    flags.add(flag)
    if isinstance(value, str):
        return "".join(c for c in value[:MAX_TEXT] if c.isprintable()) or default
    if isinstance(value, int | float) and -1e18 < value < 1e18:
        return str(value)
    return default


def _whole(value: object, default: int | None, flag: ReadFlag, flags: set[ReadFlag]) -> int | None:
    if value is None:
        return default
    if type(value) is int and -(2**31) <= value < 2**31:
        return value
    flags.add(flag)
    return default


def _percentage(value: object, flags: set[ReadFlag]) -> int | None:
    whole = _whole(value, None, ReadFlag.CONFIDENCE_INVALID, flags)
    if whole is not None and not 0 <= whole <= 100:
        flags.add(ReadFlag.CONFIDENCE_INVALID)
        return None
    return whole


def _kind(value: object, flags: set[ReadFlag]) -> CameraKind:
    if value is None:
        return CameraKind.FIXED
    if isinstance(value, str) and value in _KINDS:
        return _KINDS[value]
    flags.add(ReadFlag.KIND_INVALID)
    return CameraKind.FIXED


def _digest(value: object, flags: set[ReadFlag]) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return value
    flags.add(ReadFlag.DIGEST_INVALID)
    return None
