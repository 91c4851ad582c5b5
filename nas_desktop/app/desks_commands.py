"""The ``desks`` commands: who attends them, what each looks after, what nobody covers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nas_desktop.app.arguments import Commands, add_account_options, add_command, password_of
from nas_desktop.app.paths import data_folder
from nas_desktop.domain.errors import Refused

if TYPE_CHECKING:
    from nas_desktop.app.at_node import Place


def add_desks(commands: Commands) -> None:
    """Add ``desks`` and ``desks scope``."""
    desks = add_command(commands, "desks", "who attends which desk, and what nobody covers")
    desks.add_argument("--json", action="store_true")
    desks.add_argument("--simulation", action="store_true", help="the node is a simulation")
    desks.add_argument("--key-fd", type=int, metavar="N", help="data key, if none is running")
    add_account_options(desks, "that asks", "")
    desks.set_defaults(run=_show)
    kinds = desks.add_subparsers(title="what", metavar="WHAT")
    scope = add_command(kinds, "scope", "say what a desk looks after; for supervisors")
    scope.add_argument("name", metavar="NAME", help="of the desk, also one still to come")
    scope.add_argument(
        "--camera", action="append", default=[], metavar="07/12", help="feed, source or camera"
    )
    scope.add_argument(
        "--area", action="append", default=[], metavar="LAT,LON,KM", help="a circle round a point"
    )
    scope.add_argument("--list", action="append", default=[], metavar="LIST", help="only on it")
    scope.add_argument("--all", action="store_true", help="every camera and every list")
    # Suppressed, so that leaving one out here does not undo it before ``scope``.
    for option, how in (
        ("--simulation", {"action": "store_true"}),
        ("--key-fd", {"type": int, "metavar": "N"}),
        ("--username", {}),
        ("--password-fd", {"type": int, "metavar": "N"}),
    ):
        scope.add_argument(option, default=argparse.SUPPRESS, help="as above", **how)
    scope.set_defaults(run=_scope)


def _place(args: argparse.Namespace) -> Place:
    from nas_desktop.app.at_node import Place

    if args.simulation and not args.username:
        args.username = "demo-supervisor"
    return Place(
        data_folder(args.data, is_simulation=args.simulation),
        args.simulation,
        args.username,
        password_of(args),
        args.key_fd,
    )


def _show(args: argparse.Namespace) -> int:
    from nas_desktop.app.desks import show_desks

    return show_desks(_place(args), is_json=args.json)


def _scope(args: argparse.Namespace) -> int:
    from nas_desktop.app.desks import set_scope
    from nas_desktop.services.scope_text import scope_from

    has_parts = bool(args.camera or args.area or args.list)
    if has_parts == args.all:
        raise Refused(
            "scope_missing",
            "It is not said what the desk looks after, or it is said twice.",
            "Give --camera, --area and --list, or --all alone.",
        )
    scope = scope_from(args.camera, args.area, args.list)
    return set_scope(_place(args), args.name, scope)
