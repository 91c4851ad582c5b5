"""The rules of the house, read from the source; each rule is itself tested with a planted breach.

import-linter checks what may import what. This file checks the same by its own reading, and what
import-linter cannot see: calls, words, and where asyncio tasks are made.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "nas_desktop"

ROOMS = ("domain", "services", "adapters", "node", "simulator", "ui", "app")

# Whom a room may import besides itself.
MAY_IMPORT = {
    "domain": set(),
    "services": {"domain"},
    "adapters": {"services", "domain"},
    "node": {"adapters", "services", "domain"},
    "simulator": {"adapters", "services", "domain"},
    "ui": {"services", "domain"},
    "app": {"ui", "node", "simulator", "adapters", "services", "domain"},
}

# Libraries and the only places that may import them.
ONLY_IN = {
    "PySide6": ("ui", "app"),
    "pyqtgraph": ("ui", "app"),
    "folium": ("ui", "app"),
    "qasync": ("app",),
    "apsw": ("adapters/store",),
    "sqlite3": ("adapters/store",),
    "duckdb": ("adapters/store",),
    "websockets": ("adapters/link",),
    "openpyxl": ("adapters/voi_files",),
    "zstandard": ("adapters",),
    "numpy": ("domain/matching", "services", "adapters", "node", "simulator", "ui", "app"),
}

NOT_IN_DOMAIN = {"asyncio", "msgspec", "PIL", "socket", "threading", "time", "random", "os"}
NESTED_LOOPS = {"exec", "exec_", "processEvents"}
STATIC_BOXES = {
    "QMessageBox": {"question", "information", "warning", "critical", "about"},
    "QFileDialog": {"getOpenFileName", "getOpenFileNames", "getSaveFileName"},
    "QInputDialog": {"getText", "getItem", "getInt", "getDouble"},
}
TASK_MAKERS = {"create_task", "ensure_future"}

# What the words mean here: VRM, list, hit. Physical things keep their names.
BANNED = {
    "plate": re.compile(r"(?<![a-z])plates?(?![a-z])|(?<=_)plates?(?=_)", re.IGNORECASE),
    "hotlist": re.compile(r"hot.?list", re.IGNORECASE),
    "alert": re.compile(r"(?<![a-z])alert(?:s|ed|ing)?(?![a-z])", re.IGNORECASE),
}
ALLOWED_WORDS = re.compile(
    r"""(?ix)
      plate[ _-]patch(?:es)?      # the specification's own name of the image
    | verify[ _-]plate
    | number\ plates?             # the metal thing itself, in prose
    | no[ _-]alert                # the specification's third action
    | (?:triangle|circle)-alert   # names of icons of the set we use
    | no_plate | q_plate          # names of formats in the data
    """
)
# The simulator draws the metal thing on the car; the top bar draws a backing in its hatching.
PHYSICAL = ("simulator/",)
PHYSICAL_NAMES = {"ui/live/top_bar.py": {"plate"}}


@dataclass(frozen=True)
class Breach:
    """A rule that is broken: where, and by what."""

    rule: str
    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.what}"


def modules(package: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(package.rglob("*.py")):
        yield (
            path.relative_to(package).as_posix(),
            ast.parse(path.read_text(encoding="utf-8"), str(path)),
        )


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every module imported anywhere in the file, functions and TYPE_CHECKING included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield node.lineno, base
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def is_in(file: str, places: tuple[str, ...]) -> bool:
    return any(file.startswith(f"{place}/") for place in places)


def layers(file: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    room = file.split("/")[0]
    for line, name in imports(tree):
        if name.startswith("."):
            yield line, f"relative import of {name}"
        parts = name.split(".")
        if (
            room in MAY_IMPORT
            and parts[0] == PACKAGE
            and len(parts) > 1
            and parts[1] in ROOMS
            and parts[1] != room
            and parts[1] not in MAY_IMPORT[room]
        ):
            yield line, f"{room} imports {name}"


def libraries(file: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for line, name in imports(tree):
        library = name.split(".")[0]
        if library in ONLY_IN and not is_in(file, ONLY_IN[library]):
            yield line, f"{library} outside {', '.join(ONLY_IN[library])}"
        if file.startswith("domain/") and library in NOT_IN_DOMAIN:
            yield line, f"{library} in the domain"


def clocks(file: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The domain has no clock: time comes in as an argument."""
    if not file.startswith("domain/"):
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"now", "utcnow", "today"}
        ):
            yield node.lineno, f"{node.func.attr}() in the domain"


