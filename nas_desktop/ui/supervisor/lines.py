"""What a table of the supervisor workspace shows: rows of words, without Qt."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from nas_desktop.ui.text import Tone


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place: words with their shape in front, how loud, and the whole as a tip.

    ``tip`` empty: the words themselves.
    """

    text: str = ""
    tone: Tone = Tone.QUIET
    tip: str = ""
    is_vrm: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what it is told apart by, its cells, and the thing it speaks of.

    ``thing`` is of any kind: the table only keeps it.
    """

    key: Hashable
    cells: tuple[Cell, ...]
    thing: Any = None
