"""Criteria that are seldom needed, under a fold."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from nas_desktop.domain.camera import CameraKind
from nas_desktop.domain.query import QueryRefused, ReadQuery
from nas_desktop.ui.search.form_parts import small_button


class MoreForm(QWidget):
    """Kind of camera, lane, feed, source, unread vehicles, only hits, only late.

    Signals:
        changed: something was typed or ticked.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.fold = small_button("More ▾", "Kind of camera, lane, feed, hits… (Alt+M)", self.flip)
        self.fold.setShortcut("Alt+M")
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of camera")
        self.kind.addItem("Any kind", None)
        for kind in CameraKind:
            self.kind.addItem(kind.value.replace("_", " ").capitalize(), kind)
        self.lane, self.feed, self.source = QLineEdit(), QLineEdit(), QLineEdit()
        self.lane.setPlaceholderText("lane 1, lane 2")
        self.feed.setPlaceholderText("52, 07")
        self.source.setPlaceholderText("1, 12")
        self.unread = QCheckBox("&Unread vehicles")
        self.unread.setToolTip("Vehicles that passed and of which no VRM was identified")
        self.hits = QCheckBox("Only &hits")
        self.hits.setToolTip("Only reads that raised a hit")
        self.late = QCheckBox("Only &late")
        self.late.setToolTip("Only reads that were held back and came later")
        self._box = QWidget()
        form = QFormLayout(self._box)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow("&Kind", self.kind)
        form.addRow("La&ne", self.lane)
        form.addRow("&Feed", self.feed)
        form.addRow("S&ource", self.source)
        for tick in (self.unread, self.hits, self.late):
            form.addRow("", tick)
            tick.toggled.connect(lambda _on: self._on_changed())
        for field in (self.lane, self.feed, self.source):
            field.textEdited.connect(lambda _text: self._on_changed())
        self.kind.currentIndexChanged.connect(lambda _at: self._on_changed())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._box)
        self.hide()

    def flip(self) -> None:
        """Unfold, or fold again."""
        self.setVisible(self.isHidden())
        self._name()
        if not self.isHidden():
            self.kind.setFocus()

    def _name(self) -> None:
        given = f" ({self._given} set)" if self._given else ""
        self.fold.setText(f"More{given} {'▾' if self.isHidden() else '▴'}")

    @property
    def _given(self) -> int:
        ticks = (self.unread, self.hits, self.late)
        fields = (self.lane, self.feed, self.source)
        return (
            sum(tick.isChecked() for tick in ticks)
            + sum(bool(field.text().strip()) for field in fields)
            + (self.kind.currentData() is not None)
        )

    def _on_changed(self) -> None:
        self._name()
        self.changed.emit()

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes asked for."""
        return tuple(part.strip() for part in self.lane.text().split(",") if part.strip())

    def feeds(self) -> tuple[str, ...]:
        """Return the feeds asked for.

        Raises:
            QueryRefused: one is no force code.
        """
        found = tuple(self.feed.text().replace(",", " ").split())
        if any(not re.fullmatch(r"\d{2,3}", one, re.ASCII) for one in found):
            raise QueryRefused("feed", "The Feed ID is a PNC force code of 2 or 3 digits.", "")
        return found

    def sources(self) -> tuple[int, ...]:
        """Return the sources asked for.

        Raises:
            QueryRefused: one is no number from 1 to 9999.
        """
        found = self.source.text().replace(",", " ").split()
        if any(not re.fullmatch(r"\d{1,4}", one, re.ASCII) for one in found):
            raise QueryRefused("source", "The source is not a number from 1 to 9999.", "")
        return tuple(map(int, found))

    @property
    def kinds(self) -> tuple[CameraKind, ...]:
        """The kinds of camera asked for."""
        kind = self.kind.currentData()
        return () if kind is None else (CameraKind(kind),)

    def set_more(self, query: ReadQuery) -> None:
        """Show these criteria of a question."""
        self.kind.setCurrentIndex(self.kind.findData(query.kinds[0]) if query.kinds else 0)
        self.lane.setText(", ".join(query.lanes))
        self.feed.setText(", ".join(query.feeds))
        self.source.setText(", ".join(map(str, query.sources)))
        self.unread.setChecked(query.unread)
        self.hits.setChecked(query.hits_only)
        self.late.setChecked(query.late_only)
        self._on_changed()
