"""Where the key comes from: the order of asking, and the real Secret Service once."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keyring
import keyring.errors
import pytest
from keyring.backend import KeyringBackend

from nas_desktop.adapters import secrets as secrets_module
from nas_desktop.adapters.secrets import CREDENTIAL, SERVICE, Key, has_keyring, key_for
from nas_desktop.adapters.secrets import secret_from_fd as password_from_fd
from nas_desktop.domain.errors import Refused

SECRET = bytes(range(32))


def a_pipe(content: bytes) -> int:
    read_end, write_end = os.pipe()
    os.write(write_end, content)
    os.close(write_end)
    return read_end


class Ring:
    """A keyring in memory behind the functions that the program calls."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.forgets = False
        self.fault: Exception | None = None

    def get(self, service: str, entry: str) -> str | None:
        if self.fault is not None:
            raise self.fault
        return self.held.get((service, entry))

    def put(self, service: str, entry: str, secret: str) -> None:
        if not self.forgets:
            self.held[service, entry] = secret


@pytest.fixture(autouse=True)
def no_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    ring = Ring()
    monkeypatch.setattr(secrets_module, "has_keyring", lambda: True)
    monkeypatch.setattr(keyring, "get_password", ring.get)
    monkeypatch.setattr(keyring, "set_password", ring.put)
    return ring


@pytest.fixture
def no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_module, "has_keyring", lambda: False)


@pytest.fixture
def credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    def put(content: bytes) -> None:
        (tmp_path / CREDENTIAL).write_bytes(content)
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    return put


# ------------------------------------------------------------------ the order


def test_that_a_descriptor_is_asked_before_everything_else(
    tmp_path: Path, ring: Ring, credential: Callable[[bytes], None]
) -> None:
    credential(b"c" * 32)
    assert key_for(tmp_path, a_pipe(SECRET)) == Key(SECRET, "fd")
    assert ring.held == {}


def test_that_a_credential_is_asked_before_the_keyring(
    tmp_path: Path, ring: Ring, credential: Callable[[bytes], None]
) -> None:
    credential(SECRET.hex().encode() + b"\n")
    key = key_for(tmp_path)
    assert (key, key.is_lasting) == (Key(SECRET, "credential"), True)
    assert ring.held == {}


def test_that_a_folder_of_other_credentials_is_passed_over(
    tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert key_for(tmp_path).source == "keyring"


def test_that_the_keyring_gives_each_folder_a_key_of_its_own(tmp_path: Path, ring: Ring) -> None:
    one, again, two = (key_for(tmp_path / name) for name in ("a", "a", "b"))
    assert (one.source, one.is_lasting, len(one.secret)) == ("keyring", True, 32)
    assert one == again
    assert one.secret != two.secret
    assert set(ring.held) == {(SERVICE, str(tmp_path / name)) for name in ("a", "b")}


@pytest.mark.usefixtures("no_ring")
def test_that_without_a_keyring_the_key_dies_with_the_session(tmp_path: Path) -> None:
    one, two = key_for(tmp_path), key_for(tmp_path)
    assert (one.source, one.is_lasting, len(one.secret)) == ("session", False, 32)
    assert one.secret != two.secret
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "fault",
    [keyring.errors.KeyringLocked("no"), keyring.errors.InitError("no")],
)
def test_that_a_keyring_that_stays_locked_is_said_and_never_passed_over(
    tmp_path: Path, ring: Ring, fault: Exception
) -> None:
    ring.fault = fault
    with pytest.raises(Refused) as refusal:
        key_for(tmp_path)
    assert refusal.value.code == "keyring_locked"
    assert "--key-fd" in refusal.value.remedy


def test_that_a_keyring_that_forgets_gives_no_key(tmp_path: Path, ring: Ring) -> None:
    ring.forgets = True
    with pytest.raises(Refused) as refusal:
        key_for(tmp_path)
    assert refusal.value.code == "key_unusable"


# ------------------------------------------------------------------ what counts as a key


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        SECRET.hex().encode(),
        SECRET.hex().upper().encode() + b"\r\n",
        base64.b64encode(SECRET),
        b"  " + base64.b64encode(SECRET) + b"\n",
    ],
)
def test_that_a_key_may_be_raw_hex_or_base64(tmp_path: Path, text: bytes) -> None:
    assert key_for(tmp_path, a_pipe(text)).secret == SECRET


@pytest.mark.parametrize(
    "text",
    [b"", b"short", SECRET[:-1], SECRET + b"\n", b"x" * 64, base64.b64encode(b"k" * 31), b"\xff"],
)
def test_that_anything_else_is_no_key(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        key_for(tmp_path, a_pipe(text))
    assert refusal.value.code == "key_unusable"
    assert "64 hex digits" in refusal.value.remedy


def test_that_a_descriptor_that_is_closed_is_said(tmp_path: Path) -> None:
    descriptor = a_pipe(SECRET)
    os.close(descriptor)
    with pytest.raises(Refused) as refusal:
        key_for(tmp_path, descriptor)
    assert f"descriptor {descriptor}" in refusal.value.message


def test_that_a_password_is_read_without_its_line_end() -> None:
    assert password_from_fd(a_pipe("paßwort \r\n".encode())) == "paßwort "


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_that_a_password_that_is_none_is_said(content: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        password_from_fd(a_pipe(content))
    assert refusal.value.code == "password_unusable"


# ------------------------------------------------------------------ which keyrings are trusted


def a_backend(module: str, priority: Any) -> Any:
    made = type("Keyring", (), {"priority": priority})
    made.__module__ = module
    return made()


def _breaks(_self: object) -> float:
    raise RuntimeError("no bus")


@pytest.mark.parametrize(
    ("module", "priority", "is_trusted"),
    [
        ("keyring.backends.SecretService", 5, True),
        ("keyring.backends.Windows", 5, True),
        ("keyring.backends.chainer", 10, True),
        ("keyring.backends.SecretService", 0, False),
        ("keyring.backends.SecretService", property(_breaks), False),
        ("keyring.backends.fail", 1, False),
        ("keyring.backends.null", 1, False),
        ("keyrings.alt.file", 5, False),  # plain text on disk
    ],
)
def test_that_only_keyrings_that_keep_secrets_are_used(
    module: str, priority: Any, is_trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = a_backend(module, priority)
    assert not isinstance(backend, KeyringBackend)
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    assert has_keyring() is is_trusted


# ------------------------------------------------------------------ the real Secret Service

TELL = """
import sys
from pathlib import Path
from nas_desktop.adapters.secrets import key_for
key = key_for(Path(sys.argv[1]))
print(key.source, key.secret.hex())
"""

# One bus and one unlocked keyring, then two programs one after the other.
SESSION = """
printf '\\n' | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1
"$1" -c "$2" "$3" && "$1" -c "$2" "$3" && "$1" -c "$2" "$3/other"
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="dbus-run-session and gnome-keyring-daemon are not installed",
)
def test_that_the_secret_service_gives_two_programs_the_same_key(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_DATA_HOME": str(tmp_path / "share"),
        "PYTHONPATH": str(Path(secrets_module.__file__).parents[2]),
    }
    told = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", SESSION, "sh", sys.executable, TELL, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    first, again, other = told.stdout.splitlines()
    assert first.startswith("keyring ")
    assert len(bytes.fromhex(first.split()[1])) == 32
    assert first == again
    assert other != first
    key = bytes.fromhex(first.split()[1])
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(key in content or first.split()[1].encode() in content for content in kept)
