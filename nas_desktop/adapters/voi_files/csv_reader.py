"""Records of a CSV file: whole stretches in bulk, what is not certainly clean one by one.

The reading is that of spreadsheets (RFC 4180, marks inside a cell as they stand), with one
exception: a record over several lines must be well quoted throughout, must not be large, and must
not swallow lines that are records themselves. Else its first line is a fault and the next line
is read on its own, so that one stray quotation mark costs one record and no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from nas_desktop.adapters.voi_files.clean import Clean, CleanTest
from nas_desktop.adapters.voi_files.gather import Gatherer
from nas_desktop.adapters.voi_files.rows import is_well_quoted, split_line, split_row
from nas_desktop.adapters.voi_files.tokens import I64, PADDING, Bytes, Tokens, tokenize
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.template_rules import COLUMNS

CHUNK_BYTES = 2 * 1024 * 1024
"""Bytes looked at in one go; no step on them takes longer than a few milliseconds."""

MAX_RECORD_BYTES = 64 * 1024
"""Longest record read; a full one has about a thousand bytes."""

_MAX_RECORD_LINES = 64
_RECORDS_A_BREATH = 128

_Judge = Callable[[list[str], int], None]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """An opened file of ``size`` bytes.

    ``skip`` bytes of it are a byte order mark. Old Macintosh files end lines with CR alone.
    """

    file: BinaryIO
    size: int
    skip: int
    has_cr_ends: bool


class CsvReader:
    """Reads one file into a gatherer."""

    def __init__(
        self,
        source: CsvFile,
        gatherer: Gatherer,
        judge: _Judge,
        clean_test: CleanTest | None,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Take what the reading needs.

        Args:
            source: the file, at its beginning.
            gatherer: gets what is found.
            judge: gets the cells and the line of every record that is read one by one.
            clean_test: None has every record read one by one.
            progress: called with the bytes read and the size of the file.
            cancelled: asked often; True ends the reading.
        """
        self._source = source
        self._gatherer = gatherer
        self._judge = judge
        self._clean_test = clean_test
        self._progress = progress
        self._cancelled = cancelled
        self._line = 1
        self._is_first = True
        self._breath = threading.Event()
        self._since_breath = 0
        self.is_windows_1252 = False
        self.has_header = False

    def read(self) -> None:
        """Read the file to its end.

        Raises:
            Refused: ``list_nul``, ``list_cancelled``.
            OSError: the file cannot be read on.
        """
        self._source.file.seek(self._source.skip)
        carry, done, is_skipping = b"", self._source.skip, False
        while True:
            fresh = self._source.file.read(CHUNK_BYTES)
            done += len(fresh)
            if self._cancelled():
                raise Refused("list_cancelled", "The reading was cancelled; nothing was taken.")
            if b"\0" in fresh:
                self._refuse_nul(carry, fresh)
            if self._source.has_cr_ends:
                fresh = fresh.replace(b"\r", b"\n")
            is_last = not fresh
            if is_skipping:
                end = fresh.find(b"\n")
                if end < 0 and not is_last:
                    continue
                fresh, is_skipping = fresh[end + 1 :] if end >= 0 else b"", False
                self._line += 1
            data = carry + fresh
            if is_last and data and not data.endswith(b"\n"):
                data += b"\n"
            size = data.rfind(b"\n") + 1
            used = self._stretch(data, size, is_last=is_last) if size else 0
            carry = data[used:]
            self._progress(done, self._source.size)
            if is_last:
                return
            if len(carry) > 2 * MAX_RECORD_BYTES and b"\n" not in carry:
                self._too_long(self._line)
                carry, is_skipping = b"", True

    def _refuse_nul(self, carry: bytes, fresh: bytes) -> None:
        line = self._line + (carry + fresh[: fresh.index(b"\0")]).count(b"\n")
        raise Refused(
            "list_nul",
            f"Line {line} of the file holds NUL bytes: the file is damaged, or is no text.",
            "Save it again as CSV UTF-8 in the program that it comes from.",
        )

    def _too_long(self, line: int) -> None:
        self._is_first = False
        self._gatherer.error(
            line,
            f"The record is longer than {MAX_RECORD_BYTES // 1024} KiB and was not read.",
            "Look whether line ends are missing, or a quotation mark is not closed.",
        )

    # ------------------------------------------------------------------ a stretch of lines

    def _stretch(self, data: bytes, size: int, *, is_last: bool) -> int:
        """Read whole lines; return how many bytes were read."""
        buffer = np.frombuffer(data[:size] + bytes(PADDING), np.uint8)
        tokens = tokenize(buffer, size, MAX_RECORD_BYTES)
        clean = None
        is_left = np.ones(len(tokens.starts), np.bool_)
        if self._clean_test is not None and len(tokens.rows):
            clean = self._clean_test.find(buffer, tokens)
            is_left[clean.lines] = False
        is_left &= tokens.ends > tokens.starts
        left = np.flatnonzero(is_left)
        lines = len(tokens.starts)
        if clean is not None and len(clean.lines):
            # Something clean comes before what is left over, so that is no header.
            self._is_first &= bool(len(left)) and bool(left[0] < clean.lines[0])
        if len(left):
            lines, swallowed = self._one_by_one(data, tokens, left, is_last=is_last)
            clean = _without(clean, swallowed, lines)
        used = int(tokens.starts[lines]) if lines < len(tokens.starts) else size
        text, bounds = _written(buffer, data, tokens, lines, used)
        self._gatherer.close_stretch(clean, self._line, text, bounds)
        self._line += lines
        return used

    def _one_by_one(
        self, data: bytes, tokens: Tokens, left: I64, *, is_last: bool
    ) -> tuple[int, list[int]]:
        """Read the records that begin on the lines left over.

        Returns:
            How many lines were read; a record that may go on beyond the last is left for the next
            stretch. And the lines that belong to a record that began before them.
        """
        starts, ends = tokens.starts.tolist(), tokens.ends.tolist()
        swallowed: list[int] = []
        upto = 0
        for index in left.tolist():
            if index < upto:
                continue
            raw = data[starts[index] : ends[index]]
            upto = index + 1
            if len(raw) > MAX_RECORD_BYTES:
                self._too_long(self._line + index)
            elif b'"' not in raw:
                self._record(self._text(raw).split(","), index)
            else:
                cells = split_line(self._text(raw))
                if cells is not None:
                    self._record(cells, index)
                else:
                    more = self._over_lines(data, starts, ends, index, is_last=is_last)
                    if more is None:
                        return index, swallowed
                    swallowed.extend(range(index + 1, index + more))
                    upto = index + more
            self._breathe()
        return len(starts), swallowed

    def _over_lines(
        self, data: bytes, starts: list[int], ends: list[int], index: int, *, is_last: bool
    ) -> int | None:
        """Read a record that does not end on its first line.

        Returns:
            How many lines it has, 1 where it turned out to be a fault; None where it may go on
            beyond the lines there are.
        """
        lines = min(index + _MAX_RECORD_LINES, len(starts))
        while lines > index + 1 and ends[lines - 1] - starts[index] > MAX_RECORD_BYTES:
            lines -= 1
        is_all_there = is_last or lines < len(starts)
        text = data[starts[index] : ends[lines - 1]].decode("latin-1")
        split = split_row(text)
        if split is None and not is_all_there:
            return None
        if split is not None:
            count = text[: split[1]].removesuffix("\n").count("\n") + 1
            # By itself: other lines may be in another encoding.
            record = self._text(data[starts[index] : ends[index + count - 1]])
            whole = split_row(record)
            if whole is not None and is_well_quoted(record) and not _holds_records(record):
                self._record(whole[0], index)
                return count
        self._gatherer.error(
            self._line + index,
            "A quotation mark is opened in this record and not closed where the cell ends.",
            "Close it, or remove it; write a quotation mark inside a cell twice.",
        )
        self._is_first = False
        return 1

    def _record(self, cells: list[str], index: int) -> None:
        if self._is_first:
            self._is_first = False
            if cells[0].strip().upper() == "VRM":
                self.has_header = True
                return
        self._judge(cells, self._line + index)

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            # Five bytes mean nothing in Windows-1252; they become a sign that says so.
            self.is_windows_1252 = True
            return raw.decode("cp1252", "replace")

    def _breathe(self) -> None:
        """Let other threads run: a long row of small steps would make them wait."""
        self._since_breath += 1
        if self._since_breath >= _RECORDS_A_BREATH:
            self._since_breath = 0
            self._breath.wait(1e-6)


