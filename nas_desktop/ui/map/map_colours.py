"""Colours of the map: quiet ground, and kinds of reads that stay apart in greyscale as far as any.

Nothing here is as saturated as a hit: red and amber are not among the colours of reads.
"""

from __future__ import annotations

from typing import Any

from nas_desktop.services.point_colours import ColourBy
from nas_desktop.ui.theme import Look, ThemeName

GROUND: dict[ThemeName, dict[str, str]] = {
    ThemeName.DARK: {
        "sea": "#1B1F23", "land": "#262C32", "coast": "#4A545E", "river": "#34485A",
        "border": "#58636E", "town": "#98A3AD", "grid": "#30373E", "gridText": "#7E8993",
        "camera": "#8A96A1", "circle": "#3D5A75", "circleText": "#FFFFFF", "green": "#28302B",
        "built": "#333A41", "road": "#515C66",
    },
    ThemeName.LIGHT: {
        "sea": "#C6D0D9", "land": "#E4E7EA", "coast": "#8996A2", "river": "#A9BCCD",
        "border": "#8A95A0", "town": "#4A545E", "grid": "#CDD4DA", "gridText": "#5C6772",
        "camera": "#65717C", "circle": "#C3D3E2", "circleText": "#14181C", "green": "#D9E1D6",
        "built": "#D3D8DD", "road": "#B4BDC5",
    },
    ThemeName.CONTRAST: {
        "sea": "#000000", "land": "#1A1A1A", "coast": "#FFFFFF", "river": "#5F8FB8",
        "border": "#C0C0C0", "town": "#FFFFFF", "grid": "#4A4A4A", "gridText": "#C0C0C0",
        "camera": "#FFFFFF", "circle": "#000000", "circleText": "#FFFFFF", "green": "#101A10",
        "built": "#303030", "road": "#8A8A8A",
    },
}  # fmt: skip

_DARK_RAMP = (
    "#5B6F9E", "#5F83B3", "#6497C4", "#6BABD0", "#78BFD6", "#8DD1D5", "#ACE1D3", "#D3EFD6",
)  # fmt: skip
_LIGHT_RAMP = (
    "#7FA9C9", "#6B98BE", "#5987B2", "#4976A5", "#3B6597", "#305488", "#264476", "#1D3461",
)  # fmt: skip

HEAT: dict[ThemeName, dict[str, str]] = {
    ThemeName.DARK: {"0.2": "#274C6B", "0.45": "#3D7EA6", "0.7": "#7FB3E6", "1.0": "#F2F7FB"},
    ThemeName.LIGHT: {"0.2": "#7FB3E6", "0.45": "#6FA3D2", "0.7": "#4B86B4", "1.0": "#27527A"},
    ThemeName.CONTRAST: {"0.2": "#3D7EA6", "0.45": "#5F9FD0", "0.7": "#A9D1F5", "1.0": "#FFFFFF"},
}
"""One hue from what is like the ground to what stands out: saturated colours are for hits."""

_KINDS_DARK = (
    "#7FB3E6", "#B6D7A8", "#D5A6E6", "#8ED1C6", "#E6D58A", "#A9B7F0", "#C9C2B2", "#6FC0A0",
    "#E2A9C4", "#9AD0E8", "#BFD36B", "#9BA6B0",
)  # fmt: skip
_KINDS_LIGHT = (
    "#1F5F9E", "#3F7A2E", "#7A3E94", "#17786B", "#7A6A10", "#3F4FA8", "#6B6250", "#1E7F55",
    "#984A70", "#2B7A9B", "#647A12", "#56606A",
)  # fmt: skip


def map_look(look: Look) -> dict[str, Any]:
    """Return the colours of a theme as the page takes them, and the operator's size."""
    tokens = look.tokens
    return {
        **GROUND[look.name],
        "heat": HEAT[look.name],
        "name": str(look.name),
        "size": look.scale,
        "text": tokens.text,
        "text2": tokens.text_2,
        "panel": tokens.panel,
        "line": tokens.line,
        "focus": tokens.focus,
        "outline": tokens.outline,
    }


def hue_colours(by: ColourBy, look: Look) -> list[str]:
    """Return the colours of a legend by number: a ramp for time, kinds for everything else."""
    is_light = look.name is ThemeName.LIGHT
    if by is ColourBy.TIME:
        return list(_LIGHT_RAMP if is_light else _DARK_RAMP)
    return list(_KINDS_LIGHT if is_light else _KINDS_DARK)
