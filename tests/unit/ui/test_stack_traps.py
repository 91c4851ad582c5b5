"""Traps of the stack that have bitten before: measured once, watched ever since."""

from __future__ import annotations

import ast
import runpy
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

ROOT = Path(__file__).resolve().parents[3]
UI = ROOT / "nas_desktop" / "ui"

NESTED = {"exec", "exec_", "processEvents"}
STATIC = {
    "QMessageBox": {"question", "information", "warning", "critical", "about"},
    "QFileDialog": {
        "getOpenFileName",
        "getOpenFileNames",
        "getSaveFileName",
        "getExistingDirectory",
    },
    "QInputDialog": {"getText", "getInt", "getDouble", "getItem", "getMultiLineText"},
}


def nested_loops(source: str) -> list[str]:
    """Calls that run an event loop inside the event loop; they silently stop every coroutine."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name, owner = node.func.attr, node.func.value
        if name in NESTED:
            found.append(name)
        elif isinstance(owner, ast.Name) and name in STATIC.get(owner.id, ()):
            found.append(f"{owner.id}.{name}")
    return found


def test_that_void_calls_of_qt_lose_no_reference_to_none(qtbot: QtBot) -> None:
    # PySide6 6.12.0 on Python 3.11 gave one reference away with every void call and aborted the
    # interpreter after some thousands. From 3.12 on None is immortal and cannot be counted.
    widget, model = QWidget(), QStringListModel()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _call in range(10_000):
        widget.update()
        model.setStringList([])
    assert sys.getrefcount(None) > before - 1_000


@pytest.mark.parametrize(
    "source", ["box.exec()", "app.processEvents()", "QFileDialog.getOpenFileName(self)"]
)
def test_that_a_planted_nested_loop_is_found(source: str) -> None:
    assert nested_loops(source)


def test_that_the_window_runs_no_event_loop_inside_the_event_loop() -> None:
    for path in sorted(UI.rglob("*.py")):
        assert nested_loops(path.read_text(encoding="utf-8")) == [], path.name


def test_that_no_module_of_the_window_is_longer_than_four_hundred_lines() -> None:
    for path in sorted(UI.rglob("*.py")):
        if path.parent.name != "forms":
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path.name


def test_that_every_form_was_compiled_after_it_was_edited() -> None:
    compiled = runpy.run_path(str(ROOT / "packaging" / "compile_forms.py"))["compiled"]
    for form in sorted((ROOT / "ui").glob("*.ui")):
        target = UI / "forms" / f"ui_{form.stem}.py"
        assert target.read_text(encoding="utf-8") == compiled(form), form.name
