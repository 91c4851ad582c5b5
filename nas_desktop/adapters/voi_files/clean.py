"""Which records are certainly without a fault, told in bulk from their bytes.

Nothing here finds a fault. A record that is not certainly clean, by whatever rule, goes to
``domain.template.check_record``, which decides; so this may be as narrow as it likes and must never
be wider than the rules there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from nas_desktop.adapters.voi_files.formats import table_of
from nas_desktop.adapters.voi_files.tokens import I64, Bools, Bytes, Tokens
from nas_desktop.domain.matching.columns import ACTIONS, U64, keys_of_words, words_at
from nas_desktop.domain.template import CheckOptions
from nas_desktop.domain.template_rules import TemplateRules
from nas_desktop.domain.vrm import MAX_LENGTH, TEST, UNREAD

_KEEP = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)
_WORD_BYTES = 24
_FIRST_YEAR, _LAST_YEAR = 1971, 2147
_NEVER = np.int64(-1)


def _repeat(byte: int) -> np.uint64:
    return np.uint64(int.from_bytes(bytes([byte]) * 8, "little"))


_HIGH = _repeat(0x80)
_ZEROS, _ABOVE_9 = _repeat(0x80 - ord("0")), _repeat(0x7F - ord("9"))
_FROM_A, _ABOVE_Z = _repeat(0x80 - ord("A")), _repeat(0x7F - ord("Z"))
_FILL = _repeat(ord("0"))


def _number(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text.ljust(8, b"\0"), "little"))


@dataclass(frozen=True, slots=True)
class Clean:
    """The lines that are certainly clean, and what is known of their entries, row for row."""

    lines: I64
    keys: U64
    starts: NDArray[np.uint16]
    weeds: NDArray[np.uint16]
    actions: NDArray[np.int64]


class _Words:
    """A few words of at most 24 bytes, looked up in bulk."""

    def __init__(self, words: Iterable[str]) -> None:
        rows = sorted(
            (tuple(int(_number(word.encode()[at : at + 8])) for at in (0, 8, 16)), index)
            for index, word in enumerate(words)
            if len(word.encode()) <= _WORD_BYTES
        )
        self._parts = [np.array([row[0][n] for row in rows], np.uint64) for n in range(3)]
        self._mixed = self._mix(*self._parts)
        order = np.argsort(self._mixed)
        self._mixed = self._mixed[order]
        self._parts = [part[order] for part in self._parts]
        self._index = np.array([row[1] for row in rows], np.int64)[order]

    @staticmethod
    def _mix(first: U64, second: U64, third: U64) -> U64:
        mixed: U64 = first ^ (second << np.uint64(1)) ^ (third << np.uint64(2))
        return mixed

    def find(self, at: U64, starts: I64, ends: I64) -> I64:
        """Return for each cell which word it is, -1 for none."""
        sizes = ends - starts
        parts = [
            at[starts + 8 * n] & _KEEP[np.clip(sizes - 8 * n, 0, 8)]
            if n == 0 or int(sizes.max(initial=0)) > 8 * n
            else np.zeros(len(starts), np.uint64)
            for n in range(3)
        ]
        place = np.searchsorted(self._mixed, self._mix(*parts))
        place = np.minimum(place, len(self._mixed) - 1)
        is_it = sizes <= _WORD_BYTES
        for mine, theirs in zip(self._parts, parts, strict=True):
            is_it &= mine[place] == theirs
        return np.where(is_it, self._index[place], _NEVER)


class CleanTest:
    """The rules of a template, ready for records by the thousand."""

    def __init__(self, rules: TemplateRules, today: date, options: CheckOptions) -> None:
        self._actions = _Words(action.value for action in ACTIONS)
        self._reasons = _Words(sorted(rules.reasons_of[options.source]))
        self._gsc = _Words(rules.gsc)
        self._formats = table_of(rules.spec.grammar.patterns)
        self._recommended = tuple(
            column - 1 for column in {*rules.recommended, 16} if column not in (8, 11)
        )
        self._max_information = rules.max_information
        self._max_days = rules.max_days.get(options.source)
        self._today = today.toordinal() - date(1970, 1, 1).toordinal()
        self._never = [np.uint64(_number(mark.encode())) for mark in (UNREAD, TEST)]
        self._months, self._month_days = _calendar()

    def find(self, buffer: Bytes, tokens: Tokens) -> Clean:
        """Return the records that are certainly clean."""
        starts, ends = tokens.cell_starts, tokens.cell_ends
        # A word of eight bytes at every position, aligned or not.
        at: U64 = np.ndarray((len(buffer) - 7,), np.dtype("<u8"), buffer=buffer.data, strides=(1,))
        is_clean, first, second = self._marks(buffer, starts[0], ends[0])
        actions = self._actions.find(at, starts[4], ends[4])
        is_clean &= actions >= 0
        is_clean &= self._reasons.find(at, starts[6], ends[6]) >= 0
        is_clean &= self._gsc.find(at, starts[13], ends[13]) >= 0
        is_clean &= _are_signals(at, starts[5], ends[5] - starts[5])
        is_clean &= _are_grades(at, starts[7], ends[7] - starts[7])
        is_clean &= (ends[8] - starts[8]) <= self._max_information
        for column in self._recommended:
            # Something that begins with no space is not empty.
            is_clean &= (ends[column] > starts[column]) & (buffer[starts[column]] > ord(" "))
        start_days, are_starts = self._days(at, starts[10], ends[10])
        weed_days, are_weeds = self._days(at, starts[11], ends[11])
        is_clean &= are_starts & are_weeds & (weed_days > start_days) & (weed_days > self._today)
        if self._max_days is not None:
            is_clean &= (weed_days - start_days) <= self._max_days
        return Clean(
            tokens.rows[is_clean],
            keys_of_words(first[is_clean], second[is_clean]),
            start_days[is_clean].astype(np.uint16),
            weed_days[is_clean].astype(np.uint16),
            actions[is_clean],
        )

    def _marks(self, buffer: Bytes, starts: I64, ends: I64) -> tuple[Bools, U64, U64]:
        sizes = ends - starts
        is_mark = (sizes >= 1) & (sizes <= MAX_LENGTH)
        sizes = np.clip(sizes, 0, MAX_LENGTH)
        first, second = words_at(buffer, starts, sizes)
        is_mark &= _are_plain(first | (_FILL & ~_KEEP[np.minimum(sizes, 8)]))
        if second.any():
            is_mark &= _are_plain(second | (_FILL & ~_KEEP[np.maximum(sizes - 8, 0)]))
        for mark in self._never:
            is_mark &= (first != mark) | (second != 0)
        if self._formats is None:
            is_mark[:] = False
        else:
            is_mark &= self._formats.are_known(first, second)
        return is_mark, first, second

    def _days(self, at: U64, starts: I64, ends: I64) -> tuple[I64, Bools]:
        """Return days since 1970 and which cells are dates; the others' days mean nothing."""
        # dd/mm/yy and /mm/yyyy: digits become 0 to 9, strokes 0.
        early = at[starts] ^ _number(b"00/00/00")
        late = at[starts + 2] ^ _number(b"/00/0000")
        is_date = (ends - starts) == 10
        for word, strokes in ((early, 0x0000FF0000FF0000), (late, 0x00000000FF0000FF)):
            is_date &= ((word + _repeat(0x7F - 9)) | word) & _HIGH == 0
            is_date &= (word & np.uint64(strokes)) == 0
        day = _pair(early, 0)
        month = _pair(early, 24)
        year = _pair(late, 32) * 100 + _pair(late, 48)
        is_date &= (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12)
        place = np.where(is_date, (year - _FIRST_YEAR) * 12 + month - 1, 0)
        is_date &= (day >= 1) & (day <= self._month_days[place])
        return self._months[place] + day, is_date


