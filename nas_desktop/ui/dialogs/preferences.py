"""Preferences: every setting of the window with one sentence; each takes effect at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.ui.fit import resize_within
from nas_desktop.ui.theme import Look


@dataclass(frozen=True)
class Choice:
    """A setting with several values, each with its words.

    ``now`` and ``take`` read and set it where it takes effect; ``shipped`` is what it is at first.
    """

    name: str
    words: str
    sentence: str
    values: tuple[tuple[str, str], ...]
    now: Callable[[], str]
    take: Callable[[str], object]
    shipped: str


@dataclass(frozen=True)
class Switch:
    """A setting that is on or off; ``may`` tells whether it can be set on this machine."""

    name: str
    words: str
    sentence: str
    now: Callable[[], bool]
    take: Callable[[bool], object]
    shipped: bool
    may: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Deed:
    """A button among the settings."""

    name: str
    words: str
    sentence: str
    do: Callable[[], object]


Setting = Choice | Switch | Deed
Group = tuple[str, Sequence[Setting]]


class PreferencesDialog(QDialog):
    """Beside the window, never in its way; closing it changes nothing more."""

    def __init__(self, groups: Iterable[Group], parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self.setObjectName("preferences")
        self.setWindowTitle("Preferences")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self._groups = tuple(groups)
        self.controls: dict[str, QWidget] = {}
        inner = QWidget()
        inner.setObjectName("preferencesInner")
        self._grid = QGridLayout(inner)
        self._grid.setColumnStretch(1, 1)
        at = 0
        for title, settings in self._groups:
            head = QLabel(title.upper())
            head.setProperty("role", "heading")
            head.setContentsMargins(0, 8 if at else 0, 0, 0)
            self._grid.addWidget(head, at, 0, 1, 2)
            at += 1
            for setting in settings:
                self._add(setting, at)
                at += 1
        self._grid.setRowStretch(at, 1)
        self._scroll = QScrollArea()
        self._scroll.setObjectName("preferencesScroll")
        self._scroll.setWidget(inner)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.shipped = QPushButton("&As shipped")
        self.shipped.setObjectName("asShipped")
        self.shipped.setToolTip("Put every setting here back to what it was at first")
        self.shipped.clicked.connect(lambda _checked=False: self.reset())
        self.leave = QPushButton("Close")
        self.leave.clicked.connect(self.accept)
        for button in (self.shipped, self.leave):
            button.setAutoDefault(False)
        foot = QHBoxLayout()
        foot.addWidget(self.shipped)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(foot)
        self.set_look(look)
        self.show_now()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._grid.setContentsMargins(0, 0, look.px(12), 0)
        self._grid.setHorizontalSpacing(look.px(16))
        self._grid.setVerticalSpacing(look.px(8))
        for control in self.controls.values():
            control.setMinimumWidth(look.px(190))
        resize_within(self, look.px(700), look.px(640))

    def _add(self, setting: Setting, at: int) -> None:
        control = self._control(setting)
        control.setObjectName(f"preference_{setting.name}")
        control.setAccessibleName(setting.words)
        control.setAccessibleDescription(setting.sentence)
        self.controls[setting.name] = control
        words = QLabel(setting.sentence)
        words.setProperty("role", "second")
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        top = Qt.AlignmentFlag.AlignTop
        if isinstance(setting, Choice):
            name = QLabel(setting.words)
            name.setProperty("role", "strong")
            name.setBuddy(control)
            column = QVBoxLayout()
            column.setSpacing(3)
            column.addWidget(name)
            column.addWidget(control)
            self._grid.addLayout(column, at, 0, top)
        else:
            self._grid.addWidget(control, at, 0, top)
        self._grid.addWidget(words, at, 1, Qt.AlignmentFlag.AlignVCenter)

    def _control(self, setting: Setting) -> QWidget:
        match setting:
            case Choice():
                box = QComboBox()
                for value, words in setting.values:
                    box.addItem(words, value)
                # By hand, not by what else changes it: theme and size have keys of their own.
                box.activated.connect(lambda _at, b=box, s=setting: s.take(str(b.currentData())))
                return box
            case Switch():
                switch = QCheckBox(setting.words)
                switch.clicked.connect(lambda is_on, s=setting: s.take(bool(is_on)))
                return switch
            case Deed():
                button = QPushButton(setting.words)
                button.setAutoDefault(False)
                button.clicked.connect(lambda _checked=False, s=setting: s.do())
                return button

    @property
    def settings(self) -> list[Setting]:
        """Every setting, in order."""
        return [setting for _title, settings in self._groups for setting in settings]

    def show_now(self) -> None:
        """Show what counts now."""
        for setting in self.settings:
            control = self.controls[setting.name]
            if isinstance(setting, Choice) and isinstance(control, QComboBox):
                control.setCurrentIndex(control.findData(setting.now()))
            elif isinstance(setting, Switch) and isinstance(control, QCheckBox):
                control.setChecked(setting.now())
                control.setEnabled(setting.may())

    def reset(self) -> None:
        """Put every setting back to what it was at first."""
        for setting in self.settings:
            match setting:
                case Choice():
                    setting.take(setting.shipped)
                case Switch():
                    setting.take(setting.shipped)
                case Deed():
                    pass
        self.show_now()
