"""Opens sheets for the window, and has them put on record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from shiboken6 import isValid

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import HitId
from nas_desktop.domain.spec import Spec
from nas_desktop.services.sheets import MOST_HITS, Sheet, SheetKind, SheetLink, SheetRecord
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.scope_words import scope_words
from nas_desktop.ui.sheets.handover import Shift, text_digest
from nas_desktop.ui.sheets.handover_dialog import HandoverDialog
from nas_desktop.ui.sheets.hit_sheet import hit_sheet, made_by, pictures_of
from nas_desktop.ui.sheets.sheet_dialog import SheetDialog
from nas_desktop.ui.shift_log import Matter, ShiftLog


class SheetDesk(QObject):
    """One dialog at a time of each kind; a new one takes the place of the old."""

    def __init__(
        self, page: LivePage, bridge: Bridge, spec: Spec, sheets: SheetLink | None
    ) -> None:
        super().__init__(page)
        self._page, self._bridge, self._spec, self._sheets = page, bridge, spec, sheets
        self.dialog: SheetDialog | None = None
        self.log = ShiftLog(bridge, page)
        self.slots: dict[str, Callable[[], object]] = {
            "print_hit": self.print_hit,
            "handover": self.hand_over,
        }

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

    def hand_over(self) -> None:
        """Show the handover of this shift, to be written as PDF."""
        bridge = self._bridge
        if bridge.operator is None or bridge.is_locked:
            return

        async def put_on_record(sheet: Sheet, path: Path, sha256: str) -> None:
            await self._record(
                SheetRecord(
                    SheetKind.HANDOVER, dialog.hits[:MOST_HITS], sheet.gsc, str(path), sha256,
                    text_digest(sheet), dialog.taker_name,
                )
            )  # fmt: skip

        who = made_by(bridge.who, bridge.workstation, bridge.clock.now())
        window = self._page.window()
        dialog = HandoverDialog(bridge, self._spec, self.shift_now, who, put_on_record, window)
        self._show(dialog)

    def shift_now(self) -> Shift:
        """Return what the shift comes to now."""
        bridge, reporter, log = self._bridge, self._page.reporter, self.log
        reporter.look()
        scope = reporter.scope
        return Shift(
            giver=bridge.who,
            desk=bridge.workstation,
            began=bridge.signed_in_at,
            now=bridge.clock.now(),
            cards=tuple(bridge.board.cards),
            history=bridge.history,
            state=bridge.state,
            state_age_s=bridge.state_age_s,
            is_lost=bridge.lost is not None,
            entries=tuple(log.entries(*Matter)),
            flood_minutes=log.flood_minutes,
            is_flooded=bridge.board.is_flooded,
            mute=reporter.muted(),
            filter=bridge.board.filter,
            paint_ms=tuple(bridge.paint_ms),
            scope=scope_words(scope) if scope is not None else "",
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
