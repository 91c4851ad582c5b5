"""Which commands belong together, for the palette and the overlay of keys."""

from __future__ import annotations

from collections.abc import Iterable

from nas_desktop.ui.actions import (
    COMMANDS,
    OTHER_KEYS,
    SEARCH_COMMANDS,
    SUPERVISOR_COMMANDS,
    Command,
)
from nas_desktop.ui.map.map_bar import TOOLS

HIT, LIST, OUT, SPACES, WINDOW, SEARCH, MOVING, SUPERVISOR, MAP = (
    "Hit", "List", "Hand out", "Workspaces", "Window", "Search", "Moving about", "Supervisor",
    "Map",
)  # fmt: skip
GROUPS = (HIT, LIST, OUT, SPACES, WINDOW, MOVING, SUPERVISOR, SEARCH, MAP)

MAP_COMMANDS = tuple(
    Command(f"map_{tool.name}", tool.words, tool.keys, f"Map: {tool.tip}", True) for tool in TOOLS
)
"""Keys of the map; they count while the keyboard is in it."""

MAP_KEYS: tuple[tuple[str, str], ...] = (
    ("1 2 3 4", "Draw a box, polygon, circle, corridor"),
    ("5 T Del", "Pick cameras, type an area, take it away"),
    ("+ - ↑ ↓ ← →", "Closer, farther, move"),
    ("H Z F", "Whole map, what is chosen, follow"),
    ("L G C V B", "Names, grid, cameras, VRMs, dim"),
    ("R K", "How reads are drawn, and coloured"),
    ("P", "Hits and reads without position"),
    ("X I W", "Write it, about it, in its own window"),
)
"""The keys of the map for the overlay: many of them are known at a glance, together."""

EVERY = (*COMMANDS, *SEARCH_COMMANDS, *SUPERVISOR_COMMANDS, *MAP_COMMANDS)
"""Every command of the window and of its workspaces."""

_OF = {
    LIST: ("next_hit", "possible", "flooded", "filter", "top", "history"),
    OUT: ("copy_line", "contact", "print_hit", "handover", "exercise"),
    SPACES: ("live", "search", "lists", "audit", "supervisor", "map"),
    SUPERVISOR: tuple(command.name for command in SUPERVISOR_COMMANDS),
}
_GROUP = {name: group for group, names in _OF.items() for name in names}


def group_of(command: Command) -> str:
    """Return the group of a command; one that nobody has placed goes by where it counts."""
    if command.name.startswith("search_"):
        return SEARCH
    if command.name.startswith("map_"):
        return MAP
    return _GROUP.get(command.name, HIT if command.is_local else WINDOW)


def key_words(keys: Iterable[str]) -> str:
    """Return keys as they are read out and shown: ``Ctrl++ or Ctrl+=``."""
    return " or ".join(keys)


def grouped_keys() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every key with what it does, by group."""
    found: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
    for command in (c for c in EVERY if group_of(c) != MAP):
        tip = command.tip
        for place in ("Search: ", "Supervisor: "):
            tip = tip.removeprefix(place)
        tip = tip[:1].upper() + tip[1:]
        found[group_of(command)].append((key_words(command.keys), tip))
    found[MOVING] = list(OTHER_KEYS)
    found[MAP] = list(MAP_KEYS)
    return list(found.items())
