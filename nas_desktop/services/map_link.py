"""What the map asks of its node beside searches: how cameras stand, and records of its pictures.

A search's map goes on record like any export of that search; what is here is for the live map.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePath
from typing import Protocol

from nas_desktop.domain.camera import CameraId, CameraKind
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position, in_uk_box
from nas_desktop.services.searches import MOST_ROWS

MOST_CAMERAS = 50_000
"""Cameras in one answer; the national service has some 20,000."""

MOST_ALIAS, MOST_DIRECTION = 80, 16
"""Characters that are shown of an alias and of a direction."""

MOST_WORDS = 300
"""Characters of a reason, a recipient and a file name; one at least."""

FORMS = ("png", "pdf", "html")
"""Forms of a picture of the live map."""

_FEED = re.compile(r"[0-9]{2,3}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class CameraStatus(StrEnum):
    """How a camera stands.

    ``live`` as the chain counts it: its session lives, and it was heard or registered within two
    minutes. ``degraded`` is live too, but most of its newest five minutes of reads are poor, as the
    coverage of searches has it. ``never``: nothing of it was ever heard, or is held still.
    """

    LIVE = "live"
    SILENT = "silent"
    DEGRADED = "degraded"
    NEVER = "never"


_HEARD_NOW = frozenset({CameraStatus.LIVE, CameraStatus.DEGRADED})


@dataclass(frozen=True, slots=True)
class CameraState:
    """A camera and how it stands.

    ``position`` is None for mobile units and where it was not recorded or cannot be.
    ``heard_at`` is aware UTC: to the second for what came in this run of the node, and at least
    then, to five minutes, for what came before.
    """

    camera_id: CameraId
    alias: str
    kind: CameraKind
    position: Position | None
    status: CameraStatus
    heard_at: datetime | None
    direction: str = ""


@dataclass(frozen=True, slots=True)
class CameraAnswer:
    """Cameras by their identity; ``problem`` says in a sentence what is not known just now."""

    states: tuple[CameraState, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MapPicture:
    """What goes on record of a picture or page of the live map.

    ``reason`` and ``recipient`` have 1 to 300 characters, ``form`` is one of ``FORMS``. ``hits``,
    ``cameras`` and ``reads`` are how many of each it shows; ``sha256`` is that of the file, in hex.
    ``file_name`` has the marking at its end, as ``exports.marked_path`` writes it.
    """

    reason: str
    recipient: str
    form: str
    hits: int
    cameras: int
    reads: int
    sha256: str
    file_name: str


class MapLink(Protocol):
    """A window's way to what the map needs. Every coroutine raises ``Refused`` with words."""

    async def cameras(self) -> CameraAnswer:
        """Return every camera that is known, and how it stands.

        Raises:
            Refused: the person signed in may not search, or the answer cannot be.
        """
        ...

    async def record_picture(self, picture: MapPicture) -> str:
        """Put a picture on record before its file gets its name; returns the event.

        Raises:
            Refused: it has no reason, recipient or digest, nobody is signed in, or the record
                cannot be written; there must be no file then.
        """
        ...


def cleaned(state: CameraState) -> CameraState | None:
    """Return what may be shown of a camera, whoever told of it; None for one that cannot be.

    A position outside the UK, such as one whose numbers are swapped, is none (bounds: inferred).
    """
    camera = state.camera_id
    if not (
        _FEED.fullmatch(camera.feed_id)
        and 1 <= camera.source_id <= 9_999
        and 0 <= camera.nrd_id <= 9_999
    ):
        return None
    position = state.position
    return CameraState(
        camera,
        _printable(state.alias, MOST_ALIAS),
        state.kind,
        position if position is not None and in_uk_box(position) else None,
        state.status,
        None if state.status is CameraStatus.NEVER else _utc(state.heard_at),
        _printable(state.direction, MOST_DIRECTION),
    )


def merged(own: Iterable[CameraState], above: Iterable[CameraState]) -> tuple[CameraState, ...]:
    """Return what two nodes know as one answer, by identity.

    The node above knows better, except of a camera that only this one hears now.
    """
    found = {state.camera_id: state for state in above}
    for state in own:
        other = found.get(state.camera_id)
        found[state.camera_id] = state if other is None else _both(state, other)
    return tuple(found[camera] for camera in sorted(found))


def _both(own: CameraState, above: CameraState) -> CameraState:
    is_only_here = own.status in _HEARD_NOW and above.status not in _HEARD_NOW
    best = own if is_only_here else above
    heard = max((at for at in (own.heard_at, above.heard_at) if at is not None), default=None)
    is_never = best.status is CameraStatus.NEVER and heard is None
    status = best.status if is_never or best.status in _HEARD_NOW else CameraStatus.SILENT
    if (status, heard) == (best.status, best.heard_at):
        return best  # as nearly always; making each anew would take long
    return replace(best, status=status, heard_at=heard)


def checked(picture: MapPicture) -> MapPicture:
    """Return a picture as it goes on record.

    Raises:
        Refused: ``picture_reason``, ``picture_recipient``, ``picture_form``, ``picture_counts``,
            ``picture_digest``, ``picture_name``.
    """
    reason = _words(picture.reason, "picture_reason", "a reason", "Say what it is for.")
    recipient = _words(
        picture.recipient, "picture_recipient", "a recipient", "Say who gets it: name, unit, force."
    )
    name = PurePath(picture.file_name.replace("\\", "/")).name
    name = _words(name, "picture_name", "a file name", "Choose a name.")
    if picture.form not in FORMS:
        raise Refused(
            "picture_form", "A picture of the map is PNG, PDF or HTML.", "Choose one of them."
        )
    counts = (picture.hits, picture.cameras, picture.reads)
    if not all(0 <= count <= MOST_ROWS for count in counts):
        raise Refused("picture_counts", "The picture counts what cannot be.", "Export it again.")
    if not _DIGEST.fullmatch(picture.sha256):
        raise Refused("picture_digest", "The digest of the picture is none.", "Export it again.")
    return replace(picture, reason=reason, recipient=recipient, file_name=name)


def _words(text: str, code: str, what: str, remedy: str) -> str:
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not 1 <= len(words) <= MOST_WORDS:
        raise Refused(code, f"The picture needs {what} of 1 to {MOST_WORDS} characters.", remedy)
    return words


def _printable(text: str, most: int) -> str:
    text = text[:most]
    return text if text.isprintable() else "".join(c for c in text if c.isprintable())


def _utc(at: datetime | None) -> datetime | None:
    """Return an instant as UTC; None for one without its zone, or outside the calendar."""
    if at is None or at.tzinfo is None:
        return None
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return None
