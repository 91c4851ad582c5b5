"""Lists from files and into files: checked, live whole or not at all, published, written out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from pathlib import Path

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.store.audit import AuditAction
from nas_desktop.adapters.voi_files.parsed import ParsedList, ReadOptions
from nas_desktop.adapters.voi_files.reader import read_list
from nas_desktop.adapters.voi_files.writer import write_list
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from nas_desktop.node.list_distribution import parts_to_publish
from nas_desktop.node.list_intake import ListIntake, check_authority, check_owner
from nas_desktop.node.list_record import ListRecord, Who
from nas_desktop.node.lists import ListRoom
from nas_desktop.services.lists import (
    HeldList,
    ImportChoices,
    ImportReport,
    ListCounts,
    ListEvent,
    ListOrigin,
)
from nas_desktop.services.resources import load_template_rules

Progress = Callable[[str, int, int], None]
"""Told the stage, how much is done, and of how much (0: not known)."""

AskAbove = Callable[[Callable[[int], m.Message]], Awaitable[m.Message]]
"""Sends a numbered question to the node above and returns its answer."""


class ListFiles:
    """Imports and exports.

    ``ask_above`` is None for a node that has none above it.
    """

    def __init__(self, room: ListRoom, intake: ListIntake, record: ListRecord) -> None:
        self._room = room
        self._intake = intake
        self._record = record
        self.ask_above: AskAbove | None = None

    async def parsed(
        self, path: str, choices: ImportChoices, progress: Progress, cancelled: threading.Event
    ) -> ParsedList:
        """Read and check a file.

        Raises:
            Refused: the file cannot be read, or the work was cancelled (``cancelled``).
        """
        rules = load_template_rules()
        options = ReadOptions(
            rules,
            self._room.now().astimezone(UTC).date(),
            source=choices.source,
            name=choices.name,
            is_upload=True,
            is_strict=choices.strict,
            is_lenient=choices.lenient,
            allows_patterns=choices.allow_patterns and not choices.publish,
            converts_legacy=choices.convert_legacy,
        )
        return await asyncio.to_thread(
            read_list,
            Path(path),
            options,
            lambda done, total: progress("checking", done, total),
            cancelled.is_set,
        )

    async def import_file(
        self,
        request: int,
        path: str,
        choices: ImportChoices,
        who: Who,
        progress: Progress,
        cancelled: threading.Event,
    ) -> m.ListDone:
        """Check a file and, unless only a check was asked for, make it live whole or not at all.

        ``who`` is account, workstation and session.

        Raises:
            Refused: the file cannot be read, the name is somebody else's, a reason is missing, or
                the work was cancelled (``cancelled``).
        """
        parsed = await self.parsed(path, choices, progress, cancelled)
        report = report_of(Path(path).name, parsed)
        if choices.is_check_only or not report.is_fit:
            words = "" if report.is_fit else "Nothing was imported: the file has faults."
            return m.ListDone(request, parsed.name, words=words, report=report)
        self._check_may_import(parsed, choices, who[0])
        counts = report.counts
        if choices.publish:
            revision = await self._publish(parsed, choices, counts, who[0], progress)
            words = "The list is live at the server."
        else:
            progress("going live", 0, 0)
            held = await self._room.replace(
                VoiList(
                    parsed.name, 1, parsed.entries, self._room.now(), choices.source, who[0],
                    choices.authority, choices.finds_misreads,
                ),
                ListEvent.IMPORTED,
                by=who[0],
                why=choices.why,
                counts=counts,
            )  # fmt: skip
            revision = held.voi_list.revision
            words = "The list is live."
            progress("live, not yet stored", 0, 0)
        await self._record.put(AuditAction.VOI_UPLOAD, who, parsed.name, choices.why, revision)
        is_stored = True
        if not choices.publish:
            await self._room.stored(parsed.name)
            is_stored = self._room.held(parsed.name).is_stored
        return m.ListDone(
            request, parsed.name, revision, is_live=True, is_stored=is_stored,
            words=words if is_stored else f"{words} {self._room.problem}", report=report,
        )  # fmt: skip

    def _check_may_import(self, parsed: ParsedList, choices: ImportChoices, by: str) -> None:
        held = self._room.held(parsed.name) if self._room.has(parsed.name) else None
        check_owner(held, by)
        if held is not None and held.origin is ListOrigin.ABOVE and not choices.publish:
            raise Refused(
                "list_owner",
                "A list of this name comes from the server.",
                "Publish the file to the server, or give the list another name.",
            )
        check_authority(parsed.counts.by_action.get(Action.NO_ALERT, 0), choices.authority)
        if choices.source.is_national and not choices.why.strip():
            raise Refused(
                "why_missing",
                "Loading national data needs a reason.",
                "Say why it is loaded by hand.",
            )

    async def _publish(
        self,
        parsed: ParsedList,
        choices: ImportChoices,
        counts: ListCounts,
        by: str,
        progress: Progress,
    ) -> int:
        if self.ask_above is None:
            raise Refused(
                "no_server", "This node has no server to publish to.", "Import the list here."
            )
        facts = m.ListFacts(choices.source, choices.finds_misreads, counts=counts)
        parts = parts_to_publish(parsed.entries)
        for number, blocks in enumerate(parts):
            progress("publishing", number, len(parts))
            await self.ask_above(
                lambda batch, number=number, blocks=blocks: m.PublishList(  # type: ignore[misc]
                    batch, parsed.name, number, len(parts), blocks=blocks, facts=facts,
                    authority=choices.authority, on_behalf=by,
                )
            )  # fmt: skip
        self._intake.published.add(parsed.name)
        return 0

    async def export(self, message: m.ExportList, who: Who) -> m.ListDone:
        """Write a list to a file of this machine.

        Raises:
            Refused: there is no such list, it is not this person's to see, or the file cannot be
                written.
        """
        held = self._room.held(message.name)
        check_owner(held, who[0])
        entries = visible(held, who[0])
        await asyncio.to_thread(
            write_list, Path(message.path), entries, for_spreadsheets=message.for_spreadsheets
        )
        revision = held.voi_list.revision
        await self._record.put(AuditAction.EXPORT, who, message.name, "", revision)
        return m.ListDone(
            message.request, message.name, revision, words="The list was written.", is_stored=True
        )


def report_of(file: str, parsed: ParsedList) -> ImportReport:
    """Return what a checker found, as a window shows it."""
    found = parsed.counts
    counts = ListCounts(
        found.entries,
        found.by_action.get(Action.STOP, 0),
        found.by_action.get(Action.ASSESS, 0),
        found.by_action.get(Action.NO_ALERT, 0),
        found.patterns,
        found.future,
        found.weeded,
    )
    return ImportReport(
        file, parsed.encoding, parsed.layout, found.records, found.doubled, counts, found.errors,
        found.warnings, dict(found.by_code), parsed.findings, parsed.omitted, parsed.notes,
    )  # fmt: skip


def visible(held: HeldList, username: str) -> Sequence[VoiEntry]:
    """Return the entries of a list that somebody may know of."""
    if held.voi_list.owner == username or held.version.counts.no_alert == 0:
        return held.voi_list.entries
    return [e for e in held.voi_list.entries if e.action is not Action.NO_ALERT]
