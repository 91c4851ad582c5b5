"""Part of ``bench map``: its rows, each with its target where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from nas_desktop.app.bench_report import percentile

Row: TypeAlias = dict[str, object]

FRAMES_PER_S = 30


def below(name: str, took_ms: float, target_ms: float, **more: object) -> Row:
    """Return a row of milliseconds that are to be at most the target."""
    return {
        "name": name,
        "ms": round(took_ms, 1 if took_ms >= 1 else 3),
        **more,
        "target_ms": target_ms,
        "ratio": round(target_ms / max(0.001, took_ms), 2),
        "result": "ok" if took_ms <= target_ms else "missed",
    }


def pace(name: str, frames: Sequence[float]) -> Row:
    """Return a row of frames a second."""
    return {
        "name": name,
        "frames_per_s": round(per_s(frames), 1),
        "p95_ms": round(1000 * percentile(frames, 0.95), 1),
    }


def above(row: Row) -> Row:
    """Add what the pace of frames has to be."""
    reached = float(str(row["frames_per_s"]))
    return row | {
        "target_frames_per_s": FRAMES_PER_S,
        "ratio": round(reached / FRAMES_PER_S, 2),
        "result": "ok" if reached >= FRAMES_PER_S else "missed",
    }


def per_s(frames: Sequence[float]) -> float:
    """Return how many frames a second there were, from the seconds each took."""
    return len(frames) / max(1e-6, sum(frames))


def median(values: Sequence[float]) -> float:
    """Return the value in the middle."""
    return percentile(values, 0.5)


def frames_of(panned: Sequence[float], dragged: Sequence[float]) -> Row:
    """Return the columns of a map that was panned by steps and dragged."""
    return {
        "pan_frames_per_s": round(per_s(panned), 1),
        "pan_p95_ms": round(1000 * percentile(panned, 0.95), 1),
        "drag_frames_per_s": round(per_s(dragged), 1),
        "drag_p95_ms": round(1000 * percentile(dragged, 0.95), 1),
    }
