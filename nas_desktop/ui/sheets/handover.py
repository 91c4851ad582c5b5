"""The words of a shift handover: what is open, missed or silent, and what is not known.

Made from what the window has; where it does not know something it says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nas_desktop.domain.hit import HitId
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.domain.spec import Spec
from nas_desktop.services.board_filter import BoardFilter
from nas_desktop.services.cards import WAITING, Card, Group
from nas_desktop.services.events import HopState, NodeState
from nas_desktop.services.sheets import Section, Sheet, marking_of, rows_of
from nas_desktop.ui.card_words import camera_line, repeats_words
from nas_desktop.ui.latency_words import clock_doubt, figures_of
from nas_desktop.ui.life_words import step_words, who_words
from nas_desktop.ui.pnc_words import pnc_hop_words
from nas_desktop.ui.shift_log import Entry, Matter
from nas_desktop.ui.step_history import StepHistory
from nas_desktop.ui.text import (
    clock_words,
    count_words,
    duration_words,
    hop_name,
    hop_words,
    minute_words,
    moment_words,
    seconds_words,
    several,
)

MOST_ROWS = 500
"""Rows of a section; more are counted."""

SHORTEST_NAME, LONGEST_NAME = 2, 80


@dataclass(frozen=True, slots=True)
class Shift:
    """What a handover is made of, as the window had it at ``now``.

    ``paint_ms`` are the times this window took from a frame to its painting.
    """

    giver: str
    desk: str
    began: datetime
    now: datetime
    cards: tuple[Card, ...]
    history: StepHistory
    state: NodeState | None
    state_age_s: float
    is_lost: bool
    entries: tuple[Entry, ...]
    flood_minutes: float
    is_flooded: bool
    mute: tuple[datetime | None, str]
    filter: BoardFilter
    paint_ms: tuple[float, ...]
    scope: str = ""


def handover(shift: Shift, taker: str, spec: Spec) -> tuple[Sheet, tuple[HitId, ...]]:
    """Return the sheet and the hits it speaks of.

    The digest of all its words stands in the last section, which it does not cover.
    """
    cards = [card for card in shift.cards if not card.foremost.is_exercise]
    live = sorted((c for c in cards if not c.is_possible), key=_order)
    groups = {card.card_id: card.group_for(shift.giver) for card in live}
    waiting = [c for c in live if groups[c.card_id] in WAITING]
    working = [c for c in live if groups[c.card_id] in (Group.MINE, Group.IN_PROGRESS)]
    parked = [c for c in live if groups[c.card_id] is Group.PARKED]
    missed = [(c, found) for c in live if (found := _missed(c, shift))]
    voiced = [c for c in live if any(li.voice_to and not li.is_final for li in c.lives.values())]
    listed = list(dict.fromkeys(i for c in (*waiting, *working, *parked, *voiced) for i in c.hits))
    listed += [i for c, _found in missed for i in c.hits if i not in set(listed)]
    named = {i: hit for c in live for i, hit in c.hits.items() if i in set(listed)}
    sections = (
        _head(shift, taker, cards),
        _cards("Unacknowledged", waiting, shift, spec),
        _cards("In progress", working, shift, spec),
        _cards("Parked", parked, shift, spec),
        _of("Missed: not acknowledged in time", [_missed_row(c, f, spec) for c, f in missed]),
        _of("Passed by voice, no outcome yet", [_voice_row(c, shift, spec) for c in voiced]),
        _cameras(shift),
        _links(shift),
        _lists(shift),
        _silenced(shift),
        _load(shift),
        _latency(shift),
    )
    state = shift.state
    mark = "SIMULATION" if state is not None and state.is_simulation else ""
    sheet = Sheet(
        f"Shift handover {shift.desk}, {moment_words(shift.now, shift.now - timedelta(days=1))}"
        " GMT",
        marking_of(named.values()),
        sections,
        mark,
    )
    seal = Section("Digest", (("", f"SHA-256 of all the words above: {sheet.sha256}"),))
    return replace(sheet, sections=(*sections, seal)), tuple(listed)


def text_digest(sheet: Sheet) -> str:
    """Return the digest that stands at the end of a handover."""
    return sheet.sections[-1].rows[0][1].rpartition(" ")[2]


# ------------------------------------------------------------------ who and when


def _head(shift: Shift, taker: str, cards: Sequence[Card]) -> Section:
    closed = Counter(
        life.outcome
        for card in cards
        for life in card.lives.values()
        if life.closed_at is not None and life.closed_at >= shift.began
    )
    possible = sum(card.is_possible and not card.is_closed for card in cards)
    began = moment_words(shift.began, shift.now)
    return Section(
        "Shift",
        rows_of(
            (
                ("Given by", shift.giver),
                ("Taken by", taker or "– name to be entered –"),
                ("Desk", shift.desk),
                ("Looks after", shift.scope.removeprefix("This desk: ") or "everything"),
                ("Began", f"{began} GMT, when {shift.giver} signed in"),
                ("As of", f"{moment_words(shift.now, shift.began - timedelta(days=1))} GMT"),
                ("Closed", f"{several(closed.total(), 'hit')} in this shift"),
                ("Possible misreads", f"{possible:,} open" if possible else ""),
            )
        ),
    )


# ------------------------------------------------------------------ hits


def _order(card: Card) -> tuple[int, float, str]:
    return card.rank_of(card.foremost), card.newest.read.effective_at.timestamp(), card.card_id


def _cards(title: str, cards: Sequence[Card], shift: Shift, spec: Spec) -> Section:
    return _of(title, [_row(card, shift, spec) for card in cards])


def _row(card: Card, shift: Shift, spec: Spec) -> tuple[str, str]:
    hit = card.foremost
    life = card.lives[hit.hit_id]
    verified = {None: "patch not looked at", False: "PATCH DIFFERS"}.get(life.is_verified, "")
    parts = (
        f"{hit.leading.entry.action.value}: {hit.leading.entry.reason}",
        camera_line(hit.read),
        f"captured {moment_words(hit.read.captured_at, shift.now)}",
        who_words(card, spec, "", shift.now),
        verified if not card.unacknowledged else "",
        repeats_words(card),
    )
    return _name(card, spec), " · ".join(part for part in parts if part)


def _name(card: Card, spec: Spec) -> str:
    return f"{card.tier.value if card.tier else ''} {spec.grammar.display(card.vrm)}".strip()


def _missed(card: Card, shift: Shift) -> list[tuple[str, str]]:
    """Return what the supervisor was told of a card in this shift."""
    return [
        (clock_words(decided.step.at), decided.step.code)
        for decided in shift.history.of(card.hits)
        if decided.step.kind is StepKind.ESCALATE and decided.step.at >= shift.began
    ]


def _missed_row(card: Card, found: list[tuple[str, str]], spec: Spec) -> tuple[str, str]:
    said = "; ".join(f"{at} {_WHY.get(code, code)}" for at, code in found)
    life = card.life
    after = ""
    if not card.unacknowledged and life.acknowledged_at is not None:
        after = f", acknowledged {clock_words(life.acknowledged_at)} by {life.acknowledged_by}"
    return _name(card, spec), f"{said}{after}"


_WHY = {
    "no_receipt": "handed on: not seen where it belongs",
    "uncovered": "no desk had seen it",
    "target": "not acknowledged within its target",
    "supervisor": "supervisor told: still nobody had it",
    "repeat": "hit again without an outcome",
}


def _voice_row(card: Card, shift: Shift, spec: Spec) -> tuple[str, str]:
    told = [
        step_words(decided, spec)[1]
        for decided in shift.history.of(card.hits)
        if decided.step.kind is StepKind.PASS and decided.step.code == "by_voice"
    ]
    lives = [li for li in card.lives.values() if li.voice_to and li.voice_at is not None]
    at = max(li.voice_at for li in lives if li.voice_at) if lives else shift.now
    words = told[-1] if told else f"{lives[-1].voice_to} told by {lives[-1].voice_by}"
    return _name(card, spec), f"{moment_words(at, shift.now)} {words}"


def _of(title: str, rows: Sequence[tuple[str, str]]) -> Section:
    shown = list(rows[:MOST_ROWS]) or [("", "None")]
    if len(rows) > MOST_ROWS:
        shown.append(("", f"{len(rows) - MOST_ROWS:,} more, on the board"))
    return Section(f"{title} · {len(rows)}", tuple(shown))


# ------------------------------------------------------------------ what it came over


def _hops(shift: Shift) -> Iterable[HopState]:
    return shift.state.hops if shift.state is not None else ()


def _cameras(shift: Shift) -> Section:
    rows: list[tuple[str, str]] = []
    for hop in _hops(shift):
        if hop.total:
            silent = hop.total - hop.live
            words = f"{hop.live:,} of {hop.total:,} are heard, {silent:,} silent"
            rows.append((hop_name(hop.name), words))
            if silent:
                rows.append(("", "Which of them are silent is not known to this desk’s window."))
    if not rows:
        rows.append(("", "Not known: this desk’s node has not said how many cameras are heard."))
    uncovered = shift.state.uncovered if shift.state is not None else None
    if uncovered is not None and uncovered.is_any:
        some = ", ".join(uncovered.some)
        rows.append(("No desk for", f"{several(uncovered.cameras, 'camera')} {some}".strip()))
    return Section("Silent cameras", tuple(rows))


def _links(shift: Shift) -> Section:
    state, rows = shift.state, list[tuple[str, str]]()
    if shift.is_lost or state is None:
        rows.append(("Now", "NO LINK to this desk’s node: nothing here is current"))
    if state is not None:
        for hop in state.hops:
            if hop.total:
                continue
            said = hop_words(hop, shift.now, shift.state_age_s)
            if said.name == "PNC" and state.pnc.since is not None:
                said = pnc_hop_words(state.pnc, hop, shift.now, shift.state_age_s)
            rows.append((f"{said.name} now", f"{said.state} {said.figure}".strip()))
        for out in state.outages:
            if out.ended_at is None or out.ended_at >= shift.began:
                until = "still going on"
                if out.ended_at is not None:
                    lasted = duration_words((out.ended_at - out.began_at).total_seconds())
                    until = f"to {moment_words(out.ended_at, shift.now)}, {lasted}"
                held = f", {several(out.reads_held, 'read')} held" if out.reads_held else ""
                words = f"{hop_name(out.hop)} from {moment_words(out.began_at, shift.now)} {until}"
                rows.append(("Outage", f"{words}{held}"))
        if state.problem:
            rows.append(("Problem", state.problem))
    rows += _logged(shift, Matter.LINK)
    if not any(name == "Outage" for name, _words in rows):
        rows.append(("Outages", "none known in this shift"))
    return Section("Links and outages", tuple(rows))


def _lists(shift: Shift) -> Section:
    rows = _logged(shift, Matter.LIST)
    said = " ".join(words for _at, words in rows)
    for one in shift.state.lists if shift.state is not None else ():
        version = one.version
        if version is None or version.at < shift.began or one.is_covert:
            continue
        if f"{one.name} revision {one.revision}" not in said:
            by = f" by {version.by}" if version.by else ""
            why = f": {version.why}" if version.why else ""
            words = f"{one.name} revision {one.revision}, {version.event}{by}{why}"
            rows.append((clock_words(version.at), words))
    rows = sorted(rows) or [("", "None known in this shift")]
    return Section("Changes of lists", tuple(rows[:MOST_ROWS]))


def _silenced(shift: Shift) -> Section:
    until, by = shift.mute
    now = "nothing"
    if until is not None:
        now = f"P2 and P3 muted by {by} until {minute_words(until, shift.now)} GMT"
    filtered = f"only {shift.filter.words}" if shift.filter.is_on else "none"
    rows = [("Muted now", now), ("Filter now", filtered), *_logged(shift, Matter.SILENCED)]
    return Section("Mutes and filters", tuple(rows[:MOST_ROWS]))


def _logged(shift: Shift, matter: Matter) -> list[tuple[str, str]]:
    return [(clock_words(e.at), e.words) for e in shift.entries if e.matter is matter]


# ------------------------------------------------------------------ figures


def _load(shift: Shift) -> Section:
    state = shift.state
    rows = [("Flood", f"{shift.flood_minutes:.0f} minutes in this shift")]
    if shift.is_flooded:
        rows.append(("", "A flood is going on now."))
    rows += _logged(shift, Matter.FLOOD)
    if state is not None:
        rows.append(("Hits", f"{count_words(state.hits_10_min)} in the last ten minutes"))
        figures = state.receipts
        rows.append(
            (
                "Receipts",
                f"{figures.hits:,} hits = {figures.receipts:,} painted + {figures.waiting:,} not"
                f" yet due + {figures.without:,} overdue; {figures.missed:,} over their target",
            )
        )
    return Section("Load", tuple(rows))


def _latency(shift: Shift) -> Section:
    rows: list[tuple[str, str]] = []
    state = shift.state
    if state is None:
        rows.append(("", "Not known: this desk’s node has not reported."))
    elif clock_doubt(state):
        rows.append(("", f"Not judged: {clock_doubt(state)}"))
    else:
        names = ("Capture to painted", "Capture to matched")
        for name, figures in zip(names, figures_of(state), strict=True):
            rows.append((name, f"{_spread(figures)}, over the last hour"))
    taken = sorted(ms / 1000 for ms in shift.paint_ms)
    figures = (_share(taken, 0.5), _share(taken, 0.95), taken[-1] if taken else None)
    count = several(len(taken), "hit")
    rows.append(("This window", f"frame to painted {_spread(figures)}, {count} since it opened"))
    return Section("Latency of this desk", tuple(rows))


def _spread(figures: Sequence[float | None]) -> str:
    p50, p95, worst = (seconds_words(figure) for figure in figures)
    return f"p50 {p50}, p95 {p95}, max {worst}"


def _share(ordered: Sequence[float], share: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
