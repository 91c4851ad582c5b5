"""``accounts``: who may sign in at a node; for a node that is not running."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nas_desktop.adapters.accounts import hash_password
from nas_desktop.adapters.clock import SystemClock
from nas_desktop.adapters.secrets import key_for, secret_from_fd
from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.adapters.store.operational import Account
from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.vrm import normalise
from nas_desktop.node.node import bind_profile
from nas_desktop.node.profile import Profile
from nas_desktop.node.stores import Stores
from nas_desktop.services.resources import access_policy_of

SHORTEST_PASSWORD = 12

_MACHINES = frozenset({Role.WINDOW})


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What the command line says about an account."""

    username: str
    name: str
    roles: tuple[str, ...]
    scope: str
    is_disabled: bool
    password_fd: int | None
    rank: str = ""


def add_account(folder: Path, key_fd: int | None, new: NewAccount, *, is_simulation: bool) -> int:
    """Add an account or change it, and put that on record."""
    roles = tuple(_role(role) for role in new.roles)
    ranks = access_policy_of(folder / "access.json").ranks
    if (new.rank or Role.AUTHORISER in roles) and new.rank not in ranks:
        raise Refused(
            "rank_unknown",
            "An authoriser has a rank, which decides what they may authorise.",
            f"Give --rank with one of: {', '.join(ranks)}.",
        )
    if new.password_fd is not None:
        password = secret_from_fd(new.password_fd)
    else:
        password = _asked_for(new.username)
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(
            "password_short",
            f"The password has fewer than {SHORTEST_PASSWORD} characters.",
            "Choose a longer one; three or four words are fine.",
        )
    with _opened(folder, key_fd) as stores:
        bind_profile(stores, "kind", "simulation" if is_simulation else "operational")
        account = Account(
            new.username, new.name, hash_password(password), roles, new.scope, new.is_disabled,
            rank=new.rank,
        )  # fmt: skip
        try:
            stores.operational.put_account(account)
        except ValueError:
            raise Refused(
                "name_taken",
                "Another account is shown to others under this name.",
                "Choose another --name: steps are put on record under it.",
            ) from None
        stores.audit.append(
            AuditRecord(
                AuditAction.CONFIG_CHANGE,
                SystemClock().now(),
                getpass.getuser(),
                "command line",
                subject=f"account {new.username}",
                detail={"roles": " ".join(roles), "disabled": "yes" if new.is_disabled else "no"},
            )
        )
    print(f"Account {new.username} is stored.", file=sys.stderr)
    return 0


def list_accounts(folder: Path, key_fd: int | None, *, is_json: bool) -> int:
    """Print the accounts, one a line."""
    with _opened(folder, key_fd) as stores:
        for account in stores.operational.accounts():
            row = {
                "username": account.username,
                "name": account.name,
                "roles": [str(role) for role in account.roles],
                "scope": account.scope,
                "rank": account.rank,
                "disabled": account.is_disabled,
                "remembered_from_server": account.is_cached,
            }
            words = [
                account.username,
                account.name,
                ", ".join(account.roles),
                f"only {account.scope}" if account.scope else "",
                "disabled" if account.is_disabled else "",
                "remembered from the server" if account.is_cached else "",
            ]
            print(json.dumps(row) if is_json else "  ".join(word for word in words if word))
    return 0


def set_vehicles(folder: Path, key_fd: int | None, username: str, vrms: Sequence[str]) -> int:
    """Record which vehicles belong to the person behind an account, instead of those before."""
    marks = [normalise(vrm) for vrm in vrms]
    with _opened(folder, key_fd) as stores:
        if username not in {account.username for account in stores.operational.accounts()}:
            raise Refused("account_unknown", f"There is no account {username}.", "Add it first.")
        stores.searches.put_vehicles(username, marks)
        stores.audit.append(
            AuditRecord(
                AuditAction.CONFIG_CHANGE,
                SystemClock().now(),
                getpass.getuser(),
                "command line",
                subject=f"vehicles of {username}",
                detail={"count": str(len(marks))},
            )
        )
    print(f"{len(marks)} vehicles of {username} are stored.", file=sys.stderr)
    return 0


def _asked_for(username: str) -> str:
    try:
        return getpass.getpass(f"Password of {username}: ")
    except EOFError:
        raise Refused(
            "password_missing",
            "There is nobody here to ask for the password.",
            "Give it with --password-fd N.",
        ) from None


@contextmanager
def _opened(folder: Path, key_fd: int | None) -> Iterator[Stores]:
    profile = Profile(folder)
    try:
        key = key_for(folder, key_fd)
        if not key.is_lasting:
            raise Refused(
                "no_key",
                "There is no keyring here, so nothing could be kept.",
                "Give the data key with --key-fd, as for the node itself.",
            )
        stores = Stores(folder, key.secret)
        try:
            yield stores
        finally:
            stores.close()
    finally:
        profile.release_lock()


def _role(text: str) -> Role:
    known = {str(role): role for role in Role if role not in _MACHINES}
    if text not in known:
        raise Refused(
            "role_unknown", f"{text} is not a role.", f"Roles are: {', '.join(sorted(known))}."
        )
    return known[text]
