"""Matching reads against lists: one immutable index behind one function that builds it."""

from nas_desktop.domain.matching.build import build_index
from nas_desktop.domain.matching.confusions import Confusions
from nas_desktop.domain.matching.explain import Column, ColumnKind, Explanation, explain
from nas_desktop.domain.matching.index import MatchIndex
from nas_desktop.domain.matching.match import CLASSES, Candidates, Match, MatchRules

__all__ = [
    "CLASSES",
    "Candidates",
    "Column",
    "ColumnKind",
    "Confusions",
    "Explanation",
    "Match",
    "MatchIndex",
    "MatchRules",
    "build_index",
    "explain",
]
