"""The ``audit`` commands: is it whole, and what does it say."""

from __future__ import annotations

import argparse
from pathlib import Path

from nas_desktop.app.arguments import Commands, add_account_options, add_command, password_of
from nas_desktop.app.paths import data_folder


def add_audit(commands: Commands) -> None:
    """Add ``audit verify`` and ``audit export``."""
    audit = add_command(commands, "audit", "whether the audit is whole, and the audit as a file")
    kinds = audit.add_subparsers(title="what", metavar="WHAT", required=True)
    verify = add_command(kinds, "verify", "find out whether a record was changed, and which")
    verify.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="of audit export; else the own store"
    )
    verify.add_argument(
        "--heads", type=Path, metavar="FILE", help="an export kept elsewhere, to compare with"
    )
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(run=_verify)
    export = add_command(kinds, "export", "write all records with their proof to a file")
    export.add_argument("out", type=Path, metavar="FILE")
    add_account_options(export, "of an auditor, where the node is running", "")
    export.set_defaults(run=_export)
    for parser in (verify, export):
        parser.add_argument("--simulation", action="store_true", help="of a simulation node")
        parser.add_argument("--key-fd", type=int, metavar="N", help="read the data key from it")


def _verify(args: argparse.Namespace) -> int:
    from nas_desktop.app.audit_proof import verify_audit

    folder = data_folder(args.data, is_simulation=args.simulation)
    return verify_audit(folder, args.key_fd, file=args.file, heads=args.heads, is_json=args.json)


def _export(args: argparse.Namespace) -> int:
    from nas_desktop.app.audit_proof import export_audit, export_running
    from nas_desktop.node.profile import running_node

    folder = data_folder(args.data, is_simulation=args.simulation)
    running = running_node(folder)
    if running is None:
        return export_audit(folder, args.key_fd, args.out)
    if args.simulation and not args.username:
        args.username = "demo-auditor"
    return export_running(running, args.username, password_of(args), args.out)
