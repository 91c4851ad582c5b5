"""The command line: one program for the desktop, the node, feeds, checks and benchmarks.

Data goes to standard output and nothing else does; words go to standard error.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from nas_desktop import __version__
from nas_desktop.app.arguments import (
    Commands,
    add_account_options,
    add_command,
    address,
    pace_of_reads,
    password_of,
    rate,
)
from nas_desktop.app.audit_commands import add_audit
from nas_desktop.app.desks_commands import add_desks
from nas_desktop.app.feed_commands import add_feed
from nas_desktop.app.lists_commands import add_lists
from nas_desktop.app.lists_live_commands import add_live_lists
from nas_desktop.app.map_commands import add_map
from nas_desktop.app.paths import data_folder
from nas_desktop.app.search_commands import add_search
from nas_desktop.app.sound_commands import add_sound
from nas_desktop.domain.errors import Refused
from nas_desktop.node.sign_in import DEMO_PASSWORD

REFUSED = 2
"""Exit status when the program could not do what it was asked."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    # Whatever is written belongs to this user alone: stores, keys, logs, pictures of hits.
    os.umask(0o077)
    parser = _parser()
    args = parser.parse_args(argv)
    args.data = args.outer_data if args.data is None else args.data
    try:
        if args.selftest:
            from nas_desktop.app.selftest import selftest

            return selftest()
        return int(args.run(args))
    except Refused as refusal:
        print(refusal.message, file=sys.stderr)
        if refusal.remedy:
            print(refusal.remedy, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nas-desktop",
        description="Control-room workstation of the UK National ANPR Service.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument("--selftest", action="store_true", help="check this installation")
    parser.add_argument("--data", dest="outer_data", metavar="DIR", help="folder of the profile")
    _add_window_options(parser)
    parser.set_defaults(run=_desktop, data=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_demo(commands)
    _add_node(commands)
    add_feed(commands)
    add_live_lists(add_lists(commands))
    add_search(commands)
    _add_match(commands)
    _add_accounts(commands)
    add_audit(commands)
    add_map(commands)
    add_sound(commands)
    add_desks(commands)
    _add_checks(commands)
    _add_bench(commands)
    return parser


# ------------------------------------------------------------------ the desktop and the demo


def _add_window_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default=platform.node() or "desk", help="this workstation's name")
    parser.add_argument("--key-fd", type=int, metavar="N", help="read the data key from this fd")
    parser.add_argument("--upstream", default="", metavar="URL", help="the server; is remembered")
    parser.add_argument("--simulation", action="store_true", help="simulated data only")
    parser.add_argument(
        "--sign-in", default="", metavar="DEMO-ACCOUNT", help="with --simulation: who works here"
    )
    add_account_options(parser, "of this desk at the server")


def _desktop(args: argparse.Namespace) -> int:
    from nas_desktop.app.desktop import DesktopCommand, run_desktop

    if args.sign_in and not args.simulation:
        raise Refused(
            "sign_in_needs_simulation",
            "--sign-in is for the accounts of a simulation.",
            "Add --simulation, or leave it out and sign in at the window.",
        )
    if args.upstream and args.simulation and not args.username:
        args.username = "demo-desk"
    return run_desktop(
        DesktopCommand(
            folder=data_folder(args.data, is_simulation=args.simulation),
            name=args.name,
            key_fd=args.key_fd,
            is_simulation=args.simulation,
            upstream=args.upstream,
            username=args.username,
            password=password_of(args) if args.upstream else "",
            sign_in=(args.sign_in, DEMO_PASSWORD) if args.sign_in else None,
        )
    )


def _add_demo(commands: Commands) -> None:
    demo = add_command(commands, "demo", "a force node, a desk, simulated cameras and the desktop")
    demo.add_argument("--headless", action="store_true", help="print hits; no window")
    demo.add_argument("--duration", type=rate, metavar="S", help="stop after so many seconds")
    demo.add_argument("--seed", type=int, default=1, help="what is invented depends on it")
    demo.add_argument("--hits-per-minute", type=rate, metavar="N", help="a steady pace of hits")
    demo.add_argument(
        "--reads-per-s", type=pace_of_reads, default=25.0, metavar="N", help="pace of reads"
    )
    demo.add_argument("--json", action="store_true", help="one JSON object a hit")
    demo.add_argument("--picture", metavar="FILE", help="save a picture of the window here")
    demo.add_argument("--theme", choices=("dark", "light", "contrast"), help="how it looks")
    demo.set_defaults(run=_demo)


def _demo(args: argparse.Namespace) -> int:
    from nas_desktop.app.demo import DemoCommand, run_demo

    return run_demo(
        DemoCommand(
            folder=Path(args.data).resolve() if args.data else None,
            is_headless=args.headless,
            duration_s=args.duration,
            seed=args.seed,
            hits_per_minute=args.hits_per_minute,
            reads_per_s=args.reads_per_s,
            is_json=args.json,
            picture=Path(args.picture) if args.picture else None,
            theme=args.theme or "",
        )
    )


# ------------------------------------------------------------------ the node


def _add_node(commands: Commands) -> None:
    node = add_command(commands, "node", "run a node: a management server or the engine of a desk")
    node.add_argument("--role", choices=("desk", "force", "national"), required=True)
    node.add_argument("--name", default=platform.node() or "node", help="what others see")
    node.add_argument("--listen", type=address, metavar="HOST:PORT", help="serve others here")
    node.add_argument("--upstream", default="", metavar="URL", help="the node above")
    node.add_argument("--simulation", action="store_true", help="simulated data only")
    node.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate for --listen")
    node.add_argument("--tls-key", type=Path, metavar="FILE", help="its key")
    node.add_argument("--tls-ca", type=Path, metavar="FILE", help="authorities for --upstream")
    node.add_argument("--pnc", default="", metavar="URL", help="the service that answers for PNC")
    node.add_argument("--pnc-username", default="", help="account of this node there")
    node.add_argument("--pnc-password-fd", type=int, metavar="N", help="its password")
    node.add_argument("--glyph", action="store_true", help="0/O and 1/I alone make no difference")
    node.add_argument("--key-fd", type=int, metavar="N", help="read the data key from this fd")
    node.add_argument("--with-parent", type=int, metavar="PID", help="stop when this is gone")
    node.add_argument("--verbose", action="store_true", help="say more on standard error")
    add_account_options(node, "of this desk at the node above")
    node.set_defaults(run=_node)


def _node(args: argparse.Namespace) -> int:
    from nas_desktop.app.node_process import NodeCommand, run_node

    if args.role != "desk" and args.listen is None:
        args.listen = ("127.0.0.1", 7890 if args.role == "force" else 7889)
    return run_node(
        NodeCommand(
            folder=data_folder(args.data, is_simulation=args.simulation),
            role=args.role,
            name=args.name,
            is_simulation=args.simulation,
            listen=args.listen,
            upstream=args.upstream,
            username=args.username,
            password=password_of(args) if args.upstream else "",
            pnc=_pnc_of(args),
            has_glyph=args.glyph,
            key_fd=args.key_fd,
            tls_cert=args.tls_cert,
            tls_key=args.tls_key,
            tls_ca=args.tls_ca,
            parent=args.with_parent,
            is_verbose=args.verbose,
        )
    )


def _pnc_of(args: argparse.Namespace) -> tuple[str, str, str] | None:
    """Return address, account and password of PNC."""
    if not args.pnc:
        return None
    if args.pnc_password_fd is not None:
        from nas_desktop.adapters.secrets import secret_from_fd

        return args.pnc, args.pnc_username, secret_from_fd(args.pnc_password_fd)
    if args.simulation:
        return args.pnc, args.pnc_username or "demo-pnc", DEMO_PASSWORD
    raise Refused(
        "password_missing",
        "The password for PNC is missing.",
        "Give --pnc-username and --pnc-password-fd N.",
    )


# ------------------------------------------------------------------ matching files


def _add_match(commands: Commands) -> None:
    match = add_command(commands, "match", "which reads of a file hit which lists, and why")
    match.add_argument("reads", type=Path, metavar="READS", help="as for feed replay")
    match.add_argument("lists", type=Path, nargs="+", metavar="LIST", help=".csv or .xlsx")
    match.add_argument("--json", action="store_true", help="one JSON object a hit")
    match.add_argument("--glyph", action="store_true", help="0/O and 1/I alone make no difference")
    match.add_argument("--misreads", action="store_true", help="possible misreads of Stops too")
    match.add_argument("--patterns", action="store_true", help="allow VRMs with ? and *")
    match.add_argument("--lenient", action="store_true", help="take other spellings of words")
    match.add_argument(
        "--source", action="append", default=[], metavar="FILE=SOURCE",
        help="a list that is not an LEA's, such as extract.csv=pnc_extract",
    )  # fmt: skip
    match.set_defaults(run=_match)


def _match(args: argparse.Namespace) -> int:
    from nas_desktop.app.match import MatchCommand, match_files, sources_of

    return match_files(
        MatchCommand(
            args.reads,
            args.lists,
            sources_of(args.source),
            is_json=args.json,
            has_glyph=args.glyph,
            finds_misreads=args.misreads,
            allows_patterns=args.patterns,
            is_lenient=args.lenient,
        )
    )


# ------------------------------------------------------------------ accounts


def _add_accounts(commands: Commands) -> None:
    accounts = add_command(commands, "accounts", "accounts of a node that is not running")
    kinds = accounts.add_subparsers(title="what", metavar="WHAT", required=True)
    add = add_command(kinds, "add", "add an account or change it")
    add.add_argument("username")
    add.add_argument("--name", required=True, help="what others see")
    add.add_argument("--role", action="append", required=True, dest="roles", metavar="ROLE")
    add.add_argument("--scope", default="", help="reads of one FEED or FEED/SOURCE only")
    add.add_argument("--rank", default="", help="of an authoriser, such as Inspector")
    add.add_argument("--disabled", action="store_true")
    add.add_argument("--password-fd", type=int, metavar="N", help="else it is asked for")
    add.set_defaults(run=_accounts_add)
    show = add_command(kinds, "list", "show the accounts")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=_accounts_list)
    own = add_command(kinds, "vehicles", "say which vehicles are a person's own")
    own.add_argument("username")
    own.add_argument("vrms", nargs="*", metavar="VRM", help="all of them; none forgets them")
    own.set_defaults(run=_accounts_vehicles)
    for parser in (add, show, own):
        parser.add_argument("--simulation", action="store_true", help="of a simulation node")
        parser.add_argument("--key-fd", type=int, metavar="N", help="read the data key from it")


