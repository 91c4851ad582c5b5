"""The connectivity test and the question: open, answered, cancelled, never a nested loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from nas_desktop.domain.errors import Refused
from nas_desktop.services import events
from nas_desktop.services import tasks as tasks_of
from nas_desktop.ui.ask import ask
from nas_desktop.ui.main_window import MainWindow
from tests.builders import a_hit
from tests.fakes.node_link import START, FakeNodeLink


def words_in(dialog: QWidget) -> str:
    return " | ".join(w.text() for w in dialog.findChildren(QLabel) if not w.isHidden())


def test_that_the_connectivity_test_shows_every_leg(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    link.result = events.TestResult(
        START,
        (events.TestLeg("This desk to server", 0.004), events.TestLeg("NAS to PNC", None, "lost")),
        0.047,
        is_complete=False,
    )
    window.actions_by_name["connectivity"].trigger()
    dialog = window.connectivity
    assert dialog.isVisible()
    assert not dialog.isModal()
    said = words_in(dialog)
    assert "✓ This desk to server | 4 ms" in said
    assert "✕ NAS to PNC | lost" in said
    assert dialog.form.run.isEnabled()
    dialog.close()


def test_that_a_refused_connectivity_test_says_why(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    link.refusal = Refused("link_down", "The node cannot be reached.")
    window.connectivity.run_test()
    assert window.connectivity.form.summary.text() == "The node cannot be reached."
    assert window.connectivity.form.run.isEnabled()


async def test_that_a_connectivity_test_can_be_cancelled(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    link.never_answers = True
    tasks: list[asyncio.Task[None]] = []

    def spawn(work: Coroutine[Any, Any, None], name: str) -> object:
        tasks.append(tasks_of.spawn(work, name))
        return tasks[-1]

    window.bridge._spawn = spawn
    window.connectivity.run_test()
    await asyncio.sleep(0)
    assert not window.connectivity.form.run.isEnabled()
    window.connectivity.form.cancel.click()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert tasks[0].cancelled()
    assert window.connectivity.form.summary.text() == "Cancelled."


async def test_that_a_question_is_answered_without_stopping_the_loop(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    for name, answer in (("yes", True), ("no", False)):
        question = ask(
            window, "Close", "Nobody at this desk will see further hits.", "Close", "Stay"
        )
        task = tasks_of.spawn(question, "ask")
        await asyncio.sleep(0)
        (box,) = [b for b in window.findChildren(QDialog) if b.isVisible()]
        assert not box.isModal()
        button = box.findChild(QPushButton, name)
        assert isinstance(button, QPushButton)
        button.click()
        assert await task is answer


async def test_that_closing_with_hits_unacknowledged_is_asked_once(
    qtbot: QtBot, window: MainWindow, link: FakeNodeLink
) -> None:
    link.raise_hits(a_hit())
    window.bridge._drain()
    tasks: list[asyncio.Task[None]] = []

    def spawn(work: Coroutine[Any, Any, None], name: str) -> object:
        tasks.append(tasks_of.spawn(work, name))
        return tasks[-1]

    window._spawn = spawn
    asked: list[bool] = []
    window.close_requested.connect(lambda: asked.append(True))
    window.close()
    window.close()
    await asyncio.sleep(0)
    assert len(tasks) == 1
    box = window.findChild(QDialog, "question")
    assert isinstance(box, QDialog)
    box.accept()
    await tasks[0]
    assert asked == [True]
