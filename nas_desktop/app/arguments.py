"""Arguments that several commands share, and how they are read."""

from __future__ import annotations

import argparse
from typing import TypeAlias

from nas_desktop.adapters.secrets import secret_from_fd
from nas_desktop.domain.errors import Refused
from nas_desktop.node.sign_in import DEMO_PASSWORD

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001
"""What ``add_subparsers`` returns; argparse has no public name for it."""


def add_command(commands: Commands, name: str, about: str) -> argparse.ArgumentParser:
    """Add a command that takes ``--data``, before it or after it."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    # Suppressed, so that leaving it out here does not undo a --data before the command.
    parser.add_argument(
        "--data", metavar="DIR", default=argparse.SUPPRESS, help="folder of the profile"
    )
    return parser


def add_account_options(parser: argparse.ArgumentParser, whose: str, default: str = "") -> None:
    """Add the user name and the descriptor of its password."""
    parser.add_argument("--username", default=default, help=f"account {whose}")
    parser.add_argument(
        "--password-fd", type=int, metavar="N", help="read its password from this fd"
    )


def password_of(args: argparse.Namespace) -> str:
    """Return the password of the account named; that of the simulations for their accounts.

    Raises:
        Refused: ``password_missing``, ``password_unusable``.
    """
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


def rate(text: str) -> float:
    """Return a number from 0 to 100,000."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 100_000.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 100000")
    return value


def pace_of_reads(text: str) -> float:
    """Return a number above 0, to 100,000."""
    value = rate(text)
    if value == 0.0:
        raise argparse.ArgumentTypeError("there must be some reads: give a number above 0")
    return value


def count(text: str) -> int:
    """Return a whole number from 1 to 10,000."""
    if not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 10000")
    return int(text)


def pace(text: str) -> float:
    """Return how much faster than recorded: ``original`` is 1, ``compressed`` 0 for no pause."""
    named = {"original": 1.0, "compressed": 0.0}
    return named[text] if text in named else rate(text)


def address(text: str) -> tuple[str, int]:
    """Return host and port."""
    host, _colon, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form HOST:PORT")
    return host.strip("[]"), int(port)
