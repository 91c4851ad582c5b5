"""Physical lines of a file of any content: bounded, decoded, numbered from 1."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from nas_desktop.domain.errors import Refused

MAX_LINE_BYTES = 64 * 1024
"""Longest line read; a record has some hundred bytes."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line without its end.

    ``fault`` is a reason why its text cannot be used, else empty. ``is_cp1252`` says that it was
    not UTF-8 and was read as Windows-1252.
    """

    number: int
    text: str
    fault: str = ""
    is_cp1252: bool = False


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """Yield the lines of a file; at most 64 KiB of it are in memory.

    Raises:
        Refused: ``replay_encoding`` for UTF-16, which spreadsheets write as "Unicode text".
        OSError: the file cannot be read on.
    """
    number = 0
    while True:
        raw = file.readline(MAX_LINE_BYTES + 1)
        if not raw:
            return
        number += 1
        if number == 1:
            if raw.startswith(_UTF16):
                raise Refused(
                    "replay_encoding",
                    "The file is written in UTF-16.",
                    "Save it as CSV UTF-8 and try again.",
                )
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if len(raw) > MAX_LINE_BYTES and not raw.endswith(b"\n"):
            _skip_rest(file)
            yield Line(number, "", f"The line is longer than {MAX_LINE_BYTES // 1024} KiB.")
        elif b"\0" in raw:
            yield Line(number, "", "The line holds NUL bytes; the file may be damaged.")
        else:
            yield _decoded(number, raw.rstrip(b"\r\n"))


def _skip_rest(file: BinaryIO) -> None:
    while True:
        raw = file.readline(MAX_LINE_BYTES)
        if not raw or raw.endswith(b"\n"):
            return


def _decoded(number: int, raw: bytes) -> Line:
    try:
        return Line(number, raw.decode("utf-8"))
    except UnicodeDecodeError:
        # Five bytes mean nothing in Windows-1252; the fields that hold them are judged later.
        return Line(number, raw.decode("cp1252", errors="replace"), is_cp1252=True)
