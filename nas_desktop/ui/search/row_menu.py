"""What can be done with the rows chosen: words for the clipboard, further questions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from nas_desktop.domain.query import ReadQuery
from nas_desktop.domain.vrm import UNREAD, VrmGrammar
from nas_desktop.services.searches import MOST_COPIED, FoundRead
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.search.search_words import captured_words, held_words, likeness_words

__all__ = ["AROUND", "MOST_COPIED", "around", "copied_words", "like_mark", "same_mark"]

AROUND = timedelta(minutes=10)


def copied_words(found: Iterable[FoundRead], grammar: VrmGrammar) -> str:
    """Return rows as text for the clipboard, marked above and below; the alias, no position."""
    lines = [
        "\t".join(
            (
                f"{captured_words(one.read.captured_at)} GMT",
                grammar.display(one.read.vrm),
                one.read.alias or str(one.read.camera),
                one.direction.value,
                likeness_words(one),
                held_words(one),
            )
        )
        for one in found
    ]
    return "\n".join((GSC, *lines, GSC))


def same_mark(found: FoundRead, query: ReadQuery) -> ReadQuery | None:
    """Return the question for this VRM over the same time; none for an unread vehicle."""
    if found.read.vrm == UNREAD:
        return None
    return ReadQuery(query.since, query.until, vrms=(found.read.vrm,))


def like_mark(found: FoundRead, query: ReadQuery) -> ReadQuery | None:
    """Return the question for look-alikes of this VRM; none where it is too short for that."""
    if found.read.vrm == UNREAD or len(found.read.vrm) < 3:
        return None
    return ReadQuery(query.since, query.until, look_alikes=(found.read.vrm,))


def around(found: FoundRead) -> ReadQuery:
    """Return the question for all reads of this camera ten minutes either side."""
    at = found.read.captured_at
    return ReadQuery(at - AROUND, at + AROUND, cameras=(found.read.camera,))
