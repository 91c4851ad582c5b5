import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action
from nas_desktop.services.resources import load_spec
from nas_desktop.simulator.lists import background_entries, demo_lists
from nas_desktop.simulator.vehicles import Fleet

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FLEET = Fleet(1, 2026, 66, size=1_500)
NATIONAL = {"TUTELAGE", "MIDASGOLD", "TRIVIUM"}
FORBIDDEN = {"No Insurance", "No MOT", "No Tax", "No Keeper"}


@given(
    st.integers(0, 10_000),
    st.datetimes(NOW.replace(tzinfo=None, year=2020), NOW.replace(tzinfo=None, year=2040)),
)
def test_that_every_entry_keeps_the_rules_of_the_template(seed: int, moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    spec = load_spec()
    for voi_list in demo_lists(seed, now, FLEET[:300]):
        assert voi_list.prefix in spec.annex_a
        assert voi_list.revision >= 1
        assert voi_list.loaded_at < now
        for entry in voi_list.entries:
            assert entry.reason in spec.reasons
            assert entry.reason not in FORBIDDEN or voi_list.prefix in NATIONAL
            assert re.fullmatch(r"[123][A-D][PC]", entry.intel)
            assert 0 < len(entry.information) <= 198
            assert "\n" not in entry.information
            assert "{" not in entry.information
            assert entry.gsc in ("OFFICIAL", "OFFICIAL-SENSITIVE")
            assert entry.contact
            assert entry.lea_and_area
            assert all(code in spec.signals for code in entry.warning_signals)
            assert timedelta(0) < entry.weed_date - entry.starts_on <= timedelta(days=28)


def test_that_no_list_names_a_mark_twice() -> None:
    for voi_list in demo_lists(1, NOW, FLEET):
        marks = [entry.vrm for entry in voi_list.entries]
        assert len(marks) == len(set(marks))


@pytest.mark.parametrize("seed", range(5))
def test_that_every_tier_and_action_and_window_occurs(seed: int) -> None:
    spec = load_spec()
    entries = [e for voi_list in demo_lists(seed, NOW, FLEET) for e in voi_list.entries]
    in_force = [e for e in entries if e.is_active_at(NOW)]
    tiers = {spec.tier_of(e.action, e.reason, e.warning_signals) for e in in_force}
    assert tiers == {*Tier, None}
    assert {e.action for e in in_force} == set(Action)
    assert any(e.warning_signals == ("FI", "VI") for e in in_force)
    assert any(e.weed_date <= NOW.date() for e in entries)
    assert any(e.starts_on > NOW.date() for e in entries)
    assert len({e.vrm for e in entries}) < len(entries), "no mark is on two lists"


def test_that_lists_come_from_several_forces_and_are_the_same_for_a_seed() -> None:
    lists = demo_lists(1, NOW, FLEET)
    assert {"52", "53", "54", "07", "TUTELAGE"} <= {voi_list.prefix for voi_list in lists}
    assert lists == demo_lists(1, NOW, FLEET)
    assert lists != demo_lists(2, NOW, FLEET)


def test_that_a_small_fleet_and_none_at_all_will_do() -> None:
    assert sum(len(v.entries) for v in demo_lists(1, NOW, FLEET[:3])) > 150
    assert sum(len(v.entries) for v in demo_lists(1, NOW, [])) > 150


def test_that_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        demo_lists(1, NOW.replace(tzinfo=None), FLEET)


def test_that_background_entries_are_as_many_as_asked_and_all_different() -> None:
    avoid = {entry.vrm for entry in background_entries(200, 1)}
    entries = background_entries(3_000, 1, avoid=avoid)
    marks = {entry.vrm for entry in entries}
    assert len(marks) == 3_000
    assert not marks & avoid
    assert entries[0].is_active_at(NOW)
    assert background_entries(0, 1) == ()


def test_that_background_entries_can_have_a_window() -> None:
    [entry] = background_entries(1, 2, window=(date(2026, 11, 1), date(2026, 11, 20)))
    assert not entry.is_active_at(NOW)
