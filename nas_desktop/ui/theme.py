"""The looks of the window: three sets of colours, one size setting, one style sheet.

The ground is quiet and unsaturated; saturated colour is kept for hits and faults. One blue marks
what has the focus and nothing else. ``Look`` is immutable: switching theme or size hands every
view a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from string import Template

from PySide6.QtGui import QColor, QFont

from nas_desktop.services.resources import resource_path
from nas_desktop.ui.fonts import text_font, vrm_font

MIN_SCALE, MAX_SCALE, SCALE_STEP = 0.8, 2.0, 0.1
"""The operator's own text size, on top of the system's factor."""


class ThemeName(StrEnum):
    """The themes an operator can choose from."""

    DARK = "dark"
    LIGHT = "light"
    CONTRAST = "contrast"


@dataclass(frozen=True)
class Tokens:
    """Named colours; ``line_px`` is the width of hairlines and ``outline`` that of hit symbols."""

    ground: str
    panel: str
    raised: str
    line: str
    text: str
    text_2: str
    text_3: str
    selection: str
    focus: str
    on_focus: str
    outline: str
    line_px: int = 1


TOKENS: dict[ThemeName, Tokens] = {
    ThemeName.DARK: Tokens(
        ground="#1B1F23",
        panel="#23282D",
        raised="#2C3238",
        line="#3B434B",
        text="#E7EAED",
        text_2="#AEB7BF",
        text_3="#8D98A2",
        selection="#38424C",
        focus="#7FB3E6",
        on_focus="#14181C",
        outline="#FFFFFF",
    ),
    ThemeName.LIGHT: Tokens(
        ground="#CFD4D9",
        panel="#DFE3E7",
        raised="#EEF0F2",
        line="#B3BBC3",
        text="#14181C",
        text_2="#3A434B",
        text_3="#56606A",
        selection="#C3D3E2",
        focus="#1F5F9E",
        on_focus="#FFFFFF",
        outline="#000000",
    ),
    ThemeName.CONTRAST: Tokens(
        ground="#000000",
        panel="#000000",
        raised="#000000",
        line="#FFFFFF",
        text="#FFFFFF",
        text_2="#FFFFFF",
        text_3="#B5BDC5",
        selection="#2A3A4A",
        focus="#7FB3E6",
        on_focus="#000000",
        outline="#FFFFFF",
        line_px=2,
    ),
}

# Hit and fault colours are the same in every theme (domain facts 3.3).
RED, ON_RED = "#B00020", "#FFFFFF"
AMBER, ON_AMBER = "#FFB000", "#000000"
WARNING, ON_WARNING = "#FFE600", "#000000"
VRM_GROUND, ON_VRM_GROUND = "#F4C430", "#101010"

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *((text, ground) for text in ("text", "text_2") for ground in ("ground", "panel", "raised")),
    ("text", "selection"),
    ("text_2", "selection"),
    ("text_3", "panel"),
    ("on_focus", "focus"),
)
"""Every pair of text and ground that the window uses; a test holds each to 4.5:1."""


class Look:
    """One theme at one size: colours, fonts and lengths for whoever paints."""

    def __init__(self, name: ThemeName = ThemeName.DARK, scale: float = 1.0) -> None:
        self.name = name
        self.scale = min(MAX_SCALE, max(MIN_SCALE, round(scale, 2)))
        self.tokens = TOKENS[name]

    @property
    def next_name(self) -> ThemeName:
        """The theme after this one."""
        names = list(ThemeName)
        return names[(names.index(self.name) + 1) % len(names)]

    def px(self, length: float) -> int:
        """Return a length in logical pixels at the operator's size."""
        return max(1, round(length * self.scale))

    def color(self, token: str) -> QColor:
        """Return a token's colour."""
        return self._colors[token]

    def font(self, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the text face at the operator's size."""
        return text_font(self.px(pixels), weight)

    def semibold(self, pixels: int) -> QFont:
        """Return the text face, semibold."""
        return self.font(pixels, QFont.Weight.DemiBold)

    def bold(self, pixels: int) -> QFont:
        """Return the text face, bold."""
        return self.font(pixels, QFont.Weight.Bold)

    def vrm(self, pixels: int) -> QFont:
        """Return the face of a VRM at the operator's size."""
        return vrm_font(self.px(pixels))

    def style_sheet(self) -> str:
        """Return the style sheet of the whole window."""
        values = {f.name: str(getattr(self.tokens, f.name)) for f in fields(self.tokens)}
        values.update({f"p{n}": f"{self.px(n)}px" for n in (2, 4, 6, 8, 10, 12, 16, 20, 28, 32)})
        values.update({f"f{n}": f"{self.px(n)}px" for n in (11, 12, 13, 14, 16, 18, 20, 26)})
        values.update(
            red=RED,
            on_red=ON_RED,
            tick=_icon_of("tick", is_dark=self.tokens.on_focus == "#FFFFFF"),
            arrow=_icon_of("arrow", is_dark=self.name is not ThemeName.LIGHT),
            amber=AMBER,
            on_amber=ON_AMBER,
            lw=f"{self.tokens.line_px}px",
        )
        return Template(_SHEET).substitute(values)

    @cached_property
    def _colors(self) -> dict[str, QColor]:
        return {f.name: QColor(str(getattr(self.tokens, f.name))) for f in fields(self.tokens)}


def _icon_of(name: str, *, is_dark: bool) -> str:
    """Return the file of an icon for a dark or a light ground, as a style sheet names it."""
    return resource_path("icons", f"{name}-{'light' if is_dark else 'dark'}.svg").as_posix()


def luminance(color: str) -> float:
    """Return the relative luminance of ``#RRGGBB`` (WCAG 2.2)."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


_SHEET = """
* { color: $text; font-size: $f13; }
QMainWindow, #centre, #livePage, #signInPage, #signInScroll, #lockPage, #lockScroll, QDialog {
  background: $ground;
}
QToolTip { background: $raised; color: $text; border: $lw solid $line; padding: $p4; }
QLabel { background: transparent; }
QLabel[role="second"] { color: $text_2; }
QLabel[role="third"] { color: $text_3; font-size: $f12; }
QLabel[role="heading"] { color: $text_2; font-size: $f12; font-weight: 600; }
QLabel[role="title"] { font-size: $f20; font-weight: 600; }
QLabel[role="small"] { color: $text_2; font-size: $f12; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="figure"] { font-size: $f16; font-weight: 700; }
QLabel[role="clock"] { font-size: $f18; font-weight: 700; }
#topBar, #chainBar, #plotStrip, #soundView { background: $panel; }
#topBar, #chainBar, #soundView { border-bottom: $lw solid $line; }
#plotStrip { border-top: $lw solid $line; }
#keysScroll, #keysRows { background: transparent; }
#detailScroll, #detailBody, #detailPane { background: $ground; border: none; }
/* The frame is always there, so that nothing moves when the focus comes. */
#detailScroll { border: 2px solid $ground; }
#detailScroll:focus { border: 2px solid $focus; }
#actionBar { background: $panel; border-top: $lw solid $line; }
QFrame[role="box"] {
  background: $raised; border: $lw solid $line; border-radius: $p4;
}
QPushButton, QToolButton {
  background: $raised; border: $lw solid $line; border-radius: $p4;
  padding: $p6 $p12; font-weight: 600;
}
QPushButton:hover, QToolButton:hover { background: $selection; }
QPushButton:focus, QToolButton:focus { border: 2px solid $focus; }
QPushButton:disabled, QToolButton:disabled {
  color: $text_3; background: $panel; border: $lw dashed $line;
}
QPushButton[due="true"] { background: $focus; color: $on_focus; border-color: $focus; }
QPushButton[due="true"]:focus { border: 2px solid $text; }
QToolButton[role="quiet"] { background: transparent; border-color: transparent; }
QToolButton[role="quiet"]:hover { background: $selection; }
QToolButton[role="quiet"]:focus { border: 2px solid $focus; }
QToolButton[role="small"] {
  background: transparent; border-color: transparent; color: $text_2; font-size: $f12;
  padding: 1px $p6;
}
QToolButton[role="small"]:hover { background: $selection; }
QToolButton[role="small"]:checked { background: $selection; color: $text; }
QToolButton[role="small"]:focus { border: 2px solid $focus; }
QToolButton[role="segment"] {
  border-radius: 0; color: $text_2; background: $panel; padding: $p6 $p6;
}
QToolButton[role="segment"]:checked { background: $selection; color: $text; }
QToolButton[role="segment"]:focus { border: 2px solid $focus; }
QToolButton[role="tool"] { padding: 2px; background: transparent; border-color: transparent; }
QToolButton[role="tool"]:hover { background: $selection; }
QToolButton[role="tool"]:checked { background: $selection; border: $lw solid $focus; }
QToolButton[role="tool"]:focus { border: 2px solid $focus; }
#mapPanel, #mapBar, #mapSaid, #placeList { background: $panel; }
#mapBar { border-bottom: $lw solid $line; }
#mapSaid { border-bottom: $lw solid $line; font-size: $f12; }
#placeList QListWidget, #areaDialog QListWidget {
  background: $raised; border: $lw solid $line; outline: none;
}
#placeList QListWidget:focus, #areaDialog QListWidget:focus { border: 2px solid $focus; }
#placeList QListWidget::item, #areaDialog QListWidget::item { padding: 3px $p6; }
#placeList QListWidget::item:selected, #areaDialog QListWidget::item:selected {
  background: $selection; color: $text;
}
#mapBar QComboBox { padding: $p4 $p6; font-size: $f12; }
QToolButton::menu-indicator { image: none; }
QToolButton[role="counter"] { padding: $p4 $p10; }
QToolButton[role="counter"][tone="red"] {
  background: $red; color: $on_red; border-color: $red;
}
QToolButton[role="counter"][tone="red"]:focus { border: 2px solid $focus; }
QToolButton[role="counter"][tone="quiet"] { color: $text_2; background: $panel; }
QLineEdit {
  background: $raised; border: $lw solid $line; border-radius: $p4;
  padding: $p8; selection-background-color: $focus; selection-color: $on_focus;
}
QLineEdit:focus { border: 2px solid $focus; }
QCheckBox, QRadioButton { spacing: $p8; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator {
  width: $p16; height: $p16; background: $raised; border: $lw solid $text_2;
}
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: $p8; }
QCheckBox::indicator:checked { background: $focus; border-color: $focus; image: url("$tick"); }
QRadioButton::indicator:checked {
  background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
    stop: 0 $text, stop: 0.55 $text, stop: 0.65 $raised, stop: 1 $raised);
}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-style: dashed; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 2px solid $focus; }
#cameraDialog QListView, #scopeDialog QListView { background: $raised; border: $lw solid $line; }
#cameraDialog QListView:focus, #scopeDialog QListView:focus { border: 2px solid $focus; }
#cameraDialog QListView::item, #scopeDialog QListView::item { padding: $p4; }
#cameraDialog QListView::item:selected, #scopeDialog QListView::item:selected {
  background: $selection; color: $text;
}
#cameraDialog QListView::indicator, #scopeDialog QListView::indicator {
  width: $p16; height: $p16; background: $raised; border: $lw solid $text_2; border-radius: 3px;
}
#cameraDialog QListView::indicator:checked, #scopeDialog QListView::indicator:checked {
  background: $focus; border-color: $focus; image: url("$tick");
}
QComboBox::drop-down, QDateEdit::drop-down { border: none; width: $p20; }
QComboBox::down-arrow, QDateEdit::down-arrow { image: url("$arrow"); width: $p12; height: $p12; }
QPlainTextEdit, QComboBox, QDateEdit, QDoubleSpinBox {
  background: $raised; border: $lw solid $line; border-radius: $p4; padding: $p6;
  selection-background-color: $focus; selection-color: $on_focus;
}
QPlainTextEdit:focus, QComboBox:focus, QDateEdit:focus, QDoubleSpinBox:focus {
  border: 2px solid $focus;
}
QComboBox QAbstractItemView { background: $raised; border: $lw solid $line; }
QLineEdit:disabled, QComboBox:disabled, QDateEdit:disabled, QPlainTextEdit:disabled {
  color: $text_2; background: $panel;
}
QTableView {
  background: $raised; border: $lw solid $line; gridline-color: $line; outline: none;
  selection-background-color: $selection; selection-color: $text;
}
QTableView:focus { border: 2px solid $focus; }
QTableView::item { padding: 0 $p8; }
QHeaderView { background: $panel; }
QHeaderView::section {
  background: $panel; color: $text_2; border: none; border-bottom: $lw solid $line;
  padding: $p4 $p8; font-size: $f12; font-weight: 600;
}
QTableCornerButton::section { background: $panel; border: none; }
QTabWidget::pane { border: none; border-top: $lw solid $line; }
QTabBar::tab {
  background: transparent; color: $text_2; padding: $p6 $p12; font-weight: 600;
  border: none; border-bottom: 2px solid transparent;
}
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $focus; }
QTabBar::tab:focus { background: $selection; }
QProgressBar {
  background: $panel; border: $lw solid $line; border-radius: $p4; text-align: center;
  min-height: $p16;
}
QProgressBar::chunk { background: $selection; border-radius: $p4; }
QLabel[tone="red"] { background: $red; color: $on_red; border-radius: $p4; padding: $p4 $p8; }
QLabel[tone="amber"] {
  background: $amber; color: $on_amber; border-radius: $p4; padding: $p4 $p8;
}
#soundFault { font-size: $f12; font-weight: 600; padding: $p2 $p8; }
#searchPage, #criteriaScroll, #criteriaInner, #searchDetail, #searchDetailInner, #quietInner,
#searchTeaching, #searchDenial, #searchNothing { background: $ground; }
#searchStatus, #searchFoot { background: $panel; }
#criteriaPanel QLineEdit, #criteriaPanel QPushButton, #criteriaPanel QComboBox { padding: $p6; }
#criteriaPanel QComboBox, #criteriaPanel #when { font-size: $f12; }
#criteriaPanel QPlainTextEdit { padding: $p4; }
#searchStatus { border-bottom: $lw solid $line; }
#searchFoot { border-top: $lw solid $line; }
#resultsView QTableView { border: none; }
#resultsView QHeaderView::section { padding: $p4 $p10; }
#resultsView QTableView:focus { border: 2px solid $focus; }
#frozenColumns { border-right: 2px solid $line; }
#newRows { padding: 1px $p10; font-size: $f12; border: 1px solid $focus; }
QToolButton[role="workspace"] { background: transparent; border-color: transparent; }
QToolButton[role="workspace"]:checked {
  background: $selection; border-color: $selection; border-bottom: 2px solid $focus;
}
QToolButton[role="workspace"]:focus { border: 2px solid $focus; }
#listsPage, #listsScroll, #supervisorPage, #supervisorInner { background: $ground; }
#coveredSign, #balanceSign { padding: $p4 $p8; font-weight: 600; }
#auditPage, #auditFilters, #auditFiltersInner, #auditDetail, #auditDetailInner, #auditReports,
#auditReportsScroll, #auditProof { background: $ground; }
#auditFilters QLineEdit, #auditFilters QComboBox, #auditReports QLineEdit { padding: $p6; }
QMenu { background: $raised; border: $lw solid $line; padding: $p4; }
QMenu::item { padding: $p6 $p20; border-radius: $p4; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $text_2; }
QMenu::separator { height: 1px; background: $line; margin: $p4; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QListView { background: $ground; border: none; outline: none; }
QScrollBar:vertical { background: $ground; width: $p10; margin: 0; }
QScrollBar::handle:vertical {
  background: $line; min-height: $p32; border-radius: $p4; margin: 2px;
}
QScrollBar::handle:vertical:hover { background: $text_3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollBar:horizontal { height: 0; }
#newAbove {
  background: $raised; border: 1px solid $focus; border-radius: $p4; padding: 1px $p10;
  font-size: $f12;
}
#keysOverlay, QFrame[role="overlay"], #noticeStrip {
  background: $raised; border: $lw solid $line; border-radius: $p4;
}
#preferencesScroll, #preferencesInner { background: transparent; }
#listStrip { background: $panel; border-bottom: $lw solid $line; }
#signInCard, #lockCard { background: $panel; border: $lw solid $line; border-radius: $p4; }
#signInFault, #lockFault { color: $text; font-weight: 600; }
"""
