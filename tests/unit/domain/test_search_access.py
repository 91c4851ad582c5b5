"""Who may look at what: every combination against a table written from the facts, not the code."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from nas_desktop.domain.access import Role
from nas_desktop.domain.query import ReadQuery
from nas_desktop.domain.search_access import (
    AccessPolicy,
    Authority,
    Band,
    Decision,
    Purpose,
    Rule,
    SearchDenied,
    Searcher,
    SearchReason,
    decide,
    months_before,
    weak_justification,
)
from nas_desktop.services.resources import load_access_policy, load_json

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHY = "Van seen at the burglary in Bath, looking for its way out."

# Oldest instant asked for, by band: today, the last day of A, both ends of B, both ends of C.
SINCE: dict[str, datetime] = {
    "A": NOW - DAY,
    "A, day 90": datetime(2026, 8, 23, tzinfo=UTC),
    "B, day 91": datetime(2026, 8, 22, 23, 59, 59, tzinfo=UTC),
    "B, month 12": datetime(2025, 11, 21, tzinfo=UTC),
    "C": datetime(2025, 11, 20, 23, 59, 59, tzinfo=UTC),
    "C, month 24": datetime(2024, 11, 21, tzinfo=UTC),
}

# ------------------------------------------------------------------ the table (domain facts 6.4)

SEARCH_AT_ALL = {"dispatcher", "officer", "analyst", "supervisor"}
SEARCH_BEYOND_A = {"analyst", "supervisor"}
ADMITTED = {
    "A": {
        "PVC", "SERIOUS", "MAJOR", "CT", "OPERATIONAL_RESPONSE", "MISSING_PERSON", "ROAD_SAFETY",
        "AUDIT",
    },
    "B": {"SERIOUS", "MAJOR", "CT", "AUDIT"},
    "C": {"MAJOR", "CT"},
}  # fmt: skip
RANKS_ENOUGH = {
    "B": {"Inspector", "Chief Inspector", "Superintendent", "Chief Superintendent",
          "Assistant Chief Constable"},
    "C": {"Superintendent", "Chief Superintendent", "Assistant Chief Constable"},
}  # fmt: skip

# What is wrong with each authority, in band B or C; nothing is in band A.
AUTHORITIES: dict[str, tuple[dict[str, Any] | None, set[str]]] = {
    "none": (None, {"authority_missing"}),
    "good": ({}, set()),
    "good, of these marks": ({"marks": ("AB51ABC", "CD52CDE")}, set()),
    "good, given to the searcher": ({"granted_to": "asmith"}, set()),
    "verbal, countersigned": ({"is_verbal": True, "countersigned_at": NOW}, set()),
    "verbal, in time": ({"is_verbal": True, "at": NOW - 24 * HOUR}, set()),
    "verbal, too late": (
        {"is_verbal": True, "at": NOW - 24 * HOUR - timedelta(seconds=1)},
        {"authority_expired"},
    ),
    "by the searcher's account": ({"authoriser": "asmith"}, {"authority_self"}),
    "by the searcher's name": ({"authoriser_name": " anna  SMITH"}, {"authority_self"}),
    "rank too low": ({"rank": "Sergeant"}, {"authority_rank"}),
    "rank of band B": ({"rank": "Inspector"}, {"rank B"}),
    "rank unknown": ({"rank": "Captain"}, {"authority_rank"}),
    "run out": ({"expires_at": NOW}, {"authority_expired"}),
    "not yet given": ({"at": NOW + HOUR}, {"authority_expired"}),
    "run out and verbal": (
        {"is_verbal": True, "at": NOW - 30 * HOUR, "expires_at": NOW - HOUR},
        {"authority_expired"},
    ),
    "for another purpose": ({"purpose": None}, {"authority_purpose"}),
    "from later": ({"since": NOW - HOUR}, {"authority_range"}),
    "until earlier": ({"until": NOW - HOUR}, {"authority_range"}),
    "of other marks": ({"marks": ("CD52CDE",)}, {"authority_marks"}),
    "to somebody else": ({"granted_to": "bjones"}, {"authority_for"}),
    "all wrong": (
        {"authoriser": "asmith", "rank": "Constable", "expires_at": NOW, "purpose": None,
         "since": NOW, "marks": ("CD52CDE",), "granted_to": "bjones"},
        {"authority_self", "authority_rank", "authority_expired", "authority_purpose",
         "authority_range", "authority_marks", "authority_for"},
    ),
}  # fmt: skip


def expected(role: str, purpose: str, when: str, authority: str, months: int) -> set[str]:
    """Return the rules that the facts put against a search."""
    band = when[0]
    against: set[str] = set()
    if role not in SEARCH_AT_ALL:
        against.add("role")
    if band == "C" and months == 12:
        against.add("retention")
    elif purpose not in ADMITTED[band]:
        against.add("purpose")
    if band in "BC":
        if role not in SEARCH_BEYOND_A:
            against.add("extended")
        for rule in AUTHORITIES[authority][1]:
            if rule != "rank B":
                against.add(rule)
            elif "Inspector" not in RANKS_ENOUGH[band]:
                against.add("authority_rank")
    return against


POLICIES = {
    months: AccessPolicy.from_data(
        load_json("access", "policy.json") | {"retention_months": months}
    )
    for months in (12, 24)
}
POLICY = POLICIES[12]


def a_query(**changes: Any) -> ReadQuery:
    values: dict[str, Any] = {"since": SINCE["A"], "until": NOW, "vrms": ("AB51ABC",)}
    return ReadQuery(**(values | changes))


def a_reason(purpose: Purpose = Purpose.MAJOR, **changes: Any) -> SearchReason:
    code = 0 if purpose is Purpose.AUDIT else 5
    values: dict[str, Any] = {
        "purpose": purpose, "reason_code": code, "justification": WHY, "reference": "52/1234/26",
    }  # fmt: skip
    return SearchReason(**(values | changes))


def an_authority(**changes: Any) -> Authority:
    values: dict[str, Any] = {
        "authority_id": "AU-1", "authoriser": "crees", "authoriser_name": "Carys Rees",
        "rank": "Superintendent", "force": "52", "at": NOW - HOUR, "purpose": Purpose.MAJOR,
        "operation": "TEST", "since": NOW - 2000 * DAY, "until": NOW, "expires_at": NOW + 23 * HOUR,
    }  # fmt: skip
    return Authority(**(values | changes))


def a_searcher(*roles: Role, **changes: Any) -> Searcher:
    return replace(Searcher("asmith", "Anna Smith", roles or (Role.ANALYST,)), **changes)


def rules(decision: Decision) -> set[str]:
    return {str(denial.rule) for denial in decision.denials}


def authority_of(name: str, purpose: Purpose) -> Authority | None:
    changes = AUTHORITIES[name][0]
    if changes is None:
        return None
    other = Purpose.CT if purpose is Purpose.MAJOR else Purpose.MAJOR
    wanted = other if "purpose" in changes else purpose
    return an_authority(**changes | {"purpose": wanted})


def test_that_every_combination_is_decided_as_the_table_says() -> None:
    count = 0
    for role, purpose, when, name, months in itertools.product(
        Role, Purpose, SINCE, AUTHORITIES, POLICIES
    ):
        decision = decide(
            a_query(since=SINCE[when]), a_reason(purpose), a_searcher(role), POLICIES[months], NOW,
            authority_of(name, purpose),
        )  # fmt: skip
        wanted = expected(role, purpose, when, name, months)
        asked = (role, purpose, when, name, months)
        assert rules(decision) == wanted, asked
        assert decision.is_allowed is (not wanted), asked
        assert decision.band == when[0], asked
        assert decision.needs_review is (when[0] != "A" or "verbal" in name), asked
        assert all(denial.message for denial in decision.denials)
        count += 1
    assert count == len(Role) * 8 * 6 * len(AUTHORITIES) * 2


@pytest.mark.parametrize("rank", POLICY.ranks)
@pytest.mark.parametrize("band", ["B", "C"])
def test_that_each_rank_authorises_what_the_facts_give_it(rank: str, band: str) -> None:
    query = a_query(since=SINCE["B, day 91" if band == "B" else "C"])
    decision = decide(query, a_reason(), a_searcher(), POLICIES[24], NOW, an_authority(rank=rank))
    assert decision.is_allowed is (rank in RANKS_ENOUGH[band])


# ------------------------------------------------------------------ the shipped rules


def test_that_the_shipped_rules_are_those_of_the_facts() -> None:
    policy = load_access_policy()
    assert policy is load_access_policy()
    assert (policy.retention_months, policy.days_a, policy.months_b) == (12, 90, 12)
    assert {str(role) for role in policy.searchers} == SEARCH_AT_ALL
    assert {str(b): set(map(str, p)) for b, p in policy.purposes.items()} == ADMITTED
    assert policy.authority_lasts == policy.countersign_within == 24 * HOUR


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"retention_months": 36}, "12 or 24"),
        ({"searchers": ["king"]}, "king"),
        ({"purposes": {"A": ["FUN"]}}, "FUN"),
        ({"purposes": {"D": []}}, "D"),
        ({"least_rank": {"B": "Captain"}}, "Captain"),
    ],
)
def test_that_rules_with_unknown_words_are_no_policy(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        AccessPolicy.from_data(load_json("access", "policy.json") | change)


def test_that_a_missing_setting_is_no_policy() -> None:
    data = load_json("access", "policy.json")
    del data["days_a"]
    with pytest.raises(KeyError, match="days_a"):
        AccessPolicy.from_data(data)


@pytest.mark.parametrize(
    ("setting", "purpose"),
    [("allow_pvc_after_90d", "PVC"), ("missing_person_band_b", "MISSING_PERSON")],
)
def test_that_a_switch_opens_band_b_and_no_more(setting: str, purpose: str) -> None:
    policy = AccessPolicy.from_data(
        load_json("access", "policy.json") | {setting: True, "retention_months": 24}
    )
    opened = {p for p in Purpose if policy.admits(Band.B, p)} - set(map(Purpose, ADMITTED["B"]))
    assert opened == {Purpose(purpose)}
    assert {str(p) for p in Purpose if policy.admits(Band.C, p)} == ADMITTED["C"]
    assert not replace(policy, purposes={}).admits(Band.C, Purpose.CT)


def test_that_no_rank_is_enough_where_none_is_named() -> None:
    assert not replace(POLICY, least_rank={}).outranks("Superintendent", Band.B)


# ------------------------------------------------------------------ age


@pytest.mark.parametrize(
    ("captured", "now", "band"),
    [
        (date(2026, 8, 23), NOW, "A"), (date(2026, 8, 22), NOW, "B"),
        (date(2026, 12, 1), NOW, "A"),
        (date(2023, 2, 28), datetime(2024, 2, 29, tzinfo=UTC), "B"),
        (date(2023, 2, 27), datetime(2024, 2, 29, tzinfo=UTC), "C"),
        (date(2024, 2, 29), datetime(2025, 2, 28, tzinfo=UTC), "B"),
        (date(2024, 2, 28), datetime(2025, 2, 28, tzinfo=UTC), "B"),
        (date(2024, 2, 29), datetime(2025, 3, 1, tzinfo=UTC), "C"),
    ],
)  # fmt: skip
def test_that_bands_count_days_and_then_calendar_months(
    captured: date, now: datetime, band: str
) -> None:
    at = datetime(captured.year, captured.month, captured.day, 23, 59, tzinfo=UTC)
    assert POLICY.band_of(at, now) == band


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2026, 11, 21), 12, date(2025, 11, 21)), (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2024, 2, 29), 48, date(2020, 2, 29)), (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 5, 31), 1, date(2026, 4, 30)), (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2024, 3, 30), 1, date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_that_months_are_calendar_months(day: date, months: int, wanted: date) -> None:
    assert months_before(day, months) == wanted


def test_that_every_day_of_four_years_has_a_day_twelve_months_before() -> None:
    for n in range(4 * 365 + 1):
        day = date(2024, 1, 1) + n * DAY
        before = months_before(day, 12)
        assert (before.year, before.month) == (day.year - 1, day.month)
        assert before.day == day.day or (day.day, before.day) == (29, 28)


def test_that_the_edges_of_the_bands_agree_with_the_bands() -> None:
    second = timedelta(seconds=1)
    for edge, inside, outside in (
        (POLICY.first_of_band_a(NOW), "A", "B"),
        (POLICY.first_of_band_b(NOW), "B", "C"),
        (POLICY.oldest(NOW), "B", "C"),
    ):
        assert POLICY.band_of(edge, NOW) == inside
        assert POLICY.band_of(edge - second, NOW) == outside


def test_that_the_oldest_instant_decides_and_a_trim_is_offered_where_it_helps() -> None:
    long = decide(a_query(since=SINCE["B, day 91"]), a_reason(), a_searcher(), POLICY, NOW)
    assert (long.band, long.oldest_age_days) == (Band.B, 91)
    assert long.trim_to == SINCE["A, day 90"]
    trimmed = a_query(since=long.trim_to)
    assert decide(trimmed, a_reason(), a_searcher(), POLICY, NOW).is_allowed
    old = a_query(since=SINCE["B, month 12"], until=SINCE["A, day 90"])
    assert decide(old, a_reason(), a_searcher(), POLICY, NOW).trim_to is None
    assert decide(a_query(), a_reason(), a_searcher(), POLICY, NOW).trim_to is None


# ------------------------------------------------------------------ what is asked


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.OFFICER])
@pytest.mark.parametrize(
    ("changes", "is_allowed"),
    [
        ({}, True), ({"vrms": ("AB5?*",)}, True), ({"vrms": (), "look_alikes": ("AB51ABC",)}, True),
        ({"vrms": ()}, False), ({"vrms": (), "unread": True}, False),
        ({"vrms": ("QQQQQQQ",)}, False), ({"vrms": ("AB51ABC", "QQQQQQQ")}, False),
        ({"unread": True}, False),
    ],
)  # fmt: skip
def test_that_some_may_search_by_mark_only(
    role: Role, changes: dict[str, Any], is_allowed: bool
) -> None:
    query = a_query(**changes)
    decision = decide(query, a_reason(), a_searcher(role), POLICY, NOW)
    assert rules(decision) == (set() if is_allowed else {"criteria"})
    both = decide(query, a_reason(), a_searcher(role, Role.ANALYST), POLICY, NOW)
    assert both.is_allowed


@pytest.mark.parametrize("changes", [{"vrms": ("AB51ABC",)}, {"look_alikes": ("AB51ABC",)}])
def test_that_nobody_looks_for_their_own_vehicle(changes: dict[str, Any]) -> None:
    me = a_searcher(own_vehicles=frozenset({"AB51ABC"}))
    decision = decide(a_query(**changes), a_reason(), me, POLICY, NOW)
    assert rules(decision) == {"own_vehicle"}
    assert decision.needs_review
    other = a_query(vrms=("CD52CDE",))
    assert not decide(other, a_reason(), me, POLICY, NOW).needs_review


@pytest.mark.parametrize(("pattern", "is_reviewed"), [("AB51*", True), ("AB52*", False)])
def test_that_a_pattern_around_ones_own_mark_is_looked_at(pattern: str, is_reviewed: bool) -> None:
    me = a_searcher(own_vehicles=frozenset({"AB51ABC"}))
    decision = decide(a_query(vrms=(pattern,)), a_reason(), me, POLICY, NOW)
    assert (decision.is_allowed, decision.needs_review) == (True, is_reviewed)


def test_that_a_colleagues_vehicle_is_allowed_and_looked_at() -> None:
    decision = decide(
        a_query(), a_reason(), a_searcher(), POLICY, NOW, colleagues=frozenset({"AB51ABC"})
    )
    assert decision.is_allowed
    assert decision.concerns_colleague
    assert decision.needs_review


@pytest.mark.parametrize(
    "changes",
    [
        {"vrms": ()}, {"vrms": ("AB51A*",)}, {"unread": True}, {"vrms": ("AB51ABC", "EF53EFG")},
        {"look_alikes": ("EF53EFG",)},
    ],
)  # fmt: skip
def test_that_an_authority_for_marks_covers_those_and_nothing_wider(
    changes: dict[str, Any],
) -> None:
    authority = an_authority(marks=("AB51ABC", "CD52CDE"))
    query = a_query(since=SINCE["B, day 91"], **changes)
    decision = decide(query, a_reason(), a_searcher(), POLICY, NOW, authority)
    assert rules(decision) == {"authority_marks"}


# ------------------------------------------------------------------ why


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"justification": ""}, "justification"), ({"reference": " "}, "reference"),
        ({"reference": "x" * 54}, "reference"), ({"reason_code": 10}, "reason_code"),
        ({"reason_code": -1}, "reason_code"), ({"reason_code": 0}, "reason_code"),
        ({"purpose": Purpose.AUDIT}, "reason_code"), ({"on_behalf_of": "me"}, "on_behalf"),
        ({"on_behalf_of": "x" * 51}, "on_behalf"),
    ],
)  # fmt: skip
def test_that_a_reason_that_is_none_stands_against_a_search(
    changes: dict[str, Any], rule: str
) -> None:
    reason = replace(a_reason(), **changes)
    assert rules(decide(a_query(), reason, a_searcher(), POLICY, NOW)) == {rule}


@pytest.mark.parametrize(
    "changes",
    [{"reference": "x" * 53}, {"on_behalf_of": "Ann"}, {"on_behalf_of": "x" * 50}]
    + [{"reason_code": code} for code in range(1, 10)],
)
def test_that_a_reason_at_its_limits_is_one(changes: dict[str, Any]) -> None:
    reason = replace(a_reason(), **changes)
    assert decide(a_query(), reason, a_searcher(), POLICY, NOW).is_allowed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "fewer than 10"), ("stolen   vans", ""), ("stolen va", "fewer than 10"),
        ("x" * 251, "longer than 250"), ("As above.", "refers to another"),
        ("  same AS   above ", "refers to another"), ("ditto", "refers to another"),
        ("test", "says nothing"), ("Test of system", "says nothing"), ("n/a", "says nothing"),
        ("asdfasdfasdf", "repeats"), ("1111111111", "repeats"), ("abababababab", "repeats"),
        ("stop stop stop stop", "repeats"), ("qwertyuiop12", "repeats"),
        ("burglaaaaary in Bath", "repeats"), ("Driver was DfT registered", ""),
        ("CAD 0000012 van stolen", ""), (WHY, ""), (f"{WHY} {'word ' * 50}"[:250], ""),
        ("testing station in Bath was burgled at night", ""),
    ],
)  # fmt: skip
def test_that_a_justification_says_why(text: str, words: str) -> None:
    found = weak_justification(text)
    assert words in found
    assert bool(found) is bool(words)


def test_that_every_rule_against_a_search_is_told_and_the_first_in_words() -> None:
    decision = decide(
        a_query(vrms=(), since=SINCE["C"]),
        SearchReason(Purpose.PVC, 12, "as above", "", "x"),
        a_searcher(Role.OFFICER),
        POLICY,
        NOW,
    )
    assert [d.rule for d in decision.denials] == [
        Rule.CRITERIA, Rule.JUSTIFICATION, Rule.REFERENCE, Rule.REASON_CODE, Rule.ON_BEHALF,
        Rule.RETENTION, Rule.EXTENDED, Rule.AUTHORITY_MISSING,
    ]  # fmt: skip
    denied = SearchDenied(decision)
    assert (denied.code, denied.message) == ("denied_criteria", decision.denials[0].message)
    assert denied.decision is decision
