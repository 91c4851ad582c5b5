"""Frames of released versions go on decoding, and today's code writes them byte for byte."""

from __future__ import annotations

import msgspec
import pytest

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link import wire
from tests.contract.golden import FRAMES, MESSAGES, stored, tag_of

TAGS = [tag_of(kind) for kind in m.ALL]


def test_that_every_message_has_a_golden_frame_and_no_frame_lacks_its_message() -> None:
    assert sorted(path.stem for path in FRAMES.glob("*.hex")) == sorted(TAGS)
    assert [type(message) for message in MESSAGES] == list(m.ALL)


def test_that_every_message_of_the_module_is_part_of_the_protocol() -> None:
    defined = {
        kind
        for kind in vars(m).values()
        if isinstance(kind, type) and issubclass(kind, m.Message) and kind is not m.Message
    }
    assert defined == set(m.ALL)
    assert len(set(TAGS)) == len(TAGS)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: tag_of(type(message)))
def test_that_a_golden_frame_is_read_and_written_as_ever(message: m.Message) -> None:
    frame = stored(tag_of(type(message)))
    counts = wire.WireCounts()
    decoded = wire.decode(frame, m.LIVE_LIMIT, counts)
    assert decoded == message
    assert wire.encode(decoded) == frame
    assert (counts.unknown_fields, counts.refused) == (0, {})


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: tag_of(type(message)))
def test_that_a_golden_frame_shows_every_field(message: m.Message) -> None:
    raw = msgspec.msgpack.decode(stored(tag_of(type(message))))
    assert set(raw) == {"t", *type(message).__struct_fields__}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: tag_of(type(message)))
def test_that_fields_may_come_in_any_order_and_defaults_be_left_out(message: m.Message) -> None:
    raw = msgspec.msgpack.decode(stored(tag_of(type(message))))
    backwards = msgspec.msgpack.encode(dict(reversed(raw.items())))
    assert wire.decode(backwards, m.LIVE_LIMIT) == message
    required = {f.encode_name for f in msgspec.structs.fields(message) if f.required}
    least = msgspec.msgpack.encode({k: v for k, v in raw.items() if k in required | {"t"}})
    assert isinstance(wire.decode(least, m.LIVE_LIMIT), type(message))
    for name in required:
        without = msgspec.msgpack.encode({k: v for k, v in raw.items() if k != name})
        with pytest.raises(wire.FrameRefused):
            wire.decode(without, m.LIVE_LIMIT)
