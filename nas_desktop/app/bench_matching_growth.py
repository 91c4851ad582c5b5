"""How matching grows with the number of entries, as rows and as a drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 720, 400, 80, 50, 30, 60
_TARGET = 600_000
_LINES = (("engine, all classes", "#1f6f8b"), ("set[str], exact only", "#b5651d"))


@dataclass(frozen=True, slots=True)
class Growth:
    """What was measured with so many entries; rates are reads a second."""

    entries: int
    engine: float
    set_of_text: float
    nbytes: int
    build_s: float

    @property
    def row(self) -> dict[str, object]:
        """The row of the report."""
        return {
            "name": f"growth, {self.entries} entries",
            "reads_per_s": round(self.engine),
            "set_reads_per_s": round(self.set_of_text),
            "bytes": self.nbytes,
            "build_ms": round(self.build_s * 1_000),
        }


def draw(path: Path, growth: Sequence[Growth]) -> None:
    """Write the growth as an SVG drawing, both axes logarithmic."""
    path.write_text(_svg(growth), encoding="utf-8")


def _svg(growth: Sequence[Growth]) -> str:
    low = math.floor(math.log10(growth[0].entries))
    high = max(low + 1, math.ceil(math.log10(growth[-1].entries)))
    bottom, top = 5, 8  # 100,000 to 100,000,000 reads a second

    def x(entries: float) -> float:
        return _LEFT + (math.log10(entries) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def y(rate: float) -> float:
        share = (math.log10(rate) - bottom) / (top - bottom)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="26" font-size="16">Reads matched a second by entries'
        " (batches of 1,500)</text>",
    ]
    for power in range(bottom, top + 1):
        at = y(10.0**power)
        parts.append(
            f'<line x1="{_LEFT}" y1="{at:.1f}" x2="{_WIDTH - _RIGHT}" y2="{at:.1f}"'
            ' stroke="#dddddd"/>'
            f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{_short(10**power)}</text>'
        )
    for power in range(low, high + 1):
        at = x(10.0**power)
        parts.append(
            f'<text x="{at:.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">'
            f"{_short(10**power)}</text>"
        )
    parts.append(
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 12}" text-anchor="middle">entries listed</text>'
        f'<line x1="{_LEFT}" y1="{y(_TARGET):.1f}" x2="{_WIDTH - _RIGHT}" y2="{y(_TARGET):.1f}"'
        ' stroke="#888888" stroke-dasharray="6 4"/>'
        f'<text x="{_LEFT + 6}" y="{y(_TARGET) - 6:.1f}" fill="#666666">target 600,000</text>'
    )
    for number, (name, colour) in enumerate(_LINES):
        rates = [one.set_of_text if number else one.engine for one in growth]
        points = [(x(one.entries), y(rate)) for one, rate in zip(growth, rates, strict=True)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>' for a, b in points]
        left = _WIDTH - _RIGHT - 170
        parts.append(
            f'<rect x="{left}" y="{12 + 20 * number}" width="14" height="4" fill="{colour}"/>'
            f'<text x="{left + 20}" y="{19 + 20 * number}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _short(number: int) -> str:
    return f"{number // 1_000_000} M" if number >= 1_000_000 else f"{number // 1_000} k"
