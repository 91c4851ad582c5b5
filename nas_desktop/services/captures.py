"""What a camera system hands over: a read as raw values, with its images.

A replayed file, the simulator and a real camera system all come down to this; nothing in it has
been checked yet, ``domain.read.accept_read`` does that in the node.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(slots=True)
class RawCapture:
    """A raw read and its images; every field may hold anything a faulty camera may send.

    ``patch`` and ``overview`` are the SHA-256 hex digests of the images announced;
    ``patch_image`` and ``overview_image`` the JPEG bytes where they are at hand.
    ``is_backlog`` says that the sender held the read back before sending.
    """

    vrm: object
    captured_at: object
    feed_id: object
    source_id: object
    nrd_id: object
    latitude: object = None
    longitude: object = None
    lane_id: object = None
    alias: object = None
    username: object = None
    preset_id: object = None
    kind: object = None
    confidence: object = None
    patch: object = None
    overview: object = None
    patch_image: bytes | None = None
    overview_image: bytes | None = None
    is_backlog: bool = False


def digest_of(image: bytes) -> str:
    """Return the name an image goes by everywhere: 64 hex digits of its SHA-256."""
    return hashlib.sha256(image).hexdigest()
