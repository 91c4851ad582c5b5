"""Images in packed files: by digest, encrypted, kept to their term and dropped with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nas_desktop.adapters.store import read_log
from nas_desktop.adapters.store.database import Database, StoreRefused
from nas_desktop.adapters.store.image_shelf import ImageShelf, pack_of
from nas_desktop.adapters.store.reads.blocks import Damaged
from nas_desktop.adapters.store.reads.packs import ImagePacks
from nas_desktop.domain.read import ReadId
from nas_desktop.services.captures import digest_of
from nas_desktop.services.events import ImageKind

KEY = b"k" * 32
DAY = 86_400
PATCH = ImageKind.PATCH


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[ImageShelf]:
    database = Database(tmp_path / "reads.db", KEY, read_log.MIGRATIONS)
    made = ImageShelf(database, ImagePacks(tmp_path / "images", KEY))
    yield made
    database.close()
    made.close_images()


def put(shelf: ImageShelf, number: int, data: bytes, due: int) -> ReadId:
    read_id = ReadId(bytes([number]) * 16)
    shelf.put_images([(read_id, PATCH, digest_of(data), data)], due=lambda _read: due)
    return read_id


def packs(tmp_path: Path) -> list[str]:
    return sorted(p.name for p in (tmp_path / "images").glob("*.pack"))


def test_that_images_come_back_and_nothing_of_them_lies_open(
    shelf: ImageShelf, tmp_path: Path
) -> None:
    one, other = put(shelf, 1, b"first image" * 99, DAY), put(shelf, 2, b"second" * 99, 9 * DAY)
    assert shelf.image_of(one, PATCH) == b"first image" * 99
    assert shelf.image_of(other, PATCH) == b"second" * 99
    assert shelf.image_of(other, ImageKind.OVERVIEW) is None
    assert len(packs(tmp_path)) == 2
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"first image" not in path.read_bytes()


def test_that_a_pack_goes_when_all_of_it_is_due(shelf: ImageShelf, tmp_path: Path) -> None:
    one, other = put(shelf, 1, b"one", DAY), put(shelf, 2, b"other", 2 * DAY)
    shelf.drop_images(DAY - 1)
    assert len(packs(tmp_path)) == 2
    shelf.drop_images(DAY)
    assert shelf.image_of(one, PATCH) is None
    assert shelf.image_of(other, PATCH) == b"other"
    shelf.drop_images(3 * DAY)
    assert packs(tmp_path) == []


def test_that_an_image_of_two_reads_lies_once_and_as_long_as_the_longer(
    shelf: ImageShelf, tmp_path: Path
) -> None:
    one, other = put(shelf, 1, b"same", DAY), put(shelf, 2, b"same", 5 * DAY)
    third = put(shelf, 3, b"same", 2 * DAY)
    shelf.drop_images(DAY)
    assert shelf.image_of(one, PATCH) is None
    assert shelf.image_of(other, PATCH) == shelf.image_of(third, PATCH) == b"same"
    assert packs(tmp_path) == [f"{pack_of(5 * DAY)}.pack"]


def test_that_images_of_hits_are_kept_longer(shelf: ImageShelf) -> None:
    one = put(shelf, 1, b"of a hit", DAY)
    shelf.keep_images([one, ReadId(b"x" * 16)], 90 * DAY)
    shelf.drop_images(80 * DAY)
    assert shelf.image_of(one, PATCH) == b"of a hit"
    shelf.drop_images(91 * DAY)
    assert shelf.image_of(one, PATCH) is None


def test_that_images_without_a_term_stay(shelf: ImageShelf) -> None:
    one = put(shelf, 1, b"for ever", 0)
    shelf.drop_images(10_000 * DAY)
    assert shelf.image_of(one, PATCH) == b"for ever"


def test_that_a_changed_pack_gives_no_image_and_blocks_nothing(
    shelf: ImageShelf, tmp_path: Path
) -> None:
    one, other = put(shelf, 1, b"one" * 50, DAY), put(shelf, 2, b"other", 9 * DAY)
    path = tmp_path / "images" / f"{pack_of(DAY)}.pack"
    body = bytearray(path.read_bytes())
    body[-5] ^= 1
    path.write_bytes(bytes(body))
    assert shelf.image_of(one, PATCH) is None
    assert [read for read, _kind, _data in shelf.unsent_images(1)] == []
    assert [read for read, _kind, _data in shelf.unsent_images(1)] == [other]


def test_that_another_key_opens_nothing(tmp_path: Path) -> None:
    packs_ = ImagePacks(tmp_path, KEY)
    place, size = packs_.put(3, "d" * 64, b"data")
    packs_.close()
    other = ImagePacks(tmp_path, b"x" * 32)
    with pytest.raises(Damaged):
        other.get(3, "d" * 64, place, size)
    with pytest.raises(Damaged):
        other.get(4, "d" * 64, place, size)
    other.close()


def test_that_many_packs_are_open_in_turn(tmp_path: Path) -> None:
    packs_ = ImagePacks(tmp_path, KEY)
    places = [packs_.put(n, f"{n}", b"%d" % n) for n in range(30)]
    packs_.sync()
    assert [packs_.get(n, f"{n}", *places[n]) for n in range(30)] == [b"%d" % n for n in range(30)]
    packs_.drop_until(29)
    assert [p.name for p in tmp_path.iterdir()] == ["0.pack"]
    packs_.close()


def test_that_a_full_disk_is_said_and_ties_nothing(
    shelf: ImageShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> tuple[int, int]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ImagePacks, "put", full)
        with pytest.raises(StoreRefused):
            put(shelf, 1, b"one", DAY)
    assert shelf.image_of(ReadId(bytes([1]) * 16), PATCH) is None
    assert shelf.image_of(put(shelf, 1, b"one", DAY), PATCH) == b"one"