def _holds_records(record: str) -> bool:
    """Tell whether a line after the first of a record has sixteen cells by itself."""
    for line in record.split("\n")[1:]:
        cells = split_row(line)
        if cells is not None and len(cells[0]) >= COLUMNS:
            return True
    return False


def _without(clean: Clean | None, swallowed: list[int], lines: int) -> Clean | None:
    """Return the clean lines but for those within a record, or beyond what was read."""
    if clean is None or (not swallowed and (not len(clean.lines) or clean.lines[-1] < lines)):
        return clean
    kept = (clean.lines < lines) & ~np.isin(clean.lines, np.array(swallowed, np.int64))
    return Clean(
        clean.lines[kept],
        clean.keys[kept],
        clean.starts[kept],
        clean.weeds[kept],
        clean.actions[kept],
    )


def _written(
    buffer: Bytes, data: bytes, tokens: Tokens, lines: int, used: int
) -> tuple[bytes, I64]:
    """Return the lines in the one spelling written, and where each begins in it."""
    bounds = np.append(tokens.starts[:lines], used)
    spare = tokens.spare[: np.searchsorted(tokens.spare, used)]
    if not len(spare):
        return data, bounds
    is_kept = np.ones(used, np.bool_)
    is_kept[spare] = False
    return buffer[:used][is_kept].tobytes(), bounds - np.searchsorted(spare, bounds)
