"""Rows on their way into an export: kept in a nameless file until they are all there."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from nas_desktop.services.searches import FoundRead

_SIZE = struct.Struct("<I")


class RowSpool:
    """Takes pages of rows and gives them back in the same order, any number of times.

    The marking of an export is that of its highest row and stands in its first line, so all rows
    are looked at before the first is written. The file has no name (on Windows it goes when it is
    closed) and lies on the disk of the export, which needs the room for both anyway.

    Args:
        folder: where the export goes.

    Raises:
        OSError: the folder cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(list[FoundRead])
        self.rows = 0

    def __enter__(self) -> RowSpool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, rows: Sequence[FoundRead]) -> None:
        """Take a page; raises OSError when the disk is full."""
        body = self._encoder.encode(list(rows))
        self._file.write(_SIZE.pack(len(body)))
        self._file.write(body)
        self.rows += len(rows)

    def __iter__(self) -> Iterator[FoundRead]:
        self._file.seek(0)
        while size := self._file.read(_SIZE.size):
            yield from self._decoder.decode(self._file.read(_SIZE.unpack(size)[0]))
