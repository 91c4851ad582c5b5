"""The specification's tables: badges, signals, tiers and lifting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.domain.voi import Action, ListSource
from nas_desktop.services.resources import load_spec, resource_path

SPEC = load_spec()

# NAS Technical Specifications v3.1, Annex A: prefix of the list and what the symbol shows.
ANNEX_A = """
52=A&S 40=BEDS 93=BTP 35=CAMBS 07=CHESH 48=COLP 59=CNC 17=CLEV 03=CMBRIA 30=DERBYS 50=D&C
55=DORSET 94=DVLA 201=DVSA 11=DURHAM 63=DPP 42=ESSEX 53=GLOS 06=GMP 61=GWENT 44=HANTS
41=HERTS 88=LEA 16=HUMB 46=KENT 04=LANCS 33=LEICS 32=LINCS 05=MERPOL 02=METPOL 24=MOD
36=NFOLK 60=NWP 12=NYP 34=NHANTS 10=NORPOL 31=NOTTS 90=PSOS 98=PSNI 62=SWP 14=SYP 21=STAFFS
37=SFFOLK 45=SURREY 47=SUSSEX 43=TVP 23=WARWCK 22=WMERCA 20=WMIDS 13=WYP 54=WILTS LEA=LEA
TUTELAGE=TULAGE MIDASGOLD=MIBGLD TRIVIUM=TRVIUM
"""


@pytest.mark.parametrize(
    ("list_name", "badge"),
    [
        ("07_Cheshire VOI List", "CHESH"),
        ("06_GMP", "GMP"),
        ("52_Avon_and_Somerset", "A&S"),
        ("201_DVSA", "DVSA"),
        ("88_Other agency", "LEA"),
        ("TUTELAGE_national", "TULAGE"),
        ("MIDASGOLD_national", "MIBGLD"),
        ("TRIVIUM_national", "TRVIUM"),
        ("99_Nobody", "LEA"),
        ("no prefix", "LEA"),
        ("", "LEA"),
    ],
)
def test_that_the_prefix_selects_the_badge(list_name: str, badge: str) -> None:
    assert SPEC.badge_of(list_name) == badge


def test_that_the_table_is_annex_a_and_fits_the_strip() -> None:
    assert SPEC.annex_a == dict(pair.split("=") for pair in ANNEX_A.split())
    assert all(0 < len(text) <= 6 for text in SPEC.annex_a.values())


@pytest.mark.parametrize(
    ("action", "reason", "signals", "tier"),
    [
        (Action.STOP, "Intel Serious Crime", (), Tier.P2),
        (Action.STOP, "Intel Serious Crime", ("FI",), Tier.P1),
        (Action.STOP, "Drugs", ("VI",), Tier.P1),
        (Action.STOP, "Drugs", ("DR", "AG"), Tier.P2),
        (Action.STOP, "Drugs", ("ZZ",), Tier.P2),  # unknown: kept at rank 3, lifts nothing
        (Action.STOP, "LEA P1", (), Tier.P1),
        (Action.STOP, "LEA P1", ("FI", "XP"), Tier.P1),
        (Action.ASSESS, "Intel Serious Crime", (), Tier.P3),
        (Action.ASSESS, "Intel Serious Crime", ("WE",), Tier.P2),
        (Action.ASSESS, "LEA P1", (), Tier.P3),
        (Action.ASSESS, "Documents", (), Tier.P4),
        (Action.ASSESS, "No Insurance", (), Tier.P4),
        (Action.ASSESS, "No Keeper", ("FI", "VI"), Tier.P3),  # one tier, not one a signal
        (Action.NO_ALERT, "Intel Serious Crime", ("FI",), None),
        (Action.STOP, "a reason of tomorrow", (), Tier.P2),
    ],
)
def test_that_action_reason_and_signals_give_the_tier(
    action: Action, reason: str, signals: tuple[str, ...], tier: Tier | None
) -> None:
    assert SPEC.tier_of(action, reason, signals) is tier


@pytest.mark.parametrize(
    ("source", "list_name", "action", "reason", "signals", "tier"),
    [
        (ListSource.PNC_LIVE, "PNC", Action.STOP, "ACT High", (), Tier.P1),
        (ListSource.PNC_EXTRACT, "PNC Extract", Action.STOP, "ACT High", (), Tier.P1),
        (ListSource.PNC_LIVE, "PNC", Action.STOP, "LOS confirmed", (), Tier.P2),
        (ListSource.PNC_LIVE, "PNC", Action.STOP, "LOS confirmed", ("FI",), Tier.P1),
        (ListSource.PNC_LIVE, "PNC", Action.ASSESS, "ACT Medium", (), Tier.P2),
        (ListSource.PNC_LIVE, "PNC", Action.ASSESS, "LOS unconfirmed", (), Tier.P3),
        (ListSource.PNC_LIVE, "PNC", Action.ASSESS, "ACT Low", (), Tier.P3),
        (ListSource.PNC_LIVE, "PNC", Action.ASSESS, "REACT", (), Tier.P4),
        (ListSource.PNC_LIVE, "PNC", Action.STOP, "a report of tomorrow", (), Tier.P2),
        (ListSource.SCHENGEN, "SIS", Action.STOP, "Schengen", (), Tier.P3),
        (ListSource.MIDAS, "MIDAS", Action.STOP, "No Insurance", (), Tier.P4),
        (ListSource.NATIONAL, "TUTELAGE_1", Action.ASSESS, "Other", (), Tier.P4),
        (ListSource.LEA, "07_x", Action.ASSESS, "Cloned", (), Tier.P3),
        (ListSource.LEA, "07_x", Action.STOP, "ACT High", (), Tier.P2),  # words of PNC only there
        (ListSource.PNC_EXTRACT, "PNC", Action.NO_ALERT, "ACT High", (), None),
    ],
)
def test_that_the_source_of_a_list_decides_too(
    source: ListSource,
    list_name: str,
    action: Action,
    reason: str,
    signals: tuple[str, ...],
    tier: Tier | None,
) -> None:
    assert SPEC.tier_of(action, reason, signals, source, list_name) is tier


@given(
    st.sampled_from(Action),
    st.one_of(st.sampled_from(SPEC.reasons), st.text(max_size=5)),
    st.lists(st.one_of(st.sampled_from(sorted(SPEC.signals)), st.just("ZZ")), max_size=4),
)
def test_that_signals_never_lower_a_tier_and_lift_it_by_one_at_most(
    action: Action, reason: str, signals: list[str]
) -> None:
    without = SPEC.tier_of(action, reason, ())
    tier = SPEC.tier_of(action, reason, tuple(signals))
    assert (tier is None) == (action is Action.NO_ALERT)
    if tier is not None and without is not None:
        assert without.rank - tier.rank in (0, 1)


def test_that_a_rule_set_without_a_fit_falls_back_to_p3() -> None:
    data = json.loads(resource_path("spec", "nas_v3_1.json").read_text(encoding="utf-8"))
    formats = json.loads(resource_path("spec", "vrm_formats.json").read_text(encoding="utf-8"))
    data["tiers"]["rules"] = []
    assert Spec.from_data(data, formats).tier_of(Action.STOP, "Other", ()) is Tier.P3
    data["tiers"]["rules"] = [{"action": "Halt", "reasons": [], "tier": "P1"}]
    with pytest.raises(ValueError, match="Halt"):
        Spec.from_data(data, formats)
    del data["tiers"]
    with pytest.raises(KeyError):
        Spec.from_data(data, formats)


def test_that_an_unknown_signal_is_kept_verbatim_at_rank_three() -> None:
    assert SPEC.signal("FI").rank == 1
    unknown = SPEC.signal("ZZ")
    assert (unknown.code, unknown.text, unknown.rank) == ("ZZ", "ZZ", 3)


def test_that_tiers_rank_from_one_to_four() -> None:
    assert [tier.rank for tier in Tier] == [1, 2, 3, 4]


def test_that_published_limits_stand_in_the_data() -> None:
    assert SPEC.image_limits == {"patch": 3_072, "overview": 25_600}
    assert "misread" in SPEC.outcomes
    assert SPEC.reasons[-6:] == tuple(f"LEA P{n}" for n in range(1, 7))
    assert Path(resource_path("spec", "nas_v3_1.json")).exists()
