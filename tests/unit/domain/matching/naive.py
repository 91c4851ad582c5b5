"""The truth about matching, without any cleverness: every read against every entry.

Shares nothing with the engine but the words: distances, patterns and swapped glyphs are worked out
anew from the definitions (domain facts 2.6, 9.3, 9.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from functools import cache
from itertools import pairwise

from nas_desktop.domain.hit import MatchClass
from nas_desktop.domain.matching import Confusions, Match, MatchRules
from nas_desktop.domain.matching.match import confidence_of
from nas_desktop.domain.read import Read
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from nas_desktop.services.resources import load_json, load_spec

SPECIAL = ("QQQQQQQ", "QQ111QQQ")
DATA = load_json("spec", "confusions.json")
CONFUSIONS = Confusions.from_data(DATA)
GRAMMAR = load_spec().grammar
RULES = MatchRules(glyph=True, confusions=CONFUSIONS, grammar=GRAMMAR)

Held = tuple[VoiList, Sequence[VoiEntry]]
"""A list, and its entries as they stand after all changes."""


def naive(held: Sequence[Held], reads: Sequence[Read], rules: MatchRules) -> list[Match]:
    """Return all matches in the order promised."""
    held = [(one, entries) for one, entries in held if one.is_enabled]
    searched = {id(entry) for entry in stops(held)[: rules.max_misread_entries]}
    found = []
    for read in reads:
        at = read.captured_at if not read.flags else read.received_at
        day = at.astimezone(UTC).date()
        for voi_list, entries in held:
            for entry in entries:
                if not entry.starts_on <= day < entry.weed_date:
                    continue
                how = way(read.vrm, entry, rules, is_searched=id(entry) in searched)
                if how is None:
                    continue
                kind, cost = how
                sure = 100
                if kind is MatchClass.MISREAD:
                    sure = confidence_of(cost, read.vrm, entry.vrm, rules.grammar, read.confidence)
                found.append(Match(read, entry, voi_list, kind, cost / 100, sure))
    return found


def stops(held: Sequence[Held]) -> list[VoiEntry]:
    return [
        entry
        for voi_list, entries in held
        if voi_list.finds_misreads and voi_list.is_enabled
        for entry in entries
        if entry.action is Action.STOP
        and entry.vrm not in SPECIAL
        and not set("?*") & set(entry.vrm)
    ]


def way(
    read: str, entry: VoiEntry, rules: MatchRules, *, is_searched: bool
) -> tuple[MatchClass, int] | None:
    listed = entry.vrm
    if read in SPECIAL or listed in SPECIAL:
        return None
    if set("?*") & set(listed):
        return (MatchClass.WILDCARD, 0) if wild(listed, read) else None
    if read == listed:
        return MatchClass.EXACT, 0
    if rules.glyph and sum(c in "0O1I" for c in read) <= 8 and len(read) == len(listed):
        pairs = [(a, b) for a, b in zip(read, listed, strict=True) if a != b]
        if all({a, b} in ({"0", "O"}, {"1", "I"}) for a, b in pairs):
            return MatchClass.GLYPH, 5 * len(pairs)
    if is_searched:
        cost = distance(read, listed)
        if cost <= round(rules.misread_limit * 100):
            return MatchClass.MISREAD, cost
    return None


@cache
def wild(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return wild(pattern[1:], text) or (bool(text) and wild(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and wild(pattern[1:], text[1:])


@cache
def swaps() -> dict[tuple[str, str], int]:
    found = {}
    for item in DATA["classes"]:
        for a, b in item["pairs"]:
            found[a, b] = found[b, a] = round(item["cost"] * 100)
    for item in DATA["sequences"]:
        a, b = item["one"], item["other"]
        found[a, b] = found[b, a] = round(item["cost"] * 100)
    return found


@cache
def distance(read: str, listed: str) -> int:
    """The definition, forwards; whole edits cost 70 at an end and 100 inside."""

    @cache
    def rest(i: int, j: int) -> int:
        if i == len(read) and j == len(listed):
            return 0
        ways = []
        for a in range(min(2, len(read) - i) + 1):
            for b in range(min(2, len(listed) - j) + 1):
                one, other = read[i : i + a], listed[j : j + b]
                if (a, b) == (1, 1):
                    cost = 0 if one == other else swaps().get((one, other), 100)
                elif (a, b) in ((1, 2), (2, 1)):
                    if (one, other) not in swaps():
                        continue
                    cost = swaps()[one, other]
                elif (a, b) == (1, 0):
                    cost = 70 if j in (0, len(listed)) else 100
                elif (a, b) == (0, 1):
                    cost = 70 if i in (0, len(read)) else 100
                else:
                    continue
                ways.append(cost + rest(i + a, j + b))
        return min(ways)

    return rest(0, 0)


def is_in_order(numbers: Sequence[int]) -> bool:
    return all(a <= b for a, b in pairwise(numbers))
