"""Search results that leave the system: written here, or laid out and copied in the window.

Nothing leaves unrecorded: the record with the digest is on disk before a file gets its name, and
before rows reach the clipboard. A record that cannot be written leaves no file.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nas_desktop import __version__
from nas_desktop.adapters.exports.images import manifest_name, write_images
from nas_desktop.adapters.exports.spool import RowSpool
from nas_desktop.adapters.exports.texts import write_rows
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.errors import Refused
from nas_desktop.node.search_run import SearchRun
from nas_desktop.node.search_who import Who
from nas_desktop.services import export_place as place
from nas_desktop.services.audit import AuditAction, AuditRecord, ReadIdsDigest
from nas_desktop.services.events import ImageKind
from nas_desktop.services.exports import (
    HIGHEST,
    LOWEST,
    ExportHead,
    coverage_words,
    highest,
    recipient_of,
)
from nas_desktop.services.searches import (
    MAPS,
    MOST_COPIED,
    ROWS_AT_ONCE,
    ExportDone,
    ExportFormat,
    FoundRead,
    Order,
)

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

TOLD_S = 0.1
"""Least seconds between two words on how far an export has come."""

MOST_HEADS = 16
"""Exports of windows that may wait to be put on record; the oldest is forgotten first."""

Progress = Callable[[str, int, int], None]
"""Told the stage, rows done, and of how many."""

QuestionOf = Callable[[SearchRun], tuple[m.Search, str]]
"""Returns what a search was asked with, and the event of its records."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An export that a window lays out."""

    run: SearchRun
    head: ExportHead
    digest: str


@dataclass(slots=True)
class _Seen:
    """What the rows of an export are, learnt while they come."""

    markings: set[str]
    digest: ReadIdsDigest
    has_conditions: bool = False