def _pair(word: U64, shift: int) -> I64:
    """Return the number that two digits at a place make, each 0 to 9 already."""
    tens = (word >> np.uint64(shift)) & np.uint64(0xF)
    ones = (word >> np.uint64(shift + 8)) & np.uint64(0xF)
    return (tens * np.uint64(10) + ones).view(np.int64)


def _calendar() -> tuple[I64, I64]:
    """Return for every month the day before its first, since 1970, and how many days it has."""
    firsts = [
        date(year, month, 1).toordinal() - date(1970, 1, 1).toordinal()
        for year in range(_FIRST_YEAR, _LAST_YEAR + 2)
        for month in range(1, 13)
    ]
    days = np.array(firsts, np.int64)
    return days[:-12] - 1, np.diff(days)[:-11]


def _are_plain(word: U64) -> Bools:
    """Tell of eight ASCII bytes each whether all are digits or capital letters."""
    digit = (word + _ZEROS) & ~(word + _ABOVE_9)
    letter = (word + _FROM_A) & ~(word + _ABOVE_Z)
    are_plain: Bools = ((digit | letter) & _HIGH) == _HIGH
    return are_plain


def _are_signals(at: U64, starts: I64, sizes: I64) -> Bools:
    """Tell which cells hold nothing, or one to three codes of two letters with a space between."""
    is_it: Bools = sizes == 0
    for size, spaces in ((2, b""), (5, b"\0\0 "), (8, b"\0\0 \0\0 ")):
        some = np.flatnonzero(sizes == size)
        if not len(some):
            continue
        word = at[starts[some]] & _KEEP[size]
        gaps = _number(spaces.replace(b" ", b"\xff"))
        is_well = (word & gaps) == _number(spaces)
        # Gaps and what is beyond the cell count as letters.
        letters = (word & ~gaps) | (_repeat(ord("A")) & (gaps | ~_KEEP[size]))
        between = ((letters + _FROM_A) & ~(letters + _ABOVE_Z)) & _HIGH
        is_it[some] = is_well & (between == _HIGH)
    return is_it


def _are_grades(at: U64, starts: I64, sizes: I64) -> Bools:
    word = at[starts]
    source = (word & np.uint64(0xFF)).view(np.int64)
    intelligence = ((word >> np.uint64(8)) & np.uint64(0xFF)).view(np.int64)
    handling = ((word >> np.uint64(16)) & np.uint64(0xFF)).view(np.int64)
    are_grades: Bools = (
        (sizes == 3)
        & (source >= ord("1"))
        & (source <= ord("3"))
        & (intelligence >= ord("A"))
        & (intelligence <= ord("E"))
        & ((handling == ord("P")) | (handling == ord("C")))
    )
    return are_grades
