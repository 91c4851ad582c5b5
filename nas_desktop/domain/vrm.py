"""Vehicle registration marks: normalising, the two special marks, formats and display.

The two special marks are facts of NAS Technical Specifications v3.1 §2. The formats are data
(``resources/spec/vrm_formats.json``) because parts of them are recalled, not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NewType

from nas_desktop.domain.errors import ReadRefused

Vrm = NewType("Vrm", str)
"""A normalised mark: 1 to 16 characters of ``A-Z0-9``."""

UNREAD = Vrm("QQQQQQQ")
"""A vehicle passed and no VRM was identified (NAS v3.1 §2)."""

TEST = Vrm("QQ111QQQ")
"""The only value allowed anywhere for connectivity tests (NAS v3.1 §2.1)."""

MAX_LENGTH = 16
"""Longest mark accepted: the specification gives none, foreign marks need room (inferred)."""

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015]+")
_PLAIN = re.compile(r"[A-Z0-9]{1,16}", re.ASCII)


def normalise(raw: object) -> Vrm:
    """Return the mark used for matching: NFKC, upper case, without spaces, hyphens and dots.

    Raises:
        ReadRefused: field ``vrm``; the value is not text, is empty, is longer than 16
            characters, or holds a character outside ``A-Z0-9``.
    """
    if not isinstance(raw, str):
        raise ReadRefused("vrm", "The VRM is not text.")
    if _PLAIN.fullmatch(raw):
        return Vrm(raw)
    text = _SEPARATORS.sub("", unicodedata.normalize("NFKC", raw))
    if not text:
        raise ReadRefused("vrm", "The VRM is empty.")
    if not text.isascii() or not text.isalnum():
        raise ReadRefused("vrm", "The VRM holds a character other than A to Z and 0 to 9.")
    if len(text) > MAX_LENGTH:
        raise ReadRefused("vrm", f"The VRM is longer than {MAX_LENGTH} characters.")
    return Vrm(text.upper())


def is_special(vrm: Vrm) -> bool:
    """Tell whether the mark never matches a list: no VRM identified, or the test mark."""
    return vrm in (UNREAD, TEST)


@dataclass(frozen=True, slots=True)
class VrmFormat:
    """One way a mark can be made up: its name, its pattern and where it is spaced for display."""

    name: str
    pattern: re.Pattern[str]
    spacing: re.Pattern[str] | None


class VrmGrammar:
    """The known formats, tried in order; a hint for spacing and warnings, never a gate."""

    def __init__(self, formats: Sequence[VrmFormat]) -> None:
        self._formats = tuple(formats)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> VrmGrammar:
        """Build from ``vrm_formats.json``: named character classes, then formats using them."""
        classes: dict[str, str] = dict(data["classes"])

        def expand(pattern: str) -> str:
            for name, characters in classes.items():
                pattern = pattern.replace("{" + name + "}", characters)
            return pattern

        return cls(
            [
                VrmFormat(
                    name=item["name"],
                    pattern=re.compile(expand(item["pattern"]), re.ASCII),
                    spacing=re.compile(item["spacing"], re.ASCII) if item.get("spacing") else None,
                )
                for item in data["formats"]
            ]
        )

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns of all formats, for those who look through marks in bulk."""
        return tuple(f.pattern.pattern for f in self._formats)

    def classify(self, vrm: Vrm) -> tuple[str, ...]:
        """Return the names of all formats the mark fits, most likely first; may be empty."""
        return tuple(f.name for f in self._formats if f.pattern.fullmatch(vrm))

    def display(self, vrm: Vrm) -> str:
        """Return the mark as a person writes it, e.g. ``AB51 ABC``; unknown formats as they are."""
        for form in self._formats:
            if form.pattern.fullmatch(vrm):
                found = form.spacing.fullmatch(vrm) if form.spacing else None
                return " ".join(part for part in found.groups() if part) if found else str(vrm)
        return str(vrm)