class SearchFiles:
    """Writes and records for one session."""

    def __init__(self, node: Node, question_of: QuestionOf) -> None:
        self._node = node
        self._question_of = question_of
        self._waiting: dict[int, _Waiting] = {}

    # ------------------------------------------------------------------ files of this node

    async def export(
        self,
        message: m.ExportFound,
        run: SearchRun,
        who: Who,
        progress: Progress,
        cancelled: threading.Event,
    ) -> ExportDone:
        """Write what a search found to a path of this machine.

        Raises:
            Refused: the search runs still, there is no recipient, the path is taken or cannot be
                written to, the disk is full, the record cannot be written, or it was cancelled.
        """
        recipient = recipient_of(message.recipient)
        if message.kind in MAPS:
            raise Refused(
                "export_kind", "The window makes the files of the map.", "Export it from the map."
            )
        if message.kind is ExportFormat.PDF:
            raise Refused("export_kind", "A PDF is laid out by the window.", "Export it there.")
        asked = Path(message.path)
        folder = asked if message.kind is ExportFormat.IMAGES and asked.is_dir() else asked.parent
        if not asked.is_absolute() or not folder.is_dir():
            raise Refused(
                "export_path", "The folder of the export does not exist.", "Choose another one."
            )
        try:
            with RowSpool(folder) as spool:
                seen = await self._gather(run, spool.add, progress, cancelled)
                head = self._head(run, who, recipient, spool.rows, seen, message.with_locations)
                return await self._write(message, head, spool, who, progress, cancelled, run, seen)
        except OSError as fault:
            raise place.refusal_of(fault) from None

    async def _write(
        self,
        message: m.ExportFound,
        head: ExportHead,
        spool: RowSpool,
        who: Who,
        progress: Progress,
        cancelled: threading.Event,
        run: SearchRun,
        seen: _Seen,
    ) -> ExportDone:
        path = place.final_path(Path(message.path), message.kind, head.gsc, head.event_id)
        part = place.temporary(path)
        progress("writing", 0, head.rows)
        loop = asyncio.get_running_loop()

        def work() -> str:
            rows = _until(spool, cancelled)
            if message.kind is not ExportFormat.IMAGES:
                part.touch(mode=0o600, exist_ok=False)
                write_rows(part, message.kind, rows, head)
                place.make_durable(part)
                return place.digest_of(part)
            part.mkdir(mode=0o700)
            every = max(1, head.rows // 200)

            def done(number: int) -> None:
                if number % every == 0:
                    loop.call_soon_threadsafe(progress, "writing", number, head.rows)

            def image_of(found: FoundRead, kind: ImageKind) -> bytes | None:
                asked = asyncio.run_coroutine_threadsafe(self._image_of(found, kind), loop)
                return asked.result()

            write_images(part, rows, head, image_of, done)
            return place.digest_of(part / manifest_name(head.gsc))

        try:
            sha256 = await _in_thread(work, cancelled)
            if cancelled.is_set():
                raise _cancelled()
            detail = _detail(message.kind, path, head)
            await self._record(
                AuditAction.EXPORT, run, who, head.rows, seen.digest.hex, head.gsc,
                detail=detail, recipients=head.recipient, file_sha256=sha256,
            )  # fmt: skip
            await asyncio.shield(asyncio.to_thread(place.give_name, part, path))
        except BaseException:
            await asyncio.shield(asyncio.to_thread(place.drop, part))
            raise
        return ExportDone(str(path), head.rows, sha256, head.gsc)

    async def _image_of(self, found: FoundRead, kind: ImageKind) -> bytes | None:
        stores, read_id = self._node.stores, found.read.read_id
        data = await stores.on_reads(stores.reads.image_of, read_id, kind)
        if data is None and found.is_preserved:
            data = await stores.on_searches(stores.searches.image_of, read_id, kind)
        return data

    # ------------------------------------------------------------------ files of the window

    async def head_for(
        self,
        message: m.WantExportHead,
        run: SearchRun,
        who: Who,
        progress: Progress,
        cancelled: threading.Event,
    ) -> ExportHead:
        """Return what has to stand above an export that the window lays out.

        Raises:
            Refused: the search runs still, or there is no recipient.
        """
        recipient = recipient_of(message.recipient)
        seen = await self._gather(run, None, progress, cancelled)
        head = self._head(run, who, recipient, seen.digest.count, seen, message.with_locations)
        self._waiting[message.request] = _Waiting(run, head, seen.digest.hex)
        while len(self._waiting) > MOST_HEADS:
            self._waiting.pop(next(iter(self._waiting)))
        return head

    async def record_export(self, message: m.RecordExport, who: Who) -> str:
        """Put on record a file that the window has written under a temporary name.

        Raises:
            Refused: its head was not asked for here, or the digest is none.
        """
        waiting = self._waiting.pop(message.head, None)
        if waiting is None:
            raise Refused("export_unknown", "This export is not known here.", "Export again.")
        digest = message.sha256
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise Refused("export_digest", "The digest of the export is none.", "Export again.")
        head = waiting.head
        await self._record(
            AuditAction.EXPORT, waiting.run, who, head.rows, waiting.digest, head.gsc,
            detail=_detail(message.kind, Path(message.path), head), recipients=head.recipient,
            file_sha256=digest,
        )  # fmt: skip
        return head.event_id

    async def record_copy(self, message: m.RecordCopy, run: SearchRun, who: Who) -> str:
        """Put on record rows that go to the clipboard of the window.

        Raises:
            Refused: none, or too many at once.
        """
        places = sorted({number for number in message.places if number >= 0})
        if not 1 <= len(places) <= MOST_COPIED:
            raise Refused(
                "copy_many", f"At most {MOST_COPIED:,} rows are copied at a time.", "Export them."
            )
        seen = _Seen(set(), ReadIdsDigest())
        for first, limit in _spans(places):
            await self._look_at((await run.rows(first, limit, message.order)).rows, seen)
        event = self._question_of(run)[1]
        await self._record(
            AuditAction.COPY, run, who, seen.digest.count, seen.digest.hex,
            highest(sorted(seen.markings)), detail={"order": str(message.order)},
        )  # fmt: skip
        return event

    def forget(self, run: SearchRun) -> None:
        """A search is over: nothing of it can be put on record any more."""
        self._waiting = {n: one for n, one in self._waiting.items() if one.run is not run}

    # ------------------------------------------------------------------ inside

    async def _gather(
        self,
        run: SearchRun,
        keep: Callable[[Sequence[FoundRead]], None] | None,
        progress: Progress,
        cancelled: threading.Event,
    ) -> _Seen:
        """Look at every row, page by page."""
        if not run.progress.is_done:
            raise Refused("search_runs", "The search is still running.", "Export when it ended.")
        seen = _Seen(set(), ReadIdsDigest())
        clock, told, first = self._node.clock, float("-inf"), 0
        while rows := (await run.rows(first, ROWS_AT_ONCE, Order.NEWEST)).rows:
            if cancelled.is_set():
                raise _cancelled()
            await self._look_at(rows, seen)
            if keep is not None:
                await _in_thread(lambda page=rows: keep(page), cancelled)  # type: ignore[misc]
            first += len(rows)
            if clock.monotonic() - told >= TOLD_S:
                told = clock.monotonic()
                progress("gathering", first, max(first, run.progress.found))
        return seen

    async def _look_at(self, rows: Sequence[FoundRead], seen: _Seen) -> None:
        stores = self._node.stores
        seen.digest.add(row.read.read_id for row in rows)
        ids = [row.read.read_id for row in rows if row.has_hit]
        if not ids:
            return
        found = await stores.on_operational(stores.operational.markings_of, ids)
        for read_id in ids:
            # What is known of a hit at another node only counts as the higher marking.
            for gsc, grade in found.get(read_id, {(HIGHEST, "")}):
                seen.markings.add(gsc)
                seen.has_conditions = seen.has_conditions or grade.strip().upper().endswith("C")

    def _head(
        self,
        run: SearchRun,
        who: Who,
        recipient: str,
        rows: int,
        seen: _Seen,
        with_locations: bool,
    ) -> ExportHead:
        question, event = self._question_of(run)
        reason, progress = question.reason, run.progress
        problems = list(progress.problems)
        if run.was_stopped:
            problems.append("The search was stopped before it had looked at everything.")
        return ExportHead(
            highest(sorted(seen.markings)) if seen.markings else LOWEST,
            rows,
            progress.is_exact and rows == progress.found,
            question.query,
            str(question.where),
            str(reason.purpose),
            reason.reference,
            reason.authority,
            f"{who.username} at {who.workstation}",
            self._node.clock.now(),
            recipient,
            event,
            with_locations,
            seen.has_conditions,
            coverage_words(progress.coverage),
            tuple(problems),
        )

    async def _record(
        self,
        action: AuditAction,
        run: SearchRun,
        who: Who,
        count: int,
        ids_digest: str,
        gsc: str,
        *,
        detail: dict[str, str],
        recipients: str = "",
        file_sha256: str = "",
    ) -> None:
        question, event = self._question_of(run)
        reason = question.reason
        await self._node.stores.record(
            AuditRecord(
                action,
                self._node.clock.now(),
                who.username,
                who.workstation,
                who.session,
                detail=detail,
                event_id=event,
                role=",".join(self._node.sign_ins.roles_of(who.username)),
                on_behalf_of=reason.on_behalf_of,
                reason_code=reason.reason_code,
                purpose=str(reason.purpose),
                justification=reason.justification,
                reference=reason.reference,
                authority=reason.authority,
                criteria=question.query,
                result_count=count,
                read_ids_hash=ids_digest,
                recipients=recipients,
                gsc=gsc,
                file_sha256=file_sha256,
                app_version=__version__,
            )
        )


def _detail(kind: ExportFormat, path: Path, head: ExportHead) -> dict[str, str]:
    return {
        "format": str(kind),
        "path": str(path)[:1_000],
        "locations": "yes" if head.with_locations or kind in MAPS else "no",
    }


def _cancelled() -> Refused:
    return Refused("export_cancelled", "The export was cancelled; nothing was written.")


def _until(rows: Iterable[FoundRead], cancelled: threading.Event) -> Iterator[FoundRead]:
    for row in rows:
        if cancelled.is_set():
            raise _cancelled()
        yield row


def _spans(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and count of what lies together, at most a page each."""
    first = last = places[0]
    for number in [*places[1:], None]:
        if number is not None and number == last + 1 and number - first < ROWS_AT_ONCE:
            last = number
            continue
        yield first, last - first + 1
        if number is not None:
            first = last = number


async def _in_thread(work: Callable[[], _T], cancelled: threading.Event) -> _T:
    """Run work on a thread; whoever gives up waits until the thread has noticed."""
    job = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        cancelled.set()
        await asyncio.wait([job])
        if not job.cancelled():
            job.exception()  # looked at: nobody else will
        raise
