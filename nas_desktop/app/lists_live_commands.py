"""The ``lists`` commands that work on the lists of a node."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nas_desktop.app.arguments import Commands, add_account_options, add_command, password_of
from nas_desktop.app.paths import data_folder
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.voi import ListSource

if TYPE_CHECKING:
    from nas_desktop.app.at_node import Place


def add_live_lists(kinds: Commands) -> None:
    """Add ``import``, ``status``, ``export``, ``rollback``, ``remove``, ``disable``, ``enable``."""
    load = add_command(kinds, "import", "check a file and make it live as a list, whole or not")
    load.add_argument("file", type=Path, metavar="FILE", help=".csv or .xlsx")
    load.add_argument("--name", default="", help="the list's name; that of the file")
    load.add_argument(
        "--source",
        choices=[source.value for source in ListSource],
        default=ListSource.LEA.value,
        help="where the list comes from; lea",
    )
    load.add_argument("--publish", action="store_true", help="at the server, for every desk")
    load.add_argument("--check-only", action="store_true", help="stop before it goes live")
    load.add_argument("--strict", action="store_true", help="recommended cells are needed")
    load.add_argument("--lenient", action="store_true", help="take other spellings of words")
    load.add_argument("--convert-legacy", action="store_true", help="take the older layout")
    load.add_argument("--patterns", action="store_true", help="allow VRMs with ? and *")
    load.add_argument("--misreads", action="store_true", help="look for misreads of its Stops")
    load.add_argument("--authority", default="", metavar="REF", help="for No Alert entries")
    load.add_argument("--report", type=Path, metavar="FILE", help="write the findings as CSV")
    load.set_defaults(run=_import)
    status = add_command(kinds, "status", "what lists the node holds")
    status.set_defaults(run=_status)
    export = add_command(kinds, "export", "write a list to a file")
    export.add_argument("name", metavar="LIST")
    export.add_argument("out", type=Path, metavar="FILE")
    export.add_argument(
        "--for-spreadsheets", action="store_true", help="no cell can act as a formula"
    )
    export.set_defaults(run=_export)
    parsers = [load, status, export]
    for command, change, about in (
        ("rollback", "roll_back", "bring the version before back; what is weeded stays so"),
        ("remove", "remove", "remove a list with all its versions"),
        ("disable", "disable", "keep a list and match against it no longer"),
        ("enable", "enable", "match against a list again"),
    ):
        parser = add_command(kinds, command, about)
        parser.add_argument("name", metavar="LIST")
        parser.set_defaults(run=_change, change=change)
        parsers.append(parser)
    for parser in parsers:
        if parser not in (status, export):
            parser.add_argument("--why", default="", help="the reason, for the record")
        if parser in (load, status):
            parser.add_argument("--json", action="store_true")
        if parser not in (load, export):
            parser.add_argument("--server", action="store_true", help="at the node above")
        parser.add_argument("--simulation", action="store_true", help="the node is a simulation")
        parser.add_argument("--key-fd", type=int, metavar="N", help="data key, if none is running")
        add_account_options(parser, "that asks", "")


def _place(args: argparse.Namespace) -> Place:
    from nas_desktop.app.at_node import Place

    if args.simulation and not args.username:
        args.username = "demo-lists"
    if not args.username:
        raise Refused(
            "username_missing",
            "Work on lists is put on record under an account.",
            "Give --username and --password-fd N, for example --password-fd 3 3<file.",
        )
    return Place(
        data_folder(args.data, is_simulation=args.simulation),
        args.simulation,
        args.username,
        password_of(args),
        args.key_fd,
    )


def _import(args: argparse.Namespace) -> int:
    from nas_desktop.app.lists_live import import_file
    from nas_desktop.services.lists import ImportChoices

    choices = ImportChoices(
        name=args.name,
        source=ListSource(args.source),
        is_check_only=args.check_only,
        publish=args.publish,
        strict=args.strict,
        lenient=args.lenient,
        convert_legacy=args.convert_legacy,
        allow_patterns=args.patterns,
        finds_misreads=args.misreads,
        authority=args.authority,
        why=args.why,
    )
    return import_file(_place(args), args.file, choices, is_json=args.json, report=args.report)


def _status(args: argparse.Namespace) -> int:
    from nas_desktop.app.lists_live import show_status

    return show_status(_place(args), at_server=args.server, is_json=args.json)


def _export(args: argparse.Namespace) -> int:
    from nas_desktop.app.lists_live import export_list

    return export_list(_place(args), args.name, args.out, for_spreadsheets=args.for_spreadsheets)


def _change(args: argparse.Namespace) -> int:
    from nas_desktop.app.lists_live import change_list

    return change_list(_place(args), args.name, args.change, args.why, at_server=args.server)
