"""What stands round a hit: the line for command and control, the contact, sheets, and the like.

Made by the window once its pages stand; gives it slots for its commands and hears of every look.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from nas_desktop.domain.spec import Spec
from nas_desktop.services.sheets import SheetLink, marking_of
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.control_line import command_line, hits_of_line, incident_of
from nas_desktop.ui.exercise_desk import ExerciseDesk
from nas_desktop.ui.live.contact_panel import ContactPanel
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.sheets.sheet_desk import SheetDesk
from nas_desktop.ui.sound.sound_desk import SoundDesk
from nas_desktop.ui.theme import Look


class DeskTools(QObject):
    """Owns the tools of the live workspace that are not steps of a hit."""

    def __init__(
        self, page: LivePage, bridge: Bridge, spec: Spec, look: Look, sheets: SheetLink | None
    ) -> None:
        super().__init__(page)
        self._page, self._bridge, self._spec = page, bridge, spec
        self.sheets = SheetDesk(page, bridge, spec, sheets)
        self.exercise = ExerciseDesk(page, bridge)
        self.contact = ContactPanel(page, spec, look)
        self.contact.copied.connect(lambda what: bridge.notice.emit(f"{what} is copied.", ""))
        page.hits.card_chosen.connect(lambda _card: self.contact.leave())
        bridge.lock_changed.connect(self.contact.leave)
        bridge.operator_changed.connect(self.contact.leave)
        self.slots: dict[str, Callable[[], object]] = {
            "copy_line": self.copy_line,
            "contact": lambda: self.contact.toggle(page.chosen),
            **self.sheets.slots,
            "exercise": self.exercise.toggle,
        }

    def follow(self, sounds: SoundDesk) -> None:
        """Hear of mutes."""
        sounds.muted.connect(self.sheets.log.muted)
        sounds.unmuted.connect(self.sheets.log.unmuted)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.contact.set_look(look)

    # ------------------------------------------------------------------ command and control

    def copy_line(self) -> None:
        """Put the chosen hit's line on the clipboard at once, and that on record."""
        card = self._page.chosen
        if card is None:
            return
        QGuiApplication.clipboard().setText(
            command_line(card, self._spec, self._bridge.clock.now())
        )
        incident = incident_of(card)
        self._bridge.notice.emit(
            f"Copied for command and control, marked {marking_of([card.foremost])}.",
            f"Incident {incident} is in the line."
            if incident
            else "Press I to paste back the incident number.",
        )
        if not card.foremost.is_exercise:
            self.sheets.record_line(hits_of_line(card), marking_of([card.foremost]))
