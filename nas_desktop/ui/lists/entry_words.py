"""An entry being written, in words: pure functions without Qt."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

from nas_desktop.domain.findings import Finding, Severity
from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.domain.template_rows import MAX_INFORMATION
from nas_desktop.domain.voi import WILDCARDS, Action
from nas_desktop.domain.vrm import Vrm

AUTHORITY = "A010"
"""Code of the finding that a file's record cannot have: No Alert on a list without authority."""


def vrm_words(cell: str, spec: Spec) -> str:
    """Return the hint beside a mark while it is typed."""
    if not cell:
        return "○ Letters and digits, as in AB51ABC"
    if not WILDCARDS.isdisjoint(cell):
        return "○ A pattern: matched on this node only, never published"
    if not (cell.isascii() and cell.isalnum()):
        return "○ Only letters A to Z and digits"
    if spec.grammar.classify(Vrm(cell)):
        return f"✓ Fits a known format: {spec.grammar.display(Vrm(cell))}"
    return "○ Fits none of the known formats"


def length_words(text: str) -> tuple[str, bool]:
    """Return how long a text of column 9 is, and whether that is too long."""
    length = len(unicodedata.normalize("NFC", text))
    if length > MAX_INFORMATION:
        return f"■ {length} of {MAX_INFORMATION}: {length - MAX_INFORMATION} too many", True
    return f"{length} of {MAX_INFORMATION}", False


def last_day_words(weed: date) -> str:
    """Return what a weed date means."""
    if weed <= date.min:
        return ""
    last = weed - timedelta(days=1)
    return (
        f"Last active day: {last:%A %d/%m/%Y}; weeded from 00:00 GMT on {weed.day:02}/"
        f"{weed.month:02}/{weed.year:04}."
    )


def tier_words(tier: Tier | None, action: Action) -> str:
    """Return how a hit will stand in the queue: ``P1 STOP``."""
    if tier is None:
        return "NO ALERT"
    return f"{tier.value} {action.value.upper()}"


def tier_meaning(tier: Tier | None) -> str:
    """Return what a tier means for whoever looks at the queue."""
    if tier is None:
        return "Never shown at a desk; recorded for the owner of the list."
    return {1: "Top of every queue.", 2: "High in every queue."}.get(
        tier.rank, "Below P1 and P2 in every queue."
    )


def authority_finding() -> Finding:
    """Return the error of a No Alert entry on a list without authority."""
    return Finding(
        1,
        5,
        AUTHORITY,
        Severity.ERROR,
        "No Alert needs the authority reference of the list, and this list has none.",
        "Choose another action, or put the entry on a list that has one.",
    )
