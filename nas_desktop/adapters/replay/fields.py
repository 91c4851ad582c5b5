"""One record of a replay file made into a capture, or the field that prevents it.

What ``domain.read.accept_read`` would refuse is refused here under the same field name; what it
keeps and flags (coordinates, lane, kind, confidence) goes through as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nas_desktop.adapters.images import (
    MAX_ORIGINAL_BYTES,
    inspect_image,
    reduce_overview,
    reduce_patch,
)
from nas_desktop.domain.errors import ReadRefused, Refused
from nas_desktop.domain.vrm import TEST, normalise
from nas_desktop.services.captures import RawCapture, digest_of
from nas_desktop.services.events import ImageKind

MANDATORY = ("captured_at", "vrm")

FIELDS = (
    *MANDATORY,
    "feed_id",
    "source_id",
    "nrd_id",
    "latitude",
    "longitude",
    "lane_id",
    "alias",
    "username",
    "preset_id",
    "kind",
    "confidence",
    "plate_patch",
    "overview",
)

DEFAULT_FEED = "88"
"""The code of Annex A for an agency without one of its own (NAS v3.1)."""

_MAX_KEPT = 256
"""Longest text passed on, characters; the node keeps 64 and flags the rest."""

_LARGEST = 2**53
"""Integers beyond this do not survive other programs' JSON; none of the fields needs one."""

_BRITISH = re.compile(r"(\d{2})/(\d{2})/(\d{4}) (\d{2}):(\d{2}):(\d{2})", re.ASCII)
# fromisoformat takes dates without a time too, which would silently mean midnight.
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}[T ]\d{2}\S*", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_FEED = re.compile(r"\d{2,3}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,4}(\.\d{0,20})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReplayFault:
    """Something wrong in a replay file.

    ``line`` is the physical line on which the record starts, the header counted, from 1.
    ``field`` is a field's name, or ``line`` where the record as a whole cannot be used, or
    ``encoding``. A warning did not keep the read out; any other fault did.
    """

    line: int
    field: str
    reason: str
    is_warning: bool = False


