"""The index answers exactly as the naive double loop does."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.domain.hit import MatchClass
from nas_desktop.domain.matching import ExactIndex, Match
from nas_desktop.domain.read import Read, ReadFlag
from nas_desktop.domain.voi import VoiEntry, VoiList
from tests.builders import NOON, a_read, an_entry

# Few marks and few days, so that collisions and edges are common.
MARKS = st.sampled_from(["AB51ABC", "AB51ABD", "A1", "QQQQQQQ", "QQ111QQQ"])
DAYS = st.dates(date(2026, 11, 18), date(2026, 11, 23))
ENTRIES = st.builds(
    lambda vrm, start, weed: an_entry(vrm, starts_on=start, weed_date=weed), MARKS, DAYS, DAYS
)
LISTS = st.lists(
    st.builds(
        lambda name, revision, entries: VoiList(name, revision, tuple(entries), NOON),
        st.sampled_from(["07_A", "06_B", "TUTELAGE_C"]),
        st.integers(1, 9),
        st.lists(ENTRIES, max_size=6),
    ),
    max_size=4,
)
READS = st.lists(
    st.builds(
        lambda vrm, hours, flags: a_read(
            vrm,
            NOON + timedelta(hours=hours),
            received_at=NOON + timedelta(hours=hours // 2),
            flags=flags,
        ),
        MARKS,
        st.integers(-72, 72),
        st.sampled_from([(), (ReadFlag.CLOCK_AHEAD,), (ReadFlag.CLOCK_BEHIND,)]),
    ),
    max_size=8,
)


def naive(lists: list[VoiList], reads: list[Read]) -> list[Match]:
    """The definition, without any cleverness."""
    found = []
    for read in reads:
        for voi_list in lists:
            for entry in voi_list.entries:
                at = read.captured_at if not read.flags else read.received_at
                if (
                    entry.vrm == read.vrm
                    and entry.vrm not in ("QQQQQQQ", "QQ111QQQ")
                    and entry.starts_on <= at.date() < entry.weed_date
                ):
                    found.append(
                        Match(read, entry, voi_list.name, voi_list.revision, MatchClass.EXACT)
                    )
    return found


@given(LISTS, READS)
def test_that_the_index_answers_as_the_double_loop(lists: list[VoiList], reads: list[Read]) -> None:
    index = ExactIndex(lists)
    assert index.match(reads) == naive(lists, reads)
    assert index.entries == sum(
        entry.vrm not in ("QQQQQQQ", "QQ111QQQ") for one in lists for entry in one.entries
    )


@given(LISTS, READS, ENTRIES)
def test_that_adding_an_entry_never_removes_a_match(
    lists: list[VoiList], reads: list[Read], entry: VoiEntry
) -> None:
    before = ExactIndex(lists).match(reads)
    after = ExactIndex([*lists, VoiList("52_D", 1, (entry,), NOON)]).match(reads)
    assert [match for match in after if match.list_name != "52_D"] == before


def test_that_nothing_matches_nothing() -> None:
    assert ExactIndex(()).match([a_read()]) == []
    assert ExactIndex(()).entries == 0
