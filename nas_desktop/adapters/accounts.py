"""Passwords and bearer tokens: argon2 for the one, signed claims for the other."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta

import argon2
import msgspec

from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.domain.access import Operator, Role

SESSION_LASTS = timedelta(hours=12)
"""How long a token holds: one shift."""

_hasher = argon2.PasswordHasher()


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password; takes tens of milliseconds on purpose."""
    return _hasher.hash(password)


def is_password(stored: str, password: str) -> bool:
    """Tell whether the password gives the stored hash; a damaged hash matches nothing."""
    try:
        return _hasher.verify(stored, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError, ValueError):
        return False


DECOY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"
"""Checked when the account does not exist, so that the time of the answer tells nothing."""


def issue_token(operator: Operator, key: bytes) -> str:
    """Return a bearer token: the operator's claims, signed with the node's own key."""
    body = pack(operator)
    signature = hmac.digest(key, body, hashlib.sha256)
    return base64.urlsafe_b64encode(signature + body).decode()


def claims_of(token: str, key: bytes, now: datetime) -> Operator | None:
    """Return the claims of a token, or None when it is forged, damaged or has run out."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii"))
    except (binascii.Error, ValueError):
        return None
    signature, body = raw[:32], raw[32:]
    if not hmac.compare_digest(signature, hmac.digest(key, body, hashlib.sha256)):
        return None
    try:
        operator = unpack(Operator, body)
    except msgspec.DecodeError:
        return None
    return operator if operator.expires_at > now else None


def operator_from(
    username: str, name: str, roles: tuple[Role, ...], now: datetime, *, is_vouched: bool = False
) -> Operator:
    """Return the claims for somebody who has just signed in."""
    return Operator(username, name, roles, now + SESSION_LASTS, is_vouched)
