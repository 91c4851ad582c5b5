"""The words of the audit workspace: pure functions from facts to text, without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from nas_desktop.domain.query import QueryRefused, query_from
from nas_desktop.domain.search_access import Purpose
from nas_desktop.services.audit import AuditAction, AuditRecord, AuditRow, Tampering, Verdict
from nas_desktop.services.audit_ports import Check, CheckVerdict, ProofState
from nas_desktop.services.audit_review import Why
from nas_desktop.ui.search.search_words import PURPOSES, REASON_CODES, span_words
from nas_desktop.ui.text import NONE, several

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

ACTIONS: dict[AuditAction, str] = {
    AuditAction.LOGIN: "Signed in",
    AuditAction.LOGIN_REFUSED: "Sign-in refused",
    AuditAction.LOGOUT: "Signed out",
    AuditAction.HIT_DELIVERED: "Hit delivered",
    AuditAction.HIT_ACK: "Hit acknowledged",
    AuditAction.HIT_ACTION: "Hit: action",
    AuditAction.HIT_OUTCOME: "Hit: outcome",
    AuditAction.DENIED: "Denied",
    AuditAction.CONFIG_CHANGE: "Setting changed",
    AuditAction.VOI_UPLOAD: "List imported",
    AuditAction.VOI_CREATE: "List made",
    AuditAction.VOI_EDIT: "List edited",
    AuditAction.VOI_WEED: "List weeded",
    AuditAction.VOI_ROLLBACK: "List rolled back",
    AuditAction.VOI_REMOVE: "List removed",
    AuditAction.VIEW_NO_ALERT: "No Alert hits looked at",
    AuditAction.EXPORT: "Export",
    AuditAction.BUFFER_START: "Buffering began",
    AuditAction.BUFFER_END: "Buffering ended",
    AuditAction.TEST_READ: "Connectivity test",
    AuditAction.NODE_START: "Node started",
    AuditAction.NODE_STOP: "Node stopped",
    AuditAction.SEARCH: "Search",
    AuditAction.SEARCH_DONE: "Search ended",
    AuditAction.VIEW_READ: "Read looked at",
    AuditAction.VIEW_IMAGE: "Image looked at",
    AuditAction.MISREAD: "Misread reported",
    AuditAction.PRINT: "Printed",
    AuditAction.COPY: "Copied",
    AuditAction.MAP_PICTURE: "Map exported",
    AuditAction.AUTH_GRANT: "Authority given",
    AuditAction.AUTH_USE: "Authority used",
    AuditAction.AUTH_COUNTERSIGN: "Authority countersigned",
    AuditAction.CLOCK_WARN: "Clock not trusted",
    AuditAction.PURGE: "Reads deleted",
    AuditAction.PRESERVE: "Reads preserved",
    AuditAction.DRY_RUN: "List tried on kept reads",
    AuditAction.SAMPLE_CHECK: "Sample check",
    AuditAction.SUBJECT_ACCESS: "Subject access",
    AuditAction.TRANSPARENCY: "Transparency report",
    AuditAction.AUDIT_VIEW: "Audit looked at",
    AuditAction.AUDIT_VERIFY: "Audit verified",
    AuditAction.AUDIT_EXPORT: "Audit exported",
    AuditAction.AUDIT_CONFLICT: "Audit contradicted",
}

GROUPS: tuple[tuple[str, tuple[AuditAction, ...]], ...] = (
    ("Everything", ()),
    ("Searches and denials", (AuditAction.SEARCH, AuditAction.SEARCH_DONE, AuditAction.DENIED)),
    (
        "Authorities",
        (AuditAction.AUTH_GRANT, AuditAction.AUTH_USE, AuditAction.AUTH_COUNTERSIGN),
    ),
    (
        "What left the system",
        (
            AuditAction.EXPORT, AuditAction.MAP_PICTURE, AuditAction.PRINT, AuditAction.COPY,
            AuditAction.AUDIT_EXPORT,
        ),
    ),
    ("Sample checks", (AuditAction.SAMPLE_CHECK,)),
    (
        "Lists",
        tuple(action for action in AuditAction if action.startswith("VOI_")),
    ),
    ("Hits", tuple(action for action in AuditAction if action.startswith("HIT_"))),
    ("Sign-ins", (AuditAction.LOGIN, AuditAction.LOGIN_REFUSED, AuditAction.LOGOUT)),
    (
        "The audit itself",
        (*(action for action in AuditAction if action.startswith("AUDIT_")),
         AuditAction.SUBJECT_ACCESS, AuditAction.TRANSPARENCY),
    ),
)  # fmt: skip

WHY: dict[Why, str] = {
    Why.RANDOM: "drawn",
    Why.BAND: "older than 90 days",
    Why.URGENT: "verbal authority",
    Why.OWN: "own vehicle",
    Why.COLLEAGUE: "colleague's vehicle",
    Why.MARKED: "marked for review",
    Why.LARGE_EXPORT: "more than 1,000 rows exported",
}

VERDICTS: dict[CheckVerdict, str] = {
    CheckVerdict.SATISFIED: "✓ Satisfied",
    CheckVerdict.QUERY: "▲ Query",
    CheckVerdict.REFER: "■ Referred",
}

TAMPERINGS: dict[Tampering, str] = {
    Tampering.EDITED: "its content was changed",
    Tampering.TAIL_CUT: "the end was cut off",
    Tampering.HEAD_CUT: "the beginning was cut off",
    Tampering.REMOVED: "records were removed",
    Tampering.REORDERED: "records were put in another order",
    Tampering.INSERTED: "a record was put in",
    Tampering.REWRITTEN: "the chain was written anew from here",
    Tampering.OTHER_MACHINE: "it is the audit of another machine",
    Tampering.FORGED: "a countersignature is not genuine",
}


def instant_words(at: datetime) -> str:
    """Return an instant with its date: ``21/11/2026 20:57:00``."""
    return at.astimezone(UTC).strftime("%d/%m/%Y %H:%M:%S")


def month_words(month: str) -> str:
    """Return ``November 2026`` for ``2026-11``."""
    year, _, number = month.partition("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def months_back(now: datetime, count: int = 13) -> tuple[str, ...]:
    """Return the month of an instant and those before, the newest first."""
    at = now.astimezone(UTC)
    total = at.year * 12 + at.month - 1
    return tuple(f"{n // 12}-{n % 12 + 1:02}" for n in range(total, total - count, -1))


def action_words(action: AuditAction) -> str:
    """Return what was done; an action that has no words yet by its name."""
    return ACTIONS.get(action, action.replace("_", " ").capitalize())


def is_denied(record: AuditRecord) -> bool:
    """Tell whether somebody was refused something."""
    return record.action in (AuditAction.DENIED, AuditAction.LOGIN_REFUSED)


def what_words(record: AuditRecord) -> str:
    """Return what was done, for a row."""
    if record.action is AuditAction.DENIED:
        return "Search denied" if record.criteria else "Not permitted"
    if record.action is AuditAction.SAMPLE_CHECK:
        return f"Sample check: {record.detail.get('verdict', '')}"
    return action_words(record.action)


def reference_words(record: AuditRecord) -> str:
    """Return the reference, or what it was done to."""
    return record.reference or record.subject or NONE


def decision_words(record: AuditRecord) -> str:
    """Return the decision with the rules that it rests on."""
    if record.action is AuditAction.DENIED and not record.criteria:
        return f"■ Not permitted: {record.detail.get('message', '')}"
    if not record.decision:
        return ""
    if record.decision == "allowed":
        return "● Allowed"
    rules = ", ".join(rule.replace("_", " ") for rule in record.decision.split(","))
    return f"■ Denied, by the rules: {rules}"


def criteria_words(criteria: str) -> str:
    """Return a question in words; one of another version as it is written."""
    if not criteria:
        return ""
    try:
        query = query_from(criteria)
    except QueryRefused:
        return criteria
    said = [_some(query.vrms, "")] if query.vrms else []
    if query.look_alikes:
        said.append(f"looks like {_some(query.look_alikes, '')}")
    if query.unread:
        said.append("vehicles without a VRM")
    parts = [" or ".join(said) or "any vehicle", span_words(query.since, query.until)]
    if query.cameras:
        cameras = _some([str(camera) for camera in query.cameras], "")
        parts.append(f"at {several(len(query.cameras), 'camera')}: {cameras}")
    if query.area is not None:
        parts.append(f"in an area ({type(query.area).__name__.lower()})")
    if query.directions:
        parts.append("going " + ", ".join(str(d) for d in query.directions))
    if query.lanes:
        parts.append("lanes " + _some(query.lanes, ""))
    if query.hits_only:
        parts.append("only reads with a hit")
    if query.late_only:
        parts.append("only late reads")
    return "; ".join(parts)


def _some(words: Sequence[str], nothing: str, most: int = 12) -> str:
    rest = f" and {len(words) - most:,} more" if len(words) > most else ""
    return (", ".join(words[:most]) + rest) or nothing


def purpose_words(record: AuditRecord) -> str:
    """Return purpose and PNC reason code."""
    known = {str(purpose): words for purpose, words in PURPOSES.items()}
    assert len(known) == len(Purpose)
    parts = [known.get(record.purpose, record.purpose)]
    if record.reason_code is not None and 0 <= record.reason_code < len(REASON_CODES):
        parts.append(f"reason {record.reason_code}, {REASON_CODES[record.reason_code][1].lower()}")
    return "; ".join(part for part in parts if part)


def who_words(record: AuditRecord) -> str:
    """Return account, role and workstation."""
    role = record.role.replace("_", " ").replace(",", ", ")
    parts = (record.username or "the node itself", role, record.workstation)
    return " · ".join(part for part in parts if part)


def count_words(record: AuditRecord, result_count: int | None = None) -> str:
    """Return how many reads there were."""
    count = record.result_count if record.result_count is not None else result_count
    if count is None:
        return ""
    at_least = "at least" in (record.detail.get("exact"), record.detail.get("count"))
    return f"at least {count:,}" if at_least else f"{count:,}"


def coverage_words(record: AuditRecord) -> str:
    """Return what the answer could see."""
    parts = [
        f"{key.removeprefix('coverage ')}: {value}"
        for key, value in record.detail.items()
        if key.startswith("coverage ")
    ]
    parts += [value for key, value in record.detail.items() if key.startswith("problem ")]
    return "\n".join(parts)


def more_words(record: AuditRecord) -> str:
    """Return what else the record says."""
    return "\n".join(
        f"{key.replace('_', ' ')}: {value}"
        for key, value in record.detail.items()
        if not key.startswith(("coverage ", "problem "))
    )


def check_words(check: Check) -> str:
    """Return a verdict in a line."""
    comment = f": {check.comment}" if check.comment else ""
    return f"{VERDICTS[check.verdict]}{comment}\n{check.by}, {instant_words(check.at)} GMT"


def standing_words(checks: Sequence[Check]) -> str:
    """Return how far a record has been looked at, for a row."""
    return VERDICTS[checks[0].verdict] if checks else "○ To be looked at"


def why_words(why: Sequence[Why]) -> str:
    """Return why a record is in the sample."""
    return ", ".join(WHY[one] for one in why)


def proof_words(seq: int, proof: ProofState | None, verdict: Verdict | None) -> str:
    """Return what is known of one record's place in the chain."""
    said = [f"number {seq:,}"]
    if verdict is not None:
        if verdict.is_whole:
            said.append(
                "● whole when last verified" if seq <= verdict.records else "not verified yet"
            )
        elif verdict.seq is not None and seq >= verdict.seq:
            said.append(f"■ not proved: the chain breaks at {verdict.seq:,}")
        else:
            said.append("● before the break")
    if proof is not None and proof.countersigned:
        is_signed = seq <= proof.countersigned
        said.append(
            f"countersigned by {proof.server_id}" if is_signed else "○ not countersigned yet"
        )
    return "\n".join(said)


