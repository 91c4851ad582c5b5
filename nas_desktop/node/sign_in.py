"""Who may do what on a node: accounts, passwords, tokens.

A desk asks the node above; while that cannot be asked it vouches for people whose password it has
seen confirmed before, and says so in the token.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from nas_desktop.adapters.accounts import (
    DECOY,
    claims_of,
    hash_password,
    is_password,
    issue_token,
    operator_from,
)
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.adapters.store.audit import AuditAction, AuditRecord
from nas_desktop.adapters.store.operational import Account
from nas_desktop.domain.access import HANDLING_ROLES, SUPERVISING_ROLES, Operator, Role
from nas_desktop.domain.errors import Refused
from nas_desktop.node.stores import Stores
from nas_desktop.services.ports import Clock

MAX_CREDENTIAL = 256
"""Longest user name or password looked at, characters; argon2 is made to be slow."""

DEMO_PASSWORD = "simulation"

DEMO_ACCOUNTS = (
    ("demo-operator", "Demo Operator", (Role.DISPATCHER,)),
    ("demo-second", "Second Demo Operator", (Role.DISPATCHER,)),
    ("demo-cameras", "Simulated cameras", (Role.CAMERA,)),
    ("demo-desk", "Demo desk", (Role.DESK,)),
    ("demo-desk-2", "Second demo desk", (Role.DESK,)),
    ("demo-lists", "Demo list manager", (Role.VOI_MANAGER,)),
    ("demo-analyst", "Demo Analyst", (Role.ANALYST,)),
    ("demo-authoriser", "Demo Authoriser", (Role.AUTHORISER,)),
    ("demo-supervisor", "Demo Supervisor", (Role.SUPERVISOR,)),
    ("demo-auditor", "Demo Auditor", (Role.AUDITOR,)),
    ("demo-force", "Demo force node", (Role.DESK,)),
)
"""Accounts that only a node started with --simulation has."""

LOCKED_AFTER = 10
"""Failed sign-ins of one account in a row after which it is locked for a while."""

LOCKED_S = 900.0
"""How long, seconds; whoever knows the password waits, whoever guesses gets 40 tries an hour."""

MOST_COUNTED = 10_000
"""Accounts whose failures are counted; strangers may invent names without end."""

DEMO_RANK = "Superintendent"
"""Rank of the demonstration's authoriser."""

AskAbove = Callable[[str, str], Awaitable[Operator]]


