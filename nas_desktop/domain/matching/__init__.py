"""Matching reads against lists: one interface, immutable indexes behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nas_desktop.domain.hit import MatchClass
from nas_desktop.domain.read import Read
from nas_desktop.domain.voi import VoiEntry, VoiList
from nas_desktop.domain.vrm import Vrm, is_special


@dataclass(frozen=True, slots=True)
class Match:
    """A read, the entry it matched and how."""

    read: Read
    entry: VoiEntry
    list_name: str
    list_revision: int
    match_class: MatchClass


class MatchIndex(Protocol):
    """Answers batches; immutable, so a new one is swapped in by one assignment."""

    def match(self, reads: Sequence[Read]) -> list[Match]:
        """Return every match of every read, in the order of the reads.

        An entry counts where its window holds at the read's ``effective_at``. Special VRMs
        never match.
        """
        ...

    @property
    def entries(self) -> int:
        """How many entries the index holds."""
        ...


class ExactIndex:
    """Exact matches by dictionary: right and simple; the place a faster engine takes."""

    def __init__(self, lists: Iterable[VoiList]) -> None:
        self._by_vrm: dict[Vrm, list[tuple[VoiEntry, str, int]]] = {}
        self._entries = 0
        for voi_list in lists:
            for entry in voi_list.entries:
                if not is_special(entry.vrm):
                    self._by_vrm.setdefault(entry.vrm, []).append(
                        (entry, voi_list.name, voi_list.revision)
                    )
                    self._entries += 1

    @property
    def entries(self) -> int:
        """How many entries the index holds."""
        return self._entries

    def match(self, reads: Sequence[Read]) -> list[Match]:
        """Return every exact match whose window holds when the read was captured."""
        found: list[Match] = []
        for read in reads:
            listed = self._by_vrm.get(read.vrm)
            if listed is not None:
                found += [
                    Match(read, entry, name, revision, MatchClass.EXACT)
                    for entry, name, revision in listed
                    if entry.is_active_at(read.effective_at)
                ]
        return found
