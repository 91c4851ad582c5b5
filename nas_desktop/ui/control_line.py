"""The one line about a hit for command and control, always with the same fields in one order.

The marking comes first (domain facts 8.5). A field that has nothing to say holds a dash, so that
whoever reads the line by machine finds every field in its place; the order is in the README.
"""

from __future__ import annotations

from datetime import UTC, datetime

from nas_desktop.domain.hit import Hit, HitId
from nas_desktop.domain.spec import Spec
from nas_desktop.services.cards import Card
from nas_desktop.services.sheets import marking_of, one_line
from nas_desktop.ui.basis_words import is_void
from nas_desktop.ui.card_words import camera_line, vehicle_words
from nas_desktop.ui.text import NONE

FIELDS = (
    "marking", "what", "tier", "VRM", "action", "reason", "warning signals", "vehicle", "camera",
    "captured", "list", "CAD", "incident",
)  # fmt: skip
"""The fields of the line, in their order."""


def mark_of(hit: Hit) -> str:
    """Return the mark that invented data carries wherever it goes; empty for real data."""
    return "EXERCISE" if hit.is_exercise else "SIMULATION" if hit.is_simulation else ""


def incident_of(card: Card) -> str:
    """Return the number under which command and control deals with the vehicle."""
    foremost = card.lives[card.foremost.hit_id].incident
    others = (life.incident for life in card.lives.values())
    return foremost or next((number for number in others if number), "")


def command_line(card: Card, spec: Spec, now: datetime) -> str:
    """Return the line for the hit that stands for the card."""
    hit = card.foremost
    leading, read = hit.leading, hit.read
    entry = leading.entry
    action = entry.action.value.upper()
    if hit.is_possible:
        action = "POSSIBLE MISREAD"
    elif is_void(leading, now):
        action = f"ENTRY GONE, DO NOT {'STOP' if action == 'STOP' else 'ACT'}"
    incident = incident_of(card)
    fields = (
        marking_of([hit]),
        f"{mark_of(hit)} ANPR HIT".strip(),
        card.tier.value if card.tier else "",
        spec.grammar.display(card.vrm),
        action,
        entry.reason,
        " ".join(hit.warning_signals),
        vehicle_words(leading),
        camera_line(read),
        f"{read.captured_at.astimezone(UTC):%d/%m/%Y %H:%M:%S} GMT",
        f"{leading.list_name} rev {leading.list_revision}",
        f"CAD {entry.cad}" if entry.cad else "",
        f"INC {incident}" if incident else "",
    )
    return " | ".join(one_line(field) or NONE for field in fields)


def hits_of_line(card: Card) -> tuple[HitId, ...]:
    """Return the hits that the line speaks of, for the record."""
    return (card.foremost.hit_id,)
