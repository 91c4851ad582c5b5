"""What can be done about the chosen card, by this person, now."""

from __future__ import annotations

from nas_desktop.domain.access import Right, may
from nas_desktop.services.cards import Card, Group
from nas_desktop.ui.bridge import Bridge

DEEDS = ("acknowledge", "take_action", "outcome", "copy_line", "next_hit", "connectivity")

BUTTONS = (
    ("Space", "Acknowledge", "acknowledge"),
    ("A", "Action", "take_action"),
    ("O", "Outcome", "outcome"),
    ("N", "Next", "next_hit"),
    ("F2", "Copy to C&&C", "copy_line"),
)
"""The action bar of the live workspace: key, words, name of the action."""


def possible_deeds(bridge: Bridge, card: Card | None) -> dict[str, bool]:
    """Return for each action of the live workspace whether it is possible."""
    if bridge.is_locked:
        return dict.fromkeys(DEEDS, False)
    operator = bridge.operator
    is_open = card is not None and bridge.lost is None and bool(bridge.open_hits(card))
    return {
        "acknowledge": (
            card is not None
            and bridge.may_handle
            and bridge.lost is None
            and bool(card.unacknowledged)
        ),
        "take_action": is_open,
        "outcome": is_open,
        "copy_line": card is not None and operator is not None,
        "next_hit": operator is not None and bridge.board.size(Group.UNACKNOWLEDGED) > 0,
        "connectivity": operator is not None and may(operator.roles, Right.TEST),
    }


def due_deed(can: dict[str, bool]) -> str:
    """Return the action that is due: the only filled button."""
    return next((name for name in ("acknowledge", "outcome") if can[name]), "next_hit")
