"""Entries in blocks: the same that went in, one by one, and nothing hostile comes out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.adapters.voi_files import BlockEntries, from_blocks, pack_entries, take_block
from nas_desktop.adapters.voi_files.blocks import BLOCK_ROWS, MAX_BLOCK_BYTES, without_rows
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching.columns import NO_KEY, HasColumns, columns_of
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.domain.vrm import Vrm
from tests.builders import an_entry
from tests.unit.adapters.voi_files.files import CLEAN

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CODES = st.text("ABCxyz-é", min_size=1, max_size=4)
ENTRIES = st.builds(
    VoiEntry,
    vrm=st.from_regex(r"[A-Z0-9?*]{1,16}", fullmatch=True).map(Vrm),
    action=st.sampled_from(Action),
    reason=TEXTS.filter(bool),
    starts_on=st.dates(),
    weed_date=st.dates(),
    make=TEXTS,
    model=TEXTS,
    colour=TEXTS,
    warning_signals=st.lists(CODES, max_size=4).map(tuple),
    intel=TEXTS,
    information=TEXTS.map(lambda text: text.replace("\n", "").replace("\r", "")),
    lea_and_area=TEXTS,
    pnc_id=TEXTS,
    gsc=TEXTS,
    cad=TEXTS,
    contact=TEXTS,
)


def block(plain: bytes, rows: int = 1) -> bytes:
    return rows.to_bytes(2, "little") + zstandard.ZstdCompressor().compress(plain)


def row(**changes: str) -> bytes:
    cells = list(CLEAN)
    for name, text in changes.items():
        cells[int(name[1:]) - 1] = text
    return (",".join(cells) + "\n").encode()


@given(st.lists(ENTRIES, max_size=12))
def test_that_entries_come_back_exactly(entries: list[VoiEntry]) -> None:
    packed = pack_entries(entries)
    assert list(packed) == entries
    assert list(from_blocks(packed.blocks)) == entries
    made = columns_of(entries)
    assert np.array_equal(packed.columns.keys, made.keys)
    assert np.array_equal(packed.columns.starts, made.starts)
    assert np.array_equal(packed.columns.weeds, made.weeds)


def many(count: int) -> list[VoiEntry]:
    return [an_entry(f"AB{n}", cad=str(n)) for n in range(count)]


def test_that_entries_are_a_sequence() -> None:
    entries = many(2 * BLOCK_ROWS + 7)
    packed = pack_entries(iter(entries))
    assert isinstance(packed, HasColumns)
    assert len(packed) == len(entries)
    assert len(packed.blocks) == 3
    assert [packed[n] for n in (0, 511, 512, -1, 1030)] == [
        entries[n] for n in (0, 511, 512, -1, 1030)
    ]
    assert packed[510:514] == tuple(entries[510:514])
    assert packed[::-500] == tuple(entries[::-500])
    assert entries[700] in packed
    assert packed.index(entries[700]) == 700
    for place in (len(entries), -len(entries) - 1):
        with pytest.raises(IndexError):
            packed[place]


def test_that_many_blocks_are_read_in_any_order() -> None:
    entries = many(20 * BLOCK_ROWS)
    packed = pack_entries(entries)
    for place in [*range(0, len(entries), 311), *range(0, len(entries), 307)]:
        assert packed[place] == entries[place]


def test_that_nothing_is_a_list_too() -> None:
    packed = pack_entries(())
    assert len(packed) == 0
    assert list(packed) == []
    assert len(from_blocks(()).columns) == 0


def test_that_patterns_have_no_key() -> None:
    packed = pack_entries([an_entry("AB51*"), an_entry("AB51ABC")])
    assert packed.columns.keys[0] == NO_KEY
    assert packed.columns.keys[1] != NO_KEY


def test_that_long_rows_make_smaller_blocks() -> None:
    entries = [an_entry(f"AB{n}", make="x" * 60_000) for n in range(50)]
    packed = pack_entries(entries)
    assert len(packed.blocks) == 3
    assert list(packed) == entries


def test_that_a_row_larger_than_a_block_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        pack_entries([an_entry(make="x" * (MAX_BLOCK_BYTES + 1))])
    assert caught.value.code == "list_row"


def test_that_an_entry_that_could_not_be_read_back_is_refused() -> None:
    with pytest.raises(Refused):
        pack_entries([an_entry(information="x" * 199)])


def test_that_columns_are_taken_on_trust_but_for_their_number() -> None:
    packed = pack_entries(many(600))
    again = from_blocks(packed.blocks, packed.columns)
    assert list(again) == list(packed)
    with pytest.raises(Refused, match="another number"):
        from_blocks(packed.blocks[:1], packed.columns)


def test_that_rows_are_taken_out_of_a_block() -> None:
    entries = many(5)
    data = pack_entries(entries).blocks[0]
    less = without_rows(data, {0, 3})
    assert less is not None
    assert take_block(less) == [entries[1], entries[2], entries[4]]
    assert take_block(less, [1]) == [entries[2]]
    assert without_rows(data, set(range(5))) is None


HOSTILE = {
    "nothing": b"",
    "one byte": b"\x01",
    "no frame": b"\x01\x00",
    "rubbish": b"\x01\x00rubbish",
    "no rows": block(row(), 0),
    "too many rows": block(row() * 513, 513),
    "fewer rows": block(row(), 2),
    "more rows": block(row() * 2, 1),
    "empty": block(b"", 1),
    "bomb": block(bytes(500_000_000), 1),
    "cut off": block(row())[:-5],
    "something behind": block(row()) + b"more",
    "not UTF-8": block(row().replace(b"FORD", b"F\xff")),
    "open quote": block(row().replace(b"FORD", b'"FORD')),
    "huge cell": block(row(c2="x" * 200_000)),
    "fifteen cells": block(b",".join(row().split(b",")[:15]) + b"\n"),
    "no VRM": block(row(c1="")),
    "lower case": block(row(c1="ab51abc")),
    "long VRM": block(row(c1="A" * 17)),
    "action": block(row(c5="Halt")),
    "reason": block(row(c7="")),
    "information": block(row(c9="x" * 199)),
    "line break": block(row(c9='"a\nb"')),
    "date": block(row(c12="31/02/2026")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_that_a_hostile_block_is_refused(name: str) -> None:
    for take in (take_block, lambda data: from_blocks([data])):
        with pytest.raises(Refused) as caught:
            take(HOSTILE[name])
        assert caught.value.code in ("list_block", "list_row")


def test_that_a_frame_without_its_size_is_refused() -> None:
    made = zstandard.ZstdCompressor(write_content_size=False).compress(row())
    with pytest.raises(Refused, match="how large"):
        take_block(b"\x01\x00" + made)


@given(st.binary(max_size=60), st.integers(0, 200))
def test_that_a_block_with_bytes_changed_is_refused_or_read(noise: bytes, at: int) -> None:
    data = bytearray(pack_entries(many(3)).blocks[0])
    data[at : at + len(noise)] = noise
    try:
        entries = take_block(bytes(data))
    except Refused:
        return
    assert all(isinstance(entry, VoiEntry) for entry in entries)


def test_that_a_block_that_goes_bad_says_so_when_it_is_asked_for() -> None:
    packed = pack_entries(many(3))
    bad = BlockEntries([packed.blocks[0][:10]], packed.columns)
    with pytest.raises(Refused):
        bad[0]


def test_that_dates_beyond_the_columns_are_kept_in_the_entries() -> None:
    entry = an_entry(starts_on=date(1, 1, 1), weed_date=date(9999, 12, 31))
    packed = pack_entries([entry])
    assert packed[0] == entry
    assert (packed.columns.starts[0], packed.columns.weeds[0]) == (0, 65_535)
