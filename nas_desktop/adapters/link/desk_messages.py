"""Messages of ``nas.v1`` about desks: who attends them and what they look after."""

from __future__ import annotations

from datetime import datetime

from nas_desktop.adapters.link.message import Message
from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.services.desks import DeskReport, HistoryPage, Notice
from nas_desktop.services.sheets import SheetRecord


class ReportDesk(Message, frozen=True, tag="report_desk"):
    """A window's word on itself, every few seconds and at each change; it has no answer.

    ``desk`` is set by a desk node that passes it on, and ignored from anybody else.
    """

    report: DeskReport
    desk: str = ""


class SetScope(Message, frozen=True, tag="set_scope"):
    """Say what a desk looks after; answered by ``scope_set``.

    ``on_behalf`` is set by a desk node that passes a supervisor's word on.
    """

    request: int
    desk: str
    scope: DeskScope
    on_behalf: str = ""


class ScopeSet(Message, frozen=True, tag="scope_set"):
    """The scope is on disk and counts from now on."""

    request: int


class WantHistory(Message, frozen=True, tag="want_history"):
    """Ask for closed hits, newest closing first; answered by ``history``.

    ``before`` is that of the page before, ``limit`` at most 500, ``mark`` asks for one VRM.
    """

    request: int
    before: datetime | None = None
    limit: int = 100
    mark: str = ""


class History(Message, frozen=True, tag="history"):
    """A page of closed hits with their steps."""

    request: int
    page: HistoryPage = HistoryPage()


class WantNotices(Message, frozen=True, tag="want_notices"):
    """Ask what was said about entries of one list, or of all; answered by ``notices``."""

    request: int
    name: str = ""
    on_behalf: str = ""


class Notices(Message, frozen=True, tag="notices"):
    """What operators said about entries, newest first, at most 500."""

    request: int
    notices: list[Notice]


class RecordSheet(Message, frozen=True, tag="record_sheet"):
    """Put on record a line or sheet about hits that the window hands out; see ``recorded``."""

    request: int
    sheet: SheetRecord
