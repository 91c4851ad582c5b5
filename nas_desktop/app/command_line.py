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
from nas_desktop.adapters.secrets import secret_from_fd
from nas_desktop.app.paths import data_folder
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
    args.data = args.data or args.outer_data
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
    _add_feed(commands)
    _add_accounts(commands)
    _add_checks(commands)
    _add_bench(commands)
    return parser


_Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add(commands: _Commands, name: str, about: str) -> argparse.ArgumentParser:  # type: ignore[valid-type]
    parser: argparse.ArgumentParser = commands.add_parser(  # type: ignore[attr-defined]
        name, help=about, description=about
    )
    # Suppressed, so that leaving it out here does not undo a --data before the command.
    parser.add_argument(
        "--data", metavar="DIR", default=argparse.SUPPRESS, help="folder of the profile"
    )
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
    _add_account_options(parser, "of this desk at the server")


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
            password=_password(args) if args.upstream else "",
            sign_in=(args.sign_in, DEMO_PASSWORD) if args.sign_in else None,
        )
    )


def _add_demo(commands: _Commands) -> None:  # type: ignore[valid-type]
    demo = _add(commands, "demo", "a force node, a desk, simulated cameras and the desktop")
    demo.add_argument("--headless", action="store_true", help="print hits; no window")
    demo.add_argument("--duration", type=_rate, metavar="S", help="stop after so many seconds")
    demo.add_argument("--seed", type=int, default=1, help="what is invented depends on it")
    demo.add_argument("--hits-per-minute", type=_rate, metavar="N", help="a steady pace of hits")
    demo.add_argument("--reads-per-s", type=_rate, default=25.0, metavar="N", help="pace of reads")
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


def _add_node(commands: _Commands) -> None:  # type: ignore[valid-type]
    node = _add(commands, "node", "run a node: a management server or the engine of a desk")
    node.add_argument("--role", choices=("desk", "force"), required=True)
    node.add_argument("--name", default=platform.node() or "node", help="what others see")
    node.add_argument("--listen", type=_address, metavar="HOST:PORT", help="serve others here")
    node.add_argument("--upstream", default="", metavar="URL", help="the node above")
    node.add_argument("--simulation", action="store_true", help="simulated data only")
    node.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate for --listen")
    node.add_argument("--tls-key", type=Path, metavar="FILE", help="its key")
    node.add_argument("--tls-ca", type=Path, metavar="FILE", help="authorities for --upstream")
    node.add_argument("--key-fd", type=int, metavar="N", help="read the data key from this fd")
    node.add_argument("--with-parent", type=int, metavar="PID", help="stop when this is gone")
    node.add_argument("--verbose", action="store_true", help="say more on standard error")
    _add_account_options(node, "of this desk at the node above")
    node.set_defaults(run=_node)


def _node(args: argparse.Namespace) -> int:
    from nas_desktop.app.node_process import NodeCommand, run_node

    if args.role == "force" and args.listen is None:
        args.listen = ("127.0.0.1", 7890)
    return run_node(
        NodeCommand(
            folder=data_folder(args.data, is_simulation=args.simulation),
            role=args.role,
            name=args.name,
            is_simulation=args.simulation,
            listen=args.listen,
            upstream=args.upstream,
            username=args.username,
            password=_password(args) if args.upstream else "",
            key_fd=args.key_fd,
            tls_cert=args.tls_cert,
            tls_key=args.tls_key,
            tls_ca=args.tls_ca,
            parent=args.with_parent,
            is_verbose=args.verbose,
        )
    )


# ------------------------------------------------------------------ feeds


