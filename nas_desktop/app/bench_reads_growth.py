"""How searches grow with the reads held, as a drawing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 760, 420, 70, 50, 190, 50
_COLOURS = (
    "#1f6f8b", "#b5651d", "#5b2a86", "#2d7d46", "#a03048", "#4a5568", "#8b6f1f", "#1f4e9e",
)  # fmt: skip
_LEAST_MS, _MOST_MS = 0.1, 10_000.0


def draw(path: Path, growth: Sequence[tuple[int, Mapping[str, float]]]) -> None:
    """Write the 95th percentiles of the first page by reads held, both axes logarithmic.

    Args:
        path: the SVG file.
        growth: reads held, and milliseconds by the name of the question.
    """
    path.write_text(_svg(growth), encoding="utf-8")


def _svg(growth: Sequence[tuple[int, Mapping[str, float]]]) -> str:
    low = math.log10(min(size for size, _ms in growth)) - 0.1
    high = max(low + 0.5, math.log10(max(size for size, _ms in growth)) + 0.1)

    def x(size: float) -> float:
        return _LEFT + (math.log10(size) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def y(ms: float) -> float:
        span = math.log10(_MOST_MS) - math.log10(_LEAST_MS)
        share = (math.log10(max(ms, _LEAST_MS)) - math.log10(_LEAST_MS)) / span
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="26" font-size="16">First page by reads held, p95, while 1,500'
        " reads a second come in</text>",
    ]
    parts += [
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(ms):.1f}" y2="{y(ms):.1f}"'
        f' stroke="#d0d4d8"/><text x="{_LEFT - 8}" y="{y(ms) + 4:.1f}"'
        f' text-anchor="end">{ms:g} ms</text>'
        for ms in (0.1, 1, 10, 100, 1_000, 10_000)
    ]
    parts += [
        f'<text x="{x(size):.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">'
        f"{size / 1e6:.0f} M</text>"
        for size, _ms in growth
    ]
    names = dict.fromkeys(_plain(name) for _size, ms in growth for name in ms)
    for number, name in enumerate(names):
        colour = _COLOURS[number % len(_COLOURS)]
        points = [
            (x(size), y(value))
            for size, ms in growth
            for full, value in ms.items()
            if _plain(full) == name
        ]
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>' for px, py in points
        ]
        top = _TOP + 18 * number
        parts.append(
            f'<rect x="{_WIDTH - _RIGHT + 14}" y="{top - 9}" width="10" height="10"'
            f' fill="{colour}"/><text x="{_WIDTH - _RIGHT + 30}" y="{top}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _plain(name: str) -> str:
    return name.rpartition(", ")[0] if name.endswith(" M") else name
