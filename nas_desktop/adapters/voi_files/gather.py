"""What becomes of records as they are read: blocks, columns, findings and counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nas_desktop.adapters.voi_files.blocks import BlockPacker
from nas_desktop.adapters.voi_files.clean import Clean
from nas_desktop.adapters.voi_files.rows import row_text
from nas_desktop.adapters.voi_files.tokens import I64
from nas_desktop.domain.findings import Finding, Severity
from nas_desktop.domain.matching.columns import (
    ACTIONS,
    NO_KEY,
    U64,
    EntryColumns,
    day_number,
    keys_of,
)
from nas_desktop.domain.template import Record
from nas_desktop.domain.template_rows import row_of
from nas_desktop.domain.voi import WILDCARDS, Action, VoiEntry

_Number = TypeVar("_Number", bound=np.generic)
_NUMBERS = {action: number for number, action in enumerate(ACTIONS)}


class Findings:
    """Findings, bounded; every one is counted."""

    def __init__(self, kept: int | None) -> None:
        self._kept = kept
        self._findings: list[Finding] = []
        self.by_code: Counter[str] = Counter()
        self.errors = 0
        self.warnings = 0

    def add(self, finding: Finding) -> None:
        """Count a finding and keep it while there is room."""
        self.by_code[finding.code] += 1
        if finding.severity is Severity.ERROR:
            self.errors += 1
        else:
            self.warnings += 1
        if self._kept is None or len(self._findings) < 2 * self._kept:
            self._findings.append(finding)

    def in_order(self) -> tuple[Finding, ...]:
        """Return those kept, by line; what concerns the whole file comes first."""
        ordered = sorted(self._findings, key=lambda finding: (finding.line, finding.column))
        return tuple(ordered[: self._kept])


@dataclass(slots=True)
class _Taken:
    """Entries of one stretch of a file that the reference looked at, in order.

    Numbers and texts only: kept objects by the ten thousand would set the garbage collector off,
    which stops every thread.
    """

    lines: list[int] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    weeds: list[int] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)

    def add(self, line: int, entry: VoiEntry) -> None:
        self.lines.append(line)
        self.marks.append(entry.vrm)
        self.starts.append(day_number(entry.starts_on))
        self.weeds.append(day_number(entry.weed_date))
        self.actions.append(_NUMBERS[entry.action])
        self.rows.append((row_text(row_of(entry)) + "\n").encode("utf-8", "replace"))

    def columns(self) -> tuple[U64, NDArray[np.uint16], NDArray[np.uint16], I64]:
        keys = keys_of(self.marks)
        for row, mark in enumerate(self.marks):
            if not WILDCARDS.isdisjoint(mark):
                keys[row] = NO_KEY
        return (
            keys,
            np.array(self.starts, np.uint16),
            np.array(self.weeds, np.uint16),
            np.array(self.actions, np.int64),
        )


class Gatherer:
    """Takes the records of a file in their order."""

    def __init__(self, today: date, findings_kept: int | None) -> None:
        self._today = day_number(today)
        self.findings = Findings(findings_kept)
        self.changes: Counter[str] = Counter()
        self.packer = BlockPacker()
        self.records = 0
        self.weeded = 0
        self.future = 0
        self.patterns: list[tuple[str, int]] = []
        self._by_action = np.zeros(len(ACTIONS), np.int64)
        self._keys: list[U64] = []
        self._starts: list[NDArray[np.uint16]] = []
        self._weeds: list[NDArray[np.uint16]] = []
        self._actions: list[NDArray[np.uint8]] = []
        self._lines: list[NDArray[np.uint32]] = []
        self._rows = 0
        self._taken = _Taken()

    # ------------------------------------------------------------------ one by one

    def add(self, record: Record) -> None:
        """Take what the reference said of a record."""
        self.records += 1
        for finding in record.findings:
            self.findings.add(finding)
        self.changes.update(record.changes)
        self.weeded += record.is_weeded
        if record.entry is not None:
            self._taken.add(record.line, record.entry)

    def error(self, line: int, message: str, remedy: str) -> None:
        """Note a record that cannot be told into sixteen cells."""
        record = Record(line)
        record.error(0, "V001", message, remedy)
        self.add(record)

    # ------------------------------------------------------------------ a stretch

    def close_stretch(self, clean: Clean | None, first_line: int, data: bytes, bounds: I64) -> None:
        """Put the clean records of a stretch and those taken one by one since into their order.

        Args:
            clean: the clean ones; None where there are none.
            first_line: physical line of the stretch's first.
            data: the stretch in the one spelling written.
            bounds: where each of its lines begins in it, and at last its end.
        """
        taken, self._taken = self._taken, _Taken()
        keys, starts, weeds, actions = taken.columns()
        lines = np.array(taken.lines, np.int64)
        if not lines.size and clean is not None and len(clean.lines) == len(bounds) - 1:
            # The usual stretch: everything is clean and stays as it is.
            self.records += len(clean.lines)
            self._append(
                clean.keys, clean.starts, clean.weeds, clean.lines + first_line, clean.actions
            )
            self.packer.add(data, bounds[1:])
            return
        rows = taken.rows
        sizes = np.array([len(row) for row in taken.rows], np.int64)
        if clean is not None and len(clean.lines):
            self.records += len(clean.lines)
            at = clean.lines
            gaps = np.flatnonzero(np.diff(at) != 1)
            firsts = at[np.concatenate(([0], gaps + 1))]
            lasts = at[np.concatenate((gaps, [len(at) - 1]))]
            begins, finishes = bounds[firsts].tolist(), bounds[lasts + 1].tolist()
            pieces = list(zip(taken.lines, rows, strict=True))
            pieces.extend(
                (line, data[begin:finish])
                for line, begin, finish in zip(
                    (firsts + first_line).tolist(), begins, finishes, strict=True
                )
            )
            pieces.sort()
            rows = [row for _line, row in pieces]
            lines = np.concatenate((lines, at + first_line))
            order = np.argsort(lines, kind="stable")
            lines = lines[order]
            keys = np.concatenate((keys, clean.keys))[order]
            starts = np.concatenate((starts, clean.starts))[order]
            weeds = np.concatenate((weeds, clean.weeds))[order]
            actions = np.concatenate((actions, clean.actions))[order]
            sizes = np.concatenate((sizes, bounds[at + 1] - bounds[at]))[order]
        if not len(lines):
            return
        for row in np.flatnonzero(keys == NO_KEY):
            mark = taken.marks[int(np.searchsorted(taken.lines, lines[row]))]
            self.patterns.append((mark, self._rows + int(row)))
        self._append(keys, starts, weeds, lines, actions)
        self.packer.add(b"".join(rows), np.cumsum(sizes))

    def close_rows(self) -> None:
        """Put those taken one by one since into their place."""
        self.close_stretch(None, 0, b"", np.zeros(1, np.int64))

    def _append(
        self,
        keys: U64,
        starts: NDArray[np.uint16],
        weeds: NDArray[np.uint16],
        lines: I64,
        actions: I64,
    ) -> None:
        self._keys.append(keys)
        self._starts.append(starts)
        self._weeds.append(weeds)
        self._actions.append(actions.astype(np.uint8))
        self._lines.append(lines.astype(np.uint32))
        self._rows += len(keys)
        self.future += int(np.count_nonzero(starts > self._today))
        self._by_action += np.bincount(actions, minlength=len(ACTIONS))

    # ------------------------------------------------------------------ the end

    @property
    def by_action(self) -> dict[Action, int]:
        """How many entries were taken with each action."""
        return {action: int(self._by_action[n]) for n, action in enumerate(ACTIONS)}

    def columns(self) -> EntryColumns:
        """Return the columns of all entries."""
        return EntryColumns(
            _joined(self._keys, np.uint64),
            _joined(self._starts, np.uint16),
            _joined(self._weeds, np.uint16),
            _joined(self._actions, np.uint8),
        )

    def lines(self) -> NDArray[np.uint32]:
        """Return the physical line of every entry."""
        return _joined(self._lines, np.uint32)


def _joined(parts: list[NDArray[_Number]], kind: type[_Number]) -> NDArray[_Number]:
    return np.concatenate(parts) if parts else np.zeros(0, kind)
