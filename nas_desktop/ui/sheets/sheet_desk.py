"""Opens sheets for the window, and has them put on record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import HitId
from nas_desktop.domain.spec import Spec
from nas_desktop.services.sheets import Sheet, SheetKind, SheetLink, SheetRecord
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.sheets.hit_sheet import hit_sheet, made_by, pictures_of
from nas_desktop.ui.sheets.sheet_dialog import SheetDialog


class SheetDesk(QObject):
    """One dialog at a time of each kind; a new one takes the place of the old."""

    def __init__(
        self, page: LivePage, bridge: Bridge, spec: Spec, sheets: SheetLink | None
    ) -> None:
        super().__init__(page)
        self._page, self._bridge, self._spec, self._sheets = page, bridge, spec, sheets
        self.dialog: SheetDialog | None = None
        self.slots: dict[str, Callable[[], object]] = {"print_hit": self.print_hit}

    def record_line(self, hits: tuple[HitId, ...], gsc: str) -> None:
        """Put on record that a line about hits went to the clipboard."""
        if self._sheets is not None:
            sheet = SheetRecord(SheetKind.LINE, hits, gsc)
            self._bridge.run(self._sheets.record(sheet), "record-line")

    def print_hit(self) -> None:
        """Show the sheet of the chosen hit, to be written as PDF."""
        card, bridge = self._page.chosen, self._bridge
        if card is None:
            return
        hit, now = card.foremost, bridge.clock.now()
        hits = (hit.hit_id, *(i for i in card.hits if i != hit.hit_id))
        who = made_by(bridge.who, bridge.workstation, now)
        sheet = hit_sheet(
            card, bridge.history, bridge.state, self._spec, who, now,
            bridge.painted_at.get(hit.hit_id),
        )  # fmt: skip

        async def put_on_record(sheet: Sheet, path: Path, sha256: str) -> None:
            # An exercise is known to no node: nothing of it may look like a record of a hit.
            if not hit.is_exercise:
                await self._record(SheetRecord(SheetKind.HIT, hits, sheet.gsc, str(path), sha256))

        stem = f"hit {now:%Y%m%d-%H%M%S}"
        pictures = pictures_of(card, bridge.images)
        self._show(
            SheetDialog(bridge, sheet, who, stem, put_on_record, self._page.window(), pictures)
        )

    async def _record(self, sheet: SheetRecord) -> None:
        """Have the node put it on record; without a record there is no file."""
        if self._sheets is None:
            raise Refused("link_down", "There is no node to put it on record.")
        await self._sheets.record(sheet)

    def _show(self, dialog: SheetDialog) -> None:
        if self.dialog is not None and isValid(self.dialog):
            self.dialog.reject()
        self.dialog = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
