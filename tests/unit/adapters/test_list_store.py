"""Lists on disk: whole whatever happens, with the versions that are kept and no others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_desktop.adapters.store import list_store
from nas_desktop.adapters.store.database import Database, StoreRefused
from nas_desktop.adapters.store.list_store import MIGRATIONS, ListStore, blocks_of
from nas_desktop.adapters.voi_files.blocks import BlockEntries, from_blocks, pack_entries
from nas_desktop.domain.matching.columns import columns_of
from nas_desktop.domain.matching.layers import LayeredEntries, ListChange, changed
from nas_desktop.domain.voi import ListSource, VoiEntry, VoiList
from nas_desktop.services.lists import (
    VERSIONS_KEPT,
    HeldList,
    ListCounts,
    ListEvent,
    ListOrigin,
    ListVersion,
)
from tests.builders import NOON, an_entry

KEY = b"k" * 32
NAME = "07_Cheshire VOI List"
TABLES = ("heads", "versions", "bases", "blocks", "columns", "changes")

Commit: TypeAlias = Callable[[ListStore], None]


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have even short lists stored in several pieces."""
    monkeypatch.setattr(list_store, "ROWS_A_PIECE", 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lists.db"


@pytest.fixture
def store(path: Path) -> Iterator[ListStore]:
    opened = open_store(path)
    yield opened
    opened.database.close()


def open_store(path: Path) -> ListStore:
    return ListStore(Database(path, KEY, MIGRATIONS))


def reopened(store: ListStore, path: Path) -> ListStore:
    store.database.close()
    return open_store(path)


def in_blocks(*groups: Sequence[str]) -> BlockEntries:
    """Return entries in as many blocks as there are groups of marks."""
    return from_blocks([pack_entries([an_entry(m) for m in g]).blocks[0] for g in groups])


def a_held(
    entries: Sequence[VoiEntry], revision: int = 1, base: int = 1, name: str = NAME, **changes: Any
) -> HeldList:
    """Return a list that is a base of its own; ``changes`` go to the list."""
    version = ListVersion(
        revision, ListEvent.IMPORTED, NOON, base, revision, by="akhan", why="weekly"
    )
    return HeldList(VoiList(name, revision, entries, NOON, **changes), version)


def put(store: ListStore, held: HeldList, change: ListChange | None = None) -> None:
    """Store a list as a new base, a block a commit."""
    for commit in commits_of(held, change):
        commit(store)


def commits_of(held: HeldList, change: ListChange | None = None) -> list[Commit]:
    """Return the transactions that a new base is stored in."""
    entries = held.voi_list.entries
    base = blocks_of(entries.base if isinstance(entries, LayeredEntries) else entries)
    name, number = held.voi_list.name, held.version.base

    def block(at: int) -> Commit:
        return lambda store: store.put_blocks(name, number, at, [base.blocks[at]])

    def columns(first: int) -> Commit:
        return lambda store: store.put_columns(name, number, base.columns, first)

    return [
        *(block(at) for at in range(len(base.blocks))),
        *(columns(first) for first in range(0, len(base), list_store.ROWS_A_PIECE)),
        lambda store: store.put_base(held, change),
    ]


def step(held: HeldList, change: ListChange, revision: int | None = None) -> HeldList:
    """Return a list with a change on top."""
    number = held.voi_list.revision + 1 if revision is None else revision
    version = replace(
        held.version, revision=number, event=ListEvent.EDITED, steps=held.version.steps + 1
    )
    entries = changed(held.voi_list.entries, change)
    return replace(
        held, voi_list=replace(held.voi_list, revision=number, entries=entries), version=version
    )


def same(found: HeldList, expected: HeldList) -> None:
    assert list(found.voi_list.entries) == list(expected.voi_list.entries)
    for name in ("keys", "starts", "weeds"):
        one = getattr(columns_of(found.voi_list.entries), name)
        assert one.tolist() == getattr(columns_of(expected.voi_list.entries), name).tolist()
    assert replace(found, voi_list=replace(found.voi_list, entries=())) == replace(
        expected, voi_list=replace(expected.voi_list, entries=()), is_stored=True
    )


def rows(store: ListStore, table: str) -> int:
    return len(store.database.now(lambda db: db.execute(f"SELECT 1 FROM {table}").fetchall()))


def marks(entries: Sequence[VoiEntry]) -> list[str]:
    return [str(entry.vrm) for entry in entries]


# ------------------------------------------------------------------ whole lists


def test_that_a_new_store_has_nothing(store: ListStore) -> None:
    assert (store.load(), store.versions(NAME)) == ([], [])


def test_that_a_list_comes_back_with_all_that_goes_with_it(store: ListStore, path: Path) -> None:
    full = a_held(
        in_blocks(["AB51ABC", "ABCDEFGHIJKL"], ["AB5?A*"]),
        revision=7,
        source=ListSource.MIDAS,
        owner="akhan",
        authority="DSA 12/26",
        finds_misreads=True,
        is_enabled=False,
        next_due_at=NOON + timedelta(days=1),
    )
    counts = ListCounts(entries=3, stop=3, patterns=1, weeded=2)
    full = replace(
        full, version=replace(full.version, counts=counts), origin=ListOrigin.ABOVE, is_stored=False
    )
    plain = a_held(in_blocks(["ZZ99ZZZ"]), name="06_GMP")
    put(store, full)
    put(store, plain)
    again = reopened(store, path)
    first, second = again.load()
    same(first, plain)
    same(second, full)
    again.database.close()


def test_that_entries_stay_packed_until_they_are_asked_for(store: ListStore) -> None:
    put(store, a_held(in_blocks(["AB51ABC"], ["AB52ABC"])))
    (found,) = store.load()
    assert isinstance(found.voi_list.entries, BlockEntries)
    assert len(found.voi_list.entries.blocks) == 2


def test_that_an_empty_list_is_a_list(store: ListStore) -> None:
    put(store, a_held(pack_entries(())))
    (found,) = store.load()
    assert len(found.voi_list.entries) == 0


def test_that_entries_are_packed_unless_they_are() -> None:
    packed = in_blocks(["AB51ABC"])
    assert blocks_of(packed) is packed
    assert marks(blocks_of([an_entry("AB51ABC")])) == ["AB51ABC"]


def test_that_what_changed_about_a_list_is_kept(store: ListStore) -> None:
    held = a_held(in_blocks(["AB51ABC"]))
    put(store, held)
    after = replace(held, voi_list=replace(held.voi_list, owner="bjones", authority="DSA 1"))
    store.put_head(after)
    (found,) = store.load()
    same(found, after)


def test_that_nothing_of_a_list_lies_on_the_disk_in_the_clear(store: ListStore, path: Path) -> None:
    put(store, a_held(in_blocks(["AB51ABC"])))
    store.put_change(step(store.load()[0], ListChange((an_entry("ZZ99ZZZ"),))), ListChange())
    on_disk = b"".join(p.read_bytes() for p in path.parent.iterdir())
    for word in (b"AB51ABC", b"ZZ99ZZZ", b"Cheshire", b"akhan", b"SQLite format"):
        assert word not in on_disk
    with pytest.raises(StoreRefused) as refusal:
        Database(path, b"x" * 32, MIGRATIONS)
    assert refusal.value.code == "wrong_key"


# ------------------------------------------------------------------ changes and versions


def test_that_a_change_lies_on_its_base(store: ListStore, path: Path) -> None:
    first = a_held(in_blocks(["AB51ABC", "AB52ABC"]))
    put(store, first)
    change = ListChange((an_entry("ZZ99ZZZ"),), ("AB51ABC",))
    second = step(first, change)
    store.put_change(second, change)
    again = reopened(store, path)
    (found,) = again.load()
    same(found, second)
    assert isinstance(found.voi_list.entries, LayeredEntries)
    assert [v.revision for v in again.versions(NAME)] == [2, 1]
    assert again.change_since(NAME, second.version) == change
    assert again.change_since(NAME, second.version, 1) == change
    assert again.change_since(NAME, second.version, 2) == ListChange()
    again.database.close()


def test_that_a_base_may_come_with_its_first_change(store: ListStore) -> None:
    base = a_held(in_blocks(["AB51ABC", "AB52ABC"]), revision=4)
    change = ListChange(gone=("AB51ABC",))
    held = step(base, change, revision=6)
    put(store, held, change)
    (found,) = store.load()
    same(found, held)
    assert (found.version.base_revision, found.version.steps) == (4, 1)
    assert marks(found.voi_list.entries) == ["AB52ABC"]


def test_that_old_versions_can_be_had_until_they_are_pruned(store: ListStore) -> None:
    held = a_held(in_blocks(["AB51ABC"]))
    put(store, held)
    history = {1: marks(held.voi_list.entries)}
    for number in range(2, 10):
        change = ListChange((an_entry(f"ZZ{number:02d}ZZZ"),), (f"ZZ{number - 2:02d}ZZZ",))
        held = step(held, change)
        store.put_change(held, change)
        history[number] = marks(held.voi_list.entries)
    versions = store.versions(NAME)
    assert [v.revision for v in versions] == [9, 8, 7, 6, 5, 4]
    assert len(versions) == VERSIONS_KEPT
    for version in versions:
        assert sorted(marks(store.content(NAME, version))) == sorted(history[version.revision])


def test_that_a_base_goes_with_the_last_version_that_stands_on_it(store: ListStore) -> None:
    for number in range(1, VERSIONS_KEPT + 3):
        put(store, a_held(in_blocks([f"AB{number:02d}ABC"]), number, number))
    assert (rows(store, "bases"), rows(store, "blocks")) == (VERSIONS_KEPT, VERSIONS_KEPT)
    oldest = store.versions(NAME)[-1]
    assert marks(store.content(NAME, oldest)) == ["AB03ABC"]
    with pytest.raises(KeyError):
        store.content(NAME, replace(oldest, base=oldest.base - 1))
    with pytest.raises(KeyError):
        store.content("06_Nobody", oldest)


@pytest.mark.parametrize("source", [s for s in ListSource if s.is_national])
def test_that_of_national_data_only_the_newest_is_kept(
    store: ListStore, source: ListSource
) -> None:
    for number in (1, 2, 3):
        put(store, a_held(in_blocks([f"AB{number:02d}ABC"]), number, number, source=source))
    assert [v.revision for v in store.versions(NAME)] == [3]
    assert (rows(store, "bases"), rows(store, "blocks")) == (1, 1)
    (held,) = store.load()
    change = ListChange(gone=("AB03ABC",))
    store.put_change(step(held, change), change)
    (found,) = store.load()
    assert (marks(found.voi_list.entries), len(store.versions(NAME))) == ([], 1)


def test_that_a_copy_may_be_weeded_without_another_revision(store: ListStore) -> None:
    held = a_held(in_blocks(["AB51ABC", "AB52ABC"]), revision=5)
    put(store, held)
    change = ListChange(gone=("AB51ABC",))
    weeded = step(held, change, revision=5)
    store.put_change(weeded, change)
    (found,) = store.load()
    same(found, weeded)
    assert len(store.versions(NAME)) == 1


def test_that_a_list_goes_with_all_its_versions(store: ListStore) -> None:
    held = a_held(in_blocks(["AB51ABC"]))
    put(store, held)
    store.put_change(step(held, ListChange(gone=("AB51ABC",))), ListChange(gone=("AB51ABC",)))
    other = a_held(in_blocks(["ZZ99ZZZ"]), name="06_GMP")
    put(store, other)
    store.drop(NAME)
    store.drop(NAME)
    (found,) = store.load()
    same(found, other)
    store.drop("06_GMP")
    assert [rows(store, table) for table in TABLES] == [0] * len(TABLES)


# ------------------------------------------------------------------ what a crash leaves


def test_that_blocks_without_a_list_are_swept_away(store: ListStore) -> None:
    put(store, a_held(in_blocks(["AB51ABC"])))
    store.put_blocks(NAME, 2, 0, in_blocks(["AB52ABC"], ["AB53ABC"]).blocks)
    store.put_blocks("06_Never", 1, 0, in_blocks(["AB52ABC"]).blocks)
    store.put_columns("06_Never", 1, in_blocks(["AB52ABC"]).columns, 0)
    assert (rows(store, "blocks"), rows(store, "columns")) == (4, 2)
    (found,) = store.load()
    assert marks(found.voi_list.entries) == ["AB51ABC"]
    assert (rows(store, "blocks"), rows(store, "columns")) == (1, 1)


def test_that_blocks_of_a_base_given_up_go_with_the_next_one(store: ListStore) -> None:
    put(store, a_held(in_blocks(["AB51ABC"])))
    store.put_blocks(NAME, 2, 0, in_blocks(["AB52ABC"], ["AB53ABC"]).blocks)
    store.put_columns(NAME, 2, in_blocks(["AB52ABC"], ["AB53ABC"]).columns, 0)
    put(store, a_held(in_blocks(["AB54ABC"]), 2, 3))
    assert (rows(store, "blocks"), rows(store, "columns")) == (2, 2)
    (found,) = store.load()
    assert marks(found.voi_list.entries) == ["AB54ABC"]


OLD = a_held(in_blocks(["AB51ABC"], ["AB52ABC"]))
NEW = a_held(in_blocks(["CD51CDE"], ["CD52CDE"], ["CD53CDE"]), 2, 2)
ON_TOP = ListChange((an_entry("ZZ99ZZZ"),), ("CD51CDE",))
NEW_CHANGED = step(NEW, ON_TOP, revision=3)


@pytest.mark.parametrize(
    ("new", "change"), [(NEW, None), (NEW_CHANGED, ON_TOP)], ids=["alone", "with a change"]
)
def test_that_a_kill_between_any_two_commits_leaves_the_old_or_the_new_list(
    store: ListStore, path: Path, tmp_path: Path, new: HeldList, change: ListChange | None
) -> None:
    put(store, OLD)
    expected = [OLD]
    for number, commit in enumerate(commits_of(new, change)):
        left_behind(path, tmp_path / f"before-{number}", expected[-1])
        commit(store)
        expected.append(OLD)
    left_behind(path, tmp_path / "after", new)


def test_that_a_kill_between_changes_leaves_the_one_or_the_other(
    store: ListStore, path: Path, tmp_path: Path
) -> None:
    put(store, OLD)
    change = ListChange((an_entry("ZZ99ZZZ"),), ("AB51ABC",))
    left_behind(path, tmp_path / "before", OLD)
    store.put_change(step(OLD, change), change)
    left_behind(path, tmp_path / "after", step(OLD, change))


def test_that_a_write_torn_anywhere_leaves_the_old_or_the_new_list(
    store: ListStore, path: Path, tmp_path: Path
) -> None:
    put(store, OLD)
    wal = path.with_name(path.name + "-wal")
    before = wal.stat().st_size
    put(store, NEW)
    end = wal.stat().st_size
    assert end > before
    found: list[int] = []
    for number in range(41):
        copy = copied(path, tmp_path / f"torn-{number}")
        size = before + (end - before) * number // 40
        with copy.with_name(wal.name).open("r+b") as log:
            log.truncate(size)
        again = open_store(copy)
        (held,) = again.load()
        same(held, OLD if held.voi_list.revision == 1 else NEW)
        found.append(held.voi_list.revision)
        again.database.close()
    assert found == sorted(found)
    assert (found[0], found[-1]) == (1, 2)


def copied(path: Path, folder: Path) -> Path:
    """Return a copy of an open store as a killed process would leave it."""
    folder.mkdir()
    for name in (path.name, f"{path.name}-wal"):
        shutil.copyfile(path.with_name(name), folder / name)
    return folder / path.name


def left_behind(path: Path, folder: Path, expected: HeldList) -> None:
    """Check that a process killed now would leave this list, and nothing that is no list's."""
    store = open_store(copied(path, folder))
    (found,) = store.load()
    same(found, expected)
    for version in store.versions(NAME):
        store.content(NAME, version)
    needed = {version.base for version in store.versions(NAME)}
    assert rows(store, "bases") == len(needed)
    put(store, a_held(in_blocks(["EF51EFG"]), 9, 9))  # and it goes on
    assert marks(store.load()[0].voi_list.entries) == ["EF51EFG"]
    store.database.close()


# ------------------------------------------------------------------ against a model

_MARKS = st.lists(st.sampled_from(["AB51ABC", "AB52ABC", "ABCDEFGHIJ", "AB5?A*"]), max_size=4)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(lambda put: list(dict.fromkeys(put)), _MARKS),
            st.builds(
                lambda put, gone: ListChange(tuple(an_entry(m) for m in put), tuple(gone)),
                _MARKS,
                _MARKS,
            ),
        ),
        max_size=12,
    )
)
def test_that_a_store_keeps_the_versions_that_a_model_keeps(
    works: list[list[str] | ListChange],
) -> None:
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "lists.db")
        held = a_held(pack_entries(()))
        put(store, held)
        model = {1: held}
        for work in works:
            revision, base = held.voi_list.revision + 1, held.version.base + 1
            if isinstance(work, ListChange):
                held = step(held, work)
                store.put_change(held, work)
            else:
                held = a_held(pack_entries(an_entry(m) for m in work), revision, base)
                put(store, held)
            model[revision] = held
        (found,) = store.load()
        assert sorted(marks(found.voi_list.entries)) == sorted(marks(held.voi_list.entries))
        assert found.version == held.version
        versions = store.versions(NAME)
        assert [v.revision for v in versions] == sorted(model, reverse=True)[:VERSIONS_KEPT]
        for version in versions:
            assert version == model[version.revision].version
            kept = marks(store.content(NAME, version))
            assert sorted(kept) == sorted(marks(model[version.revision].voi_list.entries))
        assert rows(store, "bases") == len({version.base for version in versions})
        store.database.close()
