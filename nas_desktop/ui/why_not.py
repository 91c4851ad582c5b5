"""Why a command cannot be run now, in words for whoever looked it up."""

from __future__ import annotations

from nas_desktop.services.cards import Card
from nas_desktop.ui.actions import SUPERVISOR_COMMANDS
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.deeds import may_exercise

_OF_CARD = {
    "acknowledge": "Nothing on it waits at this desk.",
    "take": "You have it already.",
    "verify": "It is closed, or has not been on this screen.",
    "differs": "It is closed, or has not been on this screen.",
    "describe_yes": "It is closed, or has not been on this screen.",
    "describe_no": "It is closed, or has not been on this screen.",
    "take_action": "Acknowledge it first.",
    "outcome": "Acknowledge it first.",
    "pass_on": "Take it first.",
    "park": "Take it first.",
    "raise_tier": "It cannot be raised further.",
    "incident": "It has not been on this screen.",
    "notify": "It has not been on this screen, or is a possible misread.",
    "seen": "Nothing has become of its entry.",
    "undo": "There is nothing of yours to take back any more.",
}
_OF_SUPERVISORS = frozenset(command.name for command in SUPERVISOR_COMMANDS)
_ANY_HIT = frozenset({*_OF_CARD, "copy_line", "contact", "print_hit"})
_READ_ONLY = frozenset({"copy_line", "contact", "print_hit"})


def why_not(name: str, bridge: Bridge, card: Card | None) -> str:
    """Return why a command is not enabled; a sentence that holds where no better is known."""
    operator = bridge.operator
    if operator is None:
        return "Nobody is signed in."
    if bridge.is_locked:
        return "The window is locked."
    if name in _ANY_HIT:
        if card is None:
            return "Choose a vehicle first (N)."
        if name not in _READ_ONLY and bridge.lost is not None:
            return "There is no link to this desk’s node."
        if name not in _READ_ONLY and not bridge.may_handle:
            return "Your role may not handle hits."
        return _OF_CARD.get(name, "Not possible with this vehicle now.")
    if name == "next_hit":
        return "Nothing waits: every vehicle is taken."
    if name == "exercise" and not may_exercise(operator):
        return "For dispatchers and supervisors."
    if name in _OF_SUPERVISORS:
        return "Counts in the supervisor workspace (Ctrl+5)."
    if name.startswith("map_"):
        return "Counts in the map (F8)."
    if name.startswith("search_"):
        return "Counts in the search workspace (Ctrl+2)."
    return "Your role does not include it, or it is not linked here."
