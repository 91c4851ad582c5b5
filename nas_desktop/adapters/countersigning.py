"""A server's signature under the head of a desk's audit: Ed25519 (RFC 8032).

Signed is the ASCII text ``nas-audit-1|NODE|SEQ|HEAD|AT``: identity of the node, number of its last
record, its hash in hex, the server's clock in ISO 8601 with microseconds, UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from nas_desktop.services.audit import Countersignature


def new_secret() -> bytes:
    """Return a new private key: 32 bytes, for an encrypted store and nowhere else."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def countersigned(
    secret: bytes, server_id: str, node_id: str, seq: int, head: bytes, at: datetime
) -> Countersignature:
    """Sign the head of a chain."""
    private = Ed25519PrivateKey.from_private_bytes(secret)
    return Countersignature(
        node_id,
        seq,
        head,
        at,
        server_id,
        private.public_key().public_bytes_raw(),
        private.sign(_told(node_id, seq, head, at)),
    )


def is_genuine(one: Countersignature) -> bool:
    """Tell whether the signature is of the key that it names, over what it says."""
    try:
        Ed25519PublicKey.from_public_bytes(one.key).verify(
            one.signature, _told(one.node_id, one.seq, one.head, one.at)
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def _told(node_id: str, seq: int, head: bytes, at: datetime) -> bytes:
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"nas-audit-1|{node_id}|{seq}|{head.hex()}|{instant}".encode()