class FieldRefused(Exception):
    """A record cannot become a read; names the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def capture_of(
    values: Mapping[str, object], line: int, folder: Path
) -> Iterator[RawCapture | ReplayFault]:
    """Yield the warnings about a record and its capture, or the one fault that keeps it out.

    Args:
        values: by field name; text from CSV, text or numbers from JSON. None and "" are absent.
        line: the line on which the record starts.
        folder: where image paths begin.
    """
    try:
        capture = _capture(values)
    except FieldRefused as refusal:
        yield ReplayFault(line, refusal.field, refusal.reason)
        return
    patch = values.get("plate_patch")
    if patch not in (None, ""):
        try:
            capture.patch_image = _image(patch, folder, ImageKind.PATCH, reduce_patch)
            capture.patch = digest_of(capture.patch_image)
        except Refused as refusal:
            yield ReplayFault(line, "plate_patch", refusal.message, is_warning=True)
    overview = values.get("overview")
    if overview not in (None, ""):
        try:
            capture.overview_image = _image(overview, folder, ImageKind.OVERVIEW, reduce_overview)
            capture.overview = digest_of(capture.overview_image)
        except Refused as refusal:
            yield ReplayFault(line, "overview", refusal.message, is_warning=True)
    yield capture


def _capture(values: Mapping[str, object]) -> RawCapture:
    vrm = values.get("vrm")
    try:
        mark = normalise("" if vrm is None else vrm)
    except ReadRefused as refusal:
        raise FieldRefused("vrm", refusal.message) from None
    if mark == TEST:
        raise FieldRefused("vrm", f"Only a connectivity test may use {TEST}.")
    return RawCapture(
        # What the camera sent is kept as it is, unless it is mostly spaces.
        vrm=vrm if isinstance(vrm, str) and len(vrm) <= _MAX_KEPT else mark,
        captured_at=_instant(values.get("captured_at")),
        feed_id=_feed(values.get("feed_id")),
        source_id=_number(values.get("source_id"), "source_id", "Source ID", 1),
        nrd_id=_number(values.get("nrd_id"), "nrd_id", "NRD ID", 0),
        latitude=_degrees(values.get("latitude")),
        longitude=_degrees(values.get("longitude")),
        lane_id=_kept(values.get("lane_id")),
        alias=_kept(values.get("alias")),
        username=_kept(values.get("username")),
        preset_id=_whole_if_it_is(values.get("preset_id")),
        kind=_kind(values.get("kind")),
        confidence=_whole_if_it_is(values.get("confidence")),
    )


def _instant(value: object) -> datetime:
    if value is None or value == "":
        raise FieldRefused("captured_at", "The capture time is missing.")
    if not isinstance(value, str):
        raise FieldRefused("captured_at", "The capture time is not text.")
    text = value.strip()
    try:
        british = _BRITISH.fullmatch(text)
        if british:
            day, month, year, hour, minute, second = map(int, british.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        if _ISO.fullmatch(text):
            instant = datetime.fromisoformat(text)
            # A time without a zone is GMT all the year round (NAS v3.1 §2).
            return (
                instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
            )
    except (ValueError, OverflowError):
        pass
    raise FieldRefused(
        "captured_at",
        "The capture time is neither ISO 8601 with a time nor dd/mm/yyyy hh:mm:ss.",
    )


def _feed(value: object) -> str:
    if value is None or value == "":
        return DEFAULT_FEED
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _FEED.fullmatch(text.strip()):
        raise FieldRefused(
            "feed_id",
            "The Feed ID is not a PNC force code of 2 or 3 digits; leading zeros count, as in 07.",
        )
    return text.strip()


def _number(value: object, field: str, name: str, lowest: int) -> int:
    if value is None or value == "":
        return 1
    number = _whole_if_it_is(value)
    if type(number) is not int or not lowest <= number <= 9999:
        raise FieldRefused(field, f"The {name} is not a whole number from {lowest} to 9999.")
    return number


def _whole_if_it_is(value: object) -> object:
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        return int(text) if _WHOLE.fullmatch(text) else _kept(value)
    return _kept(value)


def _degrees(value: object) -> object:
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        return float(text) if _DECIMAL.fullmatch(text) else _kept(value)
    return _kept(value)


def _kind(value: object) -> object:
    if isinstance(value, str):
        return _kept(value.strip().lower())
    return _kept(value)


def _kept(value: object) -> object:
    """Return what the node can judge: text, numbers, nothing; a list or an object says nothing."""
    if isinstance(value, str):
        # Half of a surrogate pair is legal in JSON and cannot be sent on.
        return value[:_MAX_KEPT].encode("utf-8", "replace").decode("utf-8") or None
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and -_LARGEST <= value <= _LARGEST:
        return value
    return "?"


def _image(value: object, folder: Path, kind: ImageKind, reduce: Callable[[bytes], bytes]) -> bytes:
    data = _file_content(value, folder)
    try:
        inspect_image(data, kind)
    except Refused as refusal:
        if refusal.code not in ("image_too_large", "image_dimensions"):
            raise
        return reduce(data)
    return data


def _file_content(value: object, folder: Path) -> bytes:
    if not isinstance(value, str) or len(value) > 1_024:
        raise Refused("image_path", "The image's path is not a path.")
    try:
        path = (folder / value.strip()).resolve()
        # A replay file comes from elsewhere and must not name any file of this machine.
        if not path.is_relative_to(folder.resolve()):
            raise Refused("image_path", "The image's path leads out of the folder of the file.")
        if not path.is_file():
            raise Refused("image_missing", "There is no such image file.")
        with path.open("rb") as file:
            return file.read(MAX_ORIGINAL_BYTES + 1)
    except (OSError, ValueError):
        raise Refused("image_unreadable", "The image file cannot be read.") from None
