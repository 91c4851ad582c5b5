"""What can be done about the chosen card, by this person, now."""

from __future__ import annotations

from nas_desktop.domain.access import Operator, Right, Role, may
from nas_desktop.services.cards import Card, Group
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.hit_deeds import HitDeeds

DEEDS = (
    "acknowledge", "take", "verify", "differs", "describe_yes", "describe_no", "take_action",
    "outcome", "pass_on", "park", "raise_tier", "incident", "notify", "seen", "undo",
    "copy_line", "contact", "print_hit", "handover", "exercise", "next_hit", "connectivity",
)  # fmt: skip

EXERCISING = frozenset({Role.DISPATCHER, Role.SUPERVISOR})
"""Who may put the card of an exercise on their own desk."""

BUTTONS = (
    ("Space", "Acknowledge", "acknowledge"),
    ("V", "Patch agrees", "verify"),
    ("A", "Action", "take_action"),
    ("O", "Outcome", "outcome"),
    ("P", "Pass", "pass_on"),
    ("S", "Park", "park"),
    ("T", "Take", "take"),
    ("N", "Next", "next_hit"),
    ("F2", "Copy to C&&C", "copy_line"),
    ("U", "Take back", "undo"),
    ("B", "Change seen", "seen"),
)
"""The action bar of the live workspace: key, words, name of the action."""

ONLY_WHEN_POSSIBLE = frozenset({"undo", "seen"})
"""Buttons that are not there most of the time; they stand last, so that no other moves for them."""


def possible_deeds(bridge: Bridge, deeds: HitDeeds, card: Card | None) -> dict[str, bool]:
    """Return for each action of the live workspace whether it is possible."""
    can = dict.fromkeys(DEEDS, False)
    if bridge.is_locked:
        return can
    operator = bridge.operator
    waiting = bridge.board.size(Group.UNACKNOWLEDGED) + bridge.board.size(Group.EXERCISE)
    can["next_hit"] = operator is not None and waiting > 0
    can["exercise"] = operator is not None and may_exercise(operator)
    can["handover"] = operator is not None and bridge.may_see_hits
    can["connectivity"] = operator is not None and may(operator.roles, Right.TEST)
    if card is None or operator is None:
        return can
    can["copy_line"] = can["contact"] = can["print_hit"] = True
    if bridge.lost is not None or not bridge.may_handle:
        return can
    is_open, is_mine = bool(bridge.open_hits(card)), bool(deeds.mine(card))
    # What is on screen is known only once it is painted; the keys themselves ask for that.
    is_painted, is_noted = not card.is_closed, bool(card.hits)
    return can | {
        "acknowledge": bool(card.unacknowledged),
        "take": bool(deeds.others(card)),
        "verify": is_painted,
        "differs": is_painted,
        "describe_yes": is_painted,
        "describe_no": is_painted,
        "take_action": is_open,
        "outcome": is_open,
        "pass_on": is_mine or (deeds.supervises and is_painted),
        "park": is_mine,
        "raise_tier": bool(deeds.higher_tiers(card)),
        "incident": is_noted,
        "notify": is_noted and not card.is_possible,
        "seen": bool(deeds.unseen_basis(card)),
        "undo": bool(deeds.undoable(card)),
    }


def may_exercise(operator: Operator) -> bool:
    """Tell whether somebody may put an invented card on their own desk."""
    return bool(EXERCISING.intersection(operator.roles))


def due_deed(can: dict[str, bool], card: Card | None) -> str:
    """Return the action that is due: the only filled button."""
    if can["acknowledge"]:
        return "acknowledge"
    if card is not None and can["verify"]:
        life = card.lives[card.foremost.hit_id]
        if life.is_verified is None and not life.action:
            return "verify"
    return next((name for name in ("outcome",) if can[name]), "next_hit")
