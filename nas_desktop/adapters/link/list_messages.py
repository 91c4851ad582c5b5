"""Messages of ``nas.v1`` about work on lists; see ``messages``."""

from __future__ import annotations

from msgspec import field

from nas_desktop.adapters.link.message import Message
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.voi import VoiEntry
from nas_desktop.services.events import ListState
from nas_desktop.services.lists import (
    EntryFound,
    ImportChoices,
    ImportReport,
    ListReceiver,
    ListVersion,
)


class ImportList(Message, frozen=True, tag="import_list"):
    """Have the node check a file of its own machine and make it live as a list.

    Answered by any number of ``work_progress`` and one ``list_done``; from the node's own window
    and command line only.
    """

    request: int
    path: str
    choices: ImportChoices


class CancelWork(Message, frozen=True, tag="cancel_work"):
    """Give up the work that was asked for under this request."""

    request: int


class WorkProgress(Message, frozen=True, tag="work_progress"):
    """How far a long work has come: ``done`` of ``total`` (0: not known), and at what."""

    request: int
    stage: str
    done: int = 0
    total: int = 0


class EditList(Message, frozen=True, tag="edit_list"):
    """Change entries of a list: ``gone`` are marks that leave, ``put`` entries that come.

    ``at_server`` has a desk pass it on to the node above, ``on_behalf`` names the account it does
    so for. ``if_revision`` refuses the change when the list has moved on; 0 does not look.
    """

    request: int
    name: str
    put: list[VoiEntry] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    why: str = ""
    if_revision: int = 0
    at_server: bool = False
    on_behalf: str = ""


class ChangeList(Message, frozen=True, tag="change_list"):
    """Do something to a whole list: create, roll_back, remove, disable, enable."""

    request: int
    name: str
    change: str
    why: str = ""
    authority: str = ""
    finds_misreads: bool = False
    at_server: bool = False
    on_behalf: str = ""


class ListDone(Message, frozen=True, tag="list_done"):
    """What became of a work on a list; ``is_live`` False means that nothing changed."""

    request: int
    name: str
    revision: int = 0
    is_live: bool = False
    is_stored: bool = False
    words: str = ""
    report: ImportReport | None = None


class SearchLists(Message, frozen=True, tag="search_lists"):
    """Look for entries: in one list or, without a name, in all; by mark, pattern or text."""

    request: int
    text: str = ""
    name: str = ""
    first: int = 0
    limit: int = 100


class EntriesFound(Message, frozen=True, tag="entries_found"):
    """Entries from ``first`` on, of ``total``; ``is_all`` False: long lists not read through."""

    request: int
    first: int
    found: list[EntryFound]
    total: int
    is_all: bool = True


class WantLists(Message, frozen=True, tag="want_lists"):
    """Ask for the account of all lists, those included that only their owner may know of."""

    request: int
    at_server: bool = False
    on_behalf: str = ""


class Lists(Message, frozen=True, tag="lists"):
    """All lists that the asker may know of."""

    request: int
    lists: list[ListState]


class WantVersions(Message, frozen=True, tag="want_versions"):
    """Ask for the versions kept of a list and for what each receiver holds of it."""

    request: int
    name: str
    at_server: bool = False
    on_behalf: str = ""


class Versions(Message, frozen=True, tag="versions"):
    """Versions, newest first, and receivers by name."""

    request: int
    name: str
    versions: list[ListVersion]
    receivers: list[ListReceiver] = field(default_factory=list)


class WantQuiet(Message, frozen=True, tag="want_quiet"):
    """Ask for the ``No Alert`` hits of a list; the owner of the list only."""

    request: int
    name: str
    first: int = 0
    limit: int = 200
    at_server: bool = False
    on_behalf: str = ""


class QuietHits(Message, frozen=True, tag="quiet_hits"):
    """``No Alert`` hits, newest first from ``first`` on, and how many there are in all."""

    request: int
    name: str
    total: int
    hits: list[Hit] = field(default_factory=list)


class ExportList(Message, frozen=True, tag="export_list"):
    """Have the node write a list to a file of its own machine; answered by ``list_done``."""

    request: int
    name: str
    path: str
    for_spreadsheets: bool = False
