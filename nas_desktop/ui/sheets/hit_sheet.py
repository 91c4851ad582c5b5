"""The words of the sheet of one hit; cameras by their alias alone (domain facts 8.4)."""

from __future__ import annotations

from datetime import datetime

from nas_desktop.domain.hit import Hit, HitReason
from nas_desktop.domain.spec import Spec
from nas_desktop.services.cards import Card
from nas_desktop.services.events import ImageKind, NodeState
from nas_desktop.services.exports import CONDITIONS, CPIA_NOTE, DISCLAIMER, gmt
from nas_desktop.services.sheets import Section, Sheet, marking_of, rows_of
from nas_desktop.ui import card_words as words
from nas_desktop.ui.basis_words import basis_words, clone_words, source_words, stale_words
from nas_desktop.ui.clone_words import clone_of, head_words, side_words, speed_words, time_words
from nas_desktop.ui.control_line import incident_of, mark_of
from nas_desktop.ui.images import ImageCache
from nas_desktop.ui.latency_words import clock_doubt
from nas_desktop.ui.latency_words import head_words as latency_head
from nas_desktop.ui.life_words import checked_words, raised_words, step_words, who_words
from nas_desktop.ui.live.match_rows_view import explained_words, explanation_of
from nas_desktop.ui.sheets.pages import Picture
from nas_desktop.ui.step_history import StepHistory
from nas_desktop.ui.text import seconds_words

MOST_STEPS, MOST_HITS = 400, 200
"""Rows of a sheet; what is beyond them is counted and stands in the audit."""


def made_by(name: str, desk: str, now: datetime) -> str:
    """Return who writes a sheet, where and when, for every page."""
    return f"{name} at {desk}, {gmt(now)[:16]} GMT"


def hit_sheet(
    card: Card,
    history: StepHistory,
    state: NodeState | None,
    spec: Spec,
    who: str,
    now: datetime,
    painted_at: datetime | None = None,
) -> Sheet:
    """Return the sheet of the hit that stands for a card; ``who`` is that of ``made_by``.

    ``painted_at`` is when this window painted it; it counts where no receipt is on record.
    """
    hit = card.foremost
    tier = f"{card.tier.value} " if card.tier else ""
    what = "Possible misread" if hit.is_possible else hit.leading.entry.action.value
    sections = (
        _facts(card, hit, spec, now),
        _match(hit),
        Section("Reasons", tuple(("", _reason_words(reason, now)) for reason in hit.reasons)),
        _latency(card, hit, state, painted_at),
        _clone(card, now),
        _steps(card, history, spec),
        _others(card),
        Section(
            "Made",
            rows_of(
                (
                    ("By", who),
                    ("Marking", marking_of(card.hits.values())),
                    ("Handling", CONDITIONS if _has_conditions(card) else ""),
                    ("Note", DISCLAIMER),
                    ("Note", CPIA_NOTE),
                )
            ),
        ),
    )
    title = f"ANPR hit: {tier}{what} {spec.grammar.display(card.vrm)}"
    kept = tuple(section for section in sections if section.rows)
    return Sheet(title, marking_of(card.hits.values()), kept, mark_of(hit))


def pictures_of(card: Card, images: ImageCache) -> tuple[Picture, ...]:
    """Return patch and overview of the hit, and the patch of its rival; or why there is none."""
    hit, pair = card.foremost, clone_of(card)
    wanted = [
        (hit.read, ImageKind.PATCH, "Plate patch"),
        (hit.read, ImageKind.OVERVIEW, "Overview"),
    ]
    if pair is not None and pair.rival is not None:
        if pair is not hit:
            wanted.append((pair.read, ImageKind.PATCH, "Of the pair: plate patch"))
        wanted.append((pair.rival.read, ImageKind.PATCH, "Other read: plate patch"))
    found = []
    for read, kind, name in wanted:
        why = images.why_missing(read.read_id, kind) or "not here yet"
        found.append(Picture(name, images.pixmap(read.read_id, kind), why))
    return tuple(found)


