"""The wire format of ``nas.v1``, without any socket: bytes in, messages out, faults named.

MessagePack in binary frames. A frame that cannot be taken is refused with a code and never raises
anything else; fields that this version does not know are ignored and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Union

import msgspec

from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import DecidedStep, Step
from nas_desktop.domain.read import Read

_union: Any = Union[m.ALL]  # noqa: UP007  (a union made from a tuple has no other spelling)
_decoders: dict[str, msgspec.msgpack.Decoder[m.Message]] = {
    str(kind.__struct_config__.tag): msgspec.msgpack.Decoder(kind, strict=True) for kind in m.ALL
}
_anything: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder()
_encoder = msgspec.msgpack.Encoder()


class _Tag(msgspec.Struct):
    """Enough of a frame to know which message it claims to be."""

    t: str


_tag_decoder = msgspec.msgpack.Decoder(_Tag)


class FrameRefused(Refused):
    """A frame was not taken; ``oversized``, ``malformed``, ``unknown_message``, ``text_frame``."""


@dataclass(slots=True)
class WireCounts:
    """What a codec has seen, for the state of the session."""

    frames: int = 0
    bytes: int = 0
    unknown_fields: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def refuse(self, code: str) -> None:
        """Count one refusal."""
        self.refused[code] = self.refused.get(code, 0) + 1


def encode(message: m.Message) -> bytes:
    """Return the frame of a message."""
    return _encoder.encode(message)


def decode(frame: bytes | str, limit: int, counts: WireCounts | None = None) -> m.Message:
    """Return the message in a frame.

    Args:
        frame: as it came from the socket.
        limit: largest size in bytes that this socket takes.
        counts: gets the frame, its unknown fields, or its refusal counted.

    Raises:
        FrameRefused: the frame is larger than ``limit``, is text, is not one whole MessagePack
            value, names no known message, or lacks a field that its message needs.
    """
    counts = counts if counts is not None else WireCounts()
    try:
        return _decode(frame, limit, counts)
    except FrameRefused as refusal:
        counts.refuse(refusal.code)
        raise


def _decode(frame: bytes | str, limit: int, counts: WireCounts) -> m.Message:
    if isinstance(frame, str):
        raise FrameRefused("text_frame", "Text frames are not part of the protocol.")
    if len(frame) > limit:
        raise FrameRefused("oversized", f"The frame is larger than {limit} bytes.")
    try:
        tag = _tag_decoder.decode(frame).t
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise FrameRefused("malformed", "The frame is not a message of this protocol.") from None
    decoder = _decoders.get(tag)
    if decoder is None:
        raise FrameRefused("unknown_message", "This kind of message is not known here.")
    try:
        message = _message(tag, decoder, frame)
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError):
        raise FrameRefused(
            "malformed", f"The {tag} message lacks a field or has a wrong one."
        ) from None
    counts.frames += 1
    counts.bytes += len(frame)
    counts.unknown_fields += _unknown_fields(frame, type(message))
    return message


class _LooseReads(msgspec.Struct):
    """A batch of reads whose items have not been looked at."""

    batch: int
    reads: list[Any]
    is_backlog: bool = False


_loose_decoder = msgspec.msgpack.Decoder(_LooseReads)


def _message(tag: str, decoder: msgspec.msgpack.Decoder[m.Message], frame: bytes) -> m.Message:
    try:
        return decoder.decode(frame)
    except msgspec.ValidationError:
        if tag != "send_reads":
            raise
    # An item that is no read at all costs itself, never its neighbours.
    loose = _loose_decoder.decode(frame)
    return m.SendReads(loose.batch, [_item(raw) for raw in loose.reads], loose.is_backlog)


def _item(raw: object) -> m.RawReadItem:
    try:
        return msgspec.convert(raw, m.RawReadItem)
    except msgspec.ValidationError:
        return m.RawReadItem()


def _unknown_fields(frame: bytes, kind: type[m.Message]) -> int:
    """Count keys at the message's level and in its list items that this version does not know."""
    try:
        raw = _anything.decode(frame)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return 1  # what cannot even be looked at (a torn text, a nesting) is in an unknown field
    known = _known(kind)
    unknown = sum(1 for key in raw if key not in known and key != "t")
    items = _ITEM_FIELDS.get(kind)
    if items is not None:
        item_known = _known(items[1])
        for item in raw.get(items[0], ()):
            if isinstance(item, dict) and not item_known.issuperset(item):
                unknown += len(item.keys() - item_known)
    return unknown


_known_cache: dict[type, frozenset[str]] = {}


def _known(kind: type) -> frozenset[str]:
    found = _known_cache.get(kind)
    if found is None:
        fields = msgspec.inspect.type_info(kind)
        names = [f.encode_name for f in getattr(fields, "fields", ())]
        found = _known_cache[kind] = frozenset(names)
    return found


_ITEM_FIELDS: dict[type[m.Message], tuple[str, type]] = {
    m.SendReads: ("reads", m.RawReadItem),
    m.SendImages: ("images", m.ImageItem),
    m.SendSteps: ("steps", Step),
    m.Reads: ("reads", Read),
    m.Hits: ("hits", Hit),
    m.Steps: ("steps", DecidedStep),
}