def tasks(file: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    if file == "services/tasks.py":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in TASK_MAKERS:
            yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom) and node.module == "asyncio":
            for alias in node.names:
                if alias.name in TASK_MAKERS:
                    yield node.lineno, alias.name


def nested_loops(_file: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in NESTED_LOOPS:
            yield node.lineno, f".{node.func.attr}()"
        owner = node.func.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if node.func.attr in STATIC_BOXES.get(name, ()):
            yield node.lineno, f"{name}.{node.func.attr}()"


def banned_words(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        left = ALLOWED_WORDS.sub(lambda found: " " * len(found.group()), line)
        for word, pattern in BANNED.items():
            if pattern.search(left):
                yield number, word


RULES: dict[str, Callable[[str, ast.Module], Iterator[tuple[int, str]]]] = {
    "layers": layers,
    "libraries": libraries,
    "clocks": clocks,
    "tasks": tasks,
    "nested loops": nested_loops,
}


def breaches(package: Path, rule: str) -> list[Breach]:
    return [
        Breach(rule, file, line, what)
        for file, tree in modules(package)
        for line, what in RULES[rule](file, tree)
    ]


def word_breaches(root: Path) -> list[Breach]:
    """Look through the package, the documents and the readme."""
    found: list[Breach] = []
    package = root / PACKAGE
    for path in [*package.rglob("*.py"), *(root / "docs").rglob("*.md"), *root.glob("*.md")]:
        inside = path.relative_to(package).as_posix() if path.is_relative_to(package) else ""
        if inside.startswith(PHYSICAL):
            continue
        for line, word in banned_words(path.read_text(encoding="utf-8")):
            if word not in PHYSICAL_NAMES.get(inside, ()):
                found.append(Breach("words", path.relative_to(root).as_posix(), line, word))
    return found


# ------------------------------------------------------------------ the rules hold


@pytest.mark.parametrize("rule", RULES)
def test_that_the_package_keeps_the_rule(rule: str) -> None:
    assert [str(breach) for breach in breaches(ROOT / PACKAGE, rule)] == []


def test_that_the_words_of_the_trade_are_used() -> None:
    assert [str(breach) for breach in word_breaches(ROOT)] == []


def test_that_every_room_is_known_to_the_rules() -> None:
    rooms = {path.name for path in (ROOT / PACKAGE).iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(ROOMS)


# ------------------------------------------------------------------ the rules find what is planted

PLANTED = [
    ("layers", "domain/x.py", "from nas_desktop.services import tasks"),
    ("layers", "domain/x.py", "def f():\n    import nas_desktop.adapters.clock"),
    ("layers", "services/x.py", "from nas_desktop.adapters.clock import SystemClock"),
    ("layers", "adapters/link/x.py", "from nas_desktop.node import engine"),
    ("layers", "node/x.py", "from nas_desktop.simulator import marks"),
    ("layers", "simulator/x.py", "import nas_desktop.ui"),
    ("layers", "ui/live/x.py", "from nas_desktop.adapters.link import messages"),
    ("layers", "ui/x.py", "from nas_desktop import adapters"),
    (
        "layers",
        "ui/x.py",
        "import typing\nif typing.TYPE_CHECKING:\n    from nas_desktop.node import node",
    ),
    ("layers", "node/x.py", "from nas_desktop.app import paths"),
    ("layers", "services/x.py", "from . import tasks"),
    ("libraries", "services/x.py", "from PySide6.QtCore import QObject"),
    ("libraries", "node/x.py", "import PySide6.QtCore as core"),
    ("libraries", "ui/x.py", "import qasync"),
    ("libraries", "node/x.py", "import apsw"),
    ("libraries", "adapters/link/x.py", "import sqlite3"),
    ("libraries", "app/x.py", "import duckdb"),
    ("libraries", "node/x.py", "from websockets.asyncio.client import connect"),
    ("libraries", "domain/x.py", "import asyncio"),
    ("libraries", "domain/x.py", "import numpy"),
    ("clocks", "domain/x.py", "from datetime import datetime\nat = datetime.now()"),
    ("tasks", "node/x.py", "import asyncio\nasyncio.create_task(f())"),
    ("tasks", "ui/x.py", "from asyncio import ensure_future"),
    ("tasks", "app/x.py", "loop.create_task(f())"),
    ("nested loops", "ui/x.py", "dialog.exec()"),
    ("nested loops", "ui/x.py", "menu.exec_(at)"),
    ("nested loops", "app/x.py", "app.processEvents()"),
    ("nested loops", "ui/x.py", "QMessageBox.question(None, 'a', 'b')"),
    ("nested loops", "ui/x.py", "QtWidgets.QFileDialog.getOpenFileName()"),
]


def a_tree(folder: Path, file: str, source: str) -> Path:
    """Plant one file in an otherwise empty tree."""
    path = folder / PACKAGE / file
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    return folder / PACKAGE


@pytest.mark.parametrize(("rule", "file", "source"), PLANTED)
def test_that_a_planted_breach_is_found(tmp_path: Path, rule: str, file: str, source: str) -> None:
    package = a_tree(tmp_path, file, source)
    assert {breach.file for breach in breaches(package, rule)} == {file}


@pytest.mark.parametrize(
    ("rule", "file", "source"),
    [
        (
            "layers",
            "app/x.py",
            "from nas_desktop.ui import text\nfrom nas_desktop.node import node",
        ),
        ("libraries", "app/x.py", "import qasync"),
        ("libraries", "adapters/store/x.py", "import apsw"),
        ("libraries", "domain/matching/x.py", "import numpy"),
        ("clocks", "services/x.py", "clock.now()"),
        ("tasks", "services/tasks.py", "loop.create_task(f())"),
        ("nested loops", "ui/x.py", "dialog.open()"),
    ],
)
def test_that_what_is_allowed_is_not_found(
    tmp_path: Path, rule: str, file: str, source: str
) -> None:
    assert breaches(a_tree(tmp_path, file, source), rule) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The plate was read.", ["plate"]),
        ("plate_text = 1", ["plate"]),
        ("number_plates", ["plate"]),
        ("a picture of the number plate alone", []),
        ("A plate patch of 120 x 60", []),
        ("raw.plate_patch", []),
        ("a template", []),
        ("the hotlist", ["hotlist"]),
        ("Hot list", ["hotlist"]),
        ("an alert", ["alert"]),
        ("alerted_at", ["alert"]),
        ("``No Alert`` hits", []),
        ("Action.NO_ALERT", []),
        ('"triangle-alert"', []),
        ("No Alert, but an alert", ["alert"]),
    ],
)
def test_that_a_banned_word_is_found_and_the_specifications_own_is_not(
    text: str, words: list[str]
) -> None:
    assert [word for _line, word in banned_words(text)] == words


@pytest.mark.parametrize("file", ["nas_desktop/node/x.py", "docs/x.md", "README.md"])
def test_that_a_banned_word_is_found_wherever_it_stands(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("# a hotlist\n", encoding="utf-8")
    assert word_breaches(tmp_path) == [Breach("words", file, 1, "hotlist")]


# ------------------------------------------------------------------ import-linter finds them too


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of pyproject.toml on the package under ``root``."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / PACKAGE, root / PACKAGE, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


@pytest.mark.slow
def test_that_import_linter_keeps_every_contract_on_the_package(copied: Path) -> None:
    told = lint_imports(copied)
    assert told.returncode == 0, told.stdout
    assert "0 broken" in told.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "source", "contract"),
    [
        ("domain/planted.py", "import nas_desktop.services.tasks", "Rooms"),
        ("ui/planted.py", "import nas_desktop.adapters.clock", "The window never touches adapters"),
        ("node/planted.py", "import PySide6.QtCore", "Qt stays in the window"),
        ("node/planted.py", "import apsw", "SQL only in adapters.store"),
    ],
)
def test_that_import_linter_finds_a_planted_breach(
    copied: Path, file: str, source: str, contract: str
) -> None:
    planted = copied / PACKAGE / file
    planted.write_text(f'"""Planted."""\n\n{source}\n', encoding="utf-8")
    try:
        told = lint_imports(copied)
    finally:
        planted.unlink()
    assert told.returncode == 1, told.stdout
    broken = [line for line in told.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), told.stdout
