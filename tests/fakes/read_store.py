"""A read store in memory; what the contract suite says of the real one holds for it too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nas_desktop.domain.read import Read, ReadId
from nas_desktop.services.events import ImageKind
from nas_desktop.services.progress import Progress


class MemoryReadStore:
    """``ports.ReadStore`` that forgets everything with the process."""

    def __init__(self) -> None:
        self._reads: list[Read] = []
        self._seen: set[ReadId] = set()
        self._images: dict[str, bytes] = {}
        self._ties: dict[tuple[ReadId, ImageKind], str] = {}
        self._progress: dict[str, Progress] = {}

    def ingest(
        self, reads: Sequence[Read], source: tuple[str, int, int] | None = None
    ) -> list[tuple[int, Read]]:
        new: list[tuple[int, Read]] = []
        for read in reads:
            if read.read_id not in self._seen:
                self._seen.add(read.read_id)
                new.append((len(self._reads), read))
                self._reads.append(read)
        if source is not None:
            stream, first, last = source
            self._progress[stream] = self.progress(stream).taken(first, last)
        return new

    def fetch(self, first: int, limit: int) -> list[tuple[int, Read]]:
        return list(enumerate(self._reads))[first : first + limit]

    def end(self) -> int:
        return len(self._reads)

    def put_images(
        self, items: Iterable[tuple[ReadId, ImageKind, str, bytes]]
    ) -> list[tuple[ReadId, ImageKind, str]]:
        new: list[tuple[ReadId, ImageKind, str]] = []
        for read_id, kind, digest, data in items:
            if (read_id, kind) not in self._ties:
                self._ties[read_id, kind] = digest
                self._images.setdefault(digest, data)
                new.append((read_id, kind, digest))
        return new

    def image_of(self, read_id: ReadId, kind: ImageKind) -> bytes | None:
        digest = self._ties.get((read_id, kind))
        return None if digest is None else self._images[digest]

    def progress(self, stream: str) -> Progress:
        return self._progress.get(stream, Progress())
