"""What tests of the desk's tools do to a window, as a person would."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.services.cards import CardId
from nas_desktop.ui.main_window import MainWindow
from tests.fakes.node_link import FakeNodeLink


def drain(qtbot: QtBot, window: MainWindow, link: FakeNodeLink, *hits: Hit) -> None:
    with qtbot.waitSignal(window.bridge.drained):
        link.raise_hits(*hits)


def choose(window: MainWindow, card_id: str) -> None:
    """Choose a card and paint it, as a person would see it."""
    window.page.hits.choose(CardId(card_id))
    window.page.hits.viewport().repaint()
    window.page.detail.body.repaint()
    window.page.hits.setFocus()


def press(
    widget: QWidget,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    QTest.keyClick(widget, key, modifier)


def kinds_sent(link: FakeNodeLink) -> list[StepKind]:
    """Return the kinds of steps sent, receipts left out."""
    return [s.kind for s in link.steps if s.kind is not StepKind.DELIVER]
