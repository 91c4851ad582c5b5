"""Lines and cells of a stretch of CSV found in bulk, as positions in its bytes.

Only lines that hold one whole record of sixteen cells, quoted as RFC 4180 says and in printable
ASCII, get cells here. Every other line is left to whoever reads records one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.template_rules import COLUMNS

I64 = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]

PADDING = 32
"""Bytes that must be to spare behind the last line; words are loaded beyond its end."""

_LF, _CR, _QUOTE, _COMMA = 10, 13, 34, 44
_FIRST_PRINTABLE = 32
_PLACES = np.arange(COLUMNS - 1)[:, None]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The lines of a stretch, and the cells of those that may be clean.

    ``starts`` and ``ends`` of all lines; an end is before the LF or CR LF. ``rows`` are the lines
    that got cells; ``cell_starts`` and ``cell_ends`` are theirs, a row of the array a column of
    the template, without the quotation marks round a cell. ``spare`` are the positions that the
    one spelling written does without: carriage returns before LF and quotation marks round cells
    that need none.
    """

    starts: I64
    ends: I64
    rows: I64
    cell_starts: I64
    cell_ends: I64
    spare: I64


def tokenize(buffer: Bytes, size: int, longest: int) -> Tokens:
    """Find lines and cells.

    Args:
        buffer: whole lines that begin outside quotation marks, the last ended by LF, then
            ``PADDING`` bytes.
        size: bytes of the lines.
        longest: a line of more bytes gets no cells.
    """
    used = buffer[:size]
    # Bytes beyond ASCII are negative: one comparison finds these, line ends and control characters.
    low = np.flatnonzero(used.view(np.int8) < _FIRST_PRINTABLE)
    is_end = buffer[low] == _LF
    line_ends = low[is_end]
    starts = np.empty(len(line_ends), np.int64)
    starts[:1] = 0
    starts[1:] = line_ends[:-1] + 1
    others = low[~is_end]
    is_return = (buffer[others] == _CR) & (buffer[others + 1] == _LF)
    returns = others[is_return]
    ends = line_ends.copy()
    ends[np.searchsorted(line_ends, returns)] -= 1
    may_be_clean = (ends - starts) <= longest
    may_be_clean[np.searchsorted(line_ends, others[~is_return])] = False
    commas = np.flatnonzero(used == _COMMA)
    quotes = np.flatnonzero(used == _QUOTE)
    quoted_lines = inner = np.zeros(0, np.int64)
    if len(quotes):
        quoted_lines, is_bad, inside = _quotation(buffer, size, quotes, starts, line_ends, commas)
        may_be_clean[is_bad] = False
        inner = commas[inside]
        commas = commas[~inside]
    upto = np.searchsorted(commas, line_ends)
    first = np.empty(len(upto), np.int64)
    first[:1] = 0
    first[1:] = upto[:-1]
    may_be_clean &= (upto - first) == COLUMNS - 1
    rows = np.flatnonzero(may_be_clean)
    cell_starts = np.empty((COLUMNS, len(rows)), np.int64)
    cell_ends = np.empty((COLUMNS, len(rows)), np.int64)
    cell_ends[:-1] = commas[first[rows][None, :] + _PLACES]
    cell_starts[1:] = cell_ends[:-1] + 1
    cell_starts[0] = starts[rows]
    cell_ends[-1] = ends[rows]
    spare = returns
    if len(quoted_lines):
        unneeded = _strip_quotes(buffer, rows, quoted_lines, cell_starts, cell_ends, quotes, inner)
        spare = np.sort(np.concatenate((returns, unneeded)))
    return Tokens(starts, ends, rows, cell_starts, cell_ends, spare)


def _quotation(
    buffer: Bytes, size: int, quotes: I64, starts: I64, line_ends: I64, commas: I64
) -> tuple[I64, I64, Bools]:
    """Return the lines with quotation marks, those quoted unusually, and which commas are quoted.

    What is said of the commas of an unusual line means nothing.
    """
    line = np.searchsorted(line_ends, quotes)
    of_line = np.bincount(line, minlength=len(line_ends))
    before = np.cumsum(of_line) - of_line
    is_open = ((np.arange(len(quotes)) - before[line]) & 1) == 0
    previous, following = buffer[quotes - 1], buffer[quotes + 1]
    opens_well = (previous == _COMMA) | (previous == _QUOTE) | (quotes == starts[line])
    # A lone carriage return keeps its line out by itself.
    closes_well = (
        (following == _COMMA) | (following == _QUOTE) | (following == _LF) | (following == _CR)
    )
    is_bad = line[~np.where(is_open, opens_well, closes_well)]
    odd = np.flatnonzero(of_line & 1)
    is_quote = (buffer[:size] == _QUOTE).view(np.uint8)
    parity = np.bitwise_xor.accumulate(is_quote)
    # Lines with a stray mark turn the count over for those behind them: count from each start.
    at_start = (before & 1).astype(np.uint8)
    commas_of = np.diff(np.searchsorted(commas, line_ends), prepend=0)
    inside = parity[commas] != np.repeat(at_start, commas_of)
    return np.flatnonzero(of_line), np.concatenate((is_bad, odd)), inside


def _strip_quotes(
    buffer: Bytes,
    rows: I64,
    quoted_lines: I64,
    cell_starts: I64,
    cell_ends: I64,
    quotes: I64,
    inner: I64,
) -> I64:
    """Take the quotation marks off the cells; return the positions of those that were not needed.

    Args:
        buffer: the bytes.
        rows: lines that have cells.
        quoted_lines: lines with quotation marks.
        cell_starts: changed in place.
        cell_ends: changed in place.
        quotes: positions of all quotation marks.
        inner: positions of all commas within quotation marks.
    """
    some = np.flatnonzero(np.isin(rows, quoted_lines, assume_unique=True))
    starts, ends = cell_starts[:, some], cell_ends[:, some]
    is_quoted = (buffer[starts] == _QUOTE) & (ends > starts)
    starts += is_quoted
    ends -= is_quoted
    cell_starts[:, some] = starts
    cell_ends[:, some] = ends
    first, last = starts[is_quoted], ends[is_quoted]
    has_comma = np.searchsorted(inner, first) != np.searchsorted(inner, last)
    has_quote = np.searchsorted(quotes, first) != np.searchsorted(quotes, last)
    unneeded = ~(has_comma | has_quote)
    return np.concatenate((first[unneeded] - 1, last[unneeded]))
