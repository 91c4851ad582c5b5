"""Reading a list file to its end: what is in it, what is wrong with it, what is left to match."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from nas_desktop.adapters.voi_files.blocks import BlockEntries
from nas_desktop.adapters.voi_files.clean import CleanTest
from nas_desktop.adapters.voi_files.csv_reader import CsvFile, CsvReader
from nas_desktop.adapters.voi_files.duplicates import Settled, without_doubles
from nas_desktop.adapters.voi_files.gather import Gatherer
from nas_desktop.adapters.voi_files.parsed import FileCounts, ParsedList, ReadOptions
from nas_desktop.adapters.voi_files.source import (
    HEAD_BYTES,
    Kind,
    first_records,
    is_legacy_file,
    kind_of,
    opened,
    refuse_legacy,
)
from nas_desktop.adapters.voi_files.workbook import SheetRow, open_sheet
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.legacy import convert
from nas_desktop.domain.template import check_record
from nas_desktop.domain.template_lists import check_name, rank_of

_SHEET_SAMPLE = 50
_ROWS_A_STRETCH = 4_096


def _no_progress(_done: int, _total: int) -> None:
    """Tell nobody."""


def _never() -> bool:
    return False


def read_list(
    source: Path | bytes,
    options: ReadOptions,
    progress: Callable[[int, int], None] = _no_progress,
    cancelled: Callable[[], bool] = _never,
) -> ParsedList:
    """Read a CSV file or a workbook, hold every record against the template, pack what is left.

    Meant for a thread of its own: it releases the interpreter many times a second. Nothing is
    written. Memory: blocks and columns, about 60 bytes an entry, and a few stretches of 2 MB.

    Args:
        source: a path, or the file's content.
        options: rules, day and choices.
        progress: called now and then with bytes done and bytes in all.
        cancelled: asked now and then; True ends the reading.

    Raises:
        Refused: the file as a whole cannot be read as a list (``list_missing``, ``list_folder``,
            ``list_permission``, ``list_unreadable``, ``list_empty``, ``list_encoding``,
            ``list_nul``, ``list_binary``, ``list_separator``, ``list_old_workbook``,
            ``list_workbook``, ``list_too_large``, ``list_legacy``), or ``list_cancelled``.
    """
    name = options.name or (source.stem if isinstance(source, Path) else "")
    with opened(source) as (file, size):
        reading = _Reading(name, options, progress, cancelled)
        kind = kind_of(head := file.read(HEAD_BYTES))
        if kind.is_workbook:
            file.seek(0)
            return reading.workbook(file, size)
        return reading.csv(file, size, kind, head)


@dataclass(slots=True)
class _Found:
    """What a file was found to be."""

    encoding: str
    has_header: bool
    notes: list[str]


class _Reading:
    """One file on its way."""

    def __init__(
        self,
        name: str,
        options: ReadOptions,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._name = name
        self._options = options
        self._check = options.check_options(name)
        self._progress = progress
        self._cancelled = cancelled
        self._is_legacy = False
        self._gatherer = Gatherer(options.today, options.findings_kept)

    # ------------------------------------------------------------------ the two kinds

    def csv(self, file: BinaryIO, size: int, kind: Kind, head: bytes) -> ParsedList:
        """Read CSV."""
        self._settle_layout(first_records(head, kind))
        test = None
        if self._options.is_fast and not self._is_legacy:
            test = CleanTest(self._options.rules, self._options.today, self._check)
        reader = CsvReader(
            CsvFile(file, size, kind.skip, kind.has_cr_ends),
            self._gatherer,
            self._judge,
            test,
            self._progress,
            self._cancelled,
        )
        reader.read()
        encoding = "UTF-8 with BOM" if kind.skip else "UTF-8"
        notes: list[str] = []
        if reader.is_windows_1252:
            encoding = "Windows-1252"
            notes.append("The file is not UTF-8 throughout; such lines were read as Windows-1252.")
        if kind.has_cr_ends:
            notes.append("Lines end with CR alone, as on old Macintosh computers.")
        return self._parsed(_Found(encoding, reader.has_header, notes))

    def workbook(self, file: BinaryIO, size: int) -> ParsedList:
        """Read a workbook."""
        sheet = open_sheet(file)
        sample = list(islice(sheet.rows, _SHEET_SAMPLE))
        self._settle_layout([row.cells for row in sample])
        has_header = bool(sample) and sample[0].cells[0].strip().upper() == "VRM"
        for row in sample[1 if has_header else 0 :]:
            self._sheet_row(row)
        for count, row in enumerate(sheet.rows):
            self._sheet_row(row)
            if count % _ROWS_A_STRETCH == 0:
                self._gatherer.close_rows()
                self._progress(min(count * 64, size), size)
                if self._cancelled():
                    raise Refused("list_cancelled", "The reading was cancelled; nothing was taken.")
        self._gatherer.close_rows()
        self._progress(size, size)
        notes: list[str] = []
        if sheet.others:
            notes.append(f"Only the first sheet was read; the workbook has {sheet.others} more.")
        return self._parsed(_Found("Excel", has_header, notes))

    def _sheet_row(self, row: SheetRow) -> None:
        if row.formula:
            self._gatherer.error(
                row.line,
                f"Column {row.formula} holds a formula; formulas are never evaluated.",
                "Put the value itself into the cell.",
            )
        else:
            self._judge(row.cells, row.line)

    # ------------------------------------------------------------------ records

    def _settle_layout(self, records: list[list[str]]) -> None:
        self._is_legacy = is_legacy_file(records, self._options.rules)
        if self._is_legacy and not self._options.converts_legacy:
            raise refuse_legacy()

    def _judge(self, cells: list[str], line: int) -> None:
        options = self._options
        if self._is_legacy:
            converted = convert(cells, options.rules, options.today, options.contact)
            self._gatherer.changes.update(converted.changes)
            cells = list(converted.cells)
        record = check_record(cells, line, options.rules, options.today, self._check)
        self._gatherer.add(record)

    # ------------------------------------------------------------------ the end

    def _parsed(self, found: _Found) -> ParsedList:
        gatherer, options = self._gatherer, self._options
        spec = options.rules.spec
        if not gatherer.records:
            raise Refused(
                "list_empty",
                "The file has a header and no records." if found.has_header else "It is empty.",
                "Choose another file.",
            )
        settled = without_doubles(
            gatherer.packer.finish(),
            gatherer.columns(),
            gatherer.lines(),
            gatherer.patterns,
            lambda entry: rank_of(entry, spec, options.source, self._name),
        )
        for finding in settled.findings:
            gatherer.findings.add(finding)
        named = check_name(self._name, spec, is_upload=options.is_upload, source=options.source)
        if named is not None and self._name:
            gatherer.findings.add(named)
        findings = gatherer.findings.in_order()
        total = gatherer.findings.errors + gatherer.findings.warnings
        return ParsedList(
            name=self._name,
            prefix=self._name.partition("_")[0],
            badge=spec.badge_of(self._name, options.source),
            encoding=found.encoding,
            has_header=found.has_header,
            layout="legacy" if self._is_legacy else "v3.1",
            entries=BlockEntries(settled.blocks, settled.columns),
            counts=self._counts(settled),
            findings=findings,
            omitted=total - len(findings),
            notes=tuple(found.notes),
        )

    def _counts(self, settled: Settled) -> FileCounts:
        gatherer = self._gatherer
        by_action = gatherer.by_action
        future, patterns = gatherer.future, len(gatherer.patterns)
        for entry in settled.dropped:
            by_action[entry.action] -= 1
            future -= entry.starts_on > self._options.today
            patterns -= entry.is_pattern
        return FileCounts(
            records=gatherer.records,
            entries=len(settled.columns),
            by_action=by_action,
            patterns=patterns,
            future=future,
            weeded=gatherer.weeded,
            doubled=len(settled.dropped),
            errors=gatherer.findings.errors,
            warnings=gatherer.findings.warnings,
            by_code=dict(sorted(gatherer.findings.by_code.items())),
            changes=dict(gatherer.changes),
        )
