"""A search leaves two records that belong together and say all that was asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nas_desktop.domain.access import Role
from nas_desktop.domain.query import ReadQuery, Where, checked, query_from
from nas_desktop.domain.search_access import (
    Band,
    Decision,
    Denial,
    Purpose,
    Rule,
    Searcher,
    SearchReason,
)
from nas_desktop.services.audit import AuditAction, AuditRecord, AuditRow
from nas_desktop.services.audit_review import Why, monthly_sample
from nas_desktop.services.audit_searches import search_done_record, search_record
from nas_desktop.services.searches import Coverage, Holder, SearchProgress
from tests.builders import NOON

QUERY = checked(ReadQuery(NOON - timedelta(days=1), NOON, ("AB51ABC",)))
REASON = SearchReason(Purpose.MAJOR, 5, "Van seen at the burglary.", "52/1/26", "DS Rees", "AU-1")


def asked(decision: Decision) -> AuditRecord:
    who = Searcher("asmith", "Anna Smith", (Role.OFFICER, Role.ANALYST))
    return search_record(NOON, "e1", who, "desk 1", "s1", QUERY, Where.BOTH, REASON, decision)


def test_that_a_search_is_recorded_with_all_that_was_asked() -> None:
    record = asked(Decision(Band.A, 1))
    assert (record.action, record.decision, record.event_id) == ("SEARCH", "allowed", "e1")
    assert query_from(record.criteria) == QUERY
    assert (record.role, record.reason_code, record.band) == ("analyst,officer", 5, "A")
    assert (record.on_behalf_of, record.authority, record.reference) == (
        "DS Rees",
        "AU-1",
        "52/1/26",
    )
    assert (record.justification, record.purpose) == (REASON.justification, "MAJOR")
    assert record.detail == {"where": "both"}


def test_that_a_denial_names_every_rule() -> None:
    denials = (Denial(Rule.ROLE, "no"), Denial(Rule.PURPOSE, "no"))
    record = asked(Decision(Band.B, 91, denials))
    assert (record.action, record.decision) == (AuditAction.DENIED, "role,purpose")
    assert record.oldest_age_days == 91


def test_that_the_end_says_how_many_and_which() -> None:
    coverage = Coverage(Holder.DESK, 38, 36, 0.98)
    progress = SearchProgress(
        2, ((Holder.DESK, 1.0),), is_exact=True, is_done=True, coverage=(coverage,)
    )
    done = search_done_record(asked(Decision(Band.A, 1)), NOON, progress, "0f" * 32)
    assert (done.action, done.event_id, done.result_count) == ("SEARCH_DONE", "e1", 2)
    assert (done.read_ids_hash, done.criteria) == ("0f" * 32, QUERY.text)
    assert done.detail == {"where": "both", "coverage this desk": "36 of 38 cameras, 0.980"}
    cut = replace(progress, is_exact=False, problems=("Damaged.",), coverage=())
    done = search_done_record(done, NOON, cut, "", was_stopped=True)
    assert done.detail == {
        "where": "both",
        "count": "at least",
        "stopped": "yes",
        "problem 1": "Damaged.",
    }


def test_that_what_the_decision_marks_is_in_the_sample() -> None:
    for decision, why in (
        (Decision(Band.A, 1, needs_review=True), Why.MARKED),
        (Decision(Band.A, 1, needs_review=True, concerns_colleague=True), Why.COLLEAGUE),
    ):
        (one,) = monthly_sample([AuditRow(1, asked(decision))], "crees", "seed")
        assert why in one.why