def _facts(card: Card, hit: Hit, spec: Spec, now: datetime) -> Section:
    leading = hit.leading
    codes, signals = words.signal_words(hit, spec)
    warning = f"{codes} – {signals}: linked person, not necessarily the driver seen"
    life = card.lives[hit.hit_id]
    return Section(
        "Hit",
        rows_of(
            (
                ("VRM", spec.grammar.display(card.vrm)),
                ("Entry", basis_words(leading, now)),
                ("Warning", warning if codes else ""),
                ("Reason", words.reason_words(leading)),
                ("Vehicle", words.vehicle_words(leading)),
                ("Information", leading.entry.information),
                ("Captured", words.captured_words(hit, now)),
                ("Late", words.late_words(hit, now) if hit.is_late else ""),
                ("Camera", words.camera_line(hit.read)),
                ("Read notes", words.flag_words(hit.read)),
                ("Source", source_words(hit, leading).words),
                ("PNC", stale_words(hit)),
                ("Register", clone_words(hit)),
                ("Contact", words.contact_words(leading)),
                ("Incident", incident_of(card)),
                ("Checked", checked_words(life)),
                ("Priority", raised_words(card)),
                ("State", who_words(card, spec, "", now) or "nobody has taken it"),
            )
        ),
    )


def _match(hit: Hit) -> Section:
    leading, read = hit.leading, hit.read
    if read.vrm == leading.entry.vrm:
        said = words.match_words(leading, read)
    else:
        said = explained_words(explanation_of(read, leading), leading, read)
    return Section("Match", (("Read", str(read.vrm)), ("Listed", leading.entry.vrm), ("How", said)))


def _reason_words(reason: HitReason, now: datetime) -> str:
    entry = reason.entry
    grade = f"grading {entry.intel}" if entry.intel else ""
    parts = (
        reason.tier.value if reason.tier else "",
        entry.action.value,
        entry.reason,
        words.list_words(reason),
        grade,
        entry.gsc,
        basis_words(reason, now),
    )
    return " · ".join(part for part in parts if part)


def _latency(card: Card, hit: Hit, state: NodeState | None, painted_at: datetime | None) -> Section:
    life = card.lives[hit.hit_id]
    ledger = hit.ledger(life.painted_at or painted_at, life.acknowledged_at)
    rows = [("", latency_head(hit, ledger, clock_doubt(state)))]
    rows += [(words.LEG_WORDS[leg], seconds_words(s)) for leg, s in ledger.legs()]
    return Section("Latency", () if hit.is_exercise else tuple(rows))


def _clone(card: Card, now: datetime) -> Section:
    hit = clone_of(card)
    if hit is None or hit.rival is None:
        return Section("Possible clone", ())
    rows = [("", f"{head_words(hit.rival)}. {speed_words(hit.rival)}")]
    for read, name in (
        (hit.read, side_words(hit.read)),
        (hit.rival.read, side_words(hit.rival.read, hit.read)),
    ):
        rows.append((name, f"{words.camera_line(read)} · {time_words(read, now)}"))
    return Section("Possible clone", tuple(rows))


def _steps(card: Card, history: StepHistory, spec: Spec) -> Section:
    steps = history.of(card.hits)
    # Steps of several hits in one go read as one line.
    lines = list(dict.fromkeys(step_words(step, spec) for step in steps))
    rows = lines[-MOST_STEPS:] or [("", "Nothing done yet")]
    if len(lines) > MOST_STEPS:
        rows.insert(0, ("", f"{len(lines) - MOST_STEPS:,} earlier ones are in the audit"))
    return Section("Steps", tuple(rows))


def _others(card: Card) -> Section:
    hits = sorted(card.hits.values(), key=lambda h: h.read.effective_at, reverse=True)
    if len(hits) < 2:
        return Section("Hits of this vehicle", ())
    rows = [
        (f"{gmt(h.read.captured_at)[:19]}", words.camera_line(h.read)) for h in hits[:MOST_HITS]
    ]
    if len(hits) > MOST_HITS:
        rows.append(("", f"{len(hits) - MOST_HITS:,} more"))
    return Section(f"Hits of this vehicle · {len(hits)}", tuple(rows))


def _has_conditions(card: Card) -> bool:
    return any(
        reason.entry.intel.strip().upper().endswith("C")
        for hit in card.hits.values()
        for reason in hit.reasons
    )
