"""The words of latency: what is judged, what is not and why; pure functions, without Qt."""

from __future__ import annotations

from nas_desktop.domain.camera import budget_of
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import HitLife
from nas_desktop.domain.latency import LatencyLedger
from nas_desktop.services.events import NodeState
from nas_desktop.services.resources import load_latency_rules, load_spec
from nas_desktop.ui.card_words import LEG_WORDS, ledger_words
from nas_desktop.ui.text import duration_words, seconds_words, tenths_words

NOT_JUDGED = "latency not judged"


def clock_offset_of(state: NodeState | None) -> float | None:
    """Return how far the server's clock is ahead of this desk's, seconds; None: not measured."""
    hops = state.hops if state is not None else ()
    return next((hop.clock_offset_s for hop in hops if hop.name == "server"), None)


def clock_doubt(state: NodeState | None) -> str:
    """Return why no latency is judged on this desk; empty while its clock agrees."""
    offset = clock_offset_of(state)
    if offset is None or load_latency_rules().trusts(offset):
        return ""
    return f"this desk’s clock is {_span(abs(offset))} off the server’s"


def late_paint_words(hit: Hit, life: HitLife) -> str:
    """Return the leg that broke the budget on the way to the screen, for a card's note.

    Empty within the budget, for late hits and where the camera's clock is not trusted. Before a hit
    is painted the legs so far count: what is over the budget by then stays so.
    """
    if hit.is_late or hit.is_exercise or _is_plainly_in_time(hit, life):
        return ""
    ledger = hit.ledger(life.painted_at)
    leg = ledger.broken_leg
    if leg is None:
        return ""
    return f"LATE PAINT: {LEG_WORDS[leg]} {tenths_words(dict(ledger.legs())[leg])}"


def _is_plainly_in_time(hit: Hit, life: HitLife) -> bool:
    """Tell what most hits are without a ledger of each: a list may open with thousands."""
    read, end = hit.read, life.painted_at or hit.matched_at
    in_order = read.captured_at <= read.received_at <= hit.desk_received_at <= hit.matched_at <= end
    return in_order and end - read.captured_at <= budget_of(read.kind).total


def head_words(hit: Hit, ledger: LatencyLedger, doubt: str) -> str:
    """Return the head of a ledger: the whole, what is left of it or why that is not said."""
    if hit.is_exercise:
        return "Latency not judged: exercise"
    if hit.is_late or not ledger.is_clock_trusted:
        why = "arrived late" if hit.is_late else "camera clock not trusted"
        return f"Latency not judged: {why}"
    words = f"Latency {ledger.total_s:.2f} s"
    if doubt:
        words += f" · {NOT_JUDGED}: {doubt}"
    else:
        budget = ledger.budget.total_seconds()
        words += f" · {ledger_words(ledger.total_s, ledger.in_hand_s, budget, ledger.broken_leg)}"
    taken = acknowledged_words(hit, ledger)
    return f"{words} · {taken}" if taken else words


def acknowledged_words(hit: Hit, ledger: LatencyLedger) -> str:
    """Return how long after its painting a hit was acknowledged, beside the target of its tier."""
    seconds = ledger.acknowledged_s
    if seconds is None:
        return ""
    words = f"acknowledged after {_span(seconds)}"
    rule = load_spec().desk.targets.get(hit.tier or "")
    target = rule.acknowledge.total_seconds() if rule else None
    if target is None:
        return words
    over = "over the" if seconds > target else "within the"
    return f"{words}, {over} {duration_words(target)} target"


def figures_of(state: NodeState) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    """Return median, p95 and maximum to painted and to matched, seconds."""
    return (
        (state.painted_p50_s, state.painted_p95_s, state.painted_max_s),
        (state.latency_p50_s, state.latency_p95_s, state.latency_max_s),
    )


def short_figure(state: NodeState) -> str:
    """Return the one figure for a glance: p95 to painted; to matched while nothing was painted."""
    if clock_doubt(state):
        return NOT_JUDGED
    if state.painted_p95_s is None:
        return f"matched p95 {tenths_words(state.latency_p95_s)}"
    return f"painted p95 {tenths_words(state.painted_p95_s)}"


def figures_tip(state: NodeState) -> str:
    """Return both spreads with what they measure, or why they are not shown."""
    doubt = clock_doubt(state)
    if doubt:
        return f"Latency not judged: {doubt}. Set the clocks by a time server (NTP)."
    lines = ["Over the last hour, from the capture; late hits and untrusted camera clocks left out"]
    names = ("to painted, on an attended desk", "to matched, in this node")
    for name, figures in zip(names, figures_of(state), strict=True):
        p50, p95, worst = (seconds_words(s) for s in figures)
        lines.append(f"{name}: p50 {p50}, p95 {p95}, max {worst}")
    return "\n".join(lines)


def _span(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else duration_words(seconds)
