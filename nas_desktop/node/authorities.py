"""Authorities at a node: given, entered as given verbally, countersigned, kept from above."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from nas_desktop import __version__
from nas_desktop.adapters.store.operational import Account
from nas_desktop.domain.access import Right, may
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.search_access import AccessPolicy, Authority
from nas_desktop.node.search_who import Who
from nas_desktop.node.stores import Stores
from nas_desktop.services.audit import AuditAction, AuditRecord
from nas_desktop.services.ports import Clock


class AuthorityDesk:
    """Records authorities; whether one opens a search is decided with the search."""

    def __init__(
        self,
        stores: Stores,
        clock: Clock,
        policy: AccessPolicy,
        account_of: Callable[[str], Account | None],
    ) -> None:
        self._stores = stores
        self._clock = clock
        self.policy = policy
        self._account_of = account_of

    async def give(self, authority: Authority, who: Who) -> Authority:
        """Record an authority: given by an authoriser, or entered as given verbally.

        Raises:
            Refused: somebody authorises themself, or the rank or the span is none.
        """
        now = self._clock.now()
        is_own = authority.authoriser == who.username
        if not authority.is_verbal and not is_own:
            raise Refused(
                "authority_other", "An authority is given in one's own name.", "Enter it as verbal."
            )
        if authority.is_verbal and is_own:
            raise Refused("authority_self", "Nobody authorises a search of their own.")
        giver = self._giver(authority.authoriser)
        times = (authority.since, authority.until, authority.expires_at)
        if any(at.tzinfo is None for at in times) or authority.expires_at <= now:
            raise Refused(
                "authority_empty",
                "The authority has run out, or a time has no zone.",
                "Correct it.",
            )
        if authority.since >= authority.until or not 1 <= len(authority.operation.strip()) <= 80:
            raise Refused(
                "authority_empty", "The authority names no operation or no span of time.", ""
            )
        latest = now + self.policy.authority_lasts
        stored = replace(
            authority,
            authoriser_name=giver.name,
            rank=giver.rank,
            authority_id=f"A-{now:%Y%m%d}-{os.urandom(3).hex()}",
            at=now,
            expires_at=min(authority.expires_at, latest),
            entered_by=who.username,
            countersigned_at=None if authority.is_verbal else now,
        )
        await self._stores.record(self._authority_record(AuditAction.AUTH_GRANT, stored, who))
        await self._stores.on_searches(self._stores.searches.put_authority, stored)
        return stored

    def _giver(self, username: str) -> Account:
        """Return the account of who is said to authorise; it says name and rank, nobody else."""
        account = self._account_of(username)
        if (
            account is None
            or not may(account.roles, Right.AUTHORISE)
            or account.rank not in self.policy.ranks
        ):
            raise Refused(
                "authority_rank",
                "Nobody of this account may authorise: it is none, or has no rank for it.",
                "Give the account name of an authoriser.",
            )
        return account

    async def keep(self, authority: Authority) -> None:
        """Take over an authority as the node above has it."""
        await self._stores.on_searches(self._stores.searches.put_authority, authority)

    async def countersign(self, authority_id: str, who: Who) -> Authority:
        """Confirm a verbal authority; only whoever is said to have given it may.

        Raises:
            Refused: there is no such authority, or it is somebody else's.
        """
        held = await self._stores.on_searches(self._stores.searches.authority, authority_id)
        if held is None or held.authoriser != who.username:
            raise Refused("authority_unknown", "No such authority was given in your name.")
        if held.countersigned_at is not None:
            return held
        signed = replace(held, countersigned_at=self._clock.now())
        await self._stores.record(self._authority_record(AuditAction.AUTH_COUNTERSIGN, signed, who))
        await self._stores.on_searches(self._stores.searches.put_authority, signed)
        return signed

    async def of(self, username: str) -> list[Authority]:
        """Return the authorities that somebody gave, was given, or entered."""
        every = await self._stores.on_searches(self._stores.searches.authorities)
        return [
            one
            for one in every
            if username in (one.authoriser, one.granted_to, one.entered_by) or not one.granted_to
        ]

    def _authority_record(self, action: AuditAction, given: Authority, who: Who) -> AuditRecord:
        return AuditRecord(
            action,
            self._clock.now(),
            who.username,
            who.workstation,
            who.session,
            subject=given.operation,
            detail={
                "authoriser": given.authoriser,
                "rank": given.rank,
                "verbal": "yes" if given.is_verbal else "no",
                "from": given.since.isoformat(),
                "to": given.until.isoformat(),
                "expires": given.expires_at.isoformat(),
                "for": given.granted_to,
            },
            purpose=str(given.purpose),
            authority=given.authority_id,
            app_version=__version__,
        )
