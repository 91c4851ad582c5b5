"""A list with changes on top, held against a plain list that is changed in the plainest way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.matching import layers
from nas_desktop.domain.matching.columns import LONG, EntryColumns, columns_of
from nas_desktop.domain.matching.layers import (
    LayeredEntries,
    ListChange,
    changed,
    merged,
    rows_of_marks,
)
from nas_desktop.domain.voi import VoiEntry
from tests.builders import an_entry

# Marks that begin alike, long ones that differ behind their first eight characters, patterns.
MARKS = (
    "AB51ABC", "AB51ABD", "A1", "A", "ABCDEFGH", "ABCDEFGHI", "ABCDEFGHJ",
    "ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOQ", "AB5?A*", "AB5?B*", "*ABC",
)  # fmt: skip


def entries_of(*marks: str, text: str = "") -> tuple[VoiEntry, ...]:
    """Return entries that can be told apart even where they have one mark."""
    return tuple(an_entry(mark, information=f"{text}{at}") for at, mark in enumerate(marks))


def model(entries: Sequence[VoiEntry], change: ListChange) -> list[VoiEntry]:
    """Return what a change makes of a list, as its words say it."""
    put: dict[str, VoiEntry] = {}
    for entry in change.put:
        put[entry.vrm] = entry
    return [e for e in entries if e.vrm not in change.gone and e.vrm not in put] + [*put.values()]


def agrees(found: Sequence[VoiEntry], expected: Sequence[VoiEntry]) -> None:
    assert list(found) == list(expected)
    assert len(found) == len(expected)
    assert [found[at] for at in range(len(found))] == list(expected)
    columns, plain = columns_of(found), columns_of(expected)
    for name in ("keys", "starts", "weeds"):
        assert getattr(columns, name).tolist() == getattr(plain, name).tolist()


ENTRIES = st.lists(st.sampled_from(MARKS), max_size=12).map(lambda marks: entries_of(*marks))
CHANGES = st.builds(
    lambda put, gone: ListChange(entries_of(*put, text="new "), tuple(gone)),
    st.lists(st.sampled_from(MARKS), max_size=5),
    st.lists(st.sampled_from((*MARKS, "NOBODY", "NOB?DY")), max_size=5),
)


@given(ENTRIES, st.lists(CHANGES, max_size=5))
def test_that_changes_do_what_they_do_to_a_plain_list(
    base: tuple[VoiEntry, ...], changes: list[ListChange]
) -> None:
    found: Sequence[VoiEntry] = base
    expected: list[VoiEntry] = list(base)
    for change in changes:
        found, expected = changed(found, change), model(expected, change)
        agrees(found, expected)


@given(ENTRIES, st.lists(CHANGES, max_size=5))
def test_that_changes_made_into_one_lead_to_the_same_entries(
    base: tuple[VoiEntry, ...], changes: list[ListChange]
) -> None:
    expected: list[VoiEntry] = list(base)
    for change in changes:
        expected = model(expected, change)
    one = merged(changes)
    # Which entries, not in which order: what is put twice counts from the first time on.
    assert Counter(changed(base, one)) == Counter(expected)
    assert len(one.put) == len({entry.vrm for entry in one.put})
    assert {entry.vrm for entry in one.put}.isdisjoint(one.gone)
    assert merged([one]) == one


@given(ENTRIES, st.sets(st.sampled_from((*MARKS, "NOBODY", "NOB?DY"))))
def test_that_rows_of_marks_are_those_a_walk_would_find(
    entries: tuple[VoiEntry, ...], marks: set[str]
) -> None:
    expected = [row for row, entry in enumerate(entries) if entry.vrm in marks]
    assert rows_of_marks(entries, marks) == expected
    assert rows_of_marks(entries, sorted(marks)) == expected


@given(ENTRIES, CHANGES, st.slices(16))
def test_that_any_slice_is_that_of_a_list(
    base: tuple[VoiEntry, ...], change: ListChange, part: slice
) -> None:
    assert list(changed(base, change)[part]) == model(base, change)[part]


def test_that_indexes_count_from_either_end_and_end_there() -> None:
    found = changed(entries_of("AB51ABC", "AB51ABD"), ListChange(entries_of("A1")))
    assert [found[-1].vrm, found[-3].vrm, found[2].vrm] == ["A1", "AB51ABC", "A1"]
    for beyond in (3, -4):
        with pytest.raises(IndexError):
            found[beyond]


def test_that_a_change_counts_what_it_touches() -> None:
    assert len(ListChange()) == 0
    assert len(ListChange(entries_of("A1", "A"), ("AB51ABC",))) == 3


def test_that_nothing_changed_leaves_all_in_place() -> None:
    base = entries_of("AB51ABC", "AB5?A*", "AB51ABC")
    agrees(changed(base, ListChange()), base)
    assert merged([]) == ListChange()
    assert merged([ListChange(), ListChange()]) == ListChange()


def test_that_a_mark_listed_twice_goes_with_all_its_entries() -> None:
    base = entries_of("AB51ABC", "A1", "AB51ABC")
    assert [e.vrm for e in changed(base, ListChange(gone=("AB51ABC",)))] == ["A1"]
    new = entries_of("AB51ABC", "AB51ABC", text="new ")
    assert list(changed(base, ListChange(new))) == [base[1], new[1]]  # the last one put counts


def test_that_what_is_put_and_gone_at_once_is_put() -> None:
    (new,) = entries_of("AB51ABC", text="new ")
    both = ListChange((new,), ("AB51ABC",))
    assert list(changed(entries_of("AB51ABC"), both)) == [new]
    assert merged([both]) == ListChange((new,))


def test_that_of_several_words_on_a_mark_the_last_counts() -> None:
    (one,), (two,) = entries_of("A1", text="one "), entries_of("A1", text="two ")
    assert merged([ListChange((one,)), ListChange((two,))]) == ListChange((two,))
    assert merged([ListChange((one,)), ListChange(gone=("A1",))]) == ListChange(gone=("A1",))
    assert merged([ListChange(gone=("A1",)), ListChange((two,))]) == ListChange((two,))


def test_that_long_marks_with_one_key_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    base = entries_of("ABCDEFGHI", "ABCDEFGHJ", "ABCDEFGHI")

    class Colliding(tuple[VoiEntry, ...]):
        """Entries that all have one key, as two long marks may well have."""

        __slots__ = ()

        @property
        def columns(self) -> EntryColumns:
            plain = columns_of(base)
            return EntryColumns(
                np.full(3, LONG, np.uint64), plain.starts, plain.weeds, plain.actions
            )

    monkeypatch.setattr(layers, "keys_of", lambda marks: np.full(len(marks), LONG, np.uint64))
    assert rows_of_marks(Colliding(base), ["ABCDEFGHJ"]) == [1]
    assert list(changed(Colliding(base), ListChange(gone=("ABCDEFGHI",)))) == [base[1]]


def test_that_a_change_shares_the_base_and_copies_no_entry() -> None:
    base = entries_of(*(f"AB{n:02d}ABC" for n in range(50)))
    once = changed(base, ListChange(entries_of("A1"), ("AB07ABC",)))
    twice = changed(once, ListChange(gone=("A1", "AB08ABC")))
    assert once.base is twice.base is base
    assert twice[0] is base[0]
    assert [entry.vrm for entry in once][-1] == "A1"  # the one before is as it was
    assert len(twice) == 48


def test_that_columns_are_made_once() -> None:
    found = changed(entries_of("AB51ABC"), ListChange(entries_of("A1")))
    assert found.columns is found.columns
    assert len(found.columns) == 2


def test_that_an_empty_base_takes_entries() -> None:
    found = changed((), ListChange(entries_of("A1"), ("AB51ABC",)))
    assert [entry.vrm for entry in found] == ["A1"]
    assert isinstance(found, LayeredEntries)
    agrees(changed(found, ListChange(gone=("A1",))), ())
