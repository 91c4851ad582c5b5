"""The activity window of an entry, patterns, where lists come from, and what the register says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.voi import Action, ListSource, Mmc, VoiList
from tests.builders import NOON, an_entry

ENTRY = an_entry(starts_on=date(2026, 3, 29), weed_date=date(2026, 4, 2))


@pytest.mark.parametrize(
    ("instant", "is_active"),
    [
        (datetime(2026, 3, 28, 23, 59, 59, 999_999, tzinfo=UTC), False),
        (datetime(2026, 3, 29, 0, 0, 0, tzinfo=UTC), True),
        (datetime(2026, 4, 1, 23, 59, 59, 999_999, tzinfo=UTC), True),
        (datetime(2026, 4, 2, 0, 0, 0, tzinfo=UTC), False),  # weeded on the date specified
        # British Summer Time began on 29 March 2026; the window stays in GMT.
        (datetime(2026, 3, 29, 0, 30, tzinfo=timezone(timedelta(hours=1))), False),
        (datetime(2026, 4, 2, 0, 30, tzinfo=timezone(timedelta(hours=1))), True),
    ],
)
def test_that_a_window_runs_from_midnight_to_midnight_gmt(
    instant: datetime, is_active: bool
) -> None:
    assert ENTRY.is_active_at(instant) is is_active


DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(DAYS, DAYS, st.integers(0, 12 * 365 * 24 * 60))
def test_that_an_entry_is_active_between_its_two_midnights(
    starts_on: date, weed_date: date, minutes: int
) -> None:
    instant = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    midnight = datetime.min.time().replace(tzinfo=UTC)
    expected = (
        datetime.combine(starts_on, midnight) <= instant < datetime.combine(weed_date, midnight)
    )
    assert an_entry(starts_on=starts_on, weed_date=weed_date).is_active_at(instant) is expected


def test_that_an_entry_weeded_on_its_first_day_is_never_active() -> None:
    entry = an_entry(starts_on=date(2026, 11, 20), weed_date=date(2026, 11, 20))
    assert not entry.is_active_at(NOON)


def test_that_the_prefix_is_what_stands_before_the_first_underscore() -> None:
    assert VoiList("07_Cheshire_List", 1, (), NOON).prefix == "07"
    assert VoiList("Unprefixed", 1, (), NOON).prefix == "Unprefixed"


def test_that_the_three_actions_are_spelt_as_the_specification_spells_them() -> None:
    assert [a.value for a in Action] == ["Stop", "Assess", "No Alert"]


@pytest.mark.parametrize(
    ("mark", "is_pattern"),
    [("AB51ABC", False), ("AB5?ABC", True), ("AB51*", True), ("*?*", True), ("", False)],
)
def test_that_an_entry_with_a_wildcard_is_a_pattern(mark: str, is_pattern: bool) -> None:
    assert an_entry(mark).is_pattern is is_pattern


def test_that_all_but_an_agency_s_data_is_national() -> None:
    assert [source for source in ListSource if not source.is_national] == [ListSource.LEA]


def test_that_a_list_is_an_agency_s_and_is_matched_unless_it_is_said() -> None:
    plain = VoiList("07_Cheshire", 1, (), NOON)
    assert (plain.source, plain.is_enabled, plain.finds_misreads) == (ListSource.LEA, True, False)
    assert (plain.owner, plain.authority, plain.next_due_at) == ("", "", None)


def test_that_the_register_need_not_know_everything() -> None:
    assert Mmc() == Mmc(make="", model="", colour="")
    assert Mmc("FORD") != Mmc(model="FORD")
