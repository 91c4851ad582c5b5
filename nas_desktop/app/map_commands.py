"""The ``map`` commands: the map file that lies under the points of a map; none needs a node."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from nas_desktop.app.arguments import Commands, add_command
from nas_desktop.app.paths import data_folder
from nas_desktop.services.map_tiles import TileInfo

DONE = 0
"""Exit status of every one of them; what is refused ends with 2."""

_SHOWS_PROGRESS_BYTES = 20_000_000


def add_map(commands: Commands) -> None:
    """Add ``map`` with ``install``, ``status`` and ``remove``."""
    command = add_command(commands, "map", "the map file under the points of a map")
    kinds: Commands = command.add_subparsers(title="what", metavar="WHAT", required=True)
    install = add_command(kinds, "install", "copy a map file into the profile and use it")
    install.add_argument("file", type=Path, metavar="FILE", help=".mbtiles or .pmtiles")
    install.set_defaults(run=_install)
    status = add_command(kinds, "status", "open the map file and say what it is")
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=_status)
    remove = add_command(kinds, "remove", "remove the map file; the map keeps its coast and towns")
    remove.set_defaults(run=_remove)
    for parser in (install, status, remove):
        parser.add_argument("--simulation", action="store_true", help="of a simulation")


def info_form(info: TileInfo) -> dict[str, object]:
    """Return what a map file is, as the command line promises it."""
    return {**asdict(info), "bounds": list(info.bounds), "layers": list(info.layers)}


def _folder(args: argparse.Namespace) -> Path:
    return data_folder(args.data, is_simulation=args.simulation)


def _install(args: argparse.Namespace) -> int:
    from nas_desktop.adapters.store.tiles import install

    info = install(args.file, _folder(args), _progress())
    print(f"Installed: {_sentence(info)}", file=sys.stderr)
    if not info.attribution:
        print(
            "It does not say whose data it shows. OS data has to be attributed; docs/map.md says"
            " how.",
            file=sys.stderr,
        )
    return DONE


def _status(args: argparse.Namespace) -> int:
    from nas_desktop.adapters.store.tiles import status

    info = status(_folder(args))
    if args.json:
        form = {"map": None if info is None else info_form(info)}
        print(json.dumps(form, ensure_ascii=False))
    elif info is None:
        print("No map file is installed.")
    else:
        _print_words(info)
    return DONE


def _remove(args: argparse.Namespace) -> int:
    from nas_desktop.adapters.store.tiles import remove

    info = remove(_folder(args))
    words = "No map file was in use." if info is None else f"{info.name} is removed."
    print(words, file=sys.stderr)
    return DONE


def _print_words(info: TileInfo) -> None:
    print(_sentence(info))
    west, south, east, north = info.bounds
    print(f"  west {west:.4f}, south {south:.4f}, east {east:.4f}, north {north:.4f} degrees")
    if info.layers:
        print(f"  layers: {', '.join(info.layers)}")
    print(f"  attribution: {info.attribution or 'none'}")
    print(f"  SHA-256 {info.sha256}")


def _sentence(info: TileInfo) -> str:
    return (
        f"{info.name}: {info.kind} tiles ({info.format}), zoom {info.min_zoom} to {info.max_zoom},"
        f" {info.bytes:,} bytes."
    )


def _progress() -> Callable[[int, int], None]:
    """Return what shows large files go by on a terminal; standard output stays data."""
    if not sys.stderr.isatty():
        return lambda _done, _total: None

    def show(done: int, total: int) -> None:
        if total >= _SHOWS_PROGRESS_BYTES:
            end = "\r" if done < total else "\r\033[K"
            print(f"{100 * done // total} % copied", end=end, file=sys.stderr, flush=True)

    return show
