"""A shown window with a dispatcher signed in and a sound output that remembers."""

from __future__ import annotations

import pytest

from nas_desktop.ui.main_window import MainWindow
from tests.fakes.sound import FakePort
from tests.unit.ui.conftest import (  # noqa: F401
    board,
    bridge,
    clock,
    link,
    settings,
    spawn,
    window,
)


@pytest.fixture
def port(window: MainWindow) -> FakePort:  # noqa: F811
    made = FakePort()
    window.sounds.start(made)
    return made
