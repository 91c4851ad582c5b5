"""What is sounded, when, and what is shown and spoken with it.

Toolkit-free and without a clock: it is told what stands and what time it is, and answers with the
one pattern to play now, if any. Nothing is queued: what could not be played soon is said together
with what has come since, and what somebody has taken meanwhile is not said at all. P1 sounds until
it is acknowledged; no mute reaches it. Everything that sounds, or would, is shown as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

from nas_desktop.domain.spec import Tier
from nas_desktop.services.sound_needs import (
    Announcement,
    Cause,
    Need,
    Sound,
    Surroundings,
    counted,
    exercise_mark,
    hits_words,
    is_exercise_of,
    leading_action,
    spoken_group,
    spoken_words,
)
from nas_desktop.services.sound_rules import SoundRules, Standing

UNTIL_TAKEN = "repeats until acknowledged"


_Key = tuple[str, bool]


@dataclass(slots=True)
class _Recent:
    """A sound that was played once, or would have been, and how long it is shown."""

    sound: Sound
    keys: frozenset[_Key]
    until: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sound that stands, from when it is due, whether it is news, and the keys it speaks of."""

    sound: Sound
    due_at: float
    is_news: bool
    keys: frozenset[_Key] = frozenset()
    spoken: str = ""
    repeat_s: float = 0.0


