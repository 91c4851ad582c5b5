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

HIT, LIST, OUT, SPACES, WINDOW, SEARCH, MOVING, SUPERVISOR = (
    "Hit", "List", "Hand out", "Workspaces", "Window", "Search", "Moving about", "Supervisor",
)  # fmt: skip
GROUPS = (HIT, LIST, OUT, SPACES, WINDOW, MOVING, SUPERVISOR, SEARCH)

EVERY = (*COMMANDS, *SEARCH_COMMANDS, *SUPERVISOR_COMMANDS)
"""Every command of the window and of its workspaces."""

_OF = {
    LIST: ("next_hit", "possible", "flooded", "filter", "top", "history"),
    OUT: ("copy_line", "contact", "print_hit", "handover", "exercise"),
    SPACES: ("live", "search", "lists", "audit", "supervisor"),
    SUPERVISOR: tuple(command.name for command in SUPERVISOR_COMMANDS),
}
_GROUP = {name: group for group, names in _OF.items() for name in names}


def group_of(command: Command) -> str:
    """Return the group of a command; one that nobody has placed goes by where it counts."""
    if command.name.startswith("search_"):
        return SEARCH
    return _GROUP.get(command.name, HIT if command.is_local else WINDOW)


def key_words(keys: Iterable[str]) -> str:
    """Return keys as they are read out and shown: ``Ctrl++ or Ctrl+=``."""
    return " or ".join(keys)


def grouped_keys() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every key with what it does, by group."""
    found: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
    for command in EVERY:
        tip = command.tip.removeprefix("Search: ").removeprefix("Supervisor: ")
        tip = tip[:1].upper() + tip[1:]
        found[group_of(command)].append((key_words(command.keys), tip))
    found[MOVING] = list(OTHER_KEYS)
    return list(found.items())