def _accounts_add(args: argparse.Namespace) -> int:
    from nas_desktop.app.accounts import NewAccount, add_account

    return add_account(
        data_folder(args.data, is_simulation=args.simulation),
        args.key_fd,
        NewAccount(
            args.username,
            args.name,
            tuple(args.roles),
            args.scope,
            args.disabled,
            args.password_fd,
            args.rank,
        ),
        is_simulation=args.simulation,
    )


def _accounts_vehicles(args: argparse.Namespace) -> int:
    from nas_desktop.app.accounts import set_vehicles

    folder = data_folder(args.data, is_simulation=args.simulation)
    return set_vehicles(folder, args.key_fd, args.username, args.vrms)


def _accounts_list(args: argparse.Namespace) -> int:
    from nas_desktop.app.accounts import list_accounts

    return list_accounts(
        data_folder(args.data, is_simulation=args.simulation), args.key_fd, is_json=args.json
    )


# ------------------------------------------------------------------ checks


def _add_checks(commands: Commands) -> None:
    test = add_command(commands, "test", "try the way of a read without a read")
    kinds = test.add_subparsers(title="tests", metavar="TEST", required=True)
    way = add_command(kinds, "connectivity", "send QQ111QQQ up from the running node, leg by leg")
    way.add_argument("--simulation", action="store_true", help="the node is a simulation")
    way.add_argument("--json", action="store_true")
    way.set_defaults(run=_test_connectivity)
    doctor = add_command(commands, "doctor", "what works on this machine, and the remedy")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(run=_doctor)


