"""Who may do what: the whole table, spelt out a second time."""

from __future__ import annotations

import pytest

from nas_desktop.domain.access import (
    HANDLING_ROLES,
    RIGHTS,
    Operator,
    Right,
    Role,
    may,
    roles_named,
)
from tests.builders import NOON

# Each role with its rights in words; the table in the code must say the same, no more, no less.
TABLE = {
    Role.DISPATCHER: "see_hits see_state see_lists step search test",
    Role.OFFICER: "see_hits see_state see_lists step search test",
    Role.SUPERVISOR: "see_hits see_state see_lists step search test check_searches supervise",
    Role.ANALYST: "see_hits see_state see_lists search test",
    Role.AUTHORISER: "see_state authorise",
    Role.VOI_MANAGER: "see_state see_lists publish_lists edit_lists test",
    Role.AUDITOR: "see_state see_audit",
    Role.ADMINISTRATOR: "see_state test stop_node",
    Role.CAMERA: "send_reads send_gaps test",
    Role.DESK: (
        "send_reads see_reads see_hits see_state relay_steps send_gaps receive_lists relay_lists"
        " check_pnc relay_searches send_audit relay_desks test"
    ),
    Role.WINDOW: "see_state test stop_node",
}
PAIRS = [(role, right) for role in Role for right in Right]


@pytest.mark.parametrize(("role", "right"), PAIRS, ids=[f"{a}-{b}" for a, b in PAIRS])
def test_that_a_role_carries_its_rights_and_no_other(role: Role, right: Right) -> None:
    assert may([role], right) is (right.value in TABLE[role].split())


def test_that_every_role_stands_in_the_table() -> None:
    assert set(RIGHTS) == set(Role) == set(TABLE)


def test_that_rights_of_several_roles_add_up() -> None:
    assert may((Role.AUDITOR, Role.VOI_MANAGER), Right.PUBLISH_LISTS)
    assert not may((Role.AUDITOR, Role.VOI_MANAGER), Right.SEE_HITS)
    assert not may((), Right.SEE_STATE)


def test_that_the_roles_that_handle_hits_are_those_that_may_take_steps() -> None:
    assert {role for role in Role if Right.STEP in RIGHTS[role]} == HANDLING_ROLES


def test_that_an_administrator_sees_neither_reads_nor_hits() -> None:
    assert not may([Role.ADMINISTRATOR], Right.SEE_READS)
    assert not may([Role.ADMINISTRATOR], Right.SEE_HITS)


def test_that_only_a_manager_of_lists_changes_them_and_a_desk_passes_on() -> None:
    for right in (Right.EDIT_LISTS, Right.PUBLISH_LISTS):
        assert {role for role in Role if right in RIGHTS[role]} == {Role.VOI_MANAGER}
    assert {role for role in Role if Right.RELAY_LISTS in RIGHTS[role]} == {Role.DESK}


def test_that_an_operator_is_not_vouched_for_unless_it_is_said() -> None:
    assert not Operator("akhan", "A. Khan", (Role.DISPATCHER,), NOON).is_vouched


def test_that_roles_are_found_by_name_and_unknown_ones_carry_nothing() -> None:
    assert roles_named(["desk", "emperor", "camera"]) == (Role.DESK, Role.CAMERA)
