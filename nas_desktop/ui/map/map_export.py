"""One file of the map: made, digested, put on record, and only then given its name."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import Area
from nas_desktop.services import export_place as place
from nas_desktop.services.base_map import CREDITS
from nas_desktop.services.exports import DISCLAIMER, gmt, recipient_of
from nas_desktop.services.map_link import MapPicture
from nas_desktop.services.os_grid import grid_reference
from nas_desktop.services.searches import ExportFormat, RunningSearch
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.map.map_colours import hue_colours
from nas_desktop.ui.map.map_file import FileParts, file_bytes, parts_of
from nas_desktop.ui.map.map_sheet import Sheet, write_pdf, write_png
from nas_desktop.ui.map.map_view import MapView, ViewBox
from nas_desktop.ui.map.scene import Way
from nas_desktop.ui.sheets.pdf_file import finished

if TYPE_CHECKING:
    from nas_desktop.ui.map.map_desk import MapDesk

_FORMS = {
    ExportFormat.MAP_PNG: "png",
    ExportFormat.MAP_PDF: "pdf",
    ExportFormat.MAP_HTML: "html",
}

_ON_PICTURES = frozenset(
    {"Criteria", "Reference", "Authority", "Handling", "Search record", "Part of the time"}
)
"""What of a search's facts stands below a picture; the others have no room."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the map that has its name."""

    path: Path
    gsc: str
    sha256: str


