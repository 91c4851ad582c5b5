"""Entries held against stored reads by mark: the same hits as one look at each read gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_desktop.adapters.store.reads.columns import MemoryTable, ReadColumns, micros
from nas_desktop.adapters.store.reads.question import Rule
from nas_desktop.adapters.store.reads.scan import Cancelled
from nas_desktop.adapters.store.reads.trial import RANKS, TrialEntries, trial
from nas_desktop.domain.matching.patterns import fits
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.domain.retention import LOCAL
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.node.dry_run import report_from
from tests.builders import NOON, a_read, an_entry

NOW = NOON + timedelta(days=3)
SPAN = (micros(NOW - timedelta(days=7)), micros(NOW))
RULE = Rule.of(LOCAL)
MARKS = ("AB51ABC", "AB51ABD", "A1", "ABCDEFGHIJKLM", "B12XYZ")
PATTERNS = (*MARKS, "AB*", "*1AB?", "A?", "*", "ABCDEF*M")


def a_table(reads: list[Read]) -> MemoryTable:
    columns = ReadColumns()
    if reads:
        columns.add(reads, 0)
    return columns.table()


def naive(reads: list[Read], entries: list[VoiEntry]) -> tuple[list[int], Counter[Action]]:
    """Look at each read with each entry."""
    counts, actions = [0] * len(entries), Counter[Action]()
    for read in reads:
        at = read.effective_at
        if not SPAN[0] <= micros(at) < SPAN[1]:
            continue
        hit = [
            row
            for row, entry in enumerate(entries)
            if fits(entry.vrm, read.vrm) and entry.is_active_at(at)
        ]
        for row in hit:
            counts[row] += 1
        if hit:
            actions[min((entries[row].action for row in hit), key=RANKS.index)] += 1
    return counts, actions


some_reads = st.lists(
    st.builds(
        lambda mark, hours, late: a_read(
            mark,
            NOON + timedelta(hours=hours),
            received_at=NOON + timedelta(hours=hours, seconds=5 + 90_000 * late),
            flags=(ReadFlag.CLOCK_BEHIND,) if late else (),
        ),
        st.sampled_from(MARKS),
        st.integers(-60, 60),
        st.booleans(),
    ),
    max_size=30,
    unique_by=lambda r: r.read_id,
)
some_entries = st.lists(
    st.builds(
        lambda mark, action, first, days: an_entry(
            mark, action=action, starts_on=date(2026, 11, first),
            weed_date=date(2026, 11, first) + timedelta(days=days),
        ),
        st.sampled_from(PATTERNS),
        st.sampled_from(list(Action)),
        st.integers(17, 24),
        st.integers(0, 6),
    ),
    max_size=12,
)  # fmt: skip


@settings(deadline=None)
@given(some_reads, some_entries)
def test_that_a_trial_finds_what_a_look_at_each_read_finds(
    reads: list[Read], entries: list[VoiEntry]
) -> None:
    half = len(reads) // 2
    tables = [a_table(reads[:half]), a_table(reads[half:])]
    found = trial(tables, TrialEntries.of(entries), RULE, SPAN, SPAN[1])
    counts, actions = naive(reads, entries)
    assert found.by_entry.tolist() == counts
    assert Counter(RANKS[n] for n in found.ranks.tolist()) == actions
    assert found.at.tolist() == sorted(found.at.tolist())


def test_that_what_is_due_is_not_seen() -> None:
    table = a_table([a_read()])
    entries = TrialEntries.of([an_entry()])
    due = SPAN[1] + RULE.keep + RULE.keep_late
    assert len(trial([table], entries, RULE, SPAN, SPAN[1]).at) == 1
    assert len(trial([table], entries, RULE, SPAN, due).at) == 0


def test_that_a_trial_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        trial([a_table([a_read()])], TrialEntries.of([an_entry()]), RULE, SPAN, SPAN[1],
              is_cancelled=lambda: True)  # fmt: skip
    with pytest.raises(Cancelled):
        TrialEntries.of([an_entry()], lambda: True)


def test_that_a_report_names_offenders_days_and_the_busiest_hour() -> None:
    reads = [a_read("AB51ABC", NOON + timedelta(seconds=40 * n)) for n in range(12)]
    reads += [a_read("B12XYZ", NOON + timedelta(days=1))]
    entries = [
        an_entry("B12XYZ", action=Action.ASSESS), an_entry("AB51*"), an_entry("ZZ99ZZZ"),
    ]  # fmt: skip
    found = trial([a_table(reads)], TrialEntries.of(entries), RULE, SPAN, SPAN[1])
    report = report_from("07_Own", entries, found, SPAN)
    assert (report.hits, report.stop, report.assess, report.quiet) == (13, 12, 1, 0)
    assert [(one.vrm, one.hits) for one in report.by_entry] == [("AB51*", 12), ("B12XYZ", 1)]
    assert [(one.day, one.hits) for one in report.by_day if one.hits] == [
        (NOON.date(), 12), (NOON.date() + timedelta(days=1), 1),
    ]  # fmt: skip
    assert (report.busiest_at, report.busiest_hits) == (NOON, 12)
    assert (report.most_in_ten, report.most_in_ten_at) == (12, NOON)
    assert report.is_storm
    assert not replace(report, most_in_ten=10).is_storm
    assert report.since == NOON


def test_that_nothing_held_and_nothing_listed_make_an_empty_report() -> None:
    found = trial([a_table([])], TrialEntries.of([]), RULE, SPAN, SPAN[1])
    report = report_from("07_Own", [], found, SPAN)
    assert (report.hits, report.reads, report.busiest_at, report.is_storm) == (0, 0, None, False)
    assert np.array_equal(found.at, np.zeros(0))
