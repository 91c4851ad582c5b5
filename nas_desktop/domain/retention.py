"""When a read is due for deletion, and which partition it is dropped with.

The reading of NAS Technical Specifications v3.1 §3.2 that satisfies both ways of understanding it
(domain facts 10.1): seven days from capture, or 48 hours from receipt for what was older than seven
days when it came. A read is invisible from the instant it is due; its partition, which holds at
most twelve hours of due times, is dropped at the end of those twelve hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nas_desktop.domain.read import Read

PARTITION = timedelta(hours=12)
"""Span of due times that one partition holds."""

LATE_AFTER = timedelta(days=7)
"""Age on receipt beyond which a read has its own, shorter retention (NAS v3.1 §3.2)."""

OVERDUE = timedelta(hours=24)
"""Anything still present so long after it was due raises a compliance warning (facts 10.1)."""

UNDELIVERED_WARNING = timedelta(days=5)
"""Age from which undelivered reads are warned of (domain facts 10.1)."""

UNDELIVERED_END = LATE_AFTER + timedelta(hours=48 + 24)
"""Age at which undelivered reads are forced out, with a record of it (domain facts 10.1)."""

HITS_KEPT = timedelta(days=90)
"""How long hits stay with their images (a setting of the force, inferred)."""

LONGEST_LOCAL = timedelta(days=7)
"""A local cache may keep less, never more (domain facts 10.2)."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long reads stay.

    ``keep`` counts from capture, ``keep_late`` from receipt for reads older than ``LATE_AFTER``
    when they came.
    """

    keep: timedelta = LONGEST_LOCAL
    keep_late: timedelta = timedelta(hours=48)

    def due_at(self, captured_at: datetime, received_at: datetime) -> datetime:
        """Return the instant from which a read must not be seen any more.

        A clock that is ahead does not lengthen the time: the earlier of the two instants counts.
        """
        if received_at - captured_at > LATE_AFTER:
            return received_at + self.keep_late
        return min(captured_at, received_at) + self.keep

    def due_of(self, read: Read) -> datetime:
        """Return the instant from which this read must not be seen any more."""
        return self.due_at(read.captured_at, read.received_at)


LOCAL = Retention()
"""Desks and force nodes."""

NATIONAL = Retention(keep=timedelta(days=366), keep_late=timedelta(days=366))
"""The national service: twelve months (domain facts 5), whatever the calendar makes of them."""
