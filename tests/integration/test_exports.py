"""Exports over real links: written by the node, recorded before the file has its name."""

from __future__ import annotations

import asyncio
import csv
import errno
import hashlib
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import ReadQuery, Where
from nas_desktop.domain.read import Read
from nas_desktop.domain.search_access import Purpose, SearchReason
from nas_desktop.domain.voi import ListSource, VoiList
from nas_desktop.node import search_files
from nas_desktop.node.node import Node
from nas_desktop.services import export_place as place
from nas_desktop.services.audit import AuditAction
from nas_desktop.services.lists import ListEvent
from nas_desktop.services.searches import MAPS, ExportFormat, Order, RunningSearch
from tests.builders import a_read, an_entry
from tests.nodes import a_caller, a_node, a_window, settle

REASON = SearchReason(Purpose.SERIOUS, 5, "Robbery at Stone, vehicle seen leaving.", "OP MERCURY")
TO = "DS Lowe, Staffordshire"


def now() -> Any:
    return SystemClock().now()


def some_reads(count: int) -> list[Read]:
    at = now()
    return [
        a_read(
            f"AB{n % 100:02d}ABC",
            at - timedelta(seconds=20 * (n + 1)),
            received_at=at - timedelta(seconds=20 * (n + 1) - 0.5),
        )
        for n in range(count)
    ]


@asynccontextmanager
async def a_search(
    folder: Path, count: int = 5, gsc: str = ""
) -> AsyncIterator[tuple[Node, RunningSearch]]:
    """A node with reads, and a search of a window that has found them all."""
    folder.mkdir(exist_ok=True)
    async with a_node(folder, "desk") as node, a_window(node, "demo-analyst") as window:
        if gsc:
            today = now().date()
            entry = an_entry(
                "AB01ABC", gsc=gsc, intel="1BC", starts_on=today, weed_date=today + timedelta(9)
            )
            voi = VoiList("07_Own", 1, (entry,), now(), ListSource.LEA, "demo-analyst")
            await node.lists.replace(voi, ListEvent.IMPORTED)
        await (await node.engine.put(some_reads(count)))
        at = now()
        query = ReadQuery(at - timedelta(days=2), at + timedelta(hours=1), vrms=("AB*ABC",))
        search = await window.link.searches.start(query, Where.LOCAL, REASON, lambda _told: None)
        await settle(lambda: search.progress.is_done)
        yield node, search


async def export(search: RunningSearch, path: Path, kind: ExportFormat, **how: Any) -> Any:
    told = how.pop("told", [])
    return await search.export(
        str(path), kind, how.pop("to", TO), progress=lambda *p: told.append(p), **how
    )


def records(node: Node, action: AuditAction) -> list[Any]:
    return [r for _seq, r in node.stores.audit.records(1, 10_000) if r.action is action]


