"""The known formats of marks as a table of states, so that millions are looked through in bulk.

The patterns of ``resources/spec/vrm_formats.json`` are regular and bounded; they are turned into a
deterministic automaton by taking derivatives. A pattern with something that is not understood here
gives no table, and every mark is then left to the patterns themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# The parser of the re module: the only part of it that tells what a pattern is made of.
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nas_desktop.domain.matching.columns import U64

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CODES = 128
_MAX_STATES = 20_000
_BYTE = np.uint64(0x7F)

# A term: ("",) nothing fits, ("e",) the end, ("c", characters, then), ("|", terms), ("!", a, b)
# for what fits a and does not begin with something that fits b.
_Term: TypeAlias = "tuple[Any, ...]"  # Any: terms hold terms
_NOTHING: _Term = ("",)
_END: _Term = ("e",)
_DIGITS = frozenset("0123456789")


class _NotUnderstood(Exception):
    """A pattern has something beyond characters, groups, bounded repeats and looking ahead."""


@dataclass(frozen=True, slots=True)
class FormatTable:
    """States of the automaton: ``steps[state * 128 + character]`` is the next; 0 is hopeless.

    A zero byte keeps the state, so marks may be padded with them.
    """

    steps: NDArray[np.int64]
    is_known: NDArray[np.bool_]

    def are_known(self, first: U64, second: U64) -> NDArray[np.bool_]:
        """Tell for marks given as two times eight bytes which fit a known format."""
        state = np.full(len(first), _CODES, np.int64)
        words = (first, second) if second.any() else (first,)
        for word in words:
            for place in range(8):
                character = (word >> np.uint64(8 * place)) & _BYTE
                state += character.view(np.int64)
                state = self.steps[state]
        return self.is_known[state // _CODES]


@lru_cache(4)
def table_of(patterns: tuple[str, ...]) -> FormatTable | None:
    """Return the table of patterns over ``A-Z0-9``; None where one is not understood."""
    try:
        start = _either([_term(list(_parser.parse(pattern)), _END) for pattern in patterns])
        return _table(start)
    except (_NotUnderstood, RecursionError):
        return None


def _table(start: _Term) -> FormatTable:
    numbers: dict[_Term, int] = {_NOTHING: 0, start: 1}
    todo = [start]
    rows: dict[int, list[int]] = {}
    while todo:
        term = todo.pop()
        row = []
        for character in _ALPHABET:
            then = _after(term, character)
            if then not in numbers:
                if len(numbers) >= _MAX_STATES:
                    raise _NotUnderstood
                numbers[then] = len(numbers)
                todo.append(then)
            row.append(numbers[then])
        rows[numbers[term]] = row
    steps = np.zeros((len(numbers), _CODES), np.int64)
    codes = [ord(character) for character in _ALPHABET]
    for number, row in rows.items():
        steps[number, codes] = row
    steps[:, 0] = np.arange(len(numbers))
    is_known = np.zeros(len(numbers), np.bool_)
    for term, number in numbers.items():
        is_known[number] = _may_end(term)
    return FormatTable((steps * _CODES).ravel(), is_known)


def _term(items: Sequence[tuple[Any, Any]], then: _Term) -> _Term:
    """Return what fits the items of a parsed pattern followed by what fits ``then``."""
    for kind, value in reversed(items):
        then = _one(kind, value, then)
    return then


def _one(kind: Any, value: Any, then: _Term) -> _Term:
    if kind is _constants.LITERAL:
        return _characters(frozenset(chr(value)), then)
    if kind is _constants.IN:
        return _characters(_class(value), then)
    if kind is _constants.BRANCH:
        return _either([_term(list(branch), then) for branch in value[1]])
    if kind is _constants.SUBPATTERN:
        return _term(list(value[3]), then)
    if kind is _constants.MAX_REPEAT and value[1] is not _constants.MAXREPEAT:
        return _repeated(list(value[2]), value[0], value[1], then)
    if kind is _constants.ASSERT_NOT and value[0] == 1:
        return _unless(then, _term(list(value[1]), _END))
    raise _NotUnderstood


def _repeated(items: Sequence[tuple[Any, Any]], least: int, most: int, then: _Term) -> _Term:
    if most == 0:
        return then
    again = _term(items, _repeated(items, max(least - 1, 0), most - 1, then))
    return again if least > 0 else _either([then, again])


def _class(items: Sequence[tuple[Any, Any]]) -> frozenset[str]:
    found: set[str] = set()
    for kind, value in items:
        if kind is _constants.LITERAL:
            found.add(chr(value))
        elif kind is _constants.RANGE:
            found.update(map(chr, range(value[0], value[1] + 1)))
        elif kind is _constants.CATEGORY and value is _constants.CATEGORY_DIGIT:
            found |= _DIGITS
        else:
            raise _NotUnderstood
    return frozenset(found)


def _characters(characters: frozenset[str], then: _Term) -> _Term:
    return ("c", characters, then) if characters and then != _NOTHING else _NOTHING


def _either(terms: Sequence[_Term]) -> _Term:
    flat: set[_Term] = set()
    for term in terms:
        flat.update(term[1] if term[0] == "|" else (term,))
    flat.discard(_NOTHING)
    if len(flat) > 1:
        return ("|", frozenset(flat))
    return flat.pop() if flat else _NOTHING


def _unless(term: _Term, beginning: _Term) -> _Term:
    if term == _NOTHING or _may_end(beginning):
        return _NOTHING
    return term if beginning == _NOTHING else ("!", term, beginning)


def _may_end(term: _Term) -> bool:
    if term[0] == "|":
        return any(map(_may_end, term[1]))
    if term[0] == "!":
        return _may_end(term[1])
    return bool(term == _END)


def _after(term: _Term, character: str) -> _Term:
    """Return what fits behind a first character."""
    if term[0] == "c":
        return term[2] if character in term[1] else _NOTHING
    if term[0] == "|":
        return _either([_after(one, character) for one in term[1]])
    if term[0] == "!":
        return _unless(_after(term[1], character), _after(term[2], character))
    return _NOTHING