def _add_feed(commands: _Commands) -> None:  # type: ignore[valid-type]
    feed = _add(commands, "feed", "send reads into a node")
    kinds = feed.add_subparsers(title="feeds", metavar="FEED", required=True)
    replay = _add(kinds, "replay", "send a recorded file (CSV or JSON lines)")
    replay.add_argument("file", type=Path, metavar="FILE")
    replay.add_argument(
        "--pace",
        type=_pace,
        default=0.0,
        help="original, compressed (as fast as the node takes it), or a factor such as 10",
    )
    replay.add_argument("--now", action="store_true", help="move times to now; simulations only")
    replay.add_argument("--json", action="store_true", help="print the report as JSON")
    replay.set_defaults(run=_replay)
    simulate = _add(kinds, "simulate", "run simulated cameras; simulation nodes only")
    simulate.add_argument("--seed", type=int, default=1)
    simulate.add_argument("--reads-per-s", type=_rate, default=25.0, metavar="N")
    simulate.add_argument("--hits-per-minute", type=_rate, metavar="N")
    simulate.add_argument("--duration", type=_rate, metavar="S")
    simulate.add_argument("--images", choices=("hits", "all", "none"), default="hits")
    simulate.add_argument("--cameras", type=_count, default=66, metavar="N")
    simulate.add_argument("--steady", action="store_true", help="no opening and no stories")
    simulate.add_argument("--lists", action="store_true", help="publish the simulated lists first")
    simulate.set_defaults(run=_simulate)
    lists = _add(kinds, "lists", "publish the simulated lists; simulation nodes only")
    lists.add_argument("--seed", type=int, default=1)
    lists.set_defaults(run=_lists)
    for parser, username in ((replay, ""), (simulate, "demo-cameras"), (lists, "demo-lists")):
        parser.add_argument("--to", required=True, metavar="URL", help="the node")
        parser.add_argument("--fallback", default="", metavar="URL", help="when that is away")
        parser.add_argument(
            "--simulation",
            action="store_true",
            default=parser is not replay,
            help="the node is a simulation (always so for simulated data)",
        )
        parser.add_argument("--with-parent", type=int, metavar="PID", help="stop when this is gone")
        parser.add_argument("--key-fd", type=int, metavar="N", help="key of the buffer in --data")
        parser.add_argument("--tls-ca", type=Path, metavar="FILE", help="authorities for wss://")
        _add_account_options(parser, "of the camera system", username)


def _feed_command(args: argparse.Namespace, *, is_simulation: bool):  # type: ignore[no-untyped-def]
    from nas_desktop.adapters.secrets import key_for
    from nas_desktop.app.feed import FeedCommand
    from nas_desktop.app.tls import client_tls

    if args.key_fd is not None and not args.data:
        raise Refused(
            "key_without_data",
            "--key-fd is the key of a lasting buffer, and there is none without --data.",
            "Give both or neither.",
        )
    folder = Path(args.data).resolve() if args.data else None
    key = b""
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lasting = key_for(folder, args.key_fd)
        if not lasting.is_lasting:
            raise Refused(
                "no_key",
                "There is no keyring here, so a lasting buffer cannot be opened again.",
                "Give --key-fd, or leave --data out for a buffer that ends with the feed.",
            )
        key = lasting.secret
    username = args.username
    if is_simulation and not username:
        username = "demo-cameras"
    return FeedCommand(
        urls=(args.to, args.fallback) if args.fallback else (args.to,),
        username=username,
        password=_password(args),
        is_simulation=is_simulation,
        folder=folder,
        key=key,
        parent=args.with_parent,
        tls=client_tls((args.to, args.fallback), args.tls_ca),
    )


def _replay(args: argparse.Namespace) -> int:
    from nas_desktop.app.feed import ReplayCommand, replay

    if args.now and not args.simulation:
        raise Refused(
            "now_needs_simulation",
            "--now makes capture times untrue, so it is for simulations only.",
            "Add --simulation, or leave --now out.",
        )
    return replay(
        ReplayCommand(
            _feed_command(args, is_simulation=args.simulation),
            args.file,
            args.pace,
            is_now=args.now,
            is_json=args.json,
        )
    )


def _simulate(args: argparse.Namespace) -> int:
    from nas_desktop.app.feed import SimulateCommand, simulate

    return simulate(
        SimulateCommand(
            _feed_command(args, is_simulation=True),
            args.seed,
            args.reads_per_s,
            args.hits_per_minute,
            args.duration,
            images=args.images,
            cameras=args.cameras,
            has_lists=args.lists,
            lists_username="demo-lists",
            is_steady=args.steady,
        )
    )


def _lists(args: argparse.Namespace) -> int:
    from nas_desktop.app.feed import publish_simulated

    return publish_simulated(_feed_command(args, is_simulation=True), args.seed)


# ------------------------------------------------------------------ accounts


def _add_account_options(parser: argparse.ArgumentParser, whose: str, default: str = "") -> None:
    parser.add_argument("--username", default=default, help=f"account {whose}")
    parser.add_argument(
        "--password-fd", type=int, metavar="N", help="read its password from this fd"
    )


