"""The ``lists`` commands: list files checked and converted; nothing of it needs a node."""

from __future__ import annotations

import argparse
from pathlib import Path

from nas_desktop.app.arguments import Commands, add_command
from nas_desktop.domain.voi import ListSource


def add_lists(commands: Commands) -> Commands:
    """Add ``lists`` with ``check`` and ``convert``; returns what further kinds are added to."""
    lists = add_command(commands, "lists", "lists of vehicles of interest")
    kinds: Commands = lists.add_subparsers(title="what", metavar="WHAT", required=True)
    check = add_command(kinds, "check", "hold a list file against the template")
    check.add_argument("file", type=Path, metavar="FILE", help=".csv or .xlsx")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.add_argument("--all", action="store_true", help="every finding, however many")
    check.add_argument("--strict", action="store_true", help="as for an upload; see the document")
    check.add_argument("--lenient", action="store_true", help="take other spellings of words")
    check.add_argument("--patterns", action="store_true", help="allow VRMs with ? and *")
    check.add_argument(
        "--source",
        choices=[source.value for source in ListSource],
        default=ListSource.LEA.value,
        help="where the list comes from; lea",
    )
    check.add_argument("--report", type=Path, metavar="FILE", help="write the findings as CSV")
    check.set_defaults(run=_check)
    convert = add_command(kinds, "convert", "turn a file of the older layout into the present one")
    convert.add_argument("file", type=Path, metavar="FILE")
    convert.add_argument("out", type=Path, metavar="OUT", help="the .csv file to write")
    convert.add_argument("--contact", default="", metavar="TEXT", help="CONTACT of every record")
    convert.set_defaults(run=_convert)
    return kinds


def _check(args: argparse.Namespace) -> int:
    from nas_desktop.app.lists_files import CheckCommand, check_file

    return check_file(
        CheckCommand(
            args.file,
            is_json=args.json,
            is_all=args.all,
            is_strict=args.strict,
            is_lenient=args.lenient,
            allows_patterns=args.patterns,
            source=ListSource(args.source),
            report=args.report,
        )
    )


def _convert(args: argparse.Namespace) -> int:
    from nas_desktop.app.lists_files import convert_file

    return convert_file(args.file, args.out, args.contact)
