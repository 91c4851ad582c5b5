"""The page Chromium shows: it stays where it is, opens nothing, and talks to the window in JSON.

WebEngine is imported here at module level: import this module only once the window stands.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile, QWebEngineSettings

from nas_desktop.ui.map.guard import PAGE

log = logging.getLogger(__name__)

MOST_WORDS = 100_000
"""Characters of one message of the page; more is none of ours."""


class Page(QWebEnginePage):
    """A page that stays where it is and opens nothing.

    Signals:
        refused(QUrl): where it would have gone.
    """

    refused = Signal(QUrl)

    def acceptNavigationRequest(self, url: QUrl | str, kind: Any, is_main: bool) -> bool:
        if is_main and QUrl(url).toString() == PAGE:
            return True
        self.refused.emit(QUrl(url))
        return False

    def javaScriptConsoleMessage(self, level: Any, message: str, line: int, source: str) -> None:
        # A message may quote what is on the map: only where it came from is kept.
        log.info("the map's page said something, %s line %d", source.rsplit("/", 1)[-1][:40], line)

    def javaScriptAlert(self, origin: QUrl | str, message: str) -> None:
        """Say nothing: a box of the page's would be a box nobody asked for."""

    def javaScriptConfirm(self, origin: QUrl | str, message: str) -> bool:
        return False

    def chooseFiles(self, mode: Any, old: Any, kinds: Any) -> list[str]:
        return []


class Wire(QObject):
    """Words between the page and the window, as JSON.

    Signals:
        said(str): to the page.
        heard(object): from the page, a dictionary.
    """

    said = Signal(str)
    heard = Signal(object)

    @Slot(str)
    def told(self, words: str) -> None:
        """Take in what the page says; what is no message of ours is dropped."""
        if len(words) > MOST_WORDS:
            return
        try:
            message = json.loads(words)
        except ValueError:
            return
        if isinstance(message, dict):
            self.heard.emit(message)


def hardened(profile: QWebEngineProfile, page: QWebEnginePage) -> None:
    """Switch off everything that the map does not need, and refuse everything it might ask for."""
    profile.setHttpCacheType(QWebEngineProfile.HttpCacheType.NoCache)
    profile.setPersistentCookiesPolicy(
        QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies
    )
    profile.setSpellCheckEnabled(False)
    profile.downloadRequested.connect(lambda item: item.cancel())
    attribute, settings = QWebEngineSettings.WebAttribute, page.settings()
    for off in (
        attribute.PluginsEnabled, attribute.LocalContentCanAccessFileUrls,
        attribute.LocalContentCanAccessRemoteUrls, attribute.LocalStorageEnabled,
        attribute.JavascriptCanOpenWindows, attribute.JavascriptCanAccessClipboard,
        attribute.JavascriptCanPaste, attribute.HyperlinkAuditingEnabled,
        attribute.WebGLEnabled, attribute.PdfViewerEnabled, attribute.ScreenCaptureEnabled,
        attribute.FullScreenSupportEnabled, attribute.NavigateOnDropEnabled,
        attribute.DnsPrefetchEnabled, attribute.ErrorPageEnabled,
        attribute.AutoLoadIconsForPage, attribute.AllowGeolocationOnInsecureOrigins,
    ):  # fmt: skip
        settings.setAttribute(off, False)
    settings.setAttribute(attribute.WebRTCPublicInterfacesOnly, True)
    settings.setUnknownUrlSchemePolicy(
        QWebEngineSettings.UnknownUrlSchemePolicy.DisallowUnknownUrlSchemes
    )
    page.permissionRequested.connect(lambda asked: asked.deny())