def _password(args: argparse.Namespace) -> str:
    if args.password_fd is not None:
        return secret_from_fd(args.password_fd)
    is_demo = str(args.username).startswith("demo-")
    if is_demo and getattr(args, "simulation", True):
        return DEMO_PASSWORD
    raise Refused(
        "password_missing",
        "The password of the account is missing.",
        "Give --username and --password-fd N, for example --password-fd 3 3<file.",
    )


def _add_accounts(commands: _Commands) -> None:  # type: ignore[valid-type]
    accounts = _add(commands, "accounts", "accounts of a node that is not running")
    kinds = accounts.add_subparsers(title="what", metavar="WHAT", required=True)
    add = _add(kinds, "add", "add an account or change it")
    add.add_argument("username")
    add.add_argument("--name", required=True, help="what others see")
    add.add_argument("--role", action="append", required=True, dest="roles", metavar="ROLE")
    add.add_argument("--scope", default="", help="reads of one FEED or FEED/SOURCE only")
    add.add_argument("--disabled", action="store_true")
    add.add_argument("--password-fd", type=int, metavar="N", help="else it is asked for")
    add.set_defaults(run=_accounts_add)
    show = _add(kinds, "list", "show the accounts")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=_accounts_list)
    for parser in (add, show):
        parser.add_argument("--simulation", action="store_true", help="of a simulation node")
        parser.add_argument("--key-fd", type=int, metavar="N", help="read the data key from it")


def _accounts_add(args: argparse.Namespace) -> int:
    from nas_desktop.app.accounts import NewAccount, add_account

    return add_account(
        data_folder(args.data, is_simulation=args.simulation),
        args.key_fd,
        NewAccount(
            args.username, args.name, tuple(args.roles), args.scope, args.disabled, args.password_fd
        ),
    )


def _accounts_list(args: argparse.Namespace) -> int:
    from nas_desktop.app.accounts import list_accounts

    return list_accounts(
        data_folder(args.data, is_simulation=args.simulation), args.key_fd, is_json=args.json
    )


# ------------------------------------------------------------------ checks


def _add_checks(commands: _Commands) -> None:  # type: ignore[valid-type]
    test = _add(commands, "test", "try the way of a read without a read")
    kinds = test.add_subparsers(title="tests", metavar="TEST", required=True)
    way = _add(kinds, "connectivity", "send QQ111QQQ up from the running node, leg by leg")
    way.add_argument("--simulation", action="store_true", help="the node is a simulation")
    way.add_argument("--json", action="store_true")
    way.set_defaults(run=_test_connectivity)
    doctor = _add(commands, "doctor", "what works on this machine, what does not, and the remedy")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(run=_doctor)


def _test_connectivity(args: argparse.Namespace) -> int:
    from nas_desktop.app.connectivity import test_connectivity

    folder = data_folder(args.data, is_simulation=args.simulation)
    return test_connectivity(folder, is_json=args.json)


def _doctor(args: argparse.Namespace) -> int:
    from nas_desktop.app.doctor import doctor

    return doctor(data_folder(args.data, is_simulation=False), is_json=args.json)


def _add_bench(commands: _Commands) -> None:  # type: ignore[valid-type]
    bench = _add(commands, "bench", "measure this machine; figures and ratios, no verdicts")
    bench.add_argument("what", choices=("feed", "ui"))
    bench.add_argument("--quick", action="store_true", help="end within 40 seconds")
    bench.add_argument("--json", action="store_true")
    bench.set_defaults(run=_bench)


def _bench(args: argparse.Namespace) -> int:
    if args.what == "feed":
        from nas_desktop.app.bench_feed import bench_feed

        return bench_feed(is_quick=args.quick, is_json=args.json)
    from nas_desktop.app.bench_ui import bench_ui

    return bench_ui(is_quick=args.quick, is_json=args.json)


# ------------------------------------------------------------------ values


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 100_000.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 100000")
    return value


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 10000")
    return int(text)


def _pace(text: str) -> float:
    named = {"original": 1.0, "compressed": 0.0}
    return named[text] if text in named else _rate(text)


def _address(text: str) -> tuple[str, int]:
    host, _colon, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form HOST:PORT")
    return host.strip("[]"), int(port)
