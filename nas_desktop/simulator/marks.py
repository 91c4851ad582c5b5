"""Invented marks in the formats that exist, and the ways a camera misreads them.

Characters follow ``resources/spec/vrm_formats.json``; the shares of the formats are a rough picture
of British traffic (inferred). Nothing here knows of any real vehicle.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cache
from itertools import accumulate

from nas_desktop.domain.vrm import TEST, UNREAD, Vrm
from nas_desktop.services.resources import load_json, load_spec

_LETTERS = "ABCDEFGHJKLMNOPRSTUVWXY"
_LAST_LETTERS = _LETTERS + "Z"
_YEAR_LETTERS = "ABCDEFGHJKLMNPRSTVWXY"
# Recalled memory tags round the surveyed area first, then the rest of the country.
_TAGS = ("W", "W", "W", "V", "B", "L", "E", "K", "G", "H", "M", "N", "Y", "F", "D", "C", "S", "P")
_NI_COUNTIES = ("AZ", "BZ", "CZ", "DZ", "EZ", "FZ", "GZ", "HZ", "JZ", "IA", "IB", "IL", "JI", "OI")
_IRISH = ("D", "C", "G", "KE", "LH", "MH", "WX", "CW")


class MarkStyle(StrEnum):
    """How the mark is made up and shown: decides the colours and layout of what is drawn."""

    CURRENT = "current"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    DATELESS = "dateless"
    NORTHERN_IRELAND = "northern_ireland"
    IRISH = "irish"
    FOREIGN = "foreign"
    DIPLOMATIC = "diplomatic"
    TRADE = "trade"


_SHARES: tuple[tuple[MarkStyle, float], ...] = (
    (MarkStyle.CURRENT, 92.6),
    (MarkStyle.PREFIX, 3.2),
    (MarkStyle.DATELESS, 1.6),
    (MarkStyle.NORTHERN_IRELAND, 1.1),
    (MarkStyle.FOREIGN, 0.6),
    (MarkStyle.SUFFIX, 0.4),
    (MarkStyle.IRISH, 0.3),
    (MarkStyle.TRADE, 0.15),
    (MarkStyle.DIPLOMATIC, 0.05),
)
_STYLES = tuple(style for style, _share in _SHARES)
_STYLE_WEIGHTS = tuple(accumulate(share for _style, share in _SHARES))


def invent_mark(
    rng: random.Random, year: int, *, is_bus_or_lorry: bool = False
) -> tuple[Vrm, MarkStyle]:
    """Return a mark in the proportions of traffic in ``year``.

    Args:
        rng: decides everything.
        year: the present year, 2002 to 2050; no current mark is newer.
        is_bus_or_lorry: commercial vehicles hardly ever carry old or cherished marks.
    """
    style = rng.choices(_STYLES, cum_weights=_STYLE_WEIGHTS)[0]
    if is_bus_or_lorry and style in (MarkStyle.SUFFIX, MarkStyle.DATELESS, MarkStyle.DIPLOMATIC):
        style = MarkStyle.CURRENT
    while True:
        mark = Vrm(_invent(rng, style, year))
        if mark not in (TEST, UNREAD):
            return mark, style


def _invent(rng: random.Random, style: MarkStyle, year: int) -> str:
    if style is MarkStyle.CURRENT:
        return _current(rng, year)
    if style is MarkStyle.PREFIX:
        return rng.choice(_YEAR_LETTERS) + str(rng.randint(1, 999)) + _some(rng, _LETTERS, 3)
    if style is MarkStyle.SUFFIX:
        return _some(rng, _LETTERS, 3) + str(rng.randint(1, 999)) + rng.choice(_YEAR_LETTERS)
    if style is MarkStyle.DATELESS:
        letters = _some(rng, _LETTERS, rng.choice((1, 2, 2, 3, 3)))
        digits = str(rng.randint(1, 999 if len(letters) == 3 else 9999))
        return letters + digits if rng.random() < 0.6 else digits + letters
    if style is MarkStyle.NORTHERN_IRELAND:
        first = rng.choice(_LETTERS) if rng.random() < 0.8 else ""
        return f"{first}{rng.choice(_NI_COUNTIES)}{rng.randint(1, 9999)}"
    if style is MarkStyle.IRISH:
        half_year = f"{rng.randint(13, year % 100)}{rng.randint(1, 2)}"
        return f"{half_year}{rng.choice(_IRISH)}{rng.randint(1, 39999)}"
    if style is MarkStyle.DIPLOMATIC:
        return f"{rng.randint(101, 399)}{rng.choice('DDX')}{rng.randint(101, 399)}"
    if style is MarkStyle.TRADE:
        return f"{rng.randint(0, 99999):05d}"
    return _foreign(rng)


def _current(rng: random.Random, year: int) -> str:
    # Most vehicles are 3 to 12 years old; ages fall off slowly on both sides.
    age = min(rng.gammavariate(2.6, 3.2), year - 2002)
    issued = max(2, min(year % 100, round(year - age) % 100))
    number = issued if rng.random() < 0.5 else issued + 50
    if number == 50 + year % 100:
        number -= 50
    return f"{rng.choice(_TAGS)}{rng.choice(_LETTERS)}{number:02d}{_some(rng, _LAST_LETTERS, 3)}"


def _foreign(rng: random.Random) -> str:
    kind = rng.randrange(3)
    if kind == 0:  # French and Italian pattern
        return f"{_some(rng, _LETTERS, 2)}{rng.randint(100, 999)}{_some(rng, _LETTERS, 2)}"
    if kind == 1:  # Polish and Lithuanian pattern
        return f"{_some(rng, _LETTERS, 3)}{rng.randint(10000, 99999)}"
    return f"{_some(rng, _LETTERS, 1)}{_some(rng, _LETTERS, 2)}{rng.randint(1000, 9999)}"


def _some(rng: random.Random, characters: str, count: int) -> str:
    return "".join(rng.choices(characters, k=count))


# ------------------------------------------------------------------ misreading


@cache
def _confusions() -> Mapping[str, tuple[str, tuple[float, ...]]]:
    """Return for each character those it is taken for, with cumulative weights 1 / cost."""
    found: dict[str, list[tuple[str, float]]] = {}
    for item in load_json("spec", "confusions.json")["classes"]:
        for a, b in item["pairs"]:
            found.setdefault(a, []).append((b, 1 / item["cost"]))
            found.setdefault(b, []).append((a, 1 / item["cost"]))
    return {
        character: (
            "".join(other for other, _weight in others),
            tuple(accumulate(weight for _other, weight in others)),
        )
        for character, others in found.items()
    }


@cache
def _same_glyph() -> frozenset[str]:
    for item in load_json("spec", "confusions.json")["classes"]:
        if item["name"] == "identical_glyph":
            return frozenset(item["pairs"]) | {pair[::-1] for pair in item["pairs"]}
    return frozenset()


def misread(vrm: Vrm, rng: random.Random) -> Vrm:
    """Return what a camera makes of a mark that it reads wrongly; always another mark.

    Mostly one confusion of ``resources/spec/confusions.json``, now and then two, or a lost
    character at an end. Never the test mark, never the one for no VRM.
    """
    table = _confusions()
    for _attempt in range(8):
        characters = list(vrm)
        if rng.random() < 0.12 and len(characters) > 4:
            characters.pop(0 if rng.random() < 0.5 else -1)
        else:
            for _error in range(2 if rng.random() < 0.1 else 1):
                place = rng.randrange(len(characters))
                others, weights = table.get(characters[place], ("", ()))
                if others:
                    characters[place] = rng.choices(others, cum_weights=weights)[0]
        result = Vrm("".join(characters))
        if result not in (vrm, TEST, UNREAD):
            return result
    return Vrm(vrm[:-1] if len(vrm) > 1 else vrm + "1")


def look_alike(vrm: Vrm, rng: random.Random, taken: Collection[str]) -> Vrm | None:
    """Return a credible other mark that a camera could take for this one, None if there is none.

    The two differ in one character to the eye (never 0 and O, or 1 and I, which share a glyph),
    and the other mark fits a known format.
    """
    table = _confusions()
    grammar = load_spec().grammar
    first_format = grammar.classify(vrm)[:1]
    candidates: list[str] = []
    for place, character in enumerate(vrm):
        for other in table.get(character, ("", ()))[0]:
            if character + other in _same_glyph():
                continue
            mark = vrm[:place] + other + vrm[place + 1 :]
            if mark not in taken and grammar.classify(Vrm(mark))[:1] == first_format:
                candidates.append(mark)
    return Vrm(rng.choice(candidates)) if candidates else None
