"""Nothing is asked of another computer: what the page asks for is looked at, refused and noted.

WebEngine is imported here at module level: import this module only once the window stands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRunnable, QThreadPool, Signal
from PySide6.QtWebEngineCore import (
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
    QWebEngineUrlRequestJob,
    QWebEngineUrlScheme,
    QWebEngineUrlSchemeHandler,
)

from nas_desktop.services.map_tiles import TileSource
from nas_desktop.services.ports import Clock
from nas_desktop.ui.map.content import Answer, MapContent

SCHEME = "nas-map"
HOST = "page"
PAGE = f"{SCHEME}://{HOST}/"
MOST_NOTED = 200

_OWN = frozenset({SCHEME, "blob", "data"})
"""Schemes that never leave the process; ``data`` and ``blob`` carry their content in themselves."""


def register_scheme() -> None:
    """Make the page's own scheme known to Chromium; before the first profile, once a process."""
    if QWebEngineUrlScheme.schemeByName(QByteArray(SCHEME.encode())).name():
        return
    scheme = QWebEngineUrlScheme(QByteArray(SCHEME.encode()))
    scheme.setSyntax(QWebEngineUrlScheme.Syntax.Host)
    flag = QWebEngineUrlScheme.Flag
    scheme.setFlags(flag.SecureScheme | flag.CorsEnabled | flag.FetchApiAllowed)
    QWebEngineUrlScheme.registerScheme(scheme)


@dataclass(frozen=True, slots=True)
class ForeignRequest:
    """A request that was refused: when, and to what; never its path, which may say what is seen."""

    at: datetime
    scheme: str
    host: str
    what: str


class RequestGuard(QWebEngineUrlRequestInterceptor):
    """Blocks every request to another scheme or host, and keeps a note of it.

    Signals:
        refused(ForeignRequest)
    """

    refused = Signal(object)

    def __init__(self, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = clock
        self.noted: deque[ForeignRequest] = deque(maxlen=MOST_NOTED)
        self.count = 0

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        url = info.requestUrl()
        is_own = url.scheme() in _OWN and (url.scheme() != SCHEME or url.host() == HOST)
        if is_own:
            return
        info.block(True)
        self.note(url.scheme(), url.host(), str(info.resourceType().name))

    def note(self, scheme: str, host: str, what: str) -> None:
        """Keep a note of something that was refused."""
        request = ForeignRequest(self._clock.now(), scheme[:40], host[:120], what[:60])
        self.noted.append(request)
        self.count += 1
        self.refused.emit(request)


class _TileJob(QRunnable):
    def __init__(
        self, source: TileSource, place: tuple[int, int, int], done: Callable[[bytes | None], None]
    ) -> None:
        super().__init__()
        self._source, self._place, self._done = source, place, done

    def run(self) -> None:
        self._done(self._source.tile(*self._place))


class PageScheme(QWebEngineUrlSchemeHandler):
    """Serves the page and all that belongs to it."""

    _tile_read = Signal(int, object)

    def __init__(self, content: MapContent, parent: QObject) -> None:
        super().__init__(parent)
        self._content = content
        self.tiles: TileSource | None = None
        self.missing: deque[str] = deque(maxlen=50)
        self._jobs: dict[int, QWebEngineUrlRequestJob] = {}
        self._next = 0
        # One thread: a map file is one reader, and the page asks for twenty tiles at once.
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._tile_read.connect(self._on_tile)

    def close(self) -> None:
        """Read no more tiles."""
        self._pool.clear()
        self._pool.waitForDone()

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        path = job.requestUrl().path()
        if job.requestMethod() != QByteArray(b"GET"):
            job.fail(QWebEngineUrlRequestJob.Error.RequestDenied)
        elif path.startswith("/tiles/"):
            self._begin_tile(job, path)
        else:
            self._reply(job, self._content.answer(path or "/"), path)

    def _reply(self, job: QWebEngineUrlRequestJob, answer: Answer | None, path: str) -> None:
        if answer is None:
            self.missing.append(path)
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
            return
        buffer = QBuffer(job)
        buffer.setData(QByteArray(answer.data))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        job.reply(QByteArray(answer.kind.encode()), buffer)

    def _begin_tile(self, job: QWebEngineUrlRequestJob, path: str) -> None:
        parts = path.split("/")[2:]
        if self.tiles is None or len(parts) != 3 or not all(p.isdecimal() for p in parts):
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
            return
        number = self._next = self._next + 1
        self._jobs[number] = job
        job.destroyed.connect(lambda _gone=None, n=number: self._jobs.pop(n, None))
        z, x, y = (int(p[:9]) for p in parts)
        read = self._tile_read
        self._pool.start(_TileJob(self.tiles, (z, x, y), lambda data: read.emit(number, data)))

    def _on_tile(self, number: int, data: bytes | None) -> None:
        job = self._jobs.pop(number, None)
        if job is None or self.tiles is None:
            return
        if not data:
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
            return
        kinds = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
        self._reply(
            job, Answer(kinds.get(self.tiles.info.format, "application/x-protobuf"), data), ""
        )
