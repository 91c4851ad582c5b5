"""What is known of a list besides its entries: origin, counts, versions, receivers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import numpy as np

from nas_desktop.domain.findings import Finding
from nas_desktop.domain.matching.columns import ACTIONS, NO_KEY, EntryColumns
from nas_desktop.domain.voi import Action, ListSource, VoiEntry, VoiList


class ListOrigin(StrEnum):
    """Whether this node answers for a list, or has it from the node above."""

    OWN = "own"
    ABOVE = "above"


class ListEvent(StrEnum):
    """What made a revision."""

    IMPORTED = "imported"
    PUBLISHED = "published"
    RECEIVED = "received"
    CREATED = "created"
    EDITED = "edited"
    ROLLED_BACK = "rolled_back"
    WEEDED = "weeded"
    ENABLED = "enabled"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ListCounts:
    """How many entries, and of which kind; ``future`` have not started on the day of loading.

    ``weeded`` counts those left out on loading because their weed date had come.
    """

    entries: int = 0
    stop: int = 0
    assess: int = 0
    no_alert: int = 0
    patterns: int = 0
    future: int = 0
    weeded: int = 0

    def counted(self, columns: EntryColumns) -> ListCounts:
        """Return the counts with the entries as these columns have them."""
        by_action = np.bincount(columns.actions, minlength=len(ACTIONS)).tolist()
        return replace(
            self,
            entries=len(columns),
            stop=by_action[ACTIONS.index(Action.STOP)],
            assess=by_action[ACTIONS.index(Action.ASSESS)],
            no_alert=by_action[ACTIONS.index(Action.NO_ALERT)],
            patterns=int(np.count_nonzero(columns.keys == NO_KEY)),
        )


@dataclass(frozen=True, slots=True)
class ListVersion:
    """One revision: what made it, who, when, why.

    It stands on ``base``, a snapshot that was revision ``base_revision``, with the first ``steps``
    changes since then on top.
    """

    revision: int
    event: ListEvent
    at: datetime
    base: int = 1
    base_revision: int = 1
    steps: int = 0
    by: str = ""
    why: str = ""
    counts: ListCounts = field(default_factory=ListCounts)


@dataclass(frozen=True, slots=True)
class HeldList:
    """A list as a node holds it; ``is_stored`` False while it is live and not yet on disk."""

    voi_list: VoiList
    version: ListVersion
    origin: ListOrigin = ListOrigin.OWN
    is_stored: bool = True


@dataclass(frozen=True, slots=True)
class ListReceiver:
    """What a desk below holds of a list, and since when; ``is_connected`` now."""

    node: str
    name: str
    revision: int
    held_since: datetime
    is_connected: bool


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What whoever imports a file decides.

    ``name`` is the list's name; empty takes that of the file. ``is_check_only`` stops before
    anything goes live. ``publish`` sends the list to the node above. ``strict``, ``lenient``,
    ``convert_legacy`` and ``allow_patterns`` are those of the checker. ``why`` is put on record.
    """

    name: str = ""
    source: ListSource = ListSource.LEA
    is_check_only: bool = False
    publish: bool = False
    strict: bool = False
    lenient: bool = False
    convert_legacy: bool = False
    allow_patterns: bool = False
    finds_misreads: bool = False
    authority: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a checker found in a file.

    ``findings`` are bounded; ``omitted`` is how many more there are, ``by_code`` counts all.
    ``counts`` are those of the entries that would go live; ``doubled`` counts records left out
    because a better one of the same VRM stands in the file.
    """

    file: str
    encoding: str = ""
    layout: str = ""
    records: int = 0
    doubled: int = 0
    counts: ListCounts = field(default_factory=ListCounts)
    errors: int = 0
    warnings: int = 0
    by_code: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    omitted: int = 0
    notes: tuple[str, ...] = ()

    @property
    def is_fit(self) -> bool:
        """True when nothing speaks against going live.

        An entry that is weeded already (V052) is an error of the file and is left out; it keeps
        nobody else's entry from going live (domain facts 2.6).
        """
        return self.errors == self.by_code.get("V052", 0)


@dataclass(frozen=True, slots=True)
class ListOutcome:
    """What became of a work on a list; ``is_live`` False means that nothing changed."""

    name: str
    revision: int = 0
    is_live: bool = False
    is_stored: bool = False
    words: str = ""
    report: ImportReport | None = None


@dataclass(frozen=True, slots=True)
class EntryFound:
    """An entry with the list it stands on."""

    list_name: str
    revision: int
    entry: VoiEntry


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """Entries from ``first`` on, of ``total``.

    ``is_all`` False: long lists were not read through; in those only a whole VRM is looked for.
    """

    first: int
    found: tuple[EntryFound, ...]
    total: int
    is_all: bool


VERSIONS_KEPT = 6
"""Revisions of an LEA list that are kept; national data is replaced, never kept (10.14)."""
