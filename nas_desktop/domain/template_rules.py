"""The rules of the VOI template as one value, made from ``resources/spec/voi_template.json``.

What of them is published and what inferred stands in that file; a real template that says
otherwise is an edit of data (NAS Technical Specifications v3.1 §5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas_desktop.domain.spec import Spec
from nas_desktop.domain.voi import ListSource

COLUMNS = 16
"""Columns of a record (NAS v3.1 §5)."""


@dataclass(frozen=True, slots=True)
class LegacyWords:
    """Words of the older layout and what the present one says for them."""

    actions: Mapping[str, str]
    markings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TemplateRules:
    """Everything that a record is held against.

    ``columns`` are the names of columns 1 to 16, ``recommended`` the numbers of those that may be
    empty with a warning. ``max_days`` is the longest window a list of a source may have before a
    review is due, days; a source that is not in it has none. ``aliases`` are used on request only.
    """

    spec: Spec
    columns: tuple[str, ...]
    recommended: tuple[int, ...]
    max_information: int
    max_days: Mapping[ListSource, int]
    gsc: tuple[str, ...]
    forbidden_reasons: frozenset[str]
    instead_of_forbidden: str
    reasons_of: Mapping[ListSource, frozenset[str]]
    aliases: Mapping[str, str]
    test_list_suffix: str
    fixed_characters: int
    stars: int
    legacy: LegacyWords

    @classmethod
    def from_data(cls, data: Mapping[str, Any], spec: Spec) -> TemplateRules:
        """Build from the parsed ``voi_template.json``.

        Raises:
            KeyError, ValueError: a table is missing or holds an impossible value.
        """
        columns = tuple(data["columns"])
        if len(columns) != COLUMNS:
            raise ValueError(f"the template has {len(columns)} columns")
        forbidden = frozenset(data["forbidden_reasons"])
        usual = frozenset(spec.reasons) - forbidden
        more = {ListSource(name): words for name, words in data["reasons_of"].items()}
        return cls(
            spec=spec,
            columns=columns,
            recommended=tuple(data["recommended"]),
            max_information=data["max_information"],
            max_days={ListSource(name): days for name, days in data["max_days"].items()},
            gsc=tuple(data["gsc"]),
            forbidden_reasons=forbidden,
            instead_of_forbidden=data["instead_of_forbidden"],
            reasons_of={source: usual.union(more.get(source, ())) for source in ListSource},
            aliases=dict(data["aliases"]),
            test_list_suffix=data["test_list_suffix"],
            fixed_characters=data["wildcards"]["fixed_characters"],
            stars=data["wildcards"]["stars"],
            legacy=LegacyWords(
                dict(data["legacy"]["actions"]),
                dict(data["legacy"]["markings"]),
            ),
        )

    def is_test_list(self, name: str) -> bool:
        """Tell whether a list of this name may hold the mark of connectivity tests."""
        return name.endswith(self.test_list_suffix)
