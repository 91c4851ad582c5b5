"""A hit as a line: JSON for scripts, words for people without a window."""

from __future__ import annotations

import json
from datetime import datetime

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.spec import Spec


def hit_json(hit: Hit, seen_at: datetime) -> str:
    """Return a hit as one JSON object; the form is part of the command line's promise."""
    leading = hit.leading
    return json.dumps(
        {
            "vrm": str(hit.read.vrm),
            "tier": str(hit.tier) if hit.tier else None,
            "action": str(leading.entry.action),
            "reason": leading.entry.reason,
            "list": leading.list_name,
            "reasons": [
                {
                    "list": reason.list_name,
                    "action": str(reason.entry.action),
                    "reason": reason.entry.reason,
                    "class": str(reason.match_class),
                }
                for reason in hit.reasons
            ],
            "camera": str(hit.read.camera),
            "captured_at": hit.read.captured_at.isoformat(),
            "late": hit.is_late,
            "simulation": hit.is_simulation,
            "rival": _rival(hit),
            "latency_ms": {
                str(leg): round(seconds * 1000, 1) for leg, seconds in hit.ledger(seen_at).legs()
            },
        }
    )


def hit_line(hit: Hit, seen_at: datetime, spec: Spec) -> str:
    """Return a hit as one line of words, times in GMT."""
    leading = hit.leading
    signals = " ".join(hit.warning_signals)
    age = (seen_at - hit.read.effective_at).total_seconds()
    parts = [
        "SIMULATION" if hit.is_simulation else "",
        hit.read.captured_at.strftime("%H:%M:%S"),
        f"{hit.tier} {leading.entry.action.upper()}",
        spec.grammar.display(hit.read.vrm),
        leading.entry.reason,
        f"[{signals}]" if signals else "",
        leading.list_name,
        hit.read.alias or str(hit.read.camera),
        f"{age:.1f} s after capture",
        "LATE" if hit.is_late else "",
        f"POSSIBLE CLONE, at least {int(hit.rival.mph)} mph" if hit.rival else "",
    ]
    return "  ".join(part for part in parts if part)


def _rival(hit: Hit) -> dict[str, object] | None:
    """Return the other read of a possible clone, and how far and how soon it was."""
    rival = hit.rival
    if rival is None:
        return None
    return {
        "camera": str(rival.read.camera),
        "captured_at": rival.read.captured_at.isoformat(),
        "distance_m": rival.distance_m,
        "seconds": rival.seconds,
        "mph": rival.mph,
    }
