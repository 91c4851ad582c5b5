"""What every message of ``nas.v1`` is made from."""

from __future__ import annotations

from msgspec import Struct


class Message(Struct, tag_field="t", frozen=True, omit_defaults=True):
    """A frame holds exactly one message; ``t`` names its kind."""
