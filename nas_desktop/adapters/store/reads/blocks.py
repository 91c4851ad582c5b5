"""A sealed file of encrypted blocks: written once, then only read.

AES-256-GCM, a key a file (HKDF of the store's key over the file's random number), the block's
place as nonce and the file's number as associated data: a block that was changed, moved, or taken
from another file does not decrypt. What the blocks are stands in the last one, the directory.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

MAGIC = b"NASREAD1"
_ID_BYTES = 16
_TAG_BYTES = 16
_HEAD = len(MAGIC) + _ID_BYTES
_TAIL = struct.Struct("<QQQ8s")  # place, number and size of the directory, and the magic again
_COLUMN = struct.Struct("<BqI")  # bytes a value (0: all alike), smallest value, how many
_WIDTHS: dict[int, type[np.unsignedinteger]] = {
    1: np.uint8,
    2: np.uint16,
    4: np.uint32,
    8: np.uint64,
}


class Damaged(Exception):
    """A sealed file is torn, was changed, or was written with another key."""


def _cipher(key: bytes, file_id: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, file_id, b"nas-desktop reads").derive(key))


class BlockWriter:
    """Writes a sealed file; it counts only once ``close`` has returned.

    Args:
        path: the final name; written beside it and renamed.
        key: 32 bytes.

    Raises:
        OSError: the disk would not take it.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._draft = path.with_name(path.name + ".part")
        self._id = os.urandom(_ID_BYTES)
        self._cipher = _cipher(key, self._id)
        self._file: BinaryIO = self._draft.open("wb")
        self._file.write(MAGIC + self._id)
        self._number = 0
        self._at = _HEAD

    def add(self, body: bytes | memoryview) -> tuple[int, int, int]:
        """Append a block; returns its number, place and size, which ``BlockFile.read`` takes."""
        sealed = self._cipher.encrypt(self._number.to_bytes(12, "little"), body, self._id)
        self._file.write(sealed)
        place = (self._number, self._at, len(sealed))
        self._number += 1
        self._at += len(sealed)
        return place

    def close(self, directory: bytes) -> int:
        """Finish with the directory, make the file durable and give it its name; returns bytes."""
        number, at, size = self.add(directory)
        self._file.write(_TAIL.pack(at, number, size, MAGIC))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._draft.replace(self._path)
        _sync_folder(self._path.parent)
        return self._at + _TAIL.size

    def __enter__(self) -> BlockWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._file.closed:
            self._file.close()
            self._draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where the operating system lets folders be opened."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class BlockFile:
    """A sealed file, opened for reading by any number of threads.

    Raises:
        Damaged: it is not whole, not ours, or the key is another one.
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._handle = -1
        self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            size = os.fstat(self._handle).st_size
            if size < _HEAD + _TAIL.size:
                raise Damaged(path.name)
            head = self._raw(0, _HEAD)
            place, number, length, magic = _TAIL.unpack(self._raw(size - _TAIL.size, _TAIL.size))
            if head[: len(MAGIC)] != MAGIC or magic != MAGIC or place + length > size:
                raise Damaged(path.name)
            self.bytes = size
            self._id = head[len(MAGIC) :]
            self.file_id = self._id.hex()
            self._cipher = _cipher(key, self._id)
            self.directory = self.read(number, place, length)
        except BaseException:
            self.close()
            raise

    def read(self, number: int, place: int, size: int) -> bytes:
        """Return a block.

        Raises:
            Damaged: it does not decrypt, or the file ends before it.
        """
        sealed = self._raw(place, size)
        try:
            return self._cipher.decrypt(number.to_bytes(12, "little"), sealed, self._id)
        except InvalidTag:
            raise Damaged(self.path.name) from None

    def _raw(self, place: int, size: int) -> bytes:
        try:
            raw = read_at(self._handle, size, place)
        except OSError:
            raise Damaged(self.path.name) from None
        if len(raw) != size:
            raise Damaged(self.path.name)
        return raw

    def close(self) -> None:
        """Close; calling it again changes nothing."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def __del__(self) -> None:
        self.close()


_seeking = threading.Lock()


def _seek_and_read(handle: int, size: int, place: int) -> bytes:
    with _seeking:  # where there is no pread, seeking and reading are one step for all threads
        os.lseek(handle, place, os.SEEK_SET)
        return os.read(handle, size)


read_at: Callable[[int, int, int], bytes] = getattr(os, "pread", _seek_and_read)
"""Returns up to so many bytes of a handle at a place; never moves where another thread writes."""


def narrowed(values: NDArray[np.integer]) -> bytes:
    """Return whole numbers as bytes, each in the fewest bytes that hold their differences."""
    count = len(values)
    if count == 0:
        return _COLUMN.pack(0, 0, 0)
    low = int(values.min())
    span = int(values.max()) - low
    if span == 0:
        return _COLUMN.pack(0, _signed(low), count)
    width = next(w for w in (1, 2, 4, 8) if span < 1 << (8 * w))
    shifted = (values - values.dtype.type(low)).astype(_WIDTHS[width])
    return _COLUMN.pack(width, _signed(low), count) + shifted.tobytes()


def widened(body: bytes) -> NDArray[np.int64]:
    """Return the numbers that ``narrowed`` packed; those of 64 bits keep their bits.

    Raises:
        Damaged: the bytes are not whole.
    """
    if len(body) < _COLUMN.size:
        raise Damaged
    width, low, count = _COLUMN.unpack_from(body)
    if width == 0:
        return np.full(count, low, np.int64)
    kind = _WIDTHS.get(width)
    if kind is None or len(body) != _COLUMN.size + width * count:
        raise Damaged
    values = np.frombuffer(body, kind, count, _COLUMN.size)
    wide: NDArray[np.int64] = values.astype(np.uint64).view(np.int64)
    wide += low
    return wide


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
