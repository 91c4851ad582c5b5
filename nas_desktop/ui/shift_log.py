"""What happened at this desk since somebody signed in and stands on no hit: for the handover.

Mutes, filters, floods, lost links and changes of lists, as the window heard of them; bounded, and
gone with the window. What must last is on record at the node.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QObject

from nas_desktop.services.board_filter import BoardFilter
from nas_desktop.services.muting import Mute
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.live_page import LivePage
from nas_desktop.ui.text import minute_words

MOST_ENTRIES = 2_000


class Matter(StrEnum):
    """What an entry is about."""

    SILENCED = "silenced"
    FLOOD = "flood"
    LINK = "link"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    at: datetime
    matter: Matter
    words: str


class ShiftLog(QObject):
    """Listens, and keeps the newest entries."""

    def __init__(self, bridge: Bridge, page: LivePage) -> None:
        super().__init__(page)
        self._bridge, self._page = bridge, page
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._revisions: dict[str, int] = {}
        self._is_lost = False
        self._flood_before = 0.0
        page.head.filter_wanted.connect(self._on_filter)
        page.reporter.flood_changed.connect(self._on_flood)
        bridge.state_changed.connect(self._on_state)
        bridge.operator_changed.connect(self._on_operator)

    @property
    def flood_minutes(self) -> float:
        """Minutes of flood since somebody signed in."""
        return max(0.0, self._page.reporter.flood.minutes - self._flood_before)

    def entries(self, *matters: Matter) -> list[Entry]:
        """Return what happened since somebody signed in, oldest first."""
        since = self._bridge.signed_in_at
        return [e for e in self._entries if e.matter in matters and e.at >= since]

    # ------------------------------------------------------------------ told

    def muted(self, mute: Mute) -> None:
        """Somebody muted the desk."""
        until = minute_words(mute.until, self._bridge.clock.now())
        self._note(Matter.SILENCED, f"P2 and P3 muted by {mute.by} until {until}")

    def unmuted(self, _mute: Mute, by: str) -> None:
        """A mute ended."""
        self._note(Matter.SILENCED, f"Mute ended by {by}" if by else "Mute ended by itself")

    def _on_filter(self, wanted: BoardFilter) -> None:
        words = f"Filter: only {wanted.words}" if wanted.is_on else "Filter ended"
        last = next((e for e in reversed(self._entries) if e.matter is Matter.SILENCED), None)
        # Every letter typed is a filter of its own; only what it came to is of interest.
        if last is not None and last.words.startswith("Filter: ") and wanted.is_on:
            self._entries.remove(last)
        self._note(Matter.SILENCED, words)

    def _on_flood(self, is_flood: bool) -> None:
        self._note(Matter.FLOOD, "Flood began" if is_flood else "Flood ended")

    def _on_state(self) -> None:
        is_lost = self._bridge.lost is not None
        if is_lost is not self._is_lost:
            self._is_lost = is_lost
            words = "Link to this desk’s node lost" if is_lost else "Link to this desk’s node back"
            self._note(Matter.LINK, words)
        state = self._bridge.state
        if state is None:
            return
        now_there = {one.name: one for one in state.lists if not one.is_covert}
        for name, one in now_there.items():
            before = self._revisions.get(name)
            if before is not None and before != one.revision:
                version = one.version
                by = f" by {version.by}" if version is not None and version.by else ""
                why = f": {version.why}" if version is not None and version.why else ""
                what = f", {version.event}" if version is not None else ""
                self._note(Matter.LIST, f"{name} revision {one.revision}{what}{by}{why}")
        for name in self._revisions.keys() - now_there.keys():
            self._note(Matter.LIST, f"{name} is no longer here")
        self._revisions = {name: one.revision for name, one in now_there.items()}

    def _on_operator(self) -> None:
        self._flood_before = self._page.reporter.flood.minutes

    def _note(self, matter: Matter, words: str) -> None:
        self._entries.append(Entry(self._bridge.clock.now(), matter, words))
