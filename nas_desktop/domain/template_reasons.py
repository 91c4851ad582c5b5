"""Column 7: exactly one of the standard reasons (NAS Technical Specifications v3.1 §5)."""

from __future__ import annotations

import re
from functools import lru_cache

_BETWEEN = re.compile(r"\s*(?:[,;/|&+\r\n]|\band\b)\s*")
_SPACES = re.compile(r"[^\S\r\n]+")

_LONGEST = 400
"""A longer cell is no row of reasons, and taking it apart costs too much, characters."""


@lru_cache(1_024)
def are_several(cell: str, known: frozenset[str]) -> bool:
    """Tell whether a cell that is no reason names two or more (V022), however they are parted.

    Args:
        cell: the cell as written.
        known: every reason that is one anywhere.
    """
    if len(cell) > _LONGEST:
        return False
    parts = [part for part in _BETWEEN.split(cell.strip()) if part]
    if len(parts) > 1 and sum(part in known for part in parts) > 1:
        return True
    return _is_row_of(_SPACES.split(cell.strip()), known) > 1


def _is_row_of(words: list[str], known: frozenset[str]) -> int:
    """Return of how many reasons a row of words is made up, the fewest; 0 when it is not."""
    # Fewest reasons that the first n words are made up of.
    fewest = [0]
    for end in range(1, len(words) + 1):
        ways = [
            fewest[start] + 1
            for start in range(max(end - 4, 0), end)
            if (start == 0 or fewest[start]) and " ".join(words[start:end]) in known
        ]
        fewest.append(min(ways, default=0))
    return fewest[-1]
