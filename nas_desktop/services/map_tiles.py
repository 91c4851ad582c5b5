"""Map files that a force brings: what the map wants of them, and how one tile is judged.

Nothing of such a file is trusted: a tile has a limit before and after it is unpacked, and is what
its format says or nothing.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

from nas_desktop.domain.errors import Refused

MOST_TILE_BYTES: Final = 2_000_000
"""Largest tile as it is stored."""

MOST_UNPACKED_BYTES: Final = 8_000_000
"""Largest tile when it is unpacked."""

MOST_ZOOM: Final = 24

WORLD: Final = (-180.0, -85.0511287798066, 180.0, 85.0511287798066)
"""West, south, east, north of the square map, degrees."""

TileFormat: TypeAlias = Literal["png", "jpg", "webp", "pbf"]
Bounds: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north, WGS 84 degrees."""

_GZIP: Final = b"\x1f\x8b"
_VECTOR_LAYER: Final = 0x1A  # field 3, length-delimited: Mapbox Vector Tile 2.1, section 4.1
_MARKUP: Final = re.compile(r"<[^<>]{0,500}>")
_LONGEST_TEXT: Final = 300
_MOST_LAYERS: Final = 100


@dataclass(frozen=True, slots=True)
class TileInfo:
    """What a map file is.

    Attributes:
        name: of the file.
        kind: ``raster`` or ``vector``.
        format: ``png``, ``jpg``, ``webp``, or ``pbf`` for Mapbox Vector Tiles.
        min_zoom: coarsest zoom it has tiles of, 0 to ``MOST_ZOOM``.
        max_zoom: finest zoom.
        bounds: west, south, east, north in degrees.
        attribution: plain text that has to stand on the map; may be empty.
        bytes: size of the file.
        sha256: of the file, in hex; empty where it was not asked for.
        layers: names of the vector layers that the file tells of, at most 100; none of a raster.
    """

    name: str
    kind: Literal["raster", "vector"]
    format: TileFormat
    min_zoom: int
    max_zoom: int
    bounds: Bounds
    attribution: str
    bytes: int
    sha256: str = ""
    layers: tuple[str, ...] = ()


class TileSource(Protocol):
    """An open map file. ``tile`` may be called from any thread, ``close`` once, after the last."""

    @property
    def info(self) -> TileInfo:
        """What the file is."""
        ...

    @property
    def faults(self) -> int:
        """How many tiles were asked for and could not be read."""
        ...

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return a tile, unpacked, or None if there is none; never raises.

        Args:
            z: zoom.
            x: column from the west.
            y: row from the north, as web maps count.
        """
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class TileFiles(Protocol):
    """The map files of a profile, one of them active; every call may take seconds."""

    def open(self) -> TileSource | None:
        """Open the active file; None where there is none.

        Raises:
            Refused: ``tiles_unusable``; it is gone, changed or damaged.
        """
        ...

    def install(self, path: Path, progress: Callable[[int, int], None]) -> TileSource:
        """Copy a file, make it the active one, and open it.

        Args:
            path: the file to copy.
            progress: is told how many bytes of how many are copied, on the thread of the caller.

        Raises:
            Refused: ``tiles_unusable``, ``map_unwritable``; all is as it was then.
        """
        ...

    def remove(self) -> None:
        """Have no active file any more.

        Raises:
            Refused: ``map_unwritable``.
        """
        ...


def tiles_refused(reason: str, remedy: str = "") -> Refused:
    """Return the refusal of a map file, ``tiles_unusable``."""
    return Refused("tiles_unusable", reason, remedy or "Make the file again; docs/map.md says how.")


def is_tile(z: int, x: int, y: int) -> bool:
    """Tell whether there can be such a tile at all."""
    return 0 <= z <= MOST_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z


def unpacked(content: bytes, most: int = MOST_UNPACKED_BYTES) -> bytes:
    """Return what gzip packed.

    Args:
        content: one gzip member.
        most: bytes that may come of it.

    Raises:
        ValueError: it is damaged or cut off, or becomes larger than ``most``.
    """
    packer = zlib.decompressobj(wbits=31)
    try:
        plain = packer.decompress(content, most + 1)
    except zlib.error as fault:
        raise ValueError(str(fault)) from None
    if len(plain) > most:
        raise ValueError(f"larger than {most} bytes")
    if not packer.eof:
        raise ValueError("cut off")
    return plain


def opened_tile(content: bytes, kind: TileFormat) -> bytes:
    """Return a tile as it was stored, unpacked.

    Raises:
        ValueError: it is too large, damaged, or of another format.
    """
    if len(content) > MOST_TILE_BYTES:
        raise ValueError(f"larger than {MOST_TILE_BYTES} bytes")
    if kind == "pbf":
        if content.startswith(_GZIP):
            content = unpacked(content)
        if content and content[0] != _VECTOR_LAYER:
            raise ValueError("no vector tile, or packed in a way that is not known")
    elif format_of(content) != kind:
        raise ValueError(f"no {kind}")
    return content


def format_of(content: bytes) -> TileFormat | None:
    """Return what the first bytes of a tile say that it is."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(_GZIP) or content[:1] == bytes([_VECTOR_LAYER]):
        return "pbf"
    return None


def plain_text(text: object) -> str:
    """Return a text of a map file as one line without markup, at most 300 characters.

    It is safe where rich text would be shown: no tag, entity or control character is left. Of what
    is no text comes nothing.
    """
    if not isinstance(text, str):
        return ""
    bare, before = text[:4_000], ""
    # Over and over: what one round takes out may make a tag or an entity of what stood round it.
    # Each round makes it shorter.
    while bare != before:
        before = bare
        seen = (c for c in bare if c.isspace() or not unicodedata.category(c).startswith("C"))
        bare = _MARKUP.sub("", html.unescape("".join(seen)))
    line = " ".join(re.sub("[<>]", " ", bare).split())
    return line[:_LONGEST_TEXT].rstrip()


def layers_of(described: object) -> tuple[str, ...]:
    """Return the names of the vector layers that a map file describes, each once, at most 100.

    Args:
        described: what its JSON metadata became; anything, for it is the file's.
    """
    layers = described.get("vector_layers") if isinstance(described, dict) else None
    if not isinstance(layers, list):
        return ()
    names = (plain_text(layer.get("id")) for layer in layers if isinstance(layer, dict))
    return tuple(islice(dict.fromkeys(filter(None, names)), _MOST_LAYERS))


def bounds_of(numbers: Sequence[float]) -> Bounds:
    """Return west, south, east, north; the whole world for what is no such thing."""
    if len(numbers) != 4 or not all(math.isfinite(n) for n in numbers):
        return WORLD
    west, south, east, north = (
        min(max(float(n), low), high)
        for n, low, high in zip(numbers, (-180, -90, -180, -90), (180, 90, 180, 90), strict=True)
    )
    return (west, south, east, north) if west < east and south < north else WORLD
