"""The versions kept of a list, and what each desk holds of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from nas_desktop.services.lists import ListReceiver, ListVersion
from nas_desktop.ui.lists.list_words import counts_words, version_words
from nas_desktop.ui.text import duration_words


class VersionsView(QScrollArea):
    """Two short tables of words."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setObjectName("listsScroll")
        self.show_words("Choose a list to see its versions.")

    def show_words(self, words: str) -> None:
        """Show a sentence instead."""
        body = QWidget()
        body.setObjectName("listsPage")
        layout = QVBoxLayout(body)
        label = QLabel(words)
        label.setWordWrap(True)
        label.setProperty("role", "second")
        layout.addWidget(label)
        layout.addStretch(1)
        self.setWidget(body)

    def show_versions(
        self,
        versions: Sequence[ListVersion],
        receivers: Sequence[ListReceiver],
        revision: int,
        now: datetime,
    ) -> None:
        """Show versions, newest first, and receivers with what they lack."""
        body = QWidget()
        body.setObjectName("listsPage")
        grid = QGridLayout(body)
        grid.setHorizontalSpacing(20)
        row = self._heading(grid, 0, "Versions kept")
        for version in versions:
            mark = "● " if version.revision == revision else ""
            self._row(
                grid,
                row,
                f"{mark}Revision {version.revision:,}",
                version_words(version, now),
                counts_words(version.counts),
                version.why,
            )
            row += 1
        row = self._heading(grid, row, "Held by")
        for one in receivers:
            age = duration_words((now - one.held_since).total_seconds())
            is_behind = one.revision != revision
            standing = "▲ behind" if is_behind else "● the same"
            link = "connected" if one.is_connected else "○ not connected"
            self._row(grid, row, one.node, f"revision {one.revision:,}, for {age}", standing, link)
            row += 1
        if not receivers:
            nobody = QLabel("No desk has asked for it since this node started.")
            grid.addWidget(nobody, row, 0, 1, 4)
            row += 1
        grid.setColumnStretch(3, 1)
        grid.setRowStretch(row, 1)
        self.setWidget(body)

    def _heading(self, grid: QGridLayout, row: int, words: str) -> int:
        label = QLabel(words)
        label.setProperty("role", "heading")
        grid.addWidget(label, row, 0, 1, 4)
        return row + 1

    def _row(self, grid: QGridLayout, row: int, *words: str) -> None:
        for column, text in enumerate(words):
            label = QLabel(text)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setToolTip(text)
            if column == 0:
                label.setProperty("role", "strong")
            grid.addWidget(label, row, column)
