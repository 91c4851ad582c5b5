"""Why a read matched an entry, character by character and in a plain sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nas_desktop.domain.hit import MatchClass
from nas_desktop.domain.matching.alignment import Step, aligned
from nas_desktop.domain.matching.confusions import Confusions
from nas_desktop.domain.matching.patterns import spans_of
from nas_desktop.domain.voi import VoiEntry

_OFTEN = 25  # hundredths; the class "very likely" (domain facts 9.3)


class ColumnKind(StrEnum):
    """How what was read and what is listed go together in one place."""

    SAME = "same"
    GLYPH = "glyph"
    CONFUSED = "confused"
    DIFFERENT = "different"
    INSERTED = "inserted"
    MISSING = "missing"
    WILDCARD = "wildcard"


@dataclass(frozen=True, slots=True)
class Column:
    """One place of an alignment.

    ``read`` is "" where a listed character was not read, ``listed`` is "" where one too many was.
    Mostly one character each; W against VV has two on one side, ``*`` any number. ``cost`` is the
    part of the distance, 0 to 1.
    """

    read: str
    listed: str
    kind: ColumnKind
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """An alignment with its total distance, its class and its words."""

    columns: tuple[Column, ...]
    distance: float
    match_class: MatchClass
    words: str


def explain(
    read_vrm: str, entry: VoiEntry, match_class: MatchClass, confusions: Confusions
) -> Explanation:
    """Return why a read matched an entry; the same question always has the same answer.

    Raises:
        ValueError: the class is wildcard and the mark does not fit the entry's pattern.
    """
    if match_class is MatchClass.WILDCARD:
        return _of_pattern(read_vrm, entry.vrm)
    total, steps = aligned(read_vrm, entry.vrm, confusions)
    columns = tuple(_column(step, confusions) for step in steps)
    words = " ".join(_words(column) for column in columns if column.kind is not ColumnKind.SAME)
    return Explanation(columns, total / 100, match_class, words or "Every character agrees.")


def _column(step: Step, confusions: Confusions) -> Column:
    read, listed, cost = step
    if read == listed:
        kind = ColumnKind.SAME
    elif not listed:
        kind = ColumnKind.INSERTED
    elif not read:
        kind = ColumnKind.MISSING
    elif (read, listed) in confusions.glyphs:
        kind = ColumnKind.GLYPH
    elif (read, listed) in confusions.costs or (read, listed) in confusions.sequences:
        kind = ColumnKind.CONFUSED
    else:
        kind = ColumnKind.DIFFERENT
    return Column(read, listed, kind, cost / 100)


def _words(column: Column) -> str:
    cost = f"(cost {column.cost:g})"
    if column.kind is ColumnKind.INSERTED:
        return f"Read {column.read}, which the list does not have {cost}."
    if column.kind is ColumnKind.MISSING:
        return f"The list has {column.listed}, which was not read {cost}."
    if column.kind is ColumnKind.GLYPH:
        why = "the same glyph"
    elif column.kind is ColumnKind.CONFUSED:
        why = "often confused" if column.cost * 100 <= _OFTEN else "sometimes confused"
    else:
        why = "not usually confused"
    return f"Read {column.read} where the list has {column.listed}: {why} {cost}."


def _of_pattern(read_vrm: str, pattern: str) -> Explanation:
    spans = spans_of(pattern, read_vrm)
    if spans is None:
        raise ValueError(f"{read_vrm} does not fit the pattern {pattern}")
    columns = tuple(
        Column(text, piece, ColumnKind.WILDCARD if piece in ("?", "*") else ColumnKind.SAME)
        for piece, text in spans
    )
    stands = [
        f"{column.listed} stands for {column.read or 'nothing'}"
        for column in columns
        if column.kind is ColumnKind.WILDCARD
    ]
    return Explanation(
        columns,
        0.0,
        MatchClass.WILDCARD,
        f"Matches the pattern {pattern}: {', '.join(stands)}.",
    )
