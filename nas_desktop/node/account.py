"""A node's account of itself: counters, hops, lists, PNC."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from nas_desktop.services.events import HopState, HopStatus, NodeState, PncState, PncStatus

if TYPE_CHECKING:
    from nas_desktop.node.node import Node


def account_of(node: Node) -> NodeState:
    """Return what a node says of itself now."""
    numbers = node.engine.statistics
    p50, p95, worst = numbers.latencies()
    painted_p50, painted_p95, painted_worst = numbers.painted()
    return NodeState(
        node_name=node.options.name,
        role=node.options.role,
        at=node.clock.now(),
        is_simulation=node.options.is_simulation,
        hops=_hops(node),
        reads_total=numbers.reads_total,
        reads_per_s=numbers.reads_per_s,
        hits_total=numbers.hits_total,
        hits_10_min=numbers.hits_10_min,
        latency_p50_s=p50,
        latency_p95_s=p95,
        latency_max_s=worst,
        last_hit_at=numbers.last_hit_at,
        lists=node.lists.states(),
        outages=node.outages.newest,
        refused=node.refusals(),
        is_stored=node.key.is_lasting,
        key_source=node.key.source,
        problem=(
            node.audit.problem
            or node.engine.problem
            or node.lists.problem
            or node.retention.problem
        ),
        pnc=node.pnc.state(),
        possible_misreads=node.engine.misreads.words,
        desks=node.desks.states(),
        uncovered=node.desks.uncovered(),
        receipts=node.desks.figures(),
        painted_p50_s=painted_p50,
        painted_p95_s=painted_p95,
        painted_max_s=painted_worst,
    )


def _hops(node: Node) -> tuple[HopState, ...]:
    if node.upstream is not None:
        hops = node.upstream.hops()
        if node.options.listen is not None:
            hops = (*hops, node.cameras.state("desk_cameras"))
        return hops
    since = node.clock.now()
    nas = HopState("nas", HopStatus.NOT_CONFIGURED, since)
    if node.national is not None:
        nas = node.national.hop()
    beyond = [nas, pnc_hop(node.pnc.state(), since)]
    own = [node.cameras.state("cameras")]
    if node.options.role == "desk":
        own.append(HopState("server", HopStatus.NOT_CONFIGURED, since))
    return (*own, *beyond)


def pnc_hop(pnc: PncState, now: datetime) -> HopState:
    """Return PNC as a hop of the chain."""
    status = {
        PncStatus.LIVE: HopStatus.LIVE,
        PncStatus.EXTRACT: HopStatus.LOST,
        PncStatus.NO_MATCHING: HopStatus.LOST,
        PncStatus.NOT_CONFIGURED: HopStatus.NOT_CONFIGURED,
    }[pnc.status]
    return HopState(
        "pnc",
        status,
        pnc.since or now,
        held=pnc.unchecked,
        detail=pnc.detail,
        round_trip_s=pnc.round_trip_s,
    )
