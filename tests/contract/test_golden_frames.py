"""Frames of released versions go on decoding, and today's code writes them byte for byte."""

from __future__ import annotations

import msgspec
import pytest

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link import wire
from nas_desktop.adapters.voi_files.blocks import take_block
from tests.contract.golden import (
    BLOCK,
    EARLIER,
    ENTRY,
    FRAMES,
    MESSAGES,
    frame_in,
    stored,
    tag_in,
    tag_of,
)

TAGS = [tag_of(kind) for kind in m.ALL]


def test_that_every_message_has_a_golden_frame_and_no_frame_lacks_its_message() -> None:
    assert {tag_in(path) for path in FRAMES.iterdir()} == set(TAGS)
    assert [type(message) for message in MESSAGES] == list(m.ALL)


def test_that_every_frame_is_either_of_an_earlier_form_or_the_newest() -> None:
    newest = {frame_in(path): path.name for path in FRAMES.iterdir() if path.name not in EARLIER}
    assert set(newest) == {stored(tag) for tag in TAGS}
    assert len(newest) + len(EARLIER) == len(list(FRAMES.iterdir()))


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


@pytest.mark.parametrize("name", EARLIER)
def test_that_a_frame_of_an_earlier_form_goes_on_decoding(name: str) -> None:
    counts = wire.WireCounts()
    decoded = wire.decode(frame_in(FRAMES / name), m.LIVE_LIMIT, counts)
    assert decoded == EARLIER[name]
    assert (counts.unknown_fields, counts.refused) == (0, {})


@pytest.mark.parametrize("name", EARLIER)
def test_that_an_earlier_form_had_no_field_that_the_newest_has_not(name: str) -> None:
    first = msgspec.msgpack.decode(frame_in(FRAMES / name))
    newest = msgspec.msgpack.decode(stored(tag_in(FRAMES / name)))
    assert is_part(first, newest)
    assert not is_part(newest, first)


def is_part(first: object, newest: object) -> bool:
    """Tell whether every key of a value, and of the values in it, is there in another."""
    match first, newest:
        case dict(), dict():
            return all(k in newest and is_part(v, newest[k]) for k, v in first.items())
        case list(), list():
            return all(is_part(*pair) for pair in zip(first, newest, strict=False))
    return True


def test_that_the_block_of_the_golden_frames_is_read() -> None:
    assert take_block(BLOCK) == [ENTRY]


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