async def test_that_a_csv_is_whole_marked_and_on_record(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    async with a_search(tmp_path / "node", 450) as (node, search):
        done = await export(search, out / "reads.csv", ExportFormat.CSV)
        path = out / "reads OFFICIAL.csv"
        assert (done.path, done.rows, done.gsc) == (str(path), 450, "OFFICIAL")
        assert done.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert list(out.iterdir()) == [path]
        lines = path.read_text("utf-8").splitlines()
        assert lines[0] == "# OFFICIAL"
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8"))))
        assert sum(1 for row in rows if row[0] == "OFFICIAL") == 450
        assert "Latitude" not in path.read_text("utf-8")
        (record,) = records(node, AuditAction.EXPORT)
        (asked,) = records(node, AuditAction.SEARCH)
        assert (record.event_id, record.criteria) == (asked.event_id, asked.criteria)
        assert (record.result_count, record.recipients, record.gsc) == (450, TO, "OFFICIAL")
        assert (record.file_sha256, record.reference) == (done.sha256, "OP MERCURY")
        assert len(record.read_ids_hash) == 64


@pytest.mark.parametrize(
    ("gsc", "name"),
    [("OFFICIAL", "r OFFICIAL.geojson"), ("OFFICIAL-SENSITIVE", "r OFFICIAL-SENSITIVE.geojson")],
)
async def test_that_the_highest_row_marks_the_whole(tmp_path: Path, gsc: str, name: str) -> None:
    async with a_search(tmp_path / "node", gsc=gsc) as (node, search):
        assert [r.has_hit for r in (await search.rows(0, 9)).rows].count(True) == 1
        done = await export(
            search, tmp_path / "r.geojson", ExportFormat.GEOJSON, with_locations=True
        )
        assert (Path(done.path).name, done.gsc) == (name, gsc)
        whole = json.loads(Path(done.path).read_text())
        assert whole["metadata"]["marking"] == gsc
        assert "handling C" in whole["metadata"]["handling"]
        assert all(feature["geometry"] for feature in whole["features"])
        (record,) = records(node, AuditAction.EXPORT)
        assert record.detail["locations"] == "yes"


async def test_that_images_are_recorded_by_their_manifest(tmp_path: Path) -> None:
    async with a_search(tmp_path / "node") as (node, search):
        done = await export(search, tmp_path / "images", ExportFormat.IMAGES)
        folder = tmp_path / "images OFFICIAL"
        manifest = folder / "manifest OFFICIAL.csv"
        assert done.path == str(folder)
        assert done.sha256 == hashlib.sha256(manifest.read_bytes()).hexdigest()
        (record,) = records(node, AuditAction.EXPORT)
        assert record.file_sha256 == done.sha256
        assert "not held" in manifest.read_text()


async def test_that_no_record_means_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    async with a_search(tmp_path / "node") as (node, search):

        async def full(*_records: object) -> None:
            assert not (out / "reads OFFICIAL.csv").exists(), "no name before the record"
            raise Refused("disk_full", "The disk is full.")

        with monkeypatch.context() as patch:
            patch.setattr(node.stores, "record", full)
            with pytest.raises(Refused) as refusal:
                await export(search, out / "reads.csv", ExportFormat.CSV)
        assert refusal.value.code == "disk_full"
        assert not list(out.iterdir())


async def test_that_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    async with a_search(tmp_path / "node") as (_node, search):

        def full(path: Path, *_given: object) -> int:
            path.write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(search_files, "write_rows", full)
        with pytest.raises(Refused) as refusal:
            await export(search, out / "reads.csv", ExportFormat.CSV)
        assert refusal.value.code == "export_full"
        assert not list(out.iterdir())


async def test_that_a_cancelled_export_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    async with a_search(tmp_path / "node", 450) as (node, search):
        told: list[tuple[int, int]] = []
        begun, go_on = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        real = search_files.write_rows

        def slow(path: Path, kind: ExportFormat, rows: Any, head: Any) -> int:
            def held() -> Any:
                for row in rows:
                    loop.call_soon_threadsafe(begun.set)
                    asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(20)
                    yield row

            return real(path, kind, held(), head)

        monkeypatch.setattr(search_files, "write_rows", slow)
        work = asyncio.get_running_loop().create_task(
            export(search, out / "reads.csv", ExportFormat.CSV, told=told)
        )
        await begun.wait()
        assert list(out.iterdir()), "a temporary name"
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        await search.rows(0, 1)  # the cancelling came before this on its way
        go_on.set()
        await settle(lambda: not list(out.iterdir()))
        assert told
        assert not records(node, AuditAction.EXPORT)


async def test_that_what_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    async with a_search(tmp_path / "node") as (node, search):
        for path, to, code in (
            (tmp_path / "folder", TO, "export_exists"),
            (tmp_path / "nowhere" / "r.csv", TO, "export_path"),
            (Path("reads.csv"), TO, "export_path"),
            (tmp_path / "r.csv", "ab", "export_recipient"),
        ):
            with pytest.raises(Refused) as refusal:
                await export(search, path, ExportFormat.CSV, to=to)
            assert refusal.value.code == code
        with pytest.raises(Refused) as refusal:
            await export(search, tmp_path / "r.pdf", ExportFormat.PDF)
        assert refusal.value.code == "export_kind"
        assert not records(node, AuditAction.EXPORT)


async def test_that_only_a_window_of_this_machine_has_files_written(tmp_path: Path) -> None:
    async with (
        a_node(tmp_path, "force") as node,
        a_caller(node.port, "demo-analyst") as caller,
    ):
        path = str(tmp_path / "x.csv")
        for message_of in (
            lambda n: m.ExportFound(n, 1, path, ExportFormat.CSV, TO),
            lambda n: m.WantExportHead(n, 1, TO),
            lambda n: m.RecordExport(n, 1, path, ExportFormat.PDF, "0" * 64),
            lambda n: m.RecordCopy(n, 1, [0]),
        ):
            with pytest.raises(Refused) as refusal:
                await caller.ask(message_of, bulk=True)
            assert refusal.value.code == "not_permitted"


async def test_that_what_a_window_lays_out_is_recorded_with_its_head(tmp_path: Path) -> None:
    async with a_search(tmp_path / "node", gsc="OFFICIAL-SENSITIVE") as (node, search):
        number, head = await search.export_head(TO)
        assert (head.gsc, head.rows, head.recipient) == ("OFFICIAL-SENSITIVE", 5, TO)
        assert head.reference == "OP MERCURY"
        event = await search.record_export(number, "/x/r.pdf", ExportFormat.PDF, "a" * 64)
        (record,) = records(node, AuditAction.EXPORT)
        assert (record.event_id, record.file_sha256, record.gsc, record.result_count) == (
            event, "a" * 64, "OFFICIAL-SENSITIVE", 5,
        )  # fmt: skip
        with pytest.raises(Refused) as refusal:
            await search.record_export(number, "/x/r.pdf", ExportFormat.PDF, "a" * 64)
        assert refusal.value.code == "export_unknown"


async def test_that_the_map_of_a_search_is_made_by_the_window_and_on_record(tmp_path: Path) -> None:
    async with a_search(tmp_path / "node") as (node, search):
        for kind in sorted(MAPS):
            with pytest.raises(Refused) as refusal:
                await export(search, tmp_path / "map", kind)
            assert refusal.value.code == "export_kind"
            assert "window makes" in refusal.value.message
            number, head = await search.export_head(TO, with_locations=True)
            path = place.final_path(tmp_path / "map", kind, head.gsc)
            assert path.name == f"map OFFICIAL.{kind.removeprefix('map_')}"
            await search.record_export(number, str(path), kind, "a" * 64)
            record = records(node, AuditAction.EXPORT)[-1]
            assert (record.detail["format"], record.detail["path"]) == (str(kind), str(path))
        # A map tells where cameras stand, whatever its head was asked for with.
        number, _head = await search.export_head(TO)
        await search.record_export(number, "/x/m.png", ExportFormat.MAP_PNG, "a" * 64)
        assert records(node, AuditAction.EXPORT)[-1].detail["locations"] == "yes"
        assert not list(tmp_path.glob("map*"))


async def test_that_copying_is_on_record(tmp_path: Path) -> None:
    async with a_search(tmp_path / "node") as (node, search):
        event = await search.copied((0, 1, 3), Order.OLDEST)
        (record,) = records(node, AuditAction.COPY)
        (asked,) = records(node, AuditAction.SEARCH)
        assert (record.event_id, record.result_count, record.gsc) == (event, 3, "OFFICIAL")
        assert event == asked.event_id
        for places in ((), tuple(range(1_001))):
            with pytest.raises(Refused):
                await search.copied(places)
