"""How values lie in the stores: MessagePack of the domain's own types."""

from __future__ import annotations

from typing import TypeVar

import msgspec

_T = TypeVar("_T")
_encoder = msgspec.msgpack.Encoder()
_decoders: dict[object, msgspec.msgpack.Decoder[object]] = {}


def pack(value: object) -> bytes:
    """Return the bytes of a domain value."""
    return _encoder.encode(value)


def unpack(kind: type[_T], body: bytes) -> _T:
    """Return the value of the given type in ``body``.

    Raises:
        msgspec.DecodeError: the bytes hold something else.
    """
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind)
    return decoder.decode(body)  # type: ignore[return-value]
