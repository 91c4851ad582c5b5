"""What stands round a hit: the line for command and control, the contact, sheets, and the like.

Made by the window once its pages stand; gives it slots for its commands and hears of every look.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QAction, QGuiApplication
from shiboken6 import isValid

from nas_desktop.domain.spec import Spec
from nas_desktop.services.sheets import SheetLink, marking_of
from nas_desktop.ui.actions import COMMANDS
from nas_desktop.ui.announcer import Announcer
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.command_groups import EVERY, group_of
from nas_desktop.ui.control_line import command_line, hits_of_line, incident_of
from nas_desktop.ui.dialogs.palette import CommandPalette
from nas_desktop.ui.dialogs.palette_model import PaletteEntry
from nas_desktop.ui.dialogs.preferences import PreferencesDialog
from nas_desktop.ui.exercise_desk import ExerciseDesk
from nas_desktop.ui.live.contact_panel import ContactPanel
from nas_desktop.ui.live.detail_window import DetailWindow
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.motion import MotionSetting
from nas_desktop.ui.settings_of_window import settings_of
from nas_desktop.ui.sheets.sheet_desk import SheetDesk
from nas_desktop.ui.theme import Look
from nas_desktop.ui.why_not import why_not

if TYPE_CHECKING:
    from nas_desktop.ui.main_window import MainWindow


class DeskTools(QObject):
    """Owns the tools of the live workspace that are not steps of a hit."""

    def __init__(
        self,
        page: LivePage,
        bridge: Bridge,
        spec: Spec,
        look: Look,
        sheets: SheetLink | None,
        settings: QSettings,
    ) -> None:
        super().__init__(page)
        self._page, self._bridge, self._spec = page, bridge, spec
        self.sheets = SheetDesk(page, bridge, spec, sheets)
        self.exercise = ExerciseDesk(page, bridge)
        self.contact = ContactPanel(page, spec, look)
        self.contact.copied.connect(lambda what: bridge.notice.emit(f"{what} is copied.", ""))
        page.hits.card_chosen.connect(lambda _card: self.contact.leave())
        self.announcer = Announcer(bridge, spec, page.hits)
        self.motion = MotionSetting(settings)
        self.detail_window = DetailWindow(page, bridge, settings, look)
        self.preferences: PreferencesDialog | None = None
        self.palette = CommandPalette(page, look)
        self.palette.wanted.connect(self._run)
        for signal in (bridge.lock_changed, bridge.operator_changed):
            signal.connect(self.contact.leave)
            signal.connect(self.palette.leave)
        self.slots: dict[str, Callable[[], object]] = {
            "copy_line": self.copy_line,
            "contact": lambda: self.contact.toggle(page.chosen),
            **self.sheets.slots,
            "exercise": self.exercise.toggle,
            "palette": self._toggle_palette,
            "preferences": self.show_preferences,
            "detach": self.detail_window.toggle,
        }

    def begin(self, window: MainWindow) -> None:
        """The window stands: its commands can be listed and what it does be heard of."""
        self._window = window
        window.sounds.muted.connect(self.sheets.log.muted)
        window.sounds.unmuted.connect(self.sheets.log.unmuted)
        everywhere = [window.actions_by_name[c.name] for c in COMMANDS if not c.is_local]
        self.detail_window.begin(window, everywhere)
        window.map.dock.dock.addActions(everywhere)

    def save_layout(self) -> None:
        """Keep where windows stand."""
        self.detail_window.save_place()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.contact.set_look(look)
        self.palette.set_look(look)
        self.detail_window.set_look(look)
        if self.preferences is not None and isValid(self.preferences):
            self.preferences.set_look(look)
            self.preferences.show_now()

    def show_preferences(self) -> None:
        """Show every setting; once."""
        if self._bridge.is_locked:
            return
        if self.preferences is None or not isValid(self.preferences):
            groups = settings_of(self._window, self.motion)
            self.preferences = PreferencesDialog(groups, self._window, self._window.look)
        self.preferences.show_now()
        self.preferences.show()
        self.preferences.raise_()
        self.preferences.activateWindow()

    # ------------------------------------------------------------------ commands

    def _toggle_palette(self) -> None:
        if not self._bridge.is_locked:
            self.palette.toggle(self._entries)

    def _entries(self) -> list[PaletteEntry]:
        """Return every command, those of the search workspace too, with why it cannot be run."""
        return [
            PaletteEntry(
                command.name,
                command.words,
                command.keys[0],
                command.tip,
                group_of(command),
                self._why_not(command.name),
            )
            for command in EVERY
            if command.name != "palette"
        ]

    def _why_not(self, name: str) -> str:
        action = self._action(name)
        is_here = not name.startswith("search_") or self._window.pages.is_search_in_front
        if name.startswith("map_"):
            is_here = self._window.map.panel.isVisible()
        if action is not None and action.isEnabled() and is_here:
            return ""
        return why_not(name, self._bridge, self._page.chosen)

    def _action(self, name: str) -> QAction | None:
        if name.startswith("map_"):
            return self._window.map.panel.bar.actions_by_name[name.removeprefix("map_")]
        search = self._window.search_page
        found = self._window.actions_by_name.get(name)
        return found or (search.actions_by_name.get(name) if search is not None else None)

    def _run(self, name: str) -> None:
        action = self._action(name)
        if action is not None:
            action.trigger()

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
