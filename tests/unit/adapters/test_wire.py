"""The wire format: whatever the bytes, a message or a named refusal, and never anything else."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link import wire
from nas_desktop.domain.errors import Refused
from nas_desktop.services.events import ImageKind
from tests.builders import NOON, a_hit, a_read
from tests.contract.golden import MESSAGES

pack = msgspec.msgpack.encode
DEEP = b"\x91" * 50_000 + b"\x01"


def a_map(*pairs: tuple[bytes, bytes]) -> bytes:
    """A map written by hand, for what no encoder would write."""
    return bytes([0x80 + len(pairs)]) + b"".join(key + value for key, value in pairs)


def bye(*extra: tuple[bytes, bytes]) -> bytes:
    return a_map((pack("t"), pack("bye")), (pack("reason"), pack("x")), *extra)


def send_reads(vrm: bytes) -> bytes:
    item = b"\x91" + a_map((pack("vrm"), vrm))
    return a_map((pack("t"), pack("send_reads")), (pack("batch"), pack(1)), (pack("reads"), item))


def code_of(frame: bytes | str, limit: int = m.LIVE_LIMIT) -> str:
    with pytest.raises(wire.FrameRefused) as refusal:
        wire.decode(frame, limit)
    assert isinstance(refusal.value, Refused)
    return refusal.value.code


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"t":"bye"}', "text_frame"),
        (b"", "malformed"),
        (b"\xc1", "malformed"),
        (b'{"t":"bye","reason":"x"}', "malformed"),
        (pack([]), "malformed"),
        (pack("bye"), "malformed"),
        (pack({}), "malformed"),
        (pack({"t": 5}), "malformed"),
        (pack({"t": None}), "malformed"),
        (pack({"reason": "x"}), "malformed"),
        (pack({"t": "bye"}), "malformed"),
        (pack({"t": "bye", "reason": 5}), "malformed"),
        (pack({"t": "heartbeat", "seq": "1", "sent_at": NOON}), "malformed"),
        (pack({"t": "heartbeat", "seq": 2**70 // 2**7, "sent_at": "noon"}), "malformed"),
        (pack({"t": "no_image", "read_id": b"", "kind": "film", "reason": ""}), "malformed"),
        (bye()[:-1], "malformed"),
        (bye() + b"\x00", "malformed"),
        (a_map((pack("t"), pack("bye")), (pack("t"), pack("hello"))), "malformed"),
        (bye((b"\x05", pack(1))), "malformed"),
        (DEEP, "malformed"),
        (send_reads(DEEP), "malformed"),
        (send_reads(b"\x81\x81\xa1a\x01\x01"), "malformed"),
        (send_reads(b"\xdd\xff\xff\xff\xff"), "malformed"),
        (send_reads(b"\xc7\x0c\xff" + b"\xff" * 12), "malformed"),  # a time out of range
        (a_map((pack("t"), pack("hits")), (pack("hits"), b"\xdd\xff\xff\xff\xff")), "malformed"),
        (pack({"t": "shutdown"}), "unknown_message"),
        (pack({"t": ""}), "unknown_message"),
        (pack({"t": "Bye", "reason": "x"}), "unknown_message"),
    ],
)
def test_that_a_frame_that_is_no_message_is_refused_by_name(frame: bytes | str, code: str) -> None:
    assert code_of(frame) == code


def test_that_the_limit_is_the_last_size_taken() -> None:
    frame = wire.encode(m.Bye("x" * 100))
    assert wire.decode(frame, len(frame)) == m.Bye("x" * 100)
    assert code_of(frame, len(frame) - 1) == "oversized"


def test_that_everything_seen_is_counted() -> None:
    counts = wire.WireCounts()
    frame = wire.encode(m.Bye("x"))
    wire.decode(frame, 100, counts)
    wire.decode(frame, 100, counts)
    for bad in ("text", b"\xc1", b"\xc1"):
        with pytest.raises(wire.FrameRefused):
            wire.decode(bad, 100, counts)
    assert (counts.frames, counts.bytes) == (2, 2 * len(frame))
    assert counts.refused == {"text_frame": 1, "malformed": 2}
    assert counts.unknown_fields == 0


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (pack(None), 1),
        (pack({"a": [1, {"b": 2}]}), 1),
        # What cannot be looked at is still in a field that nobody here asked for.
        (b"\x81\x81\xa1a\x01\x01", 1),
        (b"\xa2\xff\xff", 1),
        (b"\xc7\x0c\xff" + b"\xff" * 12, 1),
        (b"\xc7\x02\x2a\x01\x02", 1),
    ],
)
def test_that_an_unknown_field_is_ignored_and_counted(value: bytes, count: int) -> None:
    counts = wire.WireCounts()
    assert wire.decode(bye((pack("z"), value)), m.LIVE_LIMIT, counts) == m.Bye("x")
    assert counts.unknown_fields == count


@pytest.mark.parametrize(
    ("message", "items"),
    [
        (m.SendReads(1, [m.RawReadItem("AB51ABC"), m.RawReadItem("AB51ABD")]), "reads"),
        (m.SendImages(1, [m.ImageItem(b"", ImageKind.PATCH, b"")]), "images"),
        (m.Reads(0, [a_read()]), "reads"),
        (m.Hits(0, [a_hit()]), "hits"),
    ],
)
def test_that_unknown_fields_of_items_are_counted_one_by_one(
    message: m.Message, items: str
) -> None:
    raw = msgspec.msgpack.decode(wire.encode(message))
    for item in raw[items]:
        item["speed_mph"] = 71
        item["colour_seen"] = "BLUE"
    raw["signature"] = b""
    counts = wire.WireCounts()
    assert wire.decode(pack(raw), m.BULK_LIMIT, counts) == message
    assert counts.unknown_fields == 1 + 2 * len(raw[items])


def test_that_wrong_values_of_a_camera_cost_no_frame() -> None:
    item = {"vrm": 5, "captured_at": "noon", "lane_id": [1, {"a": b""}], "latitude": None}
    frame = pack({"t": "send_reads", "batch": 1, "reads": [item]})
    decoded = wire.decode(frame, m.LIVE_LIMIT)
    assert isinstance(decoded, m.SendReads)
    assert decoded.reads[0].lane_id == [1, {"a": b""}]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda msg: type(msg).__name__)
def test_that_every_message_comes_back_as_it_was(message: m.Message) -> None:
    assert wire.decode(wire.encode(message), m.BULK_LIMIT) == message


# ------------------------------------------------------------------ any bytes at all


def only_refused(frame: bytes | str) -> None:
    try:
        message = wire.decode(frame, m.LIVE_LIMIT)
    except wire.FrameRefused as refusal:
        is_named = refusal.code in {"malformed", "unknown_message", "oversized", "text_frame"}
        assert is_named
    else:
        assert isinstance(message, m.Message)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=20)))
def test_that_any_bytes_give_a_message_or_a_refusal(frame: bytes | str) -> None:
    only_refused(frame)


FRAMES = [wire.encode(message) for message in MESSAGES]


@given(st.sampled_from(FRAMES), st.data())
def test_that_a_damaged_frame_gives_a_message_or_a_refusal(
    frame: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(frame)
    for _cut in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged)))
        stop = data.draw(st.integers(at, min(at + 3, len(damaged))))
        damaged[at:stop] = data.draw(st.binary(max_size=3))
    only_refused(bytes(damaged))


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(),
        st.text(max_size=5),
        st.binary(max_size=5),
        st.just(NOON),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from(MESSAGES), st.data())
def test_that_any_value_in_any_field_gives_a_message_or_a_refusal(
    message: m.Message, data: st.DataObject
) -> None:
    raw = msgspec.msgpack.decode(wire.encode(message))
    name = data.draw(st.sampled_from(sorted(raw)))
    raw[name] = data.draw(VALUES)
    only_refused(pack(raw))
