"""Choosing cameras out of many: a list that narrows as one types, ticked by Space."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.camera import Camera, CameraId
from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.lists.findings_marks import look_beside
from nas_desktop.ui.text import several

_Index = QModelIndex | QPersistentModelIndex


def _as_people_count(camera: Camera) -> tuple[list[tuple[int, str]], CameraId]:
    """Return a key that puts South 7 before South 11."""
    parts = re.findall(r"\d+|\D+", camera.alias)
    return [(int(p), "") if p.isdigit() else (-1, p) for p in parts], camera.camera_id


class CameraModel(QAbstractListModel):
    """Cameras whose alias, road or number fits what is typed; ticks stay when hidden."""

    ticked = Signal()

    def __init__(self, cameras: Iterable[Camera], chosen: Iterable[CameraId] = ()) -> None:
        super().__init__()
        self._all = sorted(cameras, key=_as_people_count)
        self._shown = list(self._all)
        self.chosen = set(chosen)

    def narrow(self, text: str) -> None:
        """Show the cameras that every word of the text is found in."""
        words = text.casefold().split()
        self.beginResetModel()
        self._shown = [
            camera
            for camera in self._all
            if all(
                word in f"{camera.alias} {camera.camera_id} {camera.kind}".casefold()
                for word in words
            )
        ]
        self.endResetModel()

    def tick_shown(self, *, is_on: bool) -> None:
        """Tick every camera that is shown, or none of them."""
        ids = {camera.camera_id for camera in self._shown}
        self.chosen = self.chosen | ids if is_on else self.chosen - ids
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))
        self.ticked.emit()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self._shown)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
        )

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        camera = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            kind = camera.kind.value.replace("_", " ")
            place = "" if camera.position is not None else " · no fixed place"
            return f"{camera.alias or 'no alias'}  ·  {camera.camera_id}  ·  {kind}{place}"
        if role == Qt.ItemDataRole.CheckStateRole:
            is_on = camera.camera_id in self.chosen
            return Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        camera_id = self._shown[index.row()].camera_id
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self.chosen.add(camera_id)
        else:
            self.chosen.discard(camera_id)
        self.dataChanged.emit(index, index, [Qt.ItemDataRole.CheckStateRole])
        self.ticked.emit()
        return True


class CameraDialog(QDialog):
    """Type to narrow, Space to tick, Return to take; beside the window."""

    def __init__(
        self, cameras: Iterable[Camera], chosen: Iterable[CameraId], parent: QWidget
    ) -> None:
        super().__init__(parent)
        look = look_beside(parent)
        self.setObjectName("cameraDialog")
        self.setWindowTitle("Cameras")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.model = CameraModel(cameras, chosen)
        self.filter = QLineEdit()
        self.filter.setAccessibleName("Narrow the list")
        self.filter.setPlaceholderText("Part of an alias, a road, 52/1/14, mobile")
        self.filter.setClearButtonEnabled(True)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setAccessibleName("Cameras")
        self.list.setUniformItemSizes(True)
        self.count = QLabel()
        self.count.setProperty("role", "second")
        self.all = QPushButton("Tick &shown")
        self.none = QPushButton("Untic&k shown")
        self.take = QPushButton("&Take")
        self.take.setDefault(True)
        self.leave = QPushButton("Cancel")
        row = QHBoxLayout()
        for part in (self.all, self.none):
            part.setAutoDefault(False)
            row.addWidget(part)
        row.addWidget(self.count, 1)
        row.addWidget(self.take)
        row.addWidget(self.leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 20, 14)
        layout.setSpacing(10)
        layout.addWidget(self.filter)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        self.filter.textChanged.connect(self._narrow)
        self.all.clicked.connect(lambda _checked=False: self.model.tick_shown(is_on=True))
        self.none.clicked.connect(lambda _checked=False: self.model.tick_shown(is_on=False))
        self.model.ticked.connect(self._show_count)
        self.take.clicked.connect(self.accept)
        self.leave.clicked.connect(self.reject)
        self._show_count()
        self.filter.setFocus()
        resize_within(self, look.px(620), look.px(480))

    @property
    def chosen(self) -> tuple[CameraId, ...]:
        """The cameras ticked, in order."""
        return tuple(sorted(self.model.chosen))

    def _narrow(self, text: str) -> None:
        self.model.narrow(text)
        self._show_count()

    def _show_count(self) -> None:
        shown = self.model.rowCount()
        self.count.setText(
            f"{several(len(self.model.chosen), 'camera')} ticked · {shown:,} shown"
            if shown
            else "No camera fits these words."
            if self.filter.text()
            else "No camera is known here yet."
        )
