"""Images of reads, decoded once and bounded, under the identity of the read they belong to.

There is no way to ask for "the picture on that card": a key is a read and a kind, so an image can
never appear on another read.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

from nas_desktop.domain.read import Read, ReadId
from nas_desktop.services.events import ImageArrived, ImageKind, ImageMissing

MAX_IMAGES = 600
"""Patches are about 30 kB decoded and overviews 1 MB; overviews are bounded on their own."""

MAX_OVERVIEWS = 24

_NOT_A_PICTURE = "the image is damaged"

ImageKey = tuple[ReadId, ImageKind]


class ImageCache:
    """Pixmaps and the reasons why there are none, least recently used out first."""

    def __init__(self, max_images: int = MAX_IMAGES, max_overviews: int = MAX_OVERVIEWS) -> None:
        self._pixmaps: OrderedDict[ImageKey, QPixmap] = OrderedDict()
        self._scaled: OrderedDict[tuple[ImageKey, int, int, float], QPixmap] = OrderedDict()
        self._missing: OrderedDict[ImageKey, str] = OrderedDict()
        self._max_images = max_images
        self._max_overviews = max_overviews
        self._overviews = 0

    def __len__(self) -> int:
        return len(self._pixmaps)

    def keep(self, events: Iterable[ImageArrived | ImageMissing]) -> set[ReadId]:
        """Keep what came, or that it will not; returns whose images that were."""
        events = tuple(events)
        for event in events:
            if isinstance(event, ImageArrived):
                self.put(event.read_id, event.kind, event.data)
            else:
                self.put_missing(event.read_id, event.kind, event.reason)
        return {event.read_id for event in events}

    def put(self, read_id: ReadId, kind: ImageKind, data: bytes) -> None:
        """Keep an image; bytes that are no picture are kept as missing."""
        key = (read_id, kind)
        picture = QImage.fromData(data)
        if picture.isNull():
            self.put_missing(read_id, kind, _NOT_A_PICTURE)
            return
        if key not in self._pixmaps and kind is ImageKind.OVERVIEW:
            self._overviews += 1
        self._missing.pop(key, None)
        self._pixmaps[key] = QPixmap.fromImage(picture)
        self._pixmaps.move_to_end(key)
        for stale in [k for k in self._scaled if k[0] == key]:
            del self._scaled[stale]
        self._drop_oldest()

    def put_missing(self, read_id: ReadId, kind: ImageKind, reason: str) -> None:
        """Remember why there is no image, unless there is one."""
        key = (read_id, kind)
        if key not in self._pixmaps:
            self._missing[key] = reason
            while len(self._missing) > 4 * self._max_images:
                self._missing.popitem(last=False)

    def pixmap(self, read_id: ReadId, kind: ImageKind) -> QPixmap | None:
        """Return the image of exactly this read, or None."""
        key = (read_id, kind)
        found = self._pixmaps.get(key)
        if found is not None:
            self._pixmaps.move_to_end(key)
        return found

    def scaled(
        self, read_id: ReadId, kind: ImageKind, width: int, height: int, ratio: float
    ) -> QPixmap | None:
        """Return the image fitted into a box of logical pixels, or None; kept for repainting."""
        full = self.pixmap(read_id, kind)
        if full is None:
            return None
        key = ((read_id, kind), width, height, ratio)
        found = self._scaled.get(key)
        if found is None:
            found = full.scaled(
                round(width * ratio),
                round(height * ratio),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            found.setDevicePixelRatio(ratio)
            self._scaled[key] = found
            while len(self._scaled) > self._max_images:
                self._scaled.popitem(last=False)
        return found

    def why_missing(self, read_id: ReadId, kind: ImageKind) -> str | None:
        """Return why there is no image, or None when nothing is known yet."""
        return self._missing.get((read_id, kind))

    def _drop_oldest(self) -> None:
        while self._overviews > self._max_overviews:
            oldest = next(k for k in self._pixmaps if k[1] is ImageKind.OVERVIEW)
            self._forget(oldest)
        while len(self._pixmaps) > self._max_images:
            self._forget(next(iter(self._pixmaps)))

    def _forget(self, key: ImageKey) -> None:
        del self._pixmaps[key]
        self._overviews -= key[1] is ImageKind.OVERVIEW
        for stale in [k for k in self._scaled if k[0] == key]:
            del self._scaled[stale]


class ImageWants:
    """What is still to be asked for; every image is asked for once until told otherwise."""

    def __init__(self, cache: ImageCache) -> None:
        self._cache = cache
        self._asked: set[ImageKey] = set()
        self._waiting: dict[ImageKey, None] = {}

    def add(self, reads: Iterable[Read], kinds: Sequence[ImageKind]) -> bool:
        """Note images that are not here; True when there is something to ask for."""
        for read in reads:
            for kind in kinds:
                key = (read.read_id, kind)
                if key in self._asked or self._cache.pixmap(*key) is not None:
                    continue
                self._asked.add(key)
                announced = read.patch if kind is ImageKind.PATCH else read.overview
                if announced is None:
                    self._cache.put_missing(read.read_id, kind, "not supplied")
                else:
                    self._waiting[key] = None
        return bool(self._waiting)

    def take(self) -> dict[ImageKind, list[ReadId]]:
        """Return what is to be asked for now, by kind."""
        waiting, self._waiting = self._waiting, {}
        batches: dict[ImageKind, list[ReadId]] = {}
        for read_id, kind in waiting:
            batches.setdefault(kind, []).append(read_id)
        return batches

    def forget(self, read_ids: Iterable[ReadId], kind: ImageKind) -> None:
        """Asking failed: these may be asked for again when they are next looked at."""
        self._asked.difference_update((read_id, kind) for read_id in read_ids)

    def forget_all(self) -> None:
        """A new link may have what the old one lacked."""
        self._asked.clear()
