"""The words of the search workspace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.query import ReadQuery
from nas_desktop.domain.search_access import AccessPolicy, Authority, Band, Purpose
from nas_desktop.services.resources import load_json, load_spec
from nas_desktop.services.searches import Coverage, CoverageGap, GapKind, Holder
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.search import row_menu
from nas_desktop.ui.search.search_words import (
    authority_words,
    band_tip,
    band_words,
    coverage_title,
    coverage_words,
    gap_words,
    held_words,
    nothing_words,
    query_words,
    status_words,
    tab_words,
)
from tests.fakes.search_link import NEWEST, row_at, some_gaps, some_progress

POLICY = AccessPolicy.from_data(load_json("access", "policy.json"))
WHOLE = Coverage(Holder.DESK, 38, 38, 1.0)


def test_that_the_status_tells_how_far_each_holder_has_come() -> None:
    assert status_words(some_progress(), {Holder.DESK: 0.18}) == (
        "412 reads of 9 marks · this desk complete in 0.18 s · national 61 %"
    )


def test_that_a_count_that_is_not_exact_says_at_least() -> None:
    done = some_progress(is_done=True)
    assert "at least 412 reads" in status_words(replace(done, is_exact=False))
    assert "Nothing found" in status_words(some_progress(0, is_done=True))


def test_that_coverage_names_the_longest_gaps_and_what_they_mean() -> None:
    coverage = some_progress().coverage
    assert coverage_title(coverage) == "Coverage 36 of 38 cameras."
    words = coverage_words(coverage)
    assert "A34 South 7 silent 20/11 00:14–00:41" in words
    assert "A6 West 1 not held here before 18/11 00:00" in words
    assert words.endswith("“Nothing found” there means nothing.")


def test_that_only_coverage_without_a_gap_is_called_whole() -> None:
    assert "without a gap" in coverage_words((WHOLE,))
    assert "means nothing" in coverage_words((replace(WHOLE, problems=("A part is damaged.",)),))
    assert "A part is damaged" in coverage_words(
        (replace(WHOLE, problems=("A part is damaged.",)),)
    )
    assert "5 more" in coverage_words((replace(WHOLE, gaps=some_gaps(), more_gaps=5),))


def test_that_nothing_found_is_never_bare() -> None:
    assert "not known" in nothing_words(())
    assert "36 of 38" in nothing_words(some_progress().coverage)
    assert "whole time" in nothing_words((WHOLE,))


def test_that_a_camera_never_heard_has_no_span() -> None:
    gap = CoverageGap(CameraId("52", 1, 9), "", NEWEST, NEWEST, GapKind.NEVER_HEARD)
    assert gap_words(gap) == "52/1/9 never heard"


def test_that_a_read_held_twice_says_both() -> None:
    assert held_words(row_at(0)) == "this desk"
    assert held_words(row_at(2)) == "both"


def test_that_bands_say_what_they_ask_for() -> None:
    assert band_words(POLICY, Band.A) == "A: 90 days"
    assert "authority" in band_words(POLICY, Band.B)
    assert "Inspector" in band_tip(POLICY, Band.B)
    assert "not kept" in band_words(POLICY, Band.C)
    longer = replace(POLICY, retention_months=24)
    assert "Superintendent" in band_tip(longer, Band.C)


def test_that_a_question_is_said_in_a_line() -> None:
    query = ReadQuery(NEWEST - timedelta(hours=2), NEWEST, vrms=("AB51ABC",))
    assert query_words(query) == "AB51ABC · 20/11 18:57–20:57"
    assert tab_words(query, "") == "AB51ABC"
    assert tab_words(query, "OP MERCURY") == "OP MERCURY"
    assert tab_words(None, "") == "New search"


def test_that_a_verbal_authority_says_that_it_is_not_confirmed() -> None:
    now = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
    given = Authority(
        "A-1", "b.lowe", "B. Lowe", "Inspector", "Staffordshire", now, Purpose.SERIOUS,
        "OP MERCURY", now - timedelta(days=200), now, now + timedelta(hours=2), is_verbal=True,
    )  # fmt: skip
    assert authority_words(given, now) == (
        "Inspector B. Lowe · OP MERCURY · until 23:00 · verbal, to be countersigned"
    )
    assert "has run out" in authority_words(given, now + timedelta(hours=3))


def test_that_copied_rows_carry_the_marking_above_and_below_and_no_position() -> None:
    lines = row_menu.copied_words([row_at(0), row_at(1)], load_spec().grammar).splitlines()
    assert lines[0] == lines[-1] == GSC
    assert lines[1].split("\t")[:3] == ["20/11/2026 20:57:00 GMT", "AB51 ABC", "M6 North 14"]
    assert "52.98" not in "".join(lines)


def test_that_further_questions_come_from_the_row() -> None:
    found = row_at(1)
    query = ReadQuery(NEWEST - timedelta(days=7), NEWEST, look_alikes=("AB51ABC",))
    same, like = row_menu.same_mark(found, query), row_menu.like_mark(found, query)
    assert same is not None
    assert same.vrms == ("AB51AEC",)
    assert like is not None
    assert like.look_alikes == ("AB51AEC",)
    around = row_menu.around(found)
    assert around.until - around.since == timedelta(minutes=20)
    assert around.cameras == (found.read.camera,)