class SignInDesk:
    """Checks passwords and issues tokens.

    Args:
        ask_above: has the node above check a password; raises ``LinkDown`` when it cannot be
            asked and ``Refused`` when it says no. None for a node that stands alone.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._accounts: dict[str, Account] = {}
        self.ask_above: AskAbove | None = None
        self._hashing = asyncio.Semaphore(2)
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def open(self, *, is_simulation: bool) -> None:
        """Take up the accounts; a simulation gets its demonstration accounts."""
        stored = await self._stores.on_operational(self._stores.operational.accounts)
        self._accounts = {account.username: account for account in stored}
        missing = [one for one in DEMO_ACCOUNTS if one[0] not in self._accounts]
        if is_simulation and missing:
            hashed = await asyncio.to_thread(hash_password, DEMO_PASSWORD)
            for username, name, roles in missing:
                rank = DEMO_RANK if Role.AUTHORISER in roles else ""
                await self._keep(Account(username, name, hashed, roles, rank=rank))

    async def check(self, username: str, password: str) -> Account:
        """Return the account whose password this is, from this node's own accounts.

        Raises:
            Refused: ``sign_in_refused``, in the same words and time whatever was wrong.
        """
        if len(username) > MAX_CREDENTIAL or len(password) > MAX_CREDENTIAL:
            raise _refusal()
        account = self._accounts.get(username)
        hashed = account.password_hash if account is not None else DECOY
        async with self._hashing:
            is_right = await asyncio.to_thread(is_password, hashed, password)
        if account is None or not is_right or account.is_disabled:
            raise _refusal()
        return account

    async def sign_in(
        self, username: str, password: str, workstation: str, session: str
    ) -> tuple[Operator, str]:
        """Return the operator and a token; puts the attempt on record either way.

        Raises:
            Refused: ``sign_in_refused``.
        """
        try:
            self._check_lock(username)
            operator = await self._operator(username, password)
        except Refused as refusal:
            if refusal.code == "sign_in_refused":
                self._count_failure(username)
            await self._record(
                AuditAction.LOGIN_REFUSED, username, workstation, session, refusal.code
            )
            raise
        self._failures.pop(username[:MAX_CREDENTIAL], None)
        detail = "vouched for by this desk" if operator.is_vouched else ""
        await self._record(AuditAction.LOGIN, username, workstation, session, detail)
        return operator, issue_token(operator, self._stores.operational.token_key)

    async def sign_out(self, operator: Operator, workstation: str, session: str) -> None:
        """Put the end of a session on record."""
        await self._record(AuditAction.LOGOUT, operator.username, workstation, session, "")

    def _check_lock(self, username: str) -> None:
        """Refuse an account that was guessed at, whether or not there is one of that name."""
        count, at = self._failures.get(username[:MAX_CREDENTIAL], (0, 0.0))
        left = at + LOCKED_S - self._clock.monotonic()
        if count >= LOCKED_AFTER and left > 0:
            raise Refused(
                "sign_in_locked",
                "Too many sign-ins failed: this user name is locked for a quarter of an hour.",
                f"Try again in {max(1, round(left / 60))} minutes, or ask the administrator.",
            )

    def _count_failure(self, username: str) -> None:
        name = username[:MAX_CREDENTIAL]
        count, at = self._failures.pop(name, (0, 0.0))
        now = self._clock.monotonic()
        fresh = now - at > LOCKED_S
        self._failures[name] = (1 if fresh else count + 1, now)
        while len(self._failures) > MOST_COUNTED:
            self._failures.popitem(last=False)

    def claims(self, token: str) -> Operator | None:
        """Return what a token says, if it is ours, has not run out, and still holds.

        An account that was disabled, dropped or given other roles since ends the session.
        """
        found = claims_of(token, self._stores.operational.token_key, self._clock.now())
        if found is None:
            return None
        account = self._accounts.get(found.username)
        if account is None or account.is_disabled or set(account.roles) != set(found.roles):
            return None
        return found

    def scope_of(self, username: str) -> str:
        """Return which cameras' reads an account may send; empty for all."""
        account = self._accounts.get(username)
        return account.scope if account is not None else ""

    def may_handle(self, name: str, *, supervises: bool = False) -> bool:
        """Tell whether a person of this name may act on hits; for steps relayed by a desk."""
        needed = SUPERVISING_ROLES if supervises else HANDLING_ROLES
        return any(
            account.name == name and needed.intersection(account.roles)
            for account in self._accounts.values()
            if not account.is_disabled
        )

    def account_of(self, username: str) -> Account | None:
        """Return an account that may be used; None when there is none or it is disabled."""
        account = self._accounts.get(username)
        return None if account is None or account.is_disabled else account

    def name_of(self, username: str) -> str:
        """Return the name that others see of an account; empty when there is none."""
        account = self._accounts.get(username)
        return account.name if account is not None else ""

    def roles_of(self, username: str) -> tuple[Role, ...]:
        """Return the roles of an account; none when there is none or it is disabled."""
        account = self._accounts.get(username)
        return () if account is None or account.is_disabled else account.roles

    async def _operator(self, username: str, password: str) -> Operator:
        now = self._clock.now()
        if self.ask_above is not None and max(len(username), len(password)) <= MAX_CREDENTIAL:
            try:
                told = await self.ask_above(username, password)
            except LinkDown:
                account = await self.check(username, password)
                return operator_from(
                    account.username, account.name, account.roles, now, is_vouched=True
                )
            except Refused as refusal:
                if refusal.code == "sign_in_refused" and self._is_cached(username):
                    await self._forget(username)
                raise
            await self._cache(told, password)
            return operator_from(told.username, told.name, told.roles, now)
        account = await self.check(username, password)
        return operator_from(account.username, account.name, account.roles, now)

    def _is_cached(self, username: str) -> bool:
        account = self._accounts.get(username)
        return account is not None and account.is_cached

    async def _cache(self, told: Operator, password: str) -> None:
        hashed = await asyncio.to_thread(hash_password, password)
        await self._keep(Account(told.username, told.name, hashed, told.roles, is_cached=True))

    async def _keep(self, account: Account) -> None:
        await self._stores.on_operational(self._stores.operational.put_account, account)
        self._accounts[account.username] = account

    async def _forget(self, username: str) -> None:
        await self._stores.on_operational(self._stores.operational.drop_account, username)
        del self._accounts[username]

    async def _record(
        self, action: AuditAction, username: str, workstation: str, session: str, detail: str
    ) -> None:
        await self._stores.record(
            AuditRecord(
                action,
                self._clock.now(),
                username[:MAX_CREDENTIAL],
                workstation,
                session,
                detail={"detail": detail} if detail else {},
            )
        )


def _refusal() -> Refused:
    return Refused(
        "sign_in_refused",
        "The user name or the password is not right, or the account is disabled.",
        "Check both; ask the administrator when it goes on.",
    )
