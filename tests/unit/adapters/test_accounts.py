"""Passwords and tokens: nothing forged, damaged or run out is taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.adapters.accounts import (
    DECOY,
    SESSION_LASTS,
    claims_of,
    hash_password,
    is_password,
    issue_token,
    operator_from,
)
from nas_desktop.adapters.store.packing import pack
from nas_desktop.domain.access import Operator, Role
from tests.builders import NOON

KEY = b"t" * 32
KHAN = operator_from("akhan", "A. Khan", (Role.DISPATCHER, Role.AUDITOR), NOON)
TOKEN = issue_token(KHAN, KEY)


def test_that_a_password_gives_its_hash_and_no_other_does() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert stored != hash_password("correct horse")
    assert is_password(stored, "correct horse")
    assert not is_password(stored, "correct horse ")
    assert not is_password(stored, "")


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$", "$argon2id$é", DECOY[:-5], DECOY])
def test_that_a_damaged_hash_matches_nothing(stored: str) -> None:
    assert not is_password(stored, "correct horse")


def test_that_a_token_says_who_signed_in_until_it_runs_out() -> None:
    assert claims_of(TOKEN, KEY, NOON) == KHAN
    last = NOON + SESSION_LASTS - timedelta(microseconds=1)
    assert claims_of(TOKEN, KEY, last) == KHAN
    assert claims_of(TOKEN, KEY, NOON + SESSION_LASTS) is None
    assert not KHAN.is_vouched
    assert operator_from("a", "A", (), NOON, is_vouched=True).is_vouched


def signed(body: bytes, key: bytes = KEY) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, body, hashlib.sha256) + body).decode()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "schlüssel",
        "A" * 43,
        TOKEN[:-8],
        TOKEN[8:],
        base64.urlsafe_b64encode(bytes(32) + pack(KHAN)).decode(),
        signed(pack(KHAN), b"x" * 32),
        signed(b""),
        signed(b"\xc1"),
        signed(pack({"username": "akhan"})),
        signed(pack({"username": "a", "name": "A", "roles": ["king"], "expires_at": NOON})),
    ],
)
def test_that_what_is_no_token_of_ours_claims_nothing(token: str) -> None:
    assert claims_of(token, KEY, NOON) is None


@given(st.integers(0, 8 * len(base64.urlsafe_b64decode(TOKEN)) - 1))
def test_that_one_changed_bit_claims_nothing(bit: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(TOKEN))
    raw[bit // 8] ^= 1 << bit % 8
    assert claims_of(base64.urlsafe_b64encode(raw).decode(), KEY, NOON) is None


def test_that_raising_ones_own_roles_needs_the_key() -> None:
    body = pack(Operator("akhan", "A. Khan", (Role.ADMINISTRATOR,), KHAN.expires_at))
    signature = base64.urlsafe_b64decode(TOKEN)[:32]
    assert claims_of(base64.urlsafe_b64encode(signature + body).decode(), KEY, NOON) is None
