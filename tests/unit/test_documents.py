"""The documents say what the program does, lead where they say, and keep to the house's words."""

from __future__ import annotations

import argparse
import importlib.util
import re
import runpy
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from nas_desktop.app.command_line import _parser

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")],
)
SOURCES = sorted(
    [
        *(ROOT / "nas_desktop").rglob("*.py"),
        *(ROOT / "packaging").rglob("*.py"),
        *(ROOT / "packaging").rglob("*.sh"),
        *(ROOT / "resources").rglob("*.md"),
        *(ROOT / "ui").rglob("*.ui"),
        ROOT / "Makefile",
        ROOT / "nas_desktop.spec",
        ROOT / "pyproject.toml",
    ]
)
CLI = ROOT / "docs" / "cli.md"
SPEC = ROOT / "nas_desktop.spec"


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# ------------------------------------------------------------------ the command line


def commands(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Yield every command with its parser, the program itself first."""
    yield path, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from commands(inner, (*path, name))


COMMANDS = [(path, parser) for path, parser in commands(_parser()) if path]


def section_of(command: str) -> str:
    """Return what stands under a command's heading, up to the next command's."""
    found: list[str] = []
    level = 0
    for line in text_of(CLI).splitlines():
        heading = re.match(r"(#+) (.*)", line)
        if heading:
            depth = len(heading[1])
            if heading[2].strip("`") == command:
                level = depth
            elif level and depth <= level:
                break
        if level:
            found.append(line)
    return "\n".join(found)


@pytest.mark.parametrize("command", [" ".join(path) for path, _parser in COMMANDS])
def test_that_every_command_is_described(command: str) -> None:
    assert f"`{command}`" in text_of(CLI) or f"nas-desktop {command} " in text_of(CLI)


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (" ".join(path), option)
        for path, parser in commands(_parser())
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--")
    ],
)
def test_that_every_option_is_described(command: str, option: str) -> None:
    whole = text_of(CLI)
    assert re.search(rf"{re.escape(option)}(?![\w-])", whole), option
    general = "\n".join((whole[: whole.index("## `demo`")], section_of(command.partition(" ")[0])))
    assert re.search(rf"{re.escape(option)}(?![\w-])", general), f"{command}: {option}"


def test_that_no_option_is_described_that_does_not_exist() -> None:
    known = {o for _path, p in commands(_parser()) for a in p._actions for o in a.option_strings}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text_of(CLI)))
    assert named <= known


# ------------------------------------------------------------------ links


_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def anchors_of(path: Path) -> set[str]:
    """Return the anchors that headings get."""
    headings = re.findall(r"^#+ (.*)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_that_every_link_leads_somewhere(document: Path) -> None:
    astray: list[str] = []
    for link in _LINK.findall(text_of(document)):
        if link.startswith(("http://", "https://")):
            continue
        target, _hash, anchor = link.partition("#")
        path = (document.parent / target).resolve() if target else document
        if not path.exists() or (anchor and anchor not in anchors_of(path)):
            astray.append(link)
    assert astray == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_that_every_document_can_be_reached(document: Path) -> None:
    seen, todo = set[Path](), [ROOT / "README.md"]
    while todo:
        at = todo.pop()
        if at in seen or not at.exists():
            continue
        seen.add(at)
        for link in _LINK.findall(text_of(at)):
            target = (at.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md":
                todo.append(target)
    assert document in seen


def test_that_every_decision_is_in_the_index() -> None:
    index = text_of(ROOT / "docs" / "README.md")
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert len(records) >= 9
    for number, record in enumerate(records, 1):
        assert record.name.startswith(f"{number:04d}-")
        assert f"decisions/{record.name}" in index
        parts = re.findall(r"^## (.*)$", text_of(record), re.MULTILINE)
        assert parts == ["Context", "Decision", "Figures", "Consequences"]


# ------------------------------------------------------------------ words


TERMS = re.split(
    r",\s+",
    "ANPR, Annex A, Acknowledge, Audit, Badge, Camera, Capture record, Connectivity test, Desk,"
    " Entry, Feed ID, Force node, GSC, Hit, Hop, LEA, Late, List, Management server, Match, NAS,"
    " NRD, No Alert, Node, Offset, Operator, Outage, Outbox, Outcome, Overview, PNC, Plate patch,"
    " Profile, Provisional, QQ111QQQ, QQQQQQQ, Read, Reason, Scope, Simulation, Source ID, Step,"
    " Tier, VOI, VRM, Vouch, Warning signal, Weed date, Window",
)


@pytest.mark.parametrize("term", TERMS)
def test_that_the_glossary_has_the_words_of_the_field(term: str) -> None:
    assert f"| **{term}**" in text_of(ROOT / "docs" / "glossary.md")


def test_that_the_glossary_is_in_order() -> None:
    lines = text_of(ROOT / "docs" / "glossary.md").splitlines()
    terms = [m[1].lower() for line in lines if (m := re.match(r"\| \*\*(.+?)\*\*", line))]
    assert terms == sorted(terms)


# Folders that only one machine has; a socket's place in /tmp is the same on every system.
_MACHINE_PATH = re.compile(r"(?<![\w.~}])/(?:work|home|root|Users|mnt|media)/")

_WORDS = re.compile(r"\b(?:plates?|hot ?lists?|alerts?|hot-lists?)\b", re.IGNORECASE)

# The physical thing, the specification's own terms, and the names of icons.
_ALLOWED = re.compile(
    r"plate[ _-]patch(?:es)?|number[ _-]plates?|no[ _]alerts?|(?:circle|triangle)-alert",
    re.IGNORECASE,
)

# What draws or describes the physical plate.
_DRAWS = (
    "nas_desktop/simulator/patches.py",
    "nas_desktop/simulator/overviews.py",
    "resources/simulator/README.md",
)


def wrong_words(text: str, *, is_drawing: bool = False) -> list[str]:
    """Return words that the house does not use."""
    found = _WORDS.findall(_ALLOWED.sub("", text))
    return [word for word in found if not (is_drawing and word.lower().startswith("plate"))]


@pytest.mark.parametrize("text", ["a plate was read", "the hotlist", "an Alert", "hot lists"])
def test_that_a_planted_word_is_found(text: str) -> None:
    assert wrong_words(text)


@pytest.mark.parametrize("text", ["a plate patch", "number plates", "No Alert", "plate_patch"])
def test_that_the_words_of_the_specification_are_allowed(text: str) -> None:
    assert not wrong_words(text)


@pytest.mark.parametrize("path", [*DOCUMENTS, *SOURCES], ids=name_of)
def test_that_no_file_uses_a_word_that_is_never_right_here(path: Path) -> None:
    assert wrong_words(text_of(path), is_drawing=name_of(path) in _DRAWS) == []


@pytest.mark.parametrize("path", [*DOCUMENTS, *SOURCES], ids=name_of)
def test_that_no_file_names_a_folder_of_one_machine(path: Path) -> None:
    assert _MACHINE_PATH.findall(text_of(path)) == []


@pytest.mark.parametrize(
    "document",
    [d for d in DOCUMENTS if d.name not in ("protocol.md", "performance.md")],
    ids=name_of,
)
def test_that_no_line_of_prose_is_longer_than_120(document: Path) -> None:
    lines = text_of(document).splitlines()
    assert [x for x in lines if len(x) > 120 and not x.startswith(("|", "!["))] == []


# ------------------------------------------------------------------ packaging


def recipe() -> dict[str, Any]:
    """Run the packaging recipe with stand-ins for what PyInstaller gives it."""
    made: dict[str, Any] = {}

    def part(name: str) -> Any:
        def make(*args: Any, **kwargs: Any) -> SimpleNamespace:
            made[name] = (args, kwargs)
            return SimpleNamespace(pure=[], scripts=[], binaries=[], datas=[])

        return make

    def copy_metadata(name: str) -> list[tuple[str, str]]:
        made.setdefault("metadata", []).append(name)
        return []

    def collect_data_files(name: str) -> list[tuple[str, str]]:
        made.setdefault("data_of", []).append(name)
        return []

    hooks = ModuleType("PyInstaller.utils.hooks")
    hooks.copy_metadata = copy_metadata  # type: ignore[attr-defined]
    hooks.collect_data_files = collect_data_files  # type: ignore[attr-defined]
    stand_ins = {name: ModuleType(name) for name in ("PyInstaller", "PyInstaller.utils")}
    names = {name: part(name) for name in ("Analysis", "PYZ", "EXE", "COLLECT")}
    with patch.dict(sys.modules, {**stand_ins, hooks.__name__: hooks}):
        runpy.run_path(str(SPEC), init_globals={**names, "SPECPATH": str(ROOT)})
    return made


def test_that_the_packaging_recipe_names_files_that_exist() -> None:
    (scripts,), options = recipe()["Analysis"]
    paths = [*scripts, *options["pathex"], *(source for source, _target in options["datas"])]
    assert [path for path in paths if not Path(path).exists()] == []
    assert (str(ROOT / "resources"), "resources") in options["datas"]


def test_that_the_packaging_recipe_takes_along_what_libraries_of_the_map_read() -> None:
    made = recipe()
    assert set(made["data_of"]) == {"branca", "folium", "pyproj", "xyzservices"}
    hidden = made["Analysis"][1]["hiddenimports"]
    assert {"PySide6.QtWebEngineCore", "nas_desktop.ui.map.web_map"} <= set(hidden)


def test_that_every_script_of_others_has_its_licence() -> None:
    rows = text_of(ROOT / "resources" / "LICENCES.md")
    folder = ROOT / "resources" / "map" / "vendor"
    scripts = [f.name for f in folder.iterdir() if f.suffix in (".js", ".css")]
    assert scripts
    assert [name for name in scripts if f"`map/vendor/{name}`" not in rows] == []
    for text in re.findall(r"`(map/vendor/[^`]*\.txt)`", rows):
        assert (ROOT / "resources" / text).stat().st_size > 500


def test_that_the_packaging_recipe_makes_a_console_program_of_our_name() -> None:
    _args, options = recipe()["EXE"]
    assert options["name"] == "nas-desktop"
    assert options["console"] is True


def test_that_the_packaging_recipe_takes_along_what_the_doctor_asks_for() -> None:
    doctor = text_of(ROOT / "nas_desktop" / "app" / "doctor.py")
    wanted = re.search(r"wanted = \(([^)]*)\)", doctor)
    assert wanted is not None
    assert set(re.findall(r'"([^"]+)"', wanted[1])) <= set(recipe()["metadata"])


@pytest.mark.qt
@pytest.mark.parametrize("module", recipe()["Analysis"][1]["hiddenimports"])
def test_that_every_module_the_recipe_names_exists(module: str) -> None:
    assert importlib.util.find_spec(module) is not None


def test_that_the_recipe_leaves_nothing_out_that_is_imported() -> None:
    imported = {
        name
        for path in (ROOT / "nas_desktop").rglob("*.py")
        for name in re.findall(r"^\s*(?:from|import) ([\w.]+)", text_of(path), re.MULTILINE)
    }
    assert imported.isdisjoint(recipe()["Analysis"][1]["excludes"])


def test_that_the_documents_name_the_versions_of_the_program_and_of_qt() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    assert f"## {project['version']}" in text_of(ROOT / "CHANGELOG.md")
    pin = next(x for x in project["dependencies"] if x.startswith("PySide6"))
    assert pin in text_of(ROOT / "docs" / "decisions" / "0002-pyside6-pinned.md")
