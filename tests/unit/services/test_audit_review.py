"""What is looked at afterwards: the sample, users out of line, counts for the public."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nas_desktop.services.audit import AuditAction, AuditRecord, AuditRow
from nas_desktop.services.audit_review import (
    Count,
    Outlier,
    Why,
    monthly_sample,
    outliers,
    transparency,
)
from tests.builders import NOON


def a_row(seq: int, username: str = "asmith", **changes: Any) -> AuditRow:
    record = AuditRecord(
        AuditAction.SEARCH, NOON + timedelta(seconds=seq), username, criteria="from=x", band="A",
        role="analyst", purpose="MAJOR",
    )  # fmt: skip
    return AuditRow(seq, replace(record, **changes))


def searches(count: int, username: str = "asmith", first: int = 1, **more: Any) -> list[AuditRow]:
    return [a_row(n, username, **more) for n in range(first, first + count)]


@pytest.mark.parametrize(
    ("count", "sampled"), [(0, 0), (3, 3), (10, 10), (199, 10), (200, 10), (201, 11), (1000, 50)]
)
def test_that_the_random_part_is_ten_or_a_twentieth(count: int, sampled: int) -> None:
    assert len(monthly_sample(searches(count), "crees", "2026-11")) == sampled


def test_that_the_draw_can_be_made_again_and_depends_on_the_seed() -> None:
    rows = searches(500)
    mixed = random.Random(1).sample(rows, len(rows))
    assert monthly_sample(rows, "crees", "2026-11") == monthly_sample(mixed, "crees", "2026-11")
    assert monthly_sample(rows, "crees", "2026-11") != monthly_sample(rows, "crees", "2026-12")


def test_that_the_draw_is_fair() -> None:
    rows = searches(40)
    drawn = [0] * 41
    for seed in range(400):
        for one in monthly_sample(rows, "crees", str(seed)):
            drawn[one.row.seq] += 1
    assert all(60 <= times <= 140 for times in drawn[1:])  # 100 on average


def test_that_nobody_checks_what_they_did_themselves() -> None:
    rows = [*searches(30, "crees", band="C"), *searches(3, first=100)]
    assert {one.row.seq for one in monthly_sample(rows, "crees", "x")} == {100, 101, 102}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"band": "B"}, Why.BAND), ({"band": "C"}, Why.BAND),
        ({"action": AuditAction.DENIED, "band": "C"}, Why.BAND),
        ({"action": AuditAction.DENIED, "decision": "role,own_vehicle"}, Why.OWN),
        ({"detail": {"review": "yes"}}, Why.MARKED),
        ({"detail": {"colleague": "yes"}}, Why.COLLEAGUE),
        ({"detail": {"verbal": "yes"}}, Why.URGENT),
        ({"action": AuditAction.AUTH_GRANT, "detail": {"verbal": "yes"}}, Why.URGENT),
        ({"action": AuditAction.EXPORT, "result_count": 1_001}, Why.LARGE_EXPORT),
    ],
)  # fmt: skip
def test_that_some_are_looked_at_in_any_case(changes: dict[str, Any], why: Why) -> None:
    rows = [*searches(500), a_row(900, **changes)]
    (found,) = [one for one in monthly_sample(rows, "crees", "seed") if one.row.seq == 900]
    assert why in found.why


@pytest.mark.parametrize(
    "changes",
    [
        {"action": AuditAction.EXPORT, "result_count": 1_000},
        {"action": AuditAction.EXPORT},
        {"action": AuditAction.DENIED},
        {"action": AuditAction.DENIED, "criteria": "", "band": "C"},
        {"action": AuditAction.AUTH_GRANT},
        {"action": AuditAction.LOGIN, "detail": {"verbal": "yes"}},
    ],
)
def test_that_other_records_are_left_alone(changes: dict[str, Any]) -> None:
    assert monthly_sample([a_row(1, **changes)], "crees", "seed") == ()


def test_that_who_searches_far_more_than_their_role_stands_out() -> None:
    rows = [
        *searches(10, "a"), *searches(12, "b"), *searches(11, "c"), *searches(40, "d"),
        *searches(2, "e", role="officer"), *searches(3, "f", role="officer"),
        *searches(19, "g", role="officer"), *searches(90, "h", role="dispatcher"),
        a_row(1, "a", action=AuditAction.LOGIN),
    ]  # fmt: skip
    assert outliers(rows) == (Outlier("d", "analyst", 40, 11.5),)
    assert outliers([]) == ()


def test_that_small_counts_are_not_published_nor_given_away_by_the_others() -> None:
    rows = [
        *searches(20), *searches(4, band="B", purpose="CT"), *searches(7, purpose="PVC"),
        a_row(1, action=AuditAction.DENIED), a_row(2, action=AuditAction.DENIED, criteria=""),
        *searches(6, action=AuditAction.EXPORT), *searches(5, action=AuditAction.AUTH_GRANT),
    ]  # fmt: skip
    report = transparency(rows)
    assert report.searches == Count("searches", 31)
    assert report.denied == Count("denied", None)
    assert report.exports == Count("exports", 6)
    assert report.authorities == Count("authorities", 5)
    assert report.by_purpose == (Count("CT", None), Count("MAJOR", 20), Count("PVC", None))
    assert report.by_band == (Count("A", None), Count("B", None))


def test_that_nothing_is_no_secret_and_several_small_parts_hide_each_other() -> None:
    assert transparency([]).searches == Count("searches", 0)
    rows = [*searches(9), *searches(2, purpose="CT"), *searches(3, purpose="PVC")]
    parts = {one.name: one.count for one in transparency(rows).by_purpose}
    assert parts == {"MAJOR": 9, "CT": None, "PVC": None}
