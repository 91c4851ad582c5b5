"""Lists that are not matched, said on every desk: what silences many hits is never silent itself.

A list that is disabled says so for as long as it is; one that vanishes from what the node holds
says so once. Either can be put away, change by change; the Lists workspace goes on showing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nas_desktop.services.events import ListState, NodeState
from nas_desktop.services.lists import ListEvent
from nas_desktop.ui.text import minute_words

NoticeKey = tuple[str, int, str]
"""Which change a notice is about: list, revision, what happened."""


@dataclass(frozen=True, slots=True)
class ListNotice:
    """One line about a list that is not matched."""

    key: NoticeKey
    words: str


def disabled_words(one: ListState, now: datetime) -> str:
    """Return that a list is not matched, by whom, since when and why."""
    version = one.version
    if version is None:
        return f"{one.name} is not matched: disabled"
    by = f" by {version.by}" if version.by else ""
    why = f": \u2018{version.why}\u2019" if version.why else ""
    # A copy knows when it heard of it, which is when matching ended here.
    since = "" if version.event is ListEvent.DISABLED else ", known here since"
    return (
        f"{one.name} is not matched: disabled{by}{since} {minute_words(version.at, now)} GMT{why}"
    )


class ListWatch:
    """Follows the lists from report to report; single-threaded."""

    def __init__(self) -> None:
        self._known: dict[str, ListState] = {}
        self._who = ""
        self._gone: dict[NoticeKey, str] = {}
        self._dismissed: set[NoticeKey] = set()

    def notices(self, state: NodeState, who: str, now: datetime) -> tuple[ListNotice, ...]:
        """Return what is to be said now.

        ``who`` is signed in: another person may know of other lists, which is no change.
        """
        lists = {one.name: one for one in state.lists}
        if who == self._who:
            for name in self._known.keys() - lists.keys():
                before = self._known[name]
                self._gone[(name, before.revision, "gone")] = (
                    f"{name} is not matched: removed, missing since {minute_words(now, now)} GMT"
                )
        else:
            self._gone.clear()
        self._who, self._known = who, lists
        self._gone = {key: words for key, words in self._gone.items() if key[0] not in lists}
        found = [
            ListNotice(_key_of(one), disabled_words(one, now))
            for one in state.lists
            if not one.is_enabled
        ]
        found += [ListNotice(key, words) for key, words in self._gone.items()]
        return tuple(notice for notice in found if notice.key not in self._dismissed)

    def dismiss(self, keys: tuple[NoticeKey, ...]) -> None:
        """Put notices away; a later change of the same list speaks up again."""
        self._dismissed.update(keys)


def _key_of(one: ListState) -> NoticeKey:
    at = one.version.at.isoformat() if one.version is not None else ""
    return (one.name, one.revision, f"disabled {at}")
