"""The ``search`` command: every criterion as an option, and why one looks."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from nas_desktop.app.arguments import Commands, add_account_options, add_command, password_of
from nas_desktop.app.paths import data_folder
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import Where, query_from
from nas_desktop.domain.search_access import Purpose, SearchReason
from nas_desktop.services.searches import Order

LARGEST_MARK_FILE = 1_000_000
"""Largest file of VRMs looked at, bytes: 10,000 marks need a tenth of it."""

FORMS = ("table", "json", "csv", "geojson", "kml")

_MANY = (
    ("--vrm", "vrm", "a VRM; ? is one character, * any number; may be given several times"),
    ("--like", "like", "a VRM that may have been misread"),
    ("--camera", "camera", "a camera as FEED/SOURCE/NRD"),
    ("--feed", "feed", "a Feed ID"),
    ("--source", "source", "a Source ID"),
    ("--kind", "kind", "fixed, moveable, dual_lane, cctv or mobile"),
    ("--lane", "lane", "a lane, as it is written"),
    ("--direction", "direction", "N, NE, E … NW, TOWARDS or AWAY"),
)
_ONCE = (
    ("--near", "near", "LAT,LON,R", "within R metres of a point"),
    ("--polygon", "polygon", "LAT,LON;…", "within an area by its corners"),
    ("--corridor", "corridor", "R;LAT,LON;…", "within R metres of a line"),
    ("--distance", "distance", "D", "how far look-alikes may be off, 0.01 to 0.69; 0.60"),
)
_FLAGS = (
    ("--unread", "unread", "yes", "vehicles whose VRM was not identified"),
    ("--hits-only", "hits", "only", "reads that raised a hit"),
    ("--late-only", "late", "only", "reads that came buffered"),
    ("--known-direction", "unknown", "no", "leave out reads of unknown direction"),
)


def add_search(commands: Commands) -> None:
    """Add the ``search`` command."""
    parser = add_command(commands, "search", "look for reads; asks why, and is put on record")
    for option, _key, about in _MANY:
        parser.add_argument(option, action="append", default=[], help=about)
    parser.add_argument("--vrm-file", type=Path, metavar="FILE", help="VRMs, one a line")
    parser.add_argument("--from", dest="since", metavar="TIME", help="GMT; 24 hours ago")
    parser.add_argument("--to", dest="until", metavar="TIME", help="GMT; now")
    for option, _key, metavar, about in _ONCE:
        parser.add_argument(option, default="", metavar=metavar, help=about)
    for option, _key, _word, about in _FLAGS:
        parser.add_argument(option, action="store_true", help=about)
    parser.add_argument("--query", default="", metavar="TEXT", help="the whole question as text")
    parser.add_argument(
        "--where", choices=[w.value for w in Where], default="local", help="whose reads; local"
    )
    parser.add_argument(
        "--purpose", choices=[p.value for p in Purpose], required=True, help="what for"
    )
    parser.add_argument("--reference", required=True, help="incident, crime or operation number")
    parser.add_argument("--justification", required=True, help="why, in a sentence")
    parser.add_argument("--reason-code", type=int, choices=range(10), help="PNC code 0 to 9; 5")
    parser.add_argument("--on-behalf-of", default="", help="who asked for it")
    parser.add_argument("--authority", default="", metavar="ID", help="the authority it rests on")
    parser.add_argument(
        "--order", choices=[o.value for o in Order], default="newest", help="newest first"
    )
    parser.add_argument("--limit", type=_limit, default=1_000, help="most reads printed; 1000")
    parser.add_argument("--format", choices=FORMS, default="table")
    parser.add_argument("--recipient", default="", help="who gets it; for the forms that leave")
    parser.add_argument(
        "--with-locations", action="store_true", help="co-ordinates too; cameras are not disclosed"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write here, not to the screen")
    parser.add_argument("--simulation", action="store_true", help="the node is a simulation")
    parser.add_argument("--key-fd", type=int, metavar="N", help="data key, if none is running")
    add_account_options(parser, "that asks", "")
    parser.set_defaults(run=_search)


def _limit(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000000")
    return int(text)


def query_text(args: argparse.Namespace, now: datetime) -> str:
    """Return the question of the options as the text of ``domain.query``.

    Raises:
        Refused: the file of VRMs cannot be read.
    """
    pairs = [
        ("from", args.since or (now - timedelta(hours=24)).isoformat()),
        ("to", args.until or now.isoformat()),
    ]
    for option, key, _about in _MANY:
        pairs += [(key, value) for value in getattr(args, _name(option))]
    if args.vrm_file is not None:
        pairs += [("vrm", mark) for mark in _marks_in(args.vrm_file)]
    for option, key, _metavar, _about in _ONCE:
        value = getattr(args, _name(option))
        if value:
            pairs.append((key, value))
    for option, key, word, _about in _FLAGS:
        if getattr(args, _name(option)):
            pairs.append((key, word))
    return "&".join(f"{key}={quote(str(value))}" for key, value in pairs)


def _name(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def _marks_in(path: Path) -> list[str]:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_MARK_FILE:
            raise Refused("vrm_file", f"{path.name} is no file of VRMs.", "One VRM a line.")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise Refused("vrm_file", f"{path.name} cannot be read.", "One VRM a line.") from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _search(args: argparse.Namespace) -> int:
    from nas_desktop.app.at_node import Place
    from nas_desktop.app.search import SearchCommand, search

    leaves = args.format not in ("table", "json")
    if leaves and not args.recipient:
        raise Refused(
            "recipient_missing",
            "What leaves the system has a recipient, who is put on record.",
            "Give --recipient.",
        )
    if args.out is not None and not leaves:
        raise Refused(
            "out_form", "--out is for the forms that leave the system.", "Give --format csv."
        )
    text = args.query or query_text(args, datetime.now(UTC))
    purpose = Purpose(args.purpose)
    code = args.reason_code
    if code is None:
        code = 0 if purpose is Purpose.AUDIT else 5
    if args.simulation and not args.username:
        args.username = "demo-analyst"
    if not args.username:
        raise Refused(
            "username_missing",
            "A search is put on record under an account.",
            "Give --username and --password-fd N, for example --password-fd 3 3<file.",
        )
    place = Place(
        data_folder(args.data, is_simulation=args.simulation),
        args.simulation,
        args.username,
        password_of(args),
        args.key_fd,
    )
    reason = SearchReason(
        purpose, code, args.justification, args.reference, args.on_behalf_of, args.authority
    )
    return search(
        place,
        SearchCommand(
            query_from(text),
            Where(args.where),
            reason,
            args.format,
            Order(args.order),
            args.limit,
            args.recipient,
            args.with_locations,
            args.out,
        ),
    )
