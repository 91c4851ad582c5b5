"""What is asked of the reader of list files and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from nas_desktop.adapters.voi_files.blocks import BlockEntries
from nas_desktop.domain.findings import Finding
from nas_desktop.domain.template import CheckOptions
from nas_desktop.domain.template_rules import TemplateRules
from nas_desktop.domain.voi import Action, ListSource

FINDINGS_KEPT = 1_000
"""Findings that are kept unless all are asked for; every one is counted."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file is read.

    ``today`` is the present day, GMT. ``name`` is the list's; empty takes the file's. ``is_upload``
    makes a name without a prefix an error (V090). ``is_strict``, ``is_lenient`` and
    ``allows_patterns`` as in ``domain.template.CheckOptions``. ``converts_legacy`` reads the older
    layout, with ``contact`` in every record. ``findings_kept`` None keeps all. ``is_fast`` False
    has the reference look at every record, for measuring and for tests.
    """

    rules: TemplateRules
    today: date
    source: ListSource = ListSource.LEA
    name: str = ""
    is_upload: bool = False
    is_strict: bool = False
    is_lenient: bool = False
    allows_patterns: bool = False
    converts_legacy: bool = False
    contact: str = ""
    findings_kept: int | None = FINDINGS_KEPT
    is_fast: bool = True

    def check_options(self, list_name: str) -> CheckOptions:
        """Return the options of the checker for a list of this name."""
        return CheckOptions(
            source=self.source,
            is_strict=self.is_strict,
            is_lenient=self.is_lenient,
            allows_patterns=self.allows_patterns,
            is_test_list=self.rules.is_test_list(list_name),
        )


@dataclass(frozen=True, slots=True)
class FileCounts:
    """How many there are in a file.

    ``records`` without the header; ``entries`` are those taken, of which ``future`` have not
    started. ``weeded`` were left out because their weed date had come, ``doubled`` because another
    record of their VRM was kept. ``errors`` and ``warnings`` count findings, ``by_code`` too.
    ``changes`` counts what the lenient reading or the conversion altered.
    """

    records: int = 0
    entries: int = 0
    by_action: Mapping[Action, int] = field(default_factory=dict)
    patterns: int = 0
    future: int = 0
    weeded: int = 0
    doubled: int = 0
    errors: int = 0
    warnings: int = 0
    by_code: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedList:
    """A list file that was read to its end.

    ``encoding`` is ``UTF-8``, ``UTF-8 with BOM``, ``Windows-1252`` or, for a workbook, ``Excel``.
    ``layout`` is ``v3.1`` or ``legacy``. ``findings`` are in the order of the file; ``omitted`` is
    how many more there are. ``notes`` are sentences about the file as a whole.
    """

    name: str
    prefix: str
    badge: str
    encoding: str
    has_header: bool
    layout: str
    entries: BlockEntries
    counts: FileCounts
    findings: tuple[Finding, ...]
    omitted: int
    notes: tuple[str, ...] = ()

    @property
    def is_fit(self) -> bool:
        """True where no finding is an error."""
        return self.counts.errors == 0
