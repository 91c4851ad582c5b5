"""What follows from steps in the store itself: the history of closed hits, word to list owners.

Both are kept in the transaction that takes the step or the hit, whichever comes later, so that a
crash between the two loses neither.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import cast

import apsw

from nas_desktop.adapters.store.packing import pack, unpack
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import DecidedStep, Step, StepKind
from nas_desktop.services.desks import HistoryPage, Notice


def note_decided(db: apsw.Connection, decided: DecidedStep) -> None:
    """Keep history and notices in step with what was decided; for a step that is stored already."""
    step = decided.step
    if step.kind is StepKind.OUTCOME or (step.kind is StepKind.WITHDRAW and decided.is_accepted):
        _note_outcomes(db, step.hit_id)
    elif step.kind is StepKind.NOTIFY and decided.is_accepted:
        hit = _hit_of(db, step.hit_id)
        if hit is not None:
            _put_notices(db, step, hit)


def note_hit(db: apsw.Connection, hit: Hit) -> None:
    """Take in a hit whose steps may have run ahead of it."""
    for decided in _steps_of(db, hit.hit_id):
        note_decided(db, decided)


def _hit_of(db: apsw.Connection, hit_id: bytes) -> Hit | None:
    row = db.execute("SELECT body FROM hits WHERE hit_id = ?", (hit_id,)).fetchone()
    return None if row is None else unpack(Hit, cast("bytes", row[0]))


def _steps_of(db: apsw.Connection, hit_id: bytes) -> list[DecidedStep]:
    return [
        unpack(DecidedStep, cast("bytes", body))
        for (body,) in db.execute("SELECT body FROM steps WHERE hit_id = ? ORDER BY at", (hit_id,))
    ]


def _note_outcomes(db: apsw.Connection, hit_id: bytes) -> None:
    """Set down when a hit was closed, by the outcome that counts; nothing when none does.

    What this node decided alone gives way to the verdict from above.
    """
    verdicts = {d.step.step_id: d for d in _steps_of(db, hit_id) if d.is_provisional}
    verdicts |= {d.step.step_id: d for d in _steps_of(db, hit_id) if not d.is_provisional}
    accepted = [d.step for d in verdicts.values() if d.is_accepted]
    gone = {step.undoes for step in accepted if step.undoes}
    closing = [s for s in accepted if s.kind is StepKind.OUTCOME and s.step_id not in gone]
    hit = _hit_of(db, hit_id)
    if not closing or hit is None:
        db.execute("DELETE FROM closed WHERE hit_id = ?", (hit_id,))
        return
    db.execute(
        "INSERT OR REPLACE INTO closed VALUES (?, ?, ?)",
        (hit_id, instant(closing[0].at), str(hit.read.vrm)),
    )


def _put_notices(db: apsw.Connection, step: Step, hit: Hit) -> None:
    """Keep word for the owners of all lists behind a hit; the same step again changes nothing."""
    for reason in hit.reasons:
        if not reason.is_quiet:
            notice = Notice(
                reason.list_name, reason.entry.vrm, step.at, step.operator, step.text, hit.hit_id
            )
            db.execute(
                "INSERT OR IGNORE INTO notices VALUES (?, ?, ?, ?)",
                (step.step_id, notice.list_name, instant(notice.at), pack(notice)),
            )


# ------------------------------------------------------------------ asked


def history(db: apsw.Connection, before: datetime | None, limit: int, mark: str) -> HistoryPage:
    """Return closed hits with their steps, newest closing first; of one VRM with ``mark``.

    One key closes all hits of a card at one instant: they stay on one page, which may be longer
    than ``limit`` for it.
    """
    row = db.execute("SELECT count(*) FROM closed WHERE ? = '' OR mark = ?", (mark, mark))
    total = row.fetchone()
    until = instant(before) if before is not None else "~"
    columns = "SELECT closed.at, hit_id, body FROM closed JOIN hits USING (hit_id)"
    order = "ORDER BY closed.at DESC, hit_id"
    found = db.execute(
        f"{columns} WHERE closed.at < ? AND (? = '' OR mark = ?) {order} LIMIT ?",
        (until, mark, mark, limit + 1),
    ).fetchall()
    has_more = len(found) > limit
    if has_more:
        last = found[limit - 1][0]
        earlier = [one for one in found[:limit] if one[0] != last]
        same = db.execute(
            f"{columns} WHERE closed.at = ? AND (? = '' OR mark = ?) {order}", (last, mark, mark)
        ).fetchall()
        found = earlier + same
    at = [datetime.fromisoformat(str(text)) for text, _id, _body in found]
    steps = [d for _at, hit_id, _body in found for d in _steps_of(db, cast("bytes", hit_id))]
    return HistoryPage(
        tuple(unpack(Hit, cast("bytes", body)) for _at, _id, body in found),
        tuple(at),
        tuple(steps),
        0 if total is None else int(cast("int", total[0])),
        at[-1] if has_more else None,
    )


def notices(db: apsw.Connection, limit: int, name: str, but: Collection[str] = ()) -> list[Notice]:
    """Return word about entries of a list, or of all ``but`` some, newest first."""
    found: list[Notice] = []
    rows = db.execute(
        "SELECT list_name, body FROM notices WHERE ? = '' OR list_name = ? ORDER BY at DESC",
        (name, name),
    )
    for list_name, body in rows:
        if str(list_name) not in but:
            found.append(unpack(Notice, cast("bytes", body)))
        if len(found) >= limit:
            break
    return found


def instant(at: datetime) -> str:
    """Return an instant as text that sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
