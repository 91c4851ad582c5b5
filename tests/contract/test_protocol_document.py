"""The document says what the code does: each message, field, frame, limit and code."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import MAX_REFUSED, SOCKET_LIMIT
from nas_desktop.adapters.link.server import MAX_SESSIONS
from nas_desktop.adapters.voi_files import blocks
from nas_desktop.domain.access import RIGHTS, Right, Role
from nas_desktop.domain.findings import Severity
from nas_desktop.domain.hit import Basis
from nas_desktop.domain.hit_life import StepKind
from nas_desktop.domain.read import ReadFlag
from nas_desktop.domain.voi import ListSource
from nas_desktop.node import audit_work, list_desk, list_intake, list_work, pnc, session
from nas_desktop.services.audit import Tampering
from nas_desktop.services.events import HopStatus, PncStatus
from nas_desktop.services.lists import ListEvent
from tests.contract.golden import BLOCK, stored, tag_of

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
SECTIONS = {
    title.strip("`"): body
    for title, body in re.findall(r"^#{3,4} (\S.*?)\n(.*?)(?=^#{2,4} |\Z)", DOCUMENT, re.M | re.S)
}
# What the document calls by a shorter name than the code does.
CALLED = {"RawReadItem": "RawRead", "ImageItem": "Image"}


def columns(section: str) -> list[list[str]]:
    """Return the cells of the table of a section, without its head."""
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def names_in(section: str) -> list[str]:
    return [row[0].strip("`") for row in columns(section)]


def names_of(kind: Any) -> list[str]:
    return [f.name for f in (fields(kind) if is_dataclass(kind) else msgspec.structs.fields(kind))]


def values_within(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Collect the structs and dataclasses that a type is made of."""
    for inner in get_args(kind):
        values_within(inner, found)
    if is_dataclass(kind) or (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        if not issubclass(kind, m.Message):  # type: ignore[arg-type]
            found[kind.__name__] = kind  # type: ignore[union-attr]
        for hint in get_type_hints(kind).values():
            values_within(hint, found)
    return found


def all_values() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in m.ALL:
        for field in msgspec.structs.fields(kind):
            values_within(field.type, found)
    return found


@pytest.mark.parametrize("kind", m.ALL, ids=tag_of)
def test_that_a_message_has_its_section_fields_and_frame(kind: type[m.Message]) -> None:
    section = SECTIONS[tag_of(kind)]
    assert names_in(section) == names_of(kind)
    assert all(all(row) for row in columns(section)), "no empty cell"
    (shown,) = re.findall(r"```hex\n(.*?)```", section, re.S)
    assert bytes.fromhex(shown) == stored(tag_of(kind))
    assert "Direction:" in section


@pytest.mark.parametrize("kind", m.ALL, ids=tag_of)
def test_that_the_document_says_which_fields_are_needed(kind: type[m.Message]) -> None:
    needed = [row[0].strip("`") for row in columns(SECTIONS[tag_of(kind)]) if row[2] == "needed"]
    assert needed == [f.name for f in msgspec.structs.fields(kind) if f.required]


def test_that_the_document_has_no_message_of_its_own() -> None:
    described = {title for title, body in SECTIONS.items() if "```hex" in body}
    assert described == {tag_of(kind) for kind in m.ALL}


@pytest.mark.parametrize(("name", "kind"), all_values().items(), ids=str)
def test_that_a_value_has_its_section_and_fields(name: str, kind: Any) -> None:
    assert names_in(SECTIONS[CALLED.get(name, name)]) == names_of(kind)


def test_that_the_limits_are_those_of_the_code() -> None:
    for limit in (m.LIVE_LIMIT, m.BULK_LIMIT, SOCKET_LIMIT):
        assert f"{limit:,} bytes" in DOCUMENT
    assert f"{MAX_SESSIONS:,} sessions" in DOCUMENT
    assert f"After {MAX_REFUSED} refused frames" in DOCUMENT
    assert f"after {session.MAX_DENIED} of them" in DOCUMENT
    assert f"after {session.MAX_FAILED_SIGN_INS} failures" in DOCUMENT


def test_that_the_limits_of_lists_and_of_pnc_are_those_of_the_code() -> None:
    assert f"1 to {list_intake.MAX_PARTS:,}" in DOCUMENT
    assert f"{blocks.BLOCK_ROWS} rows" in DOCUMENT
    assert f"{blocks.MAX_BLOCK_BYTES:,} bytes" in DOCUMENT
    assert f"{list_desk.MOST_CHANGED:,} entries" in DOCUMENT
    assert f"{list_desk.LOOKED_AT:,} entries" in DOCUMENT
    assert f"at most {list_desk.MOST_FOUND}" in SECTIONS["search_lists"]
    assert f"{list_work.MOST_WORK} works" in DOCUMENT
    assert f"{pnc.ASKED_AT_ONCE:,} VRMs" in DOCUMENT
    assert f"within {pnc.ANSWER_S:g} s" in DOCUMENT


def test_that_the_block_shown_is_one() -> None:
    (shown,) = re.findall(r"```text\n(.*?)```", SECTIONS["Block"], re.S)
    assert bytes.fromhex(shown) == BLOCK


def test_that_every_right_stands_with_its_roles() -> None:
    table = DOCUMENT.split("| Right | Allows | Roles |")[1].split("\n\n")[0]
    rows = {row[0].strip("`"): row for row in columns("| Right |\n" + table.lstrip("\n"))}
    for right in Right:
        roles = {word.strip(" `") for word in rows[right.value][2].strip(" |").split(",")}
        assert roles == {role.value for role in Role if right in RIGHTS[role]}


def words_for(kind: type[m.Message]) -> str | None:
    """Return how the document has to put the right to a message, None where it is free to."""
    if kind in session._NEEDS:
        return f"Right: `{session._NEEDS[kind]}`."
    right = audit_work._NEEDS.get(kind)
    if right is not None:
        return f"Right: `{right}`"
    right = list_work._NEEDS.get(kind)
    if right is None:
        return None
    if kind in list_work._OF_THIS_MACHINE:
        return f"Right: `{right}`, on the node's own machine."
    if kind in list_work._RELAYED:
        return f"Right: `{right}`, or `relay_lists` for a desk."
    return f"Right: `{right}`."


@pytest.mark.parametrize("kind", m.ALL, ids=tag_of)
def test_that_the_right_to_a_message_is_the_one_checked(kind: type[m.Message]) -> None:
    words = words_for(kind)
    assert words is None or words in SECTIONS[tag_of(kind)]


@pytest.mark.parametrize("kind", [k for k in m.ALL if words_for(k)], ids=tag_of)
def test_that_the_table_of_rights_names_the_message(kind: type[m.Message]) -> None:
    needs = session._NEEDS | audit_work._NEEDS | list_work._NEEDS
    right = needs[kind]
    table = DOCUMENT.split("| Right | Allows | Roles |")[1].split("\n\n")[0]
    (row,) = [line for line in table.splitlines() if line.startswith(f"| `{right}` |")]
    assert f"`{tag_of(kind)}`" in row


@pytest.mark.parametrize(
    "word",
    [
        *ReadFlag,
        *HopStatus,
        *StepKind,
        *Basis,
        *ListSource,
        *ListEvent,
        *PncStatus,
        *Severity,
        *Tampering,
    ],
)
def test_that_every_word_of_a_closed_list_is_named(word: str) -> None:
    assert f"`{word}`" in DOCUMENT


# What is raised before there is a session, at the sender's own end, or about one read.
LOCAL = {
    "address_unusable", "certificate_unusable", "folder_unwritable", "newer_version",
    "node_running", "other_profile", "port_taken", "tls_required", "wrong_key",
    "feed_id", "read_id", "vrm", "wrong_digest",
    "list_not_legacy",
}  # fmt: skip


def test_that_every_refusal_raised_on_the_way_is_explained() -> None:
    package = ROOT / "nas_desktop"
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (
            package / "adapters/link/server.py",
            package / "adapters/link/wire.py",
            package / "adapters/store/database.py",
            package / "domain/template_rows.py",
            *sorted((package / "node").glob("*.py")),
            *sorted((package / "adapters/voi_files").glob("*.py")),
        )
    )
    codes = set(re.findall(r'Refused\(\s*"([a-z_]+)"', source))
    table = DOCUMENT.split("## 13. Refusals")[1].split("## 14.")[0]
    explained = {code for row in columns(table) for code in re.findall(r"`([a-z_]+)`", row[0])}
    assert codes - LOCAL - explained == set()
    assert codes >= LOCAL