class Annunciator:
    """Decides what sounds; single-threaded.

    Args:
        rules: patterns, repeats and thresholds.
    """

    def __init__(self, rules: SoundRules) -> None:
        self._rules = rules
        self._needs: dict[_Key, Need] = {}
        self._basis: dict[str, Need] = {}
        self._said: dict[_Key, tuple[int, datetime]] = {}
        self._waiting: dict[_Key, float] = {}
        self._unheard: set[_Key] = set()
        self._basis_said: dict[str, str] = {}
        self._last: dict[tuple[Cause, Tier | None], float] = {}
        self._recent: list[_Recent] = []
        self._playing: Sound | None = None
        self._busy_until = -inf

    def hear(self, needs: Iterable[Need], now: float, around: Surroundings) -> Announcement:
        """Take in all that stands now and say what sounds.

        Args:
            needs: every card that asks for something, in any order; the whole of it each time.
            now: seconds that never go back.
            around: the rest of what counts.
        """
        self._take_in(needs, now, around)
        if around.is_muted:
            self._silence(now)
        candidates = self._candidates(now, around)
        chosen = self._choose(candidates, now)
        spoken = ""
        if chosen is not None:
            spoken = chosen.spoken if chosen.is_news else ""
            self._play(chosen, now, around)
        shown = self._shown(candidates, now)
        return Announcement(
            chosen.sound if chosen else None, spoken, shown, self._next_at(candidates, chosen, now)
        )

    # ------------------------------------------------------------------ what is new

    def _take_in(self, needs: Iterable[Need], now: float, around: Surroundings) -> None:
        self._needs, self._basis = {}, {}
        for need in needs:
            if need.basis:
                self._basis[need.card_id] = need
            if need.hits and self._sounds(need):
                self._needs[need.card_id, need.is_late] = need
        present = self._needs.keys()
        self._said = {key: said for key, said in self._said.items() if key in present}
        self._waiting = {key: at for key, at in self._waiting.items() if key in present}
        self._unheard &= present
        self._basis_said = {k: v for k, v in self._basis_said.items() if k in self._basis}
        for key, need in self._needs.items():
            hits, arrived_at = self._said.get(key, (0, None))
            if need.hits > hits or arrived_at is None or need.arrived_at > arrived_at:
                self._waiting.setdefault(key, now)
            elif need.hits < hits:
                self._said[key] = (need.hits, arrived_at)
        # What nobody could hear is not old news once somebody can.
        for key in [k for k in self._unheard if self._can_be_heard(k, around)]:
            self._unheard.discard(key)
            self._waiting.setdefault(key, now)

    def _sounds(self, need: Need) -> bool:
        if need.is_late:
            return need.tier in self._rules.late_tiers and need.age_s <= self._rules.late_until_s
        return need.tier in self._rules.tiers

    def _can_be_heard(self, key: _Key, around: Surroundings) -> bool:
        return around.is_audible and not (around.is_muted and self._needs[key].tier is not Tier.P1)

    def _silence(self, now: float) -> None:
        """Put aside what the mute reaches; it is shown, and said when the mute ends."""
        muted = [k for k in self._waiting if self._needs[k].tier is not Tier.P1]
        for candidate in self._once(muted, now, is_muted=True):
            self._keep_shown(candidate, now)
        for key in muted:
            self._note_said(key)
            self._unheard.add(key)

    def _note_said(self, key: _Key) -> None:
        need = self._needs[key]
        self._said[key] = (need.hits, need.arrived_at)
        self._waiting.pop(key, None)

    # ------------------------------------------------------------------ what could sound

    def _candidates(self, now: float, around: Surroundings) -> list[_Candidate]:
        """Return everything that sounds or waits to, the most urgent first."""
        rules = self._rules
        tiers = sorted(rules.tiers)
        found = [self._repeating(tier, around) for tier in tiers if rules.tiers[tier].repeat_s]
        found.append(self._basis_changed(around))
        if around.is_lost:
            words = "This window has lost its node"
            found.append(self._standing(Cause.LINK_LOST, rules.link_lost, words))
        once = [
            key
            for key in self._waiting
            if key[1] or not rules.tiers[self._needs[key].tier].repeat_s
        ]
        found += self._once(once, now, is_muted=False, says_vrm=around.says_vrm)
        found += [self._overdue(tier, around) for tier in tiers if not rules.tiers[tier].repeat_s]
        if around.is_unattended and self._needs:
            words = "Nobody is signed in: hits arrive and nobody sees them"
            found.append(self._standing(Cause.UNATTENDED, rules.unattended, words))
        return [candidate for candidate in found if candidate is not None]

    def _live(self, tier: Tier) -> dict[_Key, Need]:
        found = {k: need for k, need in self._needs.items() if not k[1] and need.tier is tier}
        # An exercise never stands in the count of what is real, nor beside its sound.
        return {k: need for k, need in found.items() if not need.is_exercise} or found

    def _repeating(self, tier: Tier, around: Surroundings) -> _Candidate | None:
        """A tier that sounds until somebody has taken every hit of it."""
        group, rule = self._live(tier), self._rules.tiers[tier]
        if not group:
            return None
        needs = list(group.values())
        is_overdue = any(need.is_overdue for need in needs)
        is_news = any(key in self._waiting for key in group)
        repeat_s = rule.overdue_repeat_s if is_overdue else rule.repeat_s
        overdue = " overdue" if is_overdue else ""
        sound = Sound(
            Cause.HIT,
            rule.overdue_pattern if is_overdue else rule.pattern,
            f"{hits_words(needs)}{overdue} · {UNTIL_TAKEN}",
            tier,
            leading_action(needs),
            around.is_muted and tier is not Tier.P1,
            tuple(need.card_id for need in needs),
            is_exercise_of(needs),
        )
        last = self._last.get((Cause.HIT, tier), -inf)
        fresh = [need for key, need in group.items() if key in self._waiting]
        return _Candidate(
            sound,
            -inf if is_news else last + repeat_s,
            is_news,
            frozenset(group),
            spoken_words(fresh, around.says_vrm),
            repeat_s,
        )

    def _overdue(self, tier: Tier, around: Surroundings) -> _Candidate | None:
        """A tier that sounds once, and again when nobody took it in its time."""
        rule = self._rules.tiers[tier]
        needs = [need for need in self._live(tier).values() if need.is_overdue]
        if not needs:
            self._last.pop((Cause.OVERDUE, tier), None)
            return None
        last = self._last.get((Cause.OVERDUE, tier), -inf)
        sound = Sound(
            Cause.OVERDUE,
            rule.overdue_pattern,
            f"{hits_words(needs)} overdue · {UNTIL_TAKEN}",
            tier,
            leading_action(needs),
            around.is_muted,
            tuple(need.card_id for need in needs),
            is_exercise_of(needs),
        )
        spoken = f"{exercise_mark(needs)}{len(needs)} overdue. {spoken_group(needs)}"
        is_first = last == -inf
        return _Candidate(
            sound, last + rule.overdue_repeat_s, is_first, frozenset(), spoken,
            rule.overdue_repeat_s,
        )  # fmt: skip

    def _basis_changed(self, around: Surroundings) -> _Candidate | None:
        needs = list(self._basis.values())
        if not needs:
            return None
        is_news = any(self._basis_said.get(n.card_id) != n.basis for n in needs)
        rule = self._rules.basis
        highest = min(need.tier for need in needs)
        if len(needs) == 1:
            words = f"{exercise_mark(needs)}{needs[0].basis} · {highest} · look before you act"
        else:
            words = (
                f"{exercise_mark(needs)}Basis changed on {len(needs)} cards · look before you act"
            )
        sound = Sound(
            Cause.BASIS,
            rule.pattern,
            words,
            highest,
            leading_action([need for need in needs if need.tier is highest]),
            around.is_muted and highest is not Tier.P1,
            tuple(need.card_id for need in sorted(needs, key=lambda need: need.tier)),
            is_exercise_of(needs),
        )
        last = self._last.get((Cause.BASIS, None), -inf)
        spoken = words.replace(" · ", ". ")
        due_at = -inf if is_news else last + rule.repeat_s
        return _Candidate(sound, due_at, is_news, frozenset(), spoken, rule.repeat_s)

    def _standing(self, cause: Cause, rule: Standing, words: str) -> _Candidate:
        last = self._last.get((cause, None), -inf)
        sound = Sound(cause, rule.pattern, words)
        return _Candidate(
            sound, last + rule.repeat_s, last == -inf, frozenset(), words, rule.repeat_s
        )

    def _once(
        self, keys: Sequence[_Key], now: float, *, is_muted: bool, says_vrm: bool = False
    ) -> list[_Candidate]:
        """Return what has a single sound; together where that would be too many, or too late."""
        rules = self._rules
        if not keys:
            return []
        is_stale = now - min(self._waiting[key] for key in keys) > rules.stale_s
        if len(keys) > rules.several_above or is_stale:
            return [self._several(keys, is_muted=is_muted)]
        found: list[_Candidate] = []
        late = [key for key in keys if key[1]]
        for tier in sorted({self._needs[key].tier for key in keys if not key[1]}):
            group = [key for key in keys if not key[1] and self._needs[key].tier is tier]
            needs = [self._needs[key] for key in group]
            sound = Sound(
                Cause.HIT, rules.tiers[tier].pattern, f"{hits_words(needs)} · new", tier,
                leading_action(needs), is_muted, tuple(key[0] for key in group),
                is_exercise_of(needs),
            )  # fmt: skip
            spoken = spoken_words(needs, says_vrm)
            found.append(_Candidate(sound, -inf, True, frozenset(group), spoken))
        if late:
            needs = [self._needs[key] for key in late]
            sound = Sound(
                Cause.LATE, rules.late, f"{hits_words(needs)} · arrived late",
                min(need.tier for need in needs), leading_action(needs), is_muted,
                tuple(key[0] for key in late), is_exercise_of(needs),
            )  # fmt: skip
            spoken = f"Arrived late. {spoken_words(needs, says_vrm)}"
            found.append(_Candidate(sound, -inf, True, frozenset(late), spoken))
        return found

    def _several(self, keys: Sequence[_Key], *, is_muted: bool) -> _Candidate:
        needs = [self._needs[key] for key in keys]
        late = sum(1 for key in keys if key[1])
        counts = counted(needs) + (f", {late} of them late" if late else "")
        words = f"{exercise_mark(needs)}{len(needs)} new: {counts}"
        sound = Sound(
            Cause.SEVERAL, self._rules.several, words, min(need.tier for need in needs),
            leading_action(needs), is_muted, tuple(key[0] for key in keys), is_exercise_of(needs),
        )  # fmt: skip
        return _Candidate(sound, -inf, True, frozenset(keys), words.replace(":", "."))

    # ------------------------------------------------------------------ choosing and showing

    def _choose(self, candidates: Sequence[_Candidate], now: float) -> _Candidate | None:
        due = [c for c in candidates if c.due_at <= now and not c.sound.is_muted]
        if not due:
            return None
        first = due[0]
        if now >= self._busy_until:
            return first
        is_new_stop = first.is_news and _is_stop(first.sound)
        is_stop_playing = self._playing is not None and _is_stop(self._playing)
        return first if is_new_stop and not is_stop_playing else None

    def _play(self, chosen: _Candidate, now: float, around: Surroundings) -> None:
        sound = chosen.sound
        self._playing, self._busy_until = sound, now + sound.pattern.seconds
        for key in chosen.keys:
            self._note_said(key)
            if not around.is_audible:
                self._unheard.add(key)
        if sound.cause is Cause.BASIS:
            self._basis_said = {need.card_id: need.basis for need in self._basis.values()}
        if chosen.repeat_s:
            tier = sound.tier if sound.cause in (Cause.HIT, Cause.OVERDUE) else None
            self._last[sound.cause, tier] = now
        else:
            self._keep_shown(chosen, now)

    def _keep_shown(self, candidate: _Candidate, now: float) -> None:
        until = now + self._rules.shown_s
        self._recent.append(_Recent(candidate.sound, candidate.keys, until))

    def _shown(self, candidates: Sequence[_Candidate], now: float) -> tuple[Sound, ...]:
        """Return what sounds or would: what repeats, what waits, and what has just been played."""
        self._recent = [
            r for r in self._recent if r.until > now and not r.keys.isdisjoint(self._needs)
        ]
        for cause in (Cause.LINK_LOST, Cause.UNATTENDED, Cause.BASIS):
            if not any(c.sound.cause is cause for c in candidates):
                self._last.pop((cause, None), None)
        # What was played just now is among the recent ones: by tier, of one tier the newest first.
        played = [r.sound for r in reversed(self._recent)]
        played.sort(key=lambda sound: sound.tier or Tier.P4)
        waiting = [c for c in candidates if c.repeat_s or not c.keys.isdisjoint(self._waiting)]
        urgent = [c.sound for c in waiting if c.sound.tier is Tier.P1 or c.sound.cause in _FIRST]
        rest = [c.sound for c in waiting if c.sound not in urgent]
        return (*urgent, *played, *rest)

    def _next_at(
        self, candidates: Sequence[_Candidate], chosen: _Candidate | None, now: float
    ) -> float:
        """Return when something may change by itself; ``inf`` when nothing will."""
        times = [recent.until for recent in self._recent]
        times += [
            max(candidate.due_at, self._busy_until)
            for candidate in candidates
            if candidate is not chosen and not candidate.sound.is_muted
        ]
        if chosen is not None and chosen.repeat_s:
            times.append(now + chosen.repeat_s)
        return max(min(times, default=inf), now)


_FIRST = (Cause.BASIS, Cause.LINK_LOST)


def _is_stop(sound: Sound) -> bool:
    """Tell whether it is the sound of P1 itself."""
    return sound.cause is Cause.HIT and sound.tier is Tier.P1
