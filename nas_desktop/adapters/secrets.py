"""Where the key of a data folder comes from, in this order of asking.

1. ``--key-fd N`` or a systemd credential, when the caller gave one: servers, scripts, CI.
2. The operating system's keyring (Secret Service, Windows Credential Locker).
3. Session-only: a key that dies with the process; then nothing is called stored on this desk.

There is no fourth place: never a plaintext key file of our own.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass
from pathlib import Path

import keyring
import keyring.errors

from nas_desktop.domain.errors import Refused

SERVICE = "nas-desktop"
"""The name our entries have in the keyring."""

KEY_BYTES = 32

CREDENTIAL = "nas-desktop-key"
"""Name of the systemd credential looked for."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it came from: ``fd``, ``credential``, ``keyring`` or ``session``."""

    secret: bytes
    source: str

    @property
    def is_lasting(self) -> bool:
        """True when the same key will be there at the next start."""
        return self.source != "session"


def key_for(data_dir: Path, key_fd: int | None = None) -> Key:
    """Return the key of a data folder.

    Raises:
        Refused: ``key_unusable`` when the descriptor or credential holds no key;
            ``keyring_locked`` when a keyring is there and would not open: an existing store must
            then not be shadowed by an empty session-only one.
    """
    if key_fd is not None:
        given = _read_all(key_fd)
        if given is None:
            raise Refused(
                "key_unusable",
                f"File descriptor {key_fd} is not open for reading.",
                "Open it before the program starts, for example --key-fd 3 3<key.",
            )
        return Key(_parsed(given, f"file descriptor {key_fd}"), "fd")
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (path := Path(credentials) / CREDENTIAL).exists():
        return Key(_parsed(path.read_bytes(), "the systemd credential"), "credential")
    entry = str(data_dir.resolve())
    if not has_keyring():
        return Key(os.urandom(KEY_BYTES), "session")
    try:
        held = keyring.get_password(SERVICE, entry)
        if held is None:
            secret = os.urandom(KEY_BYTES)
            keyring.set_password(SERVICE, entry, base64.b64encode(secret).decode())
            # Read back: a keyring that forgets would make tomorrow's data unreadable.
            held = keyring.get_password(SERVICE, entry) or ""
    except keyring.errors.KeyringError as fault:
        raise Refused(
            "keyring_locked",
            f"The keyring of this computer did not open ({type(fault).__name__}).",
            "Unlock it and start again, or start with --key-fd.",
        ) from None
    return Key(_parsed(held.encode(), "the keyring"), "keyring")


def has_keyring() -> bool:
    """Tell whether this session has a keyring that keeps secrets (never a plaintext one)."""
    backend = keyring.get_keyring()
    module = type(backend).__module__
    if not module.startswith(("keyring.backends.SecretService", "keyring.backends.Windows",
                              "keyring.backends.macOS", "keyring.backends.chainer",
                              "keyring.backends.kwallet")):  # fmt: skip
        return False
    try:
        return bool(backend.priority > 0)
    except (RuntimeError, keyring.errors.KeyringError):
        return False


def secret_from_fd(fd: int) -> str:
    """Return a password from a file descriptor, without its line end.

    Raises:
        Refused: ``password_unusable`` when nothing can be read there.
    """
    try:
        text = (_read_all(fd) or b"").decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text:
        raise Refused(
            "password_unusable",
            f"No password could be read from file descriptor {fd}.",
            "Give the number of an open descriptor that holds the password as text.",
        )
    return text


def _read_all(fd: int) -> bytes | None:
    """Return what a descriptor holds, None when it is not open."""
    try:
        with os.fdopen(fd, "rb", closefd=True) as source:
            return source.read(4096)
    except OSError:
        return None


def _parsed(text: bytes, where: str) -> bytes:
    """Return 32 bytes from hex or base64 text, or from exactly 32 raw bytes."""
    if len(text) == KEY_BYTES:
        return text
    stripped = text.strip()
    try:
        if len(stripped) == 2 * KEY_BYTES:
            return binascii.unhexlify(stripped)
        secret = base64.b64decode(stripped, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise Refused(
            "key_unusable",
            f"What {where} holds is not a key of {KEY_BYTES} bytes.",
            "Give 32 raw bytes, 64 hex digits, or the same in base64.",
        )
    return secret