class MapExport:
    """Writes what is on the map now.

    With the reads of a search on it, it goes on record as an export of that search, with its
    criteria and conditions; hits on it have a record of their own. A file that stands alone holds
    the reads and the area that was asked for, or else the live map.
    """

    def __init__(
        self, desk: MapDesk, bridge: Bridge, running: RunningSearch | None, area: Area | None = None
    ) -> None:
        self._desk, self._bridge, self._running, self._area = desk, bridge, running, area
        self.scene = desk.scene

    async def write(self, asked: Path, form: ExportFormat, reason: str, recipient: str) -> Written:
        """Write the file.

        Args:
            asked: where; the marking is put at the end of the name.
            form: one of the map's three.
            reason: 1 to 300 characters.
            recipient: 3 to 80 characters.

        Raises:
            Refused: the path is taken or cannot be written to, the disk is full, the map shows
                another search by now, or the node does not record it. Nothing is left then.
        """
        recipient = recipient_of(recipient)
        self._check_search()
        view, box = self._seen()
        head = None
        if self._running is not None:
            head = await self._running.export_head(recipient, with_locations=True)
        is_file = form is ExportFormat.MAP_HTML
        # A picture of a search has the hits on it that are open now.
        has_hits = bool(self.scene.hits) and not (is_file and head is not None)
        gsc = GSC if head is None or has_hits else head[1].gsc
        part: Path | None = None
        try:
            path = place.final_path(asked, form, gsc, head[1].event_id if head is not None else "")
            part = place.temporary(path)
            part.touch(mode=0o600, exist_ok=False)
            self._check_search()
            facts = [*(head[1].facts if head is not None else ()), *self._span_facts()]
            if is_file:
                facts = facts if head is not None else self._facts(reason, recipient, box)
                # Taken down here, on the window's thread; put together on another.
                parts = self._parts(box, gsc, facts, is_search=head is not None)
                await asyncio.to_thread(_put, part, parts)
                sha256 = await asyncio.to_thread(_digest, part)
            else:
                own = self._facts(reason, recipient, box)
                sha256 = await self._draw(part, form, view, (gsc, own, facts))
            if head is not None and self._running is not None:
                await self._running.record_export(head[0], str(path), form, sha256)
            if has_hits or head is None:
                await self._record(path, form, reason, recipient, sha256)
            await asyncio.shield(asyncio.to_thread(place.give_name, part, path))
        except OSError as fault:
            raise place.refusal_of(fault) from None
        finally:
            # By now it has its name, or is not to be.
            if part is not None:
                part.unlink(missing_ok=True)
        return Written(path, gsc, sha256)

    def _check_search(self) -> None:
        """Make sure that the reads on the map are those of the search that goes on record."""
        answer = self._desk.answer
        tab = answer.tab if answer is not None and self.scene.reads is not None else None
        shown = tab.running if tab is not None else None
        if shown is not self._running:
            raise Refused(
                "map_changed", "The map shows something else by now.", "Open the export again."
            )

    def _seen(self) -> tuple[MapView, ViewBox]:
        view = self._desk.panel.view
        box = view.seen if view is not None else None
        if view is None or box is None or not view.is_ready:
            raise Refused("no_map", "The map is not shown just now.", "Wait for it and try again.")
        if self._desk.panel.tool:
            raise Refused("map_drawing", "A shape is being drawn.", "End it, or press Esc first.")
        return view, box

    async def _record(
        self, path: Path, form: ExportFormat, reason: str, recipient: str, sha256: str
    ) -> None:
        link, scene = self._desk.link, self.scene
        if link is None:
            raise Refused("no_record", "The export could not be put on record.", "Sign in again.")
        await link.record_picture(
            MapPicture(
                reason=reason,
                recipient=recipient,
                form=_FORMS[form],
                hits=len(scene.hits),
                cameras=len(scene.cameras) if scene.options.cameras else 0,
                reads=len(scene.reads.points) if scene.reads is not None else 0,
                sha256=sha256,
                file_name=path.name,
            )
        )

    # ------------------------------------------------------------------ what is in it

    def _parts(
        self, box: ViewBox, gsc: str, facts: Sequence[tuple[str, str]], *, is_search: bool
    ) -> FileParts:
        mark = "SIMULATION" if self._desk.is_simulation else ""
        title = "Map of a search" if is_search else "Map of hits"
        return parts_of(
            self.scene, box, title, gsc, facts,
            has_live=not is_search, has_reads=is_search, area=self._area, mark=mark,
        )  # fmt: skip

    def _span_facts(self) -> list[tuple[str, str]]:
        """Return which part of the time is shown, where it is not all."""
        reads = self.scene.reads
        if reads is None or reads.span is None:
            return []
        since, until = (gmt(datetime.fromtimestamp(us / 1e6, UTC)) for us in reads.span)
        mask = reads.mask
        shown = len(reads.points) if mask is None else int(np.count_nonzero(mask))
        words = f"{since} to {until} GMT: {shown:,} of {len(reads.points):,} reads are drawn"
        return [("Part of the time", words)]

    def _facts(self, reason: str, recipient: str, box: ViewBox) -> list[tuple[str, str]]:
        operator = self._bridge.operator
        state = self._bridge.state
        return [
            ("Marking", GSC),
            ("Reason", reason),
            ("Generated by", operator.name if operator is not None else ""),
            ("Generated at", f"{gmt(self._desk.clock.now())} GMT"),
            ("Station", state.node_name if state is not None else ""),
            ("Recipient", recipient),
            ("Middle", place_words(box)),
            ("Legs", "Straight legs between hits are not a route."),
            ("Note", DISCLAIMER),
        ]

    async def _draw(
        self, part: Path, form: ExportFormat, view: MapView,
        words: tuple[str, list[tuple[str, str]], list[tuple[str, str]]],
    ) -> str:  # fmt: skip
        """Draw the picture with its sheet; on the window's thread, as fonts and pictures are.

        ``words`` are the marking, what is said of every picture, and what of the search on it.
        """
        gsc, own, of_search = words
        facts = dict(own)
        scene = self.scene
        lines = [
            f"{facts['Generated at']} · {facts['Station']} · by {facts['Generated by']}"
            f" · for {facts['Recipient']}",
            f"Reason: {facts['Reason']}",
            f"Middle {facts['Middle']} · National Grid OSGB36 · scale in the picture",
        ]
        if len(scene.journey) > 1:
            lines.append(facts["Legs"])
        lines += [f"{name}: {value}" for name, value in of_search if name in _ON_PICTURES]
        legend: list[tuple[str, str]] = []
        if scene.reads is not None:
            lines.append(DISCLAIMER)
            if scene.reads.way is Way.DOTS:
                colours = hue_colours(scene.reads.by, scene.look)
                legend = [
                    (colours[min(n, len(colours) - 1)], words) for n, words in scene.reads.legend
                ]
        tiles = scene.tiles
        credit = tiles.info.attribution if tiles is not None else ""
        lines.append(f"{CREDITS} · {credit}" if credit else CREDITS)
        mark = "SIMULATION" if self._desk.is_simulation else ""
        sheet = Sheet(gsc, mark, lines, legend)
        if form is ExportFormat.MAP_PDF:
            write_pdf(part, view.picture(), sheet)
            return await asyncio.to_thread(finished, part)
        write_png(part, view.picture(), sheet)
        return await asyncio.to_thread(_digest, part)


def place_words(box: ViewBox) -> str:
    """Return where the middle of a view is, in degrees and in the National Grid."""
    words = f"{box.middle.latitude:.5f}, {box.middle.longitude:.5f}"
    grid = grid_reference(box.middle, 8)
    return f"{words} · {grid}" if grid else words


def _put(part: Path, parts: FileParts) -> None:
    with part.open("wb") as file:
        file.write(file_bytes(parts))
        file.flush()
        os.fsync(file.fileno())


def _digest(part: Path) -> str:
    place.make_durable(part)
    return place.digest_of(part)