def _test_connectivity(args: argparse.Namespace) -> int:
    from nas_desktop.app.connectivity import test_connectivity

    folder = data_folder(args.data, is_simulation=args.simulation)
    return test_connectivity(folder, is_json=args.json)


def _doctor(args: argparse.Namespace) -> int:
    from nas_desktop.app.doctor import doctor

    return doctor(data_folder(args.data, is_simulation=False), is_json=args.json)


_BENCHES = ("feed", "ingest", "lists", "map", "matching", "search", "ui")


def _add_bench(commands: Commands) -> None:
    bench = add_command(commands, "bench", "measure this machine; figures and ratios, no verdicts")
    bench.add_argument("what", choices=_BENCHES)
    bench.add_argument("--quick", action="store_true", help="end within 40 seconds")
    bench.add_argument("--json", action="store_true")
    bench.add_argument("--entries", type=int, help="entries, or rows of the list")
    bench.add_argument("--reads", type=int, metavar="N", help="ingest, search: reads in the store")
    bench.add_argument("--plot", type=Path, help="matching, search: draw the growth as SVG")
    bench.set_defaults(run=_bench)


def _bench(args: argparse.Namespace) -> int:
    if args.what == "feed":
        from nas_desktop.app.bench_feed import bench_feed

        return bench_feed(is_quick=args.quick, is_json=args.json)
    if args.what == "ingest":
        from nas_desktop.app.bench_ingest import bench_ingest

        return bench_ingest(reads=args.reads, is_quick=args.quick, is_json=args.json)
    if args.what == "search":
        from nas_desktop.app.bench_reads import bench_search

        return bench_search(
            reads=args.reads, is_quick=args.quick, is_json=args.json, plot=args.plot
        )
    if args.what == "lists":
        from nas_desktop.app.bench_lists import bench_lists

        return bench_lists(rows=args.entries, is_quick=args.quick, is_json=args.json)
    if args.what == "map":
        from nas_desktop.app.bench_map import bench_map

        return bench_map(is_quick=args.quick, is_json=args.json)
    if args.what == "matching":
        from nas_desktop.app.bench_matching import bench_matching

        return bench_matching(
            entries=args.entries, is_quick=args.quick, is_json=args.json, plot=args.plot
        )
    from nas_desktop.app.bench_ui import bench_ui

    return bench_ui(is_quick=args.quick, is_json=args.json)
