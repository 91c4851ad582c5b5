"""A file of the older layout written anew in the present one, faults and all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nas_desktop.adapters.voi_files.csv_reader import CsvFile, CsvReader
from nas_desktop.adapters.voi_files.gather import Gatherer
from nas_desktop.adapters.voi_files.source import (
    HEAD_BYTES,
    first_records,
    is_legacy_file,
    kind_of,
    opened,
)
from nas_desktop.adapters.voi_files.workbook import open_sheet
from nas_desktop.adapters.voi_files.writer import write_rows
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.legacy import convert
from nas_desktop.domain.template_rules import TemplateRules

_MOST_RECORDS = 200_000


@dataclass(frozen=True, slots=True)
class ConvertedFile:
    """How many records were written, and how many of them were changed in which way."""

    records: int
    changes: Mapping[str, int]


def convert_list(
    source: Path, target: Path, rules: TemplateRules, today: date, contact: str = ""
) -> ConvertedFile:
    """Write every record of a file of the older layout in the present one.

    Nothing is left out, so that the author can mend what is at fault in one file. See
    ``domain.legacy.convert`` for what is filled in.

    Raises:
        Refused: the file cannot be read (as ``read_list``), ``list_not_legacy``,
            ``list_too_large`` (more than 200,000 records), ``list_damaged`` (a record cannot be
            told into cells), ``list_unwritable``.
    """
    records = _records(source, rules)
    changes: Counter[str] = Counter()

    def converted() -> Iterator[tuple[str, ...]]:
        for cells in records:
            done = convert(cells, rules, today, contact)
            changes.update(done.changes)
            yield done.cells

    count = write_rows(target, converted())
    return ConvertedFile(count, dict(changes))


def _records(source: Path, rules: TemplateRules) -> list[list[str]]:
    records: list[list[str]] = []

    def take(cells: list[str], _line: int) -> None:
        if len(records) == _MOST_RECORDS:
            raise Refused(
                "list_too_large",
                f"The file has more than {_MOST_RECORDS:,} records.",
                "Divide it and convert the parts.",
            )
        records.append(cells)

    with opened(source) as (file, size):
        head = file.read(HEAD_BYTES)
        kind = kind_of(head)
        if kind.is_workbook:
            file.seek(0)
            for row in open_sheet(file).rows:
                take(row.cells, row.line)
            if records and records[0][0].strip().upper() == "VRM":
                del records[0]
            _refuse_present(records, rules)
            return records
        _refuse_present(first_records(head, kind), rules)
        gatherer = Gatherer(date.min, 1)
        CsvReader(
            CsvFile(file, size, kind.skip, kind.has_cr_ends),
            gatherer,
            take,
            None,
            lambda _done, _total: None,
            lambda: False,
        ).read()
    for finding in gatherer.findings.in_order():
        raise Refused("list_damaged", f"Line {finding.line}: {finding.message}", finding.remedy)
    return records


def _refuse_present(records: list[list[str]], rules: TemplateRules) -> None:
    if not is_legacy_file(records[:50], rules):
        raise Refused(
            "list_not_legacy",
            "The file is not of the older layout.",
            "Check it as it is: nas-desktop lists check FILE",
        )
