"""The reads of a few marks around a time, for those who look while reads come in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from nas_desktop.adapters.store.reads.cache import ReadCache
from nas_desktop.adapters.store.reads.columns import micros
from nas_desktop.adapters.store.reads.question import Question
from nas_desktop.adapters.store.reads.search import ReadSearch
from nas_desktop.domain.matching.confusions import Confusions
from nas_desktop.domain.query import ReadQuery
from nas_desktop.domain.read import Read
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.searches import Holder


def reads_of_marks(
    cache: ReadCache,
    marks: Iterable[Vrm],
    since: datetime,
    until: datetime,
    now: datetime,
    limit: int,
) -> list[Read]:
    """Return the newest reads of these marks captured from ``since`` to before ``until``.

    Blocking: a few milliseconds a mark and sealed file. Reads that are due for deletion at ``now``
    are left out; a damaged file is passed over, and set aside by whoever searches it next.
    """
    query = ReadQuery(since, until, tuple(sorted(marks)))
    question = Question(query, cache.rule, micros(now), {}, Confusions())
    search = ReadSearch(cache.tables(), question, {}, Holder.DESK)
    search.run()
    return [found.read for found in search.rows(0, limit)]
