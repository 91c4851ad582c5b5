"""The ``feed`` commands: recorded files, simulated cameras, simulated lists."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nas_desktop.app.arguments import (
    Commands,
    add_account_options,
    add_command,
    address,
    count,
    pace,
    pace_of_reads,
    password_of,
    rate,
)
from nas_desktop.domain.errors import Refused

if TYPE_CHECKING:
    from nas_desktop.app.feed import FeedCommand


def add_feed(commands: Commands) -> None:
    """Add ``feed`` with its kinds."""
    feed = add_command(commands, "feed", "send reads into a node")
    kinds = feed.add_subparsers(title="feeds", metavar="FEED", required=True)
    replay = add_command(kinds, "replay", "send a recorded file (CSV or JSON lines)")
    replay.add_argument("file", type=Path, metavar="FILE")
    replay.add_argument(
        "--pace",
        type=pace,
        default=0.0,
        help="original, compressed (as fast as the node takes it), or a factor such as 10",
    )
    replay.add_argument("--now", action="store_true", help="move times to now; simulations only")
    replay.add_argument("--json", action="store_true", help="print the report as JSON")
    replay.set_defaults(run=_replay)
    simulate = add_command(kinds, "simulate", "run simulated cameras; simulation nodes only")
    simulate.add_argument("--seed", type=int, default=1)
    simulate.add_argument("--reads-per-s", type=pace_of_reads, default=25.0, metavar="N")
    simulate.add_argument("--hits-per-minute", type=rate, metavar="N")
    simulate.add_argument("--duration", type=rate, metavar="S")
    simulate.add_argument("--images", choices=("hits", "all", "none"), default="hits")
    simulate.add_argument("--cameras", type=count, default=66, metavar="N")
    simulate.add_argument("--steady", action="store_true", help="no opening and no stories")
    simulate.add_argument("--lists", action="store_true", help="publish the simulated lists first")
    simulate.set_defaults(run=_simulate)
    lists = add_command(kinds, "lists", "publish the simulated lists, or write list files")
    lists.add_argument("--seed", type=int, default=1)
    lists.add_argument("--out", type=Path, metavar="DIR", help="write list files here instead")
    lists.add_argument("--rows", type=_rows, default=2_000_000, metavar="N", help="of large files")
    lists.add_argument("--faults", type=_faults, default=200, metavar="N", help="planted in one")
    lists.set_defaults(run=_lists)
    history = add_command(kinds, "history", "fill the store of a simulation with days of reads")
    history.add_argument("--days", type=float, default=7.0, metavar="N")
    history.add_argument("--reads-per-day", type=_rows, default=100_000, metavar="N")
    history.add_argument("--cameras", type=count, default=66, metavar="N")
    history.add_argument("--seed", type=int, default=1)
    history.add_argument("--until", metavar="TIME", help="its last instant, GMT; now")
    history.add_argument("--role", choices=("desk", "force", "national"), default="desk")
    history.add_argument("--key-fd", type=int, metavar="N", help="read the data key from this fd")
    history.set_defaults(run=_history)
    _add_pnc(kinds)
    for parser, username in ((replay, ""), (simulate, "demo-cameras"), (lists, "demo-lists")):
        is_needed = parser is not lists
        parser.add_argument("--to", required=is_needed, metavar="URL", help="the node")
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
        add_account_options(parser, "of the camera system", username)


def _add_pnc(kinds: Commands) -> None:
    pnc = add_command(kinds, "pnc", "answer as PNC; simulation nodes only")
    pnc.add_argument("--listen", type=address, default=("127.0.0.1", 7891), metavar="HOST:PORT")
    pnc.add_argument("--seed", type=int, default=1, help="that of the simulated cameras")
    pnc.add_argument("--delay", type=rate, default=0.05, metavar="S", help="before each answer")
    pnc.add_argument("--away-after", type=pace_of_reads, metavar="S", help="answer so long, then")
    pnc.add_argument("--away-for", type=pace_of_reads, default=60.0, metavar="S", help="be away")
    pnc.add_argument("--with-parent", type=int, metavar="PID", help="stop when this is gone")
    pnc.set_defaults(run=_pnc)


def _pnc(args: argparse.Namespace) -> int:
    from nas_desktop.app.feed_pnc import PncCommand, run_pnc

    return run_pnc(
        PncCommand(
            args.listen, args.seed, args.delay, args.away_after, args.away_for, args.with_parent
        )
    )


def _feed_command(args: argparse.Namespace, *, is_simulation: bool) -> FeedCommand:
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
        password=password_of(args),
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
    if args.out is not None:
        return _list_files(args)
    if not args.to:
        raise Refused(
            "target_missing",
            "There is no node to publish to and no folder to write to.",
            "Give --to URL, or --out DIR.",
        )
    from nas_desktop.app.feed import publish_simulated

    return publish_simulated(_feed_command(args, is_simulation=True), args.seed)


def _list_files(args: argparse.Namespace) -> int:
    from nas_desktop.simulator.list_files import ListFilesPlan, write_list_files

    today = datetime.now(UTC).date()
    try:
        answers = write_list_files(
            args.out, ListFilesPlan(args.seed, today, args.rows, args.faults)
        )
    except ValueError:
        raise Refused(
            "too_many_faults",
            "There are too few rows for so many faults.",
            "Give ten rows for every fault.",
        ) from None
    except OSError:
        raise Refused(
            "list_unwritable",
            "The files cannot be written.",
            "Check that you may write to the folder and that the disk has room.",
        ) from None
    for name, planted in answers.items():
        print(f"{name}: {len(planted)} findings to be found", file=sys.stderr)
    return 0


def _rows(text: str) -> int:
    """Return a number of rows, 200 to 20,000,000."""
    if not text.isdigit() or not 200 <= int(text) <= 20_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 200 to 20000000")
    return int(text)


def _faults(text: str) -> int:
    """Return a number of faults, 0 to 1,000,000."""
    if not text.isdigit() or int(text) > 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to 1000000")
    return int(text)


def _history(args: argparse.Namespace) -> int:
    from nas_desktop.app.feed_history import HistoryCommand, feed_history
    from nas_desktop.app.paths import data_folder
    from nas_desktop.domain.query import instant_from

    return feed_history(
        HistoryCommand(
            data_folder(args.data, is_simulation=True),
            args.key_fd,
            args.role,
            args.days,
            args.reads_per_day,
            args.cameras,
            args.seed,
            instant_from(args.until, "until") if args.until else None,
        )
    )
