"""Garbage that holds widgets ends on the window's thread, whichever thread asks for memory."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from nas_desktop.ui.garbage import WHOLE_EVERY, Sweeper


class Holder:
    """A cycle with an object of Qt in it."""

    def __init__(self) -> None:
        self.me = self
        self.held = QObject()


@pytest.fixture
def sweeper(qtbot: QtBot) -> Iterator[Sweeper]:
    parent = QObject()
    made = Sweeper(parent)
    made.begin()
    yield made
    made.end()
    assert gc.isenabled()


def a_cycle() -> weakref.ref[Holder]:
    return weakref.ref(Holder())


def test_that_no_other_thread_sweeps(sweeper: Sweeper) -> None:
    gone = a_cycle()
    assert not gc.isenabled()

    def work() -> None:
        made = [[n] for n in range(50_000)]  # enough to set off the collector at any time
        assert made

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert gone() is not None
    sweeper.sweep()
    assert gone() is None


def test_that_the_old_are_swept_once_in_a_while(sweeper: Sweeper) -> None:
    holder = Holder()
    gone = weakref.ref(holder)
    for _time in range(3):
        gc.collect(1)  # it grows old
    del holder
    sweeper.sweep()
    assert gone() is not None
    for _time in range(WHOLE_EVERY):
        sweeper.sweep()
    assert gone() is None
