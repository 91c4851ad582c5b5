"""``match``: the engine of the nodes, offline, on files of reads and of lists."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from nas_desktop.adapters.replay import ReplayFault, read_replay
from nas_desktop.adapters.voi_files import ParsedList, ReadOptions, read_list
from nas_desktop.app.hit_words import hit_json
from nas_desktop.domain.errors import ReadRefused, Refused
from nas_desktop.domain.hit import Hit, HitReason, MatchClass, hit_id_of, ordered_reasons, reason_of
from nas_desktop.domain.matching import Match, MatchIndex, build_index, explain
from nas_desktop.domain.read import Read, accept_read
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.voi import ListSource, VoiList
from nas_desktop.services.resources import load_match_rules, load_spec, load_template_rules

BATCH_READS = 5_000


@dataclass(frozen=True, slots=True)
class MatchCommand:
    """What to match and how; as the options of the command."""

    reads: Path
    lists: Sequence[Path]
    sources: dict[Path, ListSource]
    is_json: bool = False
    has_glyph: bool = False
    finds_misreads: bool = False
    allows_patterns: bool = False
    is_lenient: bool = False


def match_files(command: MatchCommand) -> int:
    """Print every hit that the reads would give, ``No Alert`` included; always 0.

    Entries in error are left out and counted on standard error, as are reads that cannot be taken.

    Raises:
        Refused: a file cannot be read.
    """
    spec = load_spec()
    now = datetime.now(UTC)
    lists = [_list(command, path, now) for path in command.lists]
    rules = load_match_rules(has_glyph=command.has_glyph)
    index = build_index(lists, rules)
    reads = hits = 0
    for batch in _batches(_reads(command.reads)):
        reads += len(batch)
        for hit in hits_of(index, batch, spec):
            hits += 1
            print(hit_json(hit, hit.read.received_at) if command.is_json else _words(hit, spec))
    words = f"{reads:,} reads against {index.entries:,} entries: {hits:,} hits."
    print(words, file=sys.stderr)
    return 0


def sources_of(texts: Sequence[str]) -> dict[Path, ListSource]:
    """Return the source of each list file that was given one, as ``FILE=SOURCE``.

    Raises:
        Refused: ``source_unknown``.
    """
    found: dict[Path, ListSource] = {}
    for text in texts:
        file, _equals, source = text.rpartition("=")
        try:
            found[Path(file)] = ListSource(source)
        except ValueError:
            raise Refused(
                "source_unknown",
                f"{source} is not a source of lists.",
                f"Sources are: {', '.join(ListSource)}.",
            ) from None
    return found


def hits_of(index: MatchIndex, reads: Sequence[Read], spec: Spec) -> Iterator[Hit]:
    """Yield the hits of some reads in their order, each with every reason."""
    by_read: dict[bytes, tuple[Read, list[Match]]] = {}
    for match in index.match(reads):
        by_read.setdefault(match.read.read_id, (match.read, []))[1].append(match)
    for read, matches in by_read.values():
        reasons = ordered_reasons(
            reason_of(
                spec,
                match.entry,
                match.voi_list,
                match.match_class,
                distance=match.distance,
                confidence=match.confidence,
            )
            for match in matches
        )
        yield Hit(hit_id_of(read.read_id), read, reasons, read.received_at, read.received_at)


def _list(command: MatchCommand, path: Path, now: datetime) -> VoiList:
    source = command.sources.get(path, ListSource.LEA)
    parsed = read_list(
        path,
        ReadOptions(
            load_template_rules(),
            now.date(),
            source=source,
            allows_patterns=command.allows_patterns,
            is_lenient=command.is_lenient,
        ),
    )
    _tell(path, parsed)
    return VoiList(
        parsed.name, 1, parsed.entries, now, source, finds_misreads=command.finds_misreads
    )


def _tell(path: Path, parsed: ParsedList) -> None:
    left_out = parsed.counts.records - parsed.counts.entries
    if left_out:
        print(
            f"{path.name}: {left_out:,} of {parsed.counts.records:,} records are left out;"
            f" see why with: nas-desktop lists check '{path}'",
            file=sys.stderr,
        )


def _reads(path: Path) -> Iterator[Read]:
    for item in read_replay(path):
        if isinstance(item, ReplayFault):
            kept = "read all the same" if item.is_warning else "left out"
            print(f"line {item.line}, {item.field}: {item.reason} ({kept})", file=sys.stderr)
            continue
        captured_at = item.captured_at
        assert isinstance(captured_at, datetime)  # what has no time is a fault
        try:
            # Judged as on the day: a file of last month is not late, it is of last month.
            yield accept_read(item, captured_at)
        except ReadRefused as refusal:
            print(f"{refusal.field}: {refusal.message} (left out)", file=sys.stderr)


def _batches(reads: Iterable[Read]) -> Iterator[list[Read]]:
    rest = iter(reads)
    while batch := list(islice(rest, BATCH_READS)):
        yield batch


def _words(hit: Hit, spec: Spec) -> str:
    leading = hit.leading
    tier = str(hit.tier) if hit.tier else ("POSSIBLE" if hit.is_possible else "-")
    lines = [
        "  ".join(
            [
                f"{hit.read.captured_at:%d/%m/%Y %H:%M:%S}",
                f"{tier} {leading.entry.action.upper()}",
                spec.grammar.display(hit.read.vrm),
                leading.entry.reason,
                leading.list_name,
                hit.read.alias or str(hit.read.camera),
            ]
        )
    ]
    lines += [f"    {reason.list_name}: {_why(hit, reason)}" for reason in hit.reasons]
    return "\n".join(lines)


def _why(hit: Hit, reason: HitReason) -> str:
    if reason.match_class is MatchClass.EXACT:
        return f"{reason.entry.action}, {reason.entry.reason}; exact"
    rules = load_match_rules()
    found = explain(hit.read.vrm, reason.entry, reason.match_class, rules.confusions)
    words = f"{reason.entry.action}, {reason.entry.reason}; {reason.match_class}. {found.words}"
    if reason.match_class is MatchClass.MISREAD:
        words += f" Confidence {reason.confidence} %."
    return words
