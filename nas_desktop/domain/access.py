"""Roles, and which message each may send; checked in the node for every message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """People's roles (domain facts 6.4) and those of machines."""

    DISPATCHER = "dispatcher"
    OFFICER = "officer"
    ANALYST = "analyst"
    AUTHORISER = "authoriser"
    VOI_MANAGER = "voi_manager"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    # Machines: a camera system, a desk node, and a window that nobody has signed in to yet.
    CAMERA = "camera"
    DESK = "desk"
    WINDOW = "window"


class Right(StrEnum):
    """What a message needs."""

    SEND_READS = "send_reads"
    SEE_READS = "see_reads"
    SEE_HITS = "see_hits"
    SEE_STATE = "see_state"
    STEP = "step"
    RELAY_STEPS = "relay_steps"
    SEND_GAPS = "send_gaps"
    RECEIVE_LISTS = "receive_lists"
    PUBLISH_LISTS = "publish_lists"
    EDIT_LISTS = "edit_lists"
    SEE_LISTS = "see_lists"
    RELAY_LISTS = "relay_lists"
    CHECK_PNC = "check_pnc"
    SEARCH = "search"
    AUTHORISE = "authorise"
    RELAY_SEARCHES = "relay_searches"
    SEND_AUDIT = "send_audit"
    SEE_AUDIT = "see_audit"
    CHECK_SEARCHES = "check_searches"
    SUPERVISE = "supervise"
    RELAY_DESKS = "relay_desks"
    TEST = "test"
    STOP_NODE = "stop_node"


_HANDLING = frozenset(
    {
        Right.SEE_HITS,
        Right.SEE_STATE,
        Right.SEE_LISTS,
        Right.STEP,
        Right.SEARCH,
        Right.TEST,
    }
)

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.DISPATCHER: _HANDLING,
    Role.OFFICER: _HANDLING,
    Role.SUPERVISOR: _HANDLING | {Right.CHECK_SEARCHES, Right.SUPERVISE},
    Role.ANALYST: frozenset(
        {Right.SEE_HITS, Right.SEE_STATE, Right.SEE_LISTS, Right.SEARCH, Right.TEST}
    ),
    Role.AUTHORISER: frozenset({Right.SEE_STATE, Right.AUTHORISE}),
    Role.VOI_MANAGER: frozenset(
        {
            Right.SEE_STATE,
            Right.SEE_LISTS,
            Right.PUBLISH_LISTS,
            Right.EDIT_LISTS,
            Right.TEST,
        }
    ),
    # The auditor sees what was done and no reads (domain facts 6.4).
    Role.AUDITOR: frozenset({Right.SEE_STATE, Right.SEE_AUDIT}),
    # The administrator configures and has no access to reads (domain facts 6.4).
    Role.ADMINISTRATOR: frozenset({Right.SEE_STATE, Right.TEST, Right.STOP_NODE}),
    Role.CAMERA: frozenset({Right.SEND_READS, Right.SEND_GAPS, Right.TEST}),
    Role.DESK: frozenset(
        {
            Right.SEND_READS,
            Right.SEE_READS,
            Right.SEE_HITS,
            Right.SEE_STATE,
            Right.RELAY_STEPS,
            Right.SEND_GAPS,
            Right.RECEIVE_LISTS,
            Right.RELAY_LISTS,
            Right.CHECK_PNC,
            Right.RELAY_SEARCHES,
            Right.SEND_AUDIT,
            Right.RELAY_DESKS,
            Right.TEST,
        }
    ),
    Role.WINDOW: frozenset({Right.SEE_STATE, Right.TEST, Right.STOP_NODE}),
}

HANDLING_ROLES = frozenset({Role.DISPATCHER, Role.OFFICER, Role.SUPERVISOR})
"""Who may acknowledge a hit and record its outcome."""

SUPERVISING_ROLES = frozenset({Role.SUPERVISOR})
"""Who may give a hit to another desk and say what each desk looks after."""


def may(roles: Iterable[Role], right: Right) -> bool:
    """Tell whether any of the roles carries the right."""
    return any(right in RIGHTS[role] for role in roles)


def roles_named(names: Iterable[str]) -> tuple[Role, ...]:
    """Return the roles of these names; names that this version does not know carry no right."""
    known = {str(role): role for role in Role}
    return tuple(known[name] for name in names if name in known)


@dataclass(frozen=True, slots=True)
class Operator:
    """Who is signed in: account name, the person's name, roles and until when.

    ``is_vouched`` means that the desk checked the password against what it remembered, because
    its server could not be asked.
    """

    username: str
    name: str
    roles: tuple[Role, ...]
    expires_at: datetime
    is_vouched: bool = False
