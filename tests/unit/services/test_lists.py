"""Counts of lists, and what keeps a file from going live."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.findings import Finding, Severity
from nas_desktop.domain.matching.columns import columns_of
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.services.lists import (
    EntriesPage,
    HeldList,
    ImportChoices,
    ImportReport,
    ListCounts,
    ListEvent,
    ListOrigin,
    ListOutcome,
    ListReceiver,
    ListVersion,
)
from tests.builders import NOON, a_list, an_entry

ENTRIES = st.lists(
    st.builds(an_entry, st.sampled_from(["AB51ABC", "AB5?A*"]), action=st.sampled_from(Action))
)


def count(entries: list[VoiEntry]) -> ListCounts:
    def of(action: Action) -> int:
        return len([entry for entry in entries if entry.action is action])

    return ListCounts(
        len(entries),
        of(Action.STOP),
        of(Action.ASSESS),
        of(Action.NO_ALERT),
        len([entry for entry in entries if "?" in entry.vrm]),
    )


@given(ENTRIES)
def test_that_counts_are_those_of_the_entries(entries: list[VoiEntry]) -> None:
    assert ListCounts().counted(columns_of(entries)) == count(entries)


def test_that_what_was_counted_on_loading_stays() -> None:
    loaded = ListCounts(entries=9, stop=9, future=3, weeded=2)
    counted = loaded.counted(columns_of([an_entry()]))
    assert counted == ListCounts(entries=1, stop=1, future=3, weeded=2)


@pytest.mark.parametrize(
    ("errors", "by_code", "is_fit"),
    [
        (0, {}, True),
        (0, {"V005": 4}, True),
        (2, {"V052": 2, "V005": 1}, True),  # weeded already: left out, and nobody else's fault
        (3, {"V052": 2, "V010": 1}, False),
        (1, {"V010": 1}, False),
    ],
)
def test_that_a_file_goes_live_unless_an_error_is_in_the_way(
    errors: int, by_code: dict[str, int], is_fit: bool
) -> None:
    assert ImportReport("a.csv", errors=errors, by_code=by_code).is_fit is is_fit


def test_that_nothing_is_live_nor_published_unless_it_is_said() -> None:
    assert not ImportChoices().publish
    assert not ImportChoices().allow_patterns
    assert not ListOutcome("07_A").is_live
    assert not ListOutcome("07_A").is_stored


def test_that_a_list_held_is_stored_and_the_node_s_own_unless_it_is_said() -> None:
    held = HeldList(a_list(), ListVersion(1, ListEvent.IMPORTED, NOON))
    assert (held.origin, held.is_stored) == (ListOrigin.OWN, True)
    assert (held.version.base, held.version.steps, held.version.counts) == (1, 0, ListCounts())


def test_that_receivers_and_pages_are_values() -> None:
    receiver = ListReceiver("desk 1", "07_A", 3, NOON, is_connected=True)
    assert receiver == ListReceiver("desk 1", "07_A", 3, NOON, is_connected=True)
    assert EntriesPage(0, (), 0, is_all=True) != EntriesPage(0, (), 0, is_all=False)


def test_that_a_finding_says_whether_it_keeps_the_record_out() -> None:
    assert Finding(2, 5, "V010", Severity.ERROR, "").is_error
    assert not Finding(2, 1, "V005", Severity.WARNING, "").is_error
