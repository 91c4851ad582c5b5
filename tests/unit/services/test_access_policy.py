"""The force's own rules of access, laid over the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from nas_desktop.domain.errors import Refused
from nas_desktop.services.resources import access_policy_of, load_access_policy


def test_that_without_a_file_the_shipped_rules_count(tmp_path: Path) -> None:
    assert access_policy_of(tmp_path / "access.json") == load_access_policy()


def test_that_a_force_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "access.json"
    path.write_text('{"retention_months": 24, "least_rank": {"B": "Superintendent"}}')
    policy = access_policy_of(path)
    assert policy.retention_months == 24
    assert policy.least_rank == {"B": "Superintendent"}
    assert policy.searchers == load_access_policy().searchers


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"retention_months": 36}', '{"retention": 12}', '{"searchers": ["wizard"]}',
     '{"purposes": 3}', '"text"'],
)  # fmt: skip
def test_that_a_file_that_is_no_policy_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "access.json"
    path.write_text(text)
    with pytest.raises(Refused) as refusal:
        access_policy_of(path)
    assert refusal.value.code == "policy_unusable"
