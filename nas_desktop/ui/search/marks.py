"""Marks as people type them, and the partial wizard's boxes: pure functions without Qt."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from nas_desktop.domain.matching.alignment import aligned
from nas_desktop.domain.matching.confusions import Confusions
from nas_desktop.domain.query import (
    LOOK_ALIKE_DISTANCE,
    MOST_MARKS,
    MOST_PATTERNS,
    QueryRefused,
    pattern_of,
)

LOOKS_LIKE = "≈"
_LIKE_SIGNS = "≈~="
BOXES = 7
_LAYOUT = "LLDDLLL"
"""Letters and digits of the current format, by which seven boxes are counted (facts 9.2)."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What was typed: marks and patterns, and marks to be looked for misread."""

    vrms: tuple[str, ...] = ()
    look_alikes: tuple[str, ...] = ()

    def __add__(self, other: Marks) -> Marks:
        return Marks(self.vrms + other.vrms, self.look_alikes + other.look_alikes)

    def __len__(self) -> int:
        return len(self.vrms) + len(self.look_alikes)


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the wizard: a character, ``?``, or a character that it looks like."""

    text: str = ""
    is_like: bool = False


def marks_of(text: str) -> Marks:
    """Return the marks of a line: several apart by comma, semicolon or line; ``≈`` before one.

    A space inside a mark counts for nothing, as people write ``AB51 ABC``; two whole marks apart
    by a space are two marks.

    Raises:
        QueryRefused: a part is no mark.
    """
    vrms: list[str] = []
    likes: list[str] = []
    for part in re.split(r"[,;\n\t]+", text):
        piece = part.strip()
        if not piece:
            continue
        for one in _apart(piece):
            sign = one[:1]
            (likes if sign and sign in _LIKE_SIGNS else vrms).append(
                pattern_of(one.lstrip(_LIKE_SIGNS + " "))
            )
    return Marks(tuple(dict.fromkeys(vrms)), tuple(dict.fromkeys(likes)))


def _apart(piece: str) -> list[str]:
    words = piece.split()
    # AB51 ABC is one mark, AB51ABC CD62XYZ are two: both words are longer than half a mark.
    if len(words) > 1 and all(len(word.lstrip(_LIKE_SIGNS)) >= 5 for word in words):
        return words
    return [piece]


def text_of(marks: Marks) -> str:
    """Return marks as the field shows them."""
    return ", ".join((*marks.vrms, *(LOOKS_LIKE + mark for mark in marks.look_alikes)))


def marks_of_file(text: str) -> Marks:
    """Return the marks of a text file: one a line, or the first column of a CSV file.

    Raises:
        QueryRefused: a line holds none, or there are too many.
    """
    found: list[Marks] = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        cell = re.split(r"[,;\t]", line, maxsplit=1)[0].strip().strip('"').strip()
        is_heading = number == 1 and cell.casefold() in ("vrm", "mark", "vrms")
        if not cell or cell.startswith("#") or is_heading:
            continue
        if len(found) >= MOST_MARKS:
            raise QueryRefused("vrm", f"The file has more than {MOST_MARKS:,} VRMs.", "Split it.")
        try:
            found.append(marks_of(cell))
        except QueryRefused:
            raise QueryRefused(
                "vrm", f"Line {number} of the file holds no VRM.", "Correct the file."
            ) from None
    if not found:
        raise QueryRefused("vrm", "The file holds no VRM.", "Write one on each line.")
    return Marks(
        tuple(dict.fromkeys(v for marks in found for v in marks.vrms)),
        tuple(dict.fromkeys(v for marks in found for v in marks.look_alikes)),
    )


# ------------------------------------------------------------------ the wizard


def alternatives(character: str, confusions: Confusions) -> tuple[str, ...]:
    """Return a character with those it is confused with, itself first (domain facts 9.3)."""
    others = sorted(
        (cost, other)
        for (one, other), cost in confusions.costs.items()
        if one == character and cost <= LOOK_ALIKE_DISTANCE
    )
    return (character, *(other for _cost, other in others))


def boxes_filled(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Return the boxes up to the last that holds something; gaps between stand for ``?``."""
    last = max((at for at, box in enumerate(boxes) if box.text), default=-1)
    return tuple(box if box.text else Box("?") for box in boxes[: last + 1])


def patterns_of(boxes: Sequence[Box], confusions: Confusions) -> tuple[str, ...]:
    """Return the marks and patterns that the boxes stand for.

    Raises:
        QueryRefused: they stand for more patterns than one question takes.
    """
    filled = boxes_filled(boxes)
    choices = [alternatives(b.text, confusions) if b.is_like else (b.text,) for b in filled]
    most = MOST_PATTERNS if any(b.text == "?" for b in filled) else MOST_MARKS
    if math.prod(len(choice) for choice in choices) > most:
        raise QueryRefused(
            "vrm", "Too many characters may be another.", "Make some of them certain, or ?."
        )
    return tuple("".join(piece) for piece in itertools.product(*choices)) if filled else ()


def boxes_words(boxes: Sequence[Box], confusions: Confusions) -> str:
    """Return how much the boxes say: ``6 fixed or look-alike · about 260 possible marks``."""
    filled = boxes_filled(boxes)
    known = sum(box.text != "?" for box in filled)
    if not known:
        return "Type what was seen; ? for what was not, ≈ for what may be another."
    count = 1
    for at, box in enumerate(filled):
        if box.text == "?":
            is_current = len(filled) == BOXES
            count *= (26 if _LAYOUT[at] == "L" else 10) if is_current else 36
        elif box.is_like:
            count *= len(alternatives(box.text, confusions))
    size = f"about {_round(count):,} possible marks" if count > 1 else "one mark"
    return f"{known} fixed or look-alike · {size}"


def _round(count: int) -> int:
    """Return a figure to two digits: more would claim to be known."""
    scale = 10 ** max(0, len(str(count)) - 2)
    return round(count / scale) * scale


def differing_words(read: str, asked: str, confusions: Confusions) -> str:
    """Return what was read where something else was asked for, character by character."""
    said = []
    for piece, wanted, cost in aligned(read, asked, confusions)[1]:
        if not cost:
            continue
        if not wanted:
            said.append(f"{piece} is one too many")
        elif not piece:
            said.append(f"{wanted} was not read")
        else:
            said.append(f"{piece} stands where {wanted} was asked for")
    return f"Look-alike of {asked}: {', '.join(said)}." if said else ""
