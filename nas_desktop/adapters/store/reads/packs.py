"""Images in append-only files, one a partition, dropped as a whole.

Each image is sealed with AES-256-GCM under a key of its file's own and a random nonce, with its
digest as associated data: it opens as what it was put in as, or not at all. Where it lies stands
in the database. What a crash leaves behind the last image that is spoken of is never read.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from nas_desktop.adapters.store.reads.blocks import Damaged, read_at

MAGIC = b"NASPACK1"
_ID_BYTES, _NONCE_BYTES = 16, 12
_HEAD = len(MAGIC) + _ID_BYTES
_MOST_OPEN = 8


class ImagePacks:
    """Packed files by the number of their partition; for one thread.

    Args:
        folder: where they lie; made when missing.
        key: 32 bytes.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._key = key
        self._open: dict[int, tuple[int, AESGCM]] = {}
        self._unsynced: set[int] = set()

    def _path(self, partition: int) -> Path:
        return self._folder / f"{partition}.pack"

    def _pack(self, partition: int, *, makes: bool) -> tuple[int, AESGCM]:
        """Return handle and cipher of a file.

        Raises:
            Damaged: there is none, or it is not ours. OSError: it cannot be made.
        """
        held = self._open.get(partition)
        if held is not None:
            return held
        path = self._path(partition)
        flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | (os.O_CREAT if makes else 0)
        if makes:
            self._folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, flags, 0o600)
        except FileNotFoundError:
            raise Damaged(path.name) from None
        try:
            if os.fstat(handle).st_size < _HEAD:
                if not makes:
                    raise Damaged(path.name)
                os.ftruncate(handle, 0)
                os.write(handle, MAGIC + os.urandom(_ID_BYTES))
            head = read_at(handle, _HEAD, 0)
            if head[: len(MAGIC)] != MAGIC:
                raise Damaged(path.name)
        except BaseException:
            os.close(handle)
            raise
        key = HKDF(SHA256(), 32, head[len(MAGIC) :], b"nas-desktop images").derive(self._key)
        while len(self._open) >= _MOST_OPEN:
            self._close(next(iter(self._open)))
        self._open[partition] = (handle, AESGCM(key))
        return self._open[partition]

    def put(self, partition: int, digest: str, data: bytes) -> tuple[int, int]:
        """Append an image; returns place and size, which ``get`` takes. ``sync`` makes it durable.

        Raises:
            OSError: the disk would not take it. Damaged: the file is not ours.
        """
        handle, cipher = self._pack(partition, makes=True)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, data, digest.encode())
        place = os.lseek(handle, 0, os.SEEK_END)
        written = os.write(handle, sealed)
        if written != len(sealed):
            raise OSError(28, "No space left on device")
        self._unsynced.add(partition)
        return place, len(sealed)

    def sync(self) -> None:
        """Make durable what was put since."""
        for partition in self._unsynced:
            if partition in self._open:
                os.fsync(self._open[partition][0])
        self._unsynced.clear()

    def get(self, partition: int, digest: str, place: int, size: int) -> bytes:
        """Return an image.

        Raises:
            Damaged: it does not open.
        """
        handle, cipher = self._pack(partition, makes=False)
        sealed = read_at(handle, size, place)
        try:
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], digest.encode())
        except (InvalidTag, ValueError):
            raise Damaged(self._path(partition).name) from None

    def drop_until(self, last: int) -> None:
        """Remove every file numbered from 1 to ``last``."""
        for path in self._folder.glob("*.pack"):
            if path.stem.isdigit() and 0 < int(path.stem) <= last:
                self._close(int(path.stem))
                path.unlink(missing_ok=True)

    def _close(self, partition: int) -> None:
        held = self._open.pop(partition, None)
        if held is not None:
            if partition in self._unsynced:
                os.fsync(held[0])
                self._unsynced.discard(partition)
            os.close(held[0])

    def close(self) -> None:
        """Close every file."""
        for partition in list(self._open):
            self._close(partition)
