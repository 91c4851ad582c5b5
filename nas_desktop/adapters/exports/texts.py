"""Search results as text: CSV, GeoJSON and KML, written row by row."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO, cast
from xml.sax.saxutils import escape

from nas_desktop.domain.errors import Refused
from nas_desktop.services.exports import ExportHead, cells_of, columns_of, is_plotted
from nas_desktop.services.searches import MAPS, ExportFormat, FoundRead

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_rows(
    to: BinaryIO | TextIO | Path,
    kind: ExportFormat,
    rows: Iterable[FoundRead],
    head: ExportHead,
) -> int:
    """Write rows as CSV, GeoJSON or KML, UTF-8 without a byte order mark.

    Args:
        to: a path, which is replaced, or a stream of bytes or text such as standard output; it is
            flushed and left open.
        kind: one of the three forms of text.
        rows: any number; read one by one, nothing is held.
        head: what stands above them.

    Returns:
        How many rows were written.

    Raises:
        Refused: ``export_kind``, the form is no text.
        OSError: it cannot be written.
    """
    if kind in MAPS:
        raise Refused(
            "export_kind", "The window makes the files of the map.", "Export it from the map."
        )
    if kind not in _FORMS:
        raise Refused("export_kind", "This form of export is not text.", "Choose another form.")
    if isinstance(to, Path):
        with to.open("wb") as file:
            return write_rows(file, kind, rows, head)
    counted = _Counted(rows)
    is_text = isinstance(to, io.TextIOBase)
    for part in _FORMS[kind](counted, head):
        safe = part.encode("utf-8", "replace")
        if is_text:
            cast(TextIO, to).write(safe.decode("utf-8"))
        else:
            cast(BinaryIO, to).write(safe)
    to.flush()
    return counted.count


def csv_parts(rows: Iterable[FoundRead], head: ExportHead) -> Iterator[str]:
    """Yield CSV (RFC 4180, CR LF): comment lines, the marking first, then header and rows."""
    yield f"# {head.gsc}\r\n"
    for name, value in head.facts[1:]:
        yield f"# {name}: {_one_line(value)}\r\n"
    yield _csv_row(columns_of(head))
    for found in rows:
        yield _csv_row(cells_of(found, head))
    yield f"# {head.gsc}\r\n"


def geojson_parts(rows: Iterable[FoundRead], head: ExportHead) -> Iterator[str]:
    """Yield a GeoJSON FeatureCollection (RFC 7946); rows without a place have no geometry."""
    facts: dict[str, list[str]] = {}
    for name, value in head.facts:
        facts.setdefault(_key(name), []).append(value)
    about = {k: v[0] if len(v) == 1 else v for k, v in facts.items()}
    yield f'{{"type": "FeatureCollection",\n"metadata": {_json(about)},\n"features": ['
    names = [_key(name) for name in columns_of(head)]
    between = "\n"
    for found in rows:
        cells = dict(zip(names, cells_of(found, head), strict=True))
        geometry = None
        position = found.read.position
        if is_plotted(found, head) and position is not None:
            geometry = {
                "type": "Point",
                "coordinates": [round(position.longitude, 6), round(position.latitude, 6)],
            }
        feature = {"type": "Feature", "geometry": geometry, "properties": cells}
        yield between + _json(feature)
        between = ",\n"
    yield "\n]}\n"


def kml_parts(rows: Iterable[FoundRead], head: ExportHead) -> Iterator[str]:
    """Yield KML 2.2; rows without a place are placemarks without a point, which viewers list."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
    yield f"<name>{head.gsc}: {_xml(head.reference)}</name>\n"
    about = "\n".join(f"{name}: {_one_line(value)}" for name, value in head.facts)
    yield f"<description>{_xml(about)}</description>\n"
    yield _extended(head.facts)
    names = columns_of(head)
    for found in rows:
        read = found.read
        at = f"{read.captured_at:%Y-%m-%dT%H:%M:%S}Z"
        yield f"<Placemark><name>{_xml(str(read.vrm))}</name><TimeStamp><when>{at}</when>"
        yield "</TimeStamp>"
        yield _extended(tuple(zip(names, cells_of(found, head), strict=True)))
        if is_plotted(found, head) and read.position is not None:
            where = f"{read.position.longitude:.6f},{read.position.latitude:.6f}"
            yield f"<Point><coordinates>{where}</coordinates></Point>"
        yield "</Placemark>\n"
    yield "</Document>\n</kml>\n"


_FORMS = {
    ExportFormat.CSV: csv_parts,
    ExportFormat.GEOJSON: geojson_parts,
    ExportFormat.KML: kml_parts,
}


class _Counted:
    def __init__(self, rows: Iterable[FoundRead]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[FoundRead]:
        for row in self._rows:
            self.count += 1
            yield row


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, with an apostrophe where needed."""
    return "'" + cell if cell.startswith(_BEGINS_FORMULA) else cell


def csv_cell(cell: str) -> str:
    """Return a cell of CSV: harmless, quoted where it has to be."""
    cell = harmless(cell)
    if any(c in cell for c in '",\r\n') or cell.startswith("#") or cell != cell.strip():
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _csv_row(cells: Iterable[str]) -> str:
    return ",".join(map(csv_cell, cells)) + "\r\n"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _key(name: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def _json(value: object) -> str:
    # Plain ASCII: a half of a surrogate pair from a camera cannot make the file unreadable.
    return json.dumps(value, ensure_ascii=True)


def _xml(text: str) -> str:
    """Escape, and leave out what XML 1.0 cannot hold at all."""
    return escape("".join(c if _is_xml(c) else "\N{REPLACEMENT CHARACTER}" for c in text))


def _is_xml(character: str) -> bool:
    return (
        character in "\t\n"
        or " " <= character <= "\ud7ff"
        or "\ue000" <= character <= "\ufffd"
        or character >= "\U00010000"
    )


def _extended(pairs: Iterable[tuple[str, str]]) -> str:
    data = "".join(
        f'<Data name="{_key(name)}"><value>{_xml(value)}</value></Data>' for name, value in pairs
    )
    return f"<ExtendedData>{data}</ExtendedData>"
