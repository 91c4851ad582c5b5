"""The chosen read: patch and VRM at one height, the overview, what is known of it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from nas_desktop.domain.matching.confusions import Confusions
from nas_desktop.domain.query import DirectionSource
from nas_desktop.domain.vrm import VrmGrammar
from nas_desktop.services.events import ImageKind
from nas_desktop.services.searches import FoundRead
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import camera_facts, flag_words
from nas_desktop.ui.live.detail_parts import Overview, PatchAndVrm
from nas_desktop.ui.live.fact_rows import Facts, label
from nas_desktop.ui.search.marks import differing_words
from nas_desktop.ui.search.search_words import (
    captured_words,
    held_words,
    is_late,
    likeness_words,
)
from nas_desktop.ui.text import NONE
from nas_desktop.ui.theme import Look

_SOURCES = {
    DirectionSource.PRESET: "from the camera's preset",
    DirectionSource.LANE: "from the lane",
    DirectionSource.BEARING: "from the camera's bearing",
    DirectionSource.NONE: "",
}


class ReadDetail(QScrollArea):
    """Text is there at once; pictures fill in, and only under the read they belong to."""

    def __init__(
        self, bridge: Bridge, grammar: VrmGrammar, confusions: Confusions, look: Look
    ) -> None:
        super().__init__()
        self.setObjectName("searchDetail")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setAccessibleName("The chosen read")
        self._bridge, self._grammar, self._confusions = bridge, grammar, confusions
        self.found: FoundRead | None = None
        self._picture = PatchAndVrm(look, bridge.images)
        self._overview = Overview(look, bridge.images)
        self._explained = label("second", wraps=True)
        self._facts = Facts()
        self.nothing = label("second", wraps=True)
        self.nothing.setText("Choose a row: the picture, the overview and the facts stand here.")
        self._body = QWidget()
        layout = QVBoxLayout(self._body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        for part in (self._picture, self._explained, self._overview, self._facts):
            layout.addWidget(part)
        inner = QWidget()
        inner.setObjectName("searchDetailInner")
        self._whole = QVBoxLayout(inner)
        self._whole.addWidget(self.nothing)
        self._whole.addWidget(self._body)
        self._whole.addStretch(1)
        self.setWidget(inner)
        bridge.images_changed.connect(self._on_images)
        self.set_look(look)
        self.show_found(None)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._whole.setContentsMargins(look.px(12), look.px(12), look.px(12), look.px(12))
        self._picture.HEIGHT = 72
        for part in (self._picture, self._overview):
            part.set_look(look)

    def show_found(self, found: FoundRead | None) -> None:
        """Show a read; None stands for none chosen."""
        self.found = found
        self._body.setVisible(found is not None)
        self.nothing.setVisible(found is None)
        if found is None:
            return
        read = found.read
        self._bridge.want([read], [ImageKind.PATCH, ImageKind.OVERVIEW])
        self._picture.show_read(read, self._grammar.display(read.vrm))
        self._overview.show_read(read)
        self._explained.setText(self._why(found))
        self._explained.setVisible(bool(self._explained.text()))
        place = NONE
        if read.position is not None:
            place = f"{read.position.latitude:.5f}, {read.position.longitude:.5f}"
        way = " ".join(
            part for part in (found.direction.value, _SOURCES[found.direction_source]) if part
        )
        self._facts.show_facts(
            (
                ("Captured", f"{captured_words(read.captured_at)} GMT"),
                ("Camera", read.alias or str(read.camera)),
                ("Identity", camera_facts(read)),
                ("Lane", read.lane_id),
                ("Direction", way),
                ("Position", place),
                ("Likeness", likeness_words(found) if found.likeness is not None else ""),
                ("Confidence", "" if read.confidence is None else f"{read.confidence} %"),
                ("Held", held_words(found)),
                (
                    "Received",
                    f"{captured_words(read.received_at)} GMT{' · late' if is_late(found) else ''}",
                ),
                ("Hit", "raised a hit" if found.has_hit else ""),
                ("Preserved", "kept beyond the retention" if found.is_preserved else ""),
                ("Remarks", flag_words(read)),
            )
        )

    def _why(self, found: FoundRead) -> str:
        if not found.distance or "?" in found.asked or "*" in found.asked or not found.asked:
            return ""
        return differing_words(found.read.vrm, found.asked, self._confusions)

    def _on_images(self, changed: object) -> None:
        is_of_this = isinstance(changed, set) and (
            self.found is not None and self.found.read.read_id in changed
        )
        if is_of_this:
            self._picture.update()
            self._overview.update()