def verdict_words(verdict: Verdict) -> tuple[str, str]:
    """Return what looking through the chain found: a title and a sentence."""
    if verdict.is_whole:
        return (
            "● The audit is whole",
            f"{several(verdict.records, 'record')} looked through: every hash follows from the"
            " one before, and every countersigned head is there.",
        )
    what = TAMPERINGS[verdict.kind] if verdict.kind is not None else "it is not as it was"
    place = f"Record {verdict.seq:,} is the first that is not as it was" if verdict.seq else ""
    return (
        "■ The audit was tampered with",
        f"{place + ': ' if place else ''}{what}. {verdict.why}".strip(),
    )


def signed_words(proof: ProofState) -> str:
    """Return up to where the chain is countersigned, when and by whom."""
    if not proof.has_above and not proof.countersigned:
        return (
            "This node has no server above it that countersigns. The proof is as good as the"
            " copies kept elsewhere: export the audit regularly and keep the file on another"
            " machine."
        )
    if not proof.countersigned or proof.at is None:
        return "Not countersigned yet: no record has reached the server."
    words = (
        f"Countersigned up to record {proof.countersigned:,} at {instant_words(proof.at)} GMT by"
        f" server {proof.server_id}."
    )
    left = proof.records - proof.countersigned
    if left > 0:
        verb = "waits" if left == 1 else "wait"
        words += f" {several(left, 'newer record')} {verb} to be sent."
    return words


def sample_row_words(row: AuditRow) -> str:
    """Return a record of a sample in a line, for whoever hears the table."""
    record = row.record
    return f"{what_words(record)} by {record.username}, {instant_words(record.at)} GMT"
