"""List files to try the checker on: clean ones of several forces, a PNC Extract, planted faults.

What is planted where is in ``answers.json``: for every file its findings, each with line and code,
as ``nas-desktop lists check`` has to give them. Everything invented; decided by the seed alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from nas_desktop.adapters.voi_files.rows import row_text
from nas_desktop.adapters.voi_files.writer import write_list, write_table
from nas_desktop.domain.template_rows import row_of
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.resources import load_json, load_template_rules
from nas_desktop.simulator.list_faults import FAULTS, Fault
from nas_desktop.simulator.lists import demo_lists

EXTRACT = "pnc_extract.csv"
PLANTED = "06_GMP Planted.csv"
NAMELESS = "Planted without a prefix.csv"
ANSWERS = "answers.json"

_LETTERS = "ABCDEFGHJKLMNOPRSTUVWXY"
_LAST_LETTERS = _LETTERS + "Z"
_ISSUED = [*range(2, 27), *range(52, 77)]
# Without a common divisor with the number of marks, steps of this size pass every one once.
_STEP = 179_424_673
_TAILS = 4_000
_ROWS_A_WRITE = 20_000
_PNC = "PNC Bureau 24 h 0300 000 0001"

Answers = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class ListFilesPlan:
    """What to write: ``rows`` of each large file, ``faults`` planted in one, windows round a day.

    ``rows`` from 200 to some millions; ``faults`` at most a tenth of them.
    """

    seed: int
    today: date
    rows: int = 2_000_000
    faults: int = 200


def write_list_files(folder: Path, plan: ListFilesPlan) -> Answers:
    """Write the files and the answers into a folder; return the answers.

    Raises:
        ValueError: there are too few rows for the faults.
        Refused: ``list_unwritable``.
        OSError: the folder cannot be made.
    """
    if plan.rows < 200 or plan.faults * 10 > plan.rows:
        raise ValueError("at least 200 rows, and ten for every fault")
    folder.mkdir(parents=True, exist_ok=True)
    answers: Answers = {}
    for name, entries in _force_lists(plan):
        write_list(folder / f"{name}.csv", entries)
        answers[f"{name}.csv"] = []
    rng = random.Random(f"extract/{plan.seed}")
    _write_plain(folder / EXTRACT, _Marks(plan.seed), _extract_tails(rng, plan.today), rng, plan)
    answers[EXTRACT] = []
    answers[PLANTED] = _write_planted(folder / PLANTED, plan)
    answers[NAMELESS] = _write_nameless(folder / NAMELESS, plan)
    (folder / ANSWERS).write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
    return answers


# ------------------------------------------------------------------ clean files


def _force_lists(plan: ListFilesPlan) -> Iterator[tuple[str, list[VoiEntry]]]:
    grammar = load_template_rules().spec.grammar
    now = datetime.combine(plan.today, time(12), UTC)
    for voi_list in demo_lists(plan.seed, now, ()):
        # The national list has reasons that no force may give; here are forces only.
        if not voi_list.name[:2].isdigit():
            continue
        entries = [
            entry
            for entry in voi_list.entries
            if entry.weed_date > plan.today and grammar.classify(entry.vrm)
        ]
        yield voi_list.name, _once_each(entries)


def _once_each(entries: Sequence[VoiEntry]) -> list[VoiEntry]:
    return list({entry.vrm: entry for entry in entries}.values())


class _Marks:
    """Marks of the current format by number: each once, in no visible order."""

    def __init__(self, seed: int) -> None:
        self._fronts = [
            f"{a}{b}{number:02d}" for a in _LETTERS for b in _LETTERS for number in _ISSUED
        ]
        last = _LAST_LETTERS
        self._ends = [f"{a}{b}{c}" for a in last for b in last for c in last]
        self._start = random.Random(f"marks/{seed}").randrange(len(self._fronts) * len(self._ends))

    def some(self, first: int, count: int) -> list[str]:
        """Return the marks with numbers from ``first``."""
        fronts, ends = self._fronts, self._ends
        size, total = len(ends), len(fronts) * len(ends)
        places = ((self._start + number * _STEP) % total for number in range(first, first + count))
        return [fronts[place // size] + ends[place % size] for place in places]


def _write_plain(
    path: Path, marks: _Marks, tails: Sequence[str], rng: random.Random, plan: ListFilesPlan
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(row_text(load_template_rules().columns) + "\n")
        for first in range(0, plan.rows, _ROWS_A_WRITE):
            count = min(_ROWS_A_WRITE, plan.rows - first)
            some = rng.choices(tails, k=count)
            file.write("".join(map("".join, zip(marks.some(first, count), some, strict=True))))


def _extract_tails(rng: random.Random, today: date) -> list[str]:
    """Return what follows the mark in rows of a PNC Extract (domain facts 3.2, inferred)."""
    texts = load_json("simulator", "voi_texts.json")
    return [
        _tail(_extract_entry(rng, texts["extract"], texts["makes"], today)) for _ in range(_TAILS)
    ]


def _extract_entry(
    rng: random.Random,
    reports: Sequence[Mapping[str, Any]],
    makes: Sequence[Sequence[str]],
    today: date,
) -> VoiEntry:
    report = rng.choices(reports, weights=[report["share"] for report in reports])[0]
    make, model = rng.choice(makes)
    starts_on = today - timedelta(days=rng.randint(0, 900))
    return VoiEntry(
        Vrm("X1"),
        Action(report["action"]),
        report["reason"],
        starts_on,
        today + timedelta(days=rng.randint(20, 1_200)),
        make,
        model,
        rng.choice(("BLACK", "BLUE", "GREY", "RED", "SILVER", "WHITE")),
        tuple(rng.choice(report["signals"])),
        "1AP",
        rng.choice(report["texts"]).format(ref=rng.randint(10_000, 99_999)),
        f"{rng.choice(('METPOL', 'WMIDS', 'GMP', 'MERPOL', 'A&S', 'KENT'))} / PNC",
        "",
        "OFFICIAL",
        str(rng.randint(1, 2_400)),
        _PNC,
    )


def _tail(entry: VoiEntry) -> str:
    return "," + row_text(row_of(entry)[1:]) + "\n"


# ------------------------------------------------------------------ planted faults


def _lea_rows(plan: ListFilesPlan) -> list[list[str]]:
    """Return clean rows to draw on, with windows wide enough to last a week."""
    rng = random.Random(f"planted/{plan.seed}")
    bodies = [entry for _name, entries in _force_lists(plan) for entry in entries]
    rows: list[list[str]] = []
    for _ in range(_TAILS):
        starts_on = plan.today - timedelta(days=rng.randint(0, 12))
        weed_date = starts_on + timedelta(days=rng.randint(20, 28))
        entry = replace(rng.choice(bodies), starts_on=starts_on, weed_date=weed_date)
        rows.append(list(row_of(entry)))
    return rows


def _write_planted(path: Path, plan: ListFilesPlan) -> list[dict[str, Any]]:
    rng = random.Random(f"faults/{plan.seed}")
    rows = _lea_rows(plan)
    marks = _Marks(plan.seed + 1)
    places = sorted(rng.sample(range(100, plan.rows), plan.faults))
    planted = {place: FAULTS[n % len(FAULTS)] for n, place in enumerate(places)}
    tails = ["," + row_text(row[1:]) + "\n" for row in rows]
    answers: list[dict[str, Any]] = []
    line = 2
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(row_text(load_template_rules().columns) + "\n")
        for first in range(0, plan.rows, _ROWS_A_WRITE):
            count = min(_ROWS_A_WRITE, plan.rows - first)
            drawn = rng.choices(range(_TAILS), k=count)
            some = marks.some(first, count)
            texts = [mark + tails[tail] for mark, tail in zip(some, drawn, strict=True)]
            for place in (p for p in places if first <= p < first + count):
                at = place - first
                # A mark from the first hundred rows, which are never at fault, each once.
                known = marks.some(len(answers) % 100, 1)[0]
                cells = [some[at], *rows[drawn[at]][1:]]
                texts[at] = _planted(planted[place], cells, known, plan.today) + "\n"
            answers.extend(_answers(texts, line, first, planted))
            line += sum(text.count("\n") for text in texts)
            file.write("".join(texts))
    return answers


def _answers(
    texts: Sequence[str], line: int, first: int, planted: Mapping[int, Fault]
) -> Iterator[dict[str, Any]]:
    for at, text in enumerate(texts):
        fault = planted.get(first + at)
        if fault is not None:
            yield from ({"line": line, "code": code} for code in fault.codes)
        line += text.count("\n")


def _planted(fault: Fault, cells: list[str], known: str, today: date) -> str:
    return row_text(fault.put(cells, known, today))


def _write_nameless(path: Path, plan: ListFilesPlan) -> list[dict[str, Any]]:
    rows = _lea_rows(plan)[:20]
    marks = _Marks(plan.seed + 2).some(0, len(rows))
    columns = load_template_rules().columns
    write_table(path, columns, [(m, *row[1:]) for m, row in zip(marks, rows, strict=True)])
    return [{"line": 0, "code": "V090"}]
