"""Pictures of the live map are on record in the chain before they leave; nobody else may."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit import AuditAction, AuditFilter
from nas_desktop.services.map_link import MapPicture
from nas_desktop.ui.audit import audit_words
from tests.integration.test_sheets import records
from tests.nodes import a_caller, a_node, a_window, above, settle

DIGEST = "ab" * 32
PICTURE = MapPicture(
    "Briefing of the night shift", "DS Lowe, Cheshire", "png", 12, 38, 410, DIGEST,
    "map OFFICIAL.png",
)  # fmt: skip


async def test_that_a_picture_is_on_record_with_who_why_for_whom_and_its_digest(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path) as node, a_window(node, "demo-analyst") as window:
        event = await window.link.map.record_picture(PICTURE)
        (record,) = records(node, AuditAction.MAP_PICTURE)
        assert (record.event_id, record.username, record.workstation) == (
            event, "demo-analyst", "desk 1",
        )  # fmt: skip
        assert (record.justification, record.recipients) == (PICTURE.reason, PICTURE.recipient)
        assert (record.file_sha256, record.subject) == (DIGEST, "map OFFICIAL.png")
        assert record.detail == {
            "what": "live map", "format": "png", "hits": "12", "cameras": "38", "reads": "410",
        }  # fmt: skip
        assert (record.result_count, record.gsc, record.role) == (422, "OFFICIAL", "analyst")
        assert node.stores.audit.first_bad() is None
        assert audit_words.what_words(record) == "Map exported"
        assert "cameras: 38" in audit_words.more_words(record)
        left = dict(audit_words.GROUPS)["What left the system"]
        assert AuditAction.MAP_PICTURE in left


@pytest.mark.parametrize(
    ("name", "hits", "gsc"),
    [
        ("map OFFICIAL-SENSITIVE.html", 0, "OFFICIAL-SENSITIVE"),
        ("map OFFICIAL.html", 5, "OFFICIAL"),
        ("map.html", 5, "OFFICIAL-SENSITIVE"),
        ("map.html", 0, "OFFICIAL"),
    ],
)
async def test_that_the_marking_on_record_is_that_of_the_name(
    tmp_path: Path, name: str, hits: int, gsc: str
) -> None:
    async with a_node(tmp_path) as node, a_window(node, "demo-operator") as window:
        picture = replace(PICTURE, file_name=name, form="html", hits=hits)
        await window.link.map.record_picture(picture)
        (record,) = records(node, AuditAction.MAP_PICTURE)
        assert record.gsc == gsc


async def test_that_the_node_itself_refuses_what_cannot_be(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path) as node,
        a_caller(node.own_port, "demo-analyst", "window", token=node.token) as caller,
    ):
        for changes, code in (
            ({"reason": " "}, "picture_reason"),
            ({"recipient": ""}, "picture_recipient"),
            ({"form": "exe"}, "picture_form"),
            ({"reads": -1}, "picture_counts"),
            ({"sha256": "no"}, "picture_digest"),
            ({"file_name": "\x1b"}, "picture_name"),
        ):
            forged: Any = replace(PICTURE, **changes)
            with pytest.raises(Refused) as refusal:
                await caller.ask(lambda n, p=forged: m.RecordMapPicture(n, p), bulk=True)
            assert refusal.value.code == code
        assert not records(node, AuditAction.MAP_PICTURE)


async def test_that_only_who_may_export_at_this_machine_puts_pictures_on_record(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path) as node:
        for user in ("demo-lists", "demo-auditor", "demo-authoriser"):
            async with a_window(node, user) as window:
                with pytest.raises(Refused) as refusal:
                    await window.link.map.record_picture(PICTURE)
                assert refusal.value.code == "not_permitted"
                assert refusal.value.remedy
        assert [r.detail["message"] for r in records(node, AuditAction.DENIED)] == [
            "record_map_picture"
        ] * 3
        async with a_caller(node.port, "demo-analyst", "window") as caller:  # without the token
            with pytest.raises(Refused) as refusal:
                await caller.ask(lambda n: m.RecordMapPicture(n, PICTURE), bulk=True)
            assert refusal.value.code == "not_permitted"
        assert not records(node, AuditAction.MAP_PICTURE)


async def test_that_nobody_signed_in_means_no_record(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        async with a_window(node, "") as window:
            with pytest.raises(Refused):
                await window.link.map.record_picture(PICTURE)
            with pytest.raises(Refused):
                await window.link.map.cameras()
        async with a_window(node, "demo-analyst") as window:
            await window.link.sign_out()
            with pytest.raises(Refused):
                await window.link.map.record_picture(PICTURE)
        async with a_window(node, "demo-analyst") as window:
            await node.stop()
            with pytest.raises(Refused):
                await window.link.map.record_picture(PICTURE)


async def test_that_a_record_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_node(tmp_path) as node, a_window(node, "demo-analyst") as window:

        async def full(*_records: object) -> None:
            raise StoreRefused("disk_full", "The disk is full.", "Make room.")

        monkeypatch.setattr(node.stores, "record", full)
        with pytest.raises(Refused) as refusal:
            await window.link.map.record_picture(PICTURE)
        assert refusal.value.code == "disk_full"


async def test_that_the_record_of_a_desk_goes_up_to_its_server(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path / "f") as force,
        a_node(tmp_path / "d", "desk", above=above(force)) as desk,
        a_window(desk, "demo-analyst") as window,
    ):
        event = await window.link.map.record_picture(PICTURE)
        assert not records(force, AuditAction.MAP_PICTURE)
        node_id = desk.stores.operational.node_id

        def held() -> list[Any]:
            wanted = AuditFilter(actions=(AuditAction.MAP_PICTURE,), node_id=node_id)
            return [row.record for row in force.stores.held_audits.page(wanted, 0, 10).rows]

        await settle(lambda: bool(held()))
        assert [r.event_id for r in held()] == [event]
