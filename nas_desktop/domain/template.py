"""One record of a VOI list held against the template: the checker that decides.

Whatever else looks at records in bulk may only say that one is certainly without a fault; the
rest comes here (NAS Technical Specifications v3.1 §5; codes and severities: domain facts 2.6).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from nas_desktop.domain.findings import Finding, Severity
from nas_desktop.domain.template_reasons import are_several
from nas_desktop.domain.template_rows import date_of, has_line_break, signals_of
from nas_desktop.domain.template_rules import COLUMNS, TemplateRules
from nas_desktop.domain.voi import WILDCARDS, Action, ListSource, VoiEntry
from nas_desktop.domain.vrm import MAX_LENGTH, TEST, UNREAD, Vrm

_VRM = re.compile(r"[A-Z0-9]{1,16}", re.ASCII)
_PATTERN = re.compile(r"[A-Z0-9?*]{1,16}", re.ASCII)
_GRADE = re.compile(r"[123][A-E][PC]", re.ASCII)
_OLD_GRADE = re.compile(r"[A-E][1-5][1-5]?", re.ASCII)
_ACTIONS = {action.value: action for action in Action}


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What a list may hold, and how strictly it is judged.

    ``is_strict`` makes an empty recommended cell an error. ``is_lenient`` takes other spellings of
    the standard words and says so. ``allows_patterns`` takes VRMs with ``?`` and ``*``, for lists
    that stay on a node. ``is_test_list`` allows the mark of connectivity tests.
    """

    source: ListSource = ListSource.LEA
    is_strict: bool = False
    is_lenient: bool = False
    allows_patterns: bool = False
    is_test_list: bool = False


@dataclass(slots=True)
class Record:
    """What became of one record.

    ``entry`` is None where an error keeps it out. ``changes`` names what the lenient reading
    altered. ``is_weeded``: its weed date has come. ``is_future``: it has not started yet.
    """

    line: int
    entry: VoiEntry | None = None
    findings: list[Finding] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    is_weeded: bool = False
    is_future: bool = False

    def error(self, column: int, code: str, message: str, remedy: str) -> None:
        """Add an error."""
        self.findings.append(Finding(self.line, column, code, Severity.ERROR, message, remedy))

    def warning(self, column: int, code: str, message: str, remedy: str) -> None:
        """Add a warning."""
        self.findings.append(Finding(self.line, column, code, Severity.WARNING, message, remedy))

    @property
    def has_error(self) -> bool:
        """True where the record cannot be taken."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


_PLAIN = CheckOptions()


def check_record(
    cells: Sequence[str],
    line: int,
    rules: TemplateRules,
    today: date,
    options: CheckOptions = _PLAIN,
) -> Record:
    """Hold one record against every rule that looks at a record by itself.

    Args:
        cells: as written, without quotes.
        line: the physical line on which the record starts, from 1.
        rules: the template.
        today: the present day, GMT; an entry is weeded from 00:00 of its weed date.
        options: what the list may hold.
    """
    record = Record(line)
    if len(cells) != COLUMNS:
        record.error(
            0,
            "V001",
            f"The record has {len(cells)} column{'' if len(cells) == 1 else 's'} instead of 16.",
            "Give all 16 columns, empty ones too, and put a cell with a comma in quotation marks.",
        )
        return record
    is_empty = [not cell or cell.isspace() for cell in cells]
    vrm = _vrm(cells[0], record, rules, options)
    action = _action(cells[4], record, options)
    reason = _reason(cells[6], record, rules, options)
    _recommended(is_empty, record, rules, options)
    if not is_empty[7]:
        _grade(cells[7], record)
    information = _information(cells[8], record, rules)
    starts_on, weed_date = _dates(cells, is_empty, record, rules, today, options)
    gsc = _gsc(cells[13], record, rules, options)
    if action is Action.STOP and is_empty[15]:
        record.error(
            16,
            "V070",
            "CONTACT is empty and ACTION is Stop.",
            "Give a contact that answers 24 hours a day, for whoever stops the vehicle.",
        )
    if action is None or record.has_error:
        return record
    record.is_future = starts_on > today
    record.entry = VoiEntry(
        Vrm(vrm),
        action,
        reason,
        starts_on,
        weed_date,
        cells[1],
        cells[2],
        cells[3],
        signals_of(cells[5]),
        "" if is_empty[7] else cells[7],
        information,
        cells[9],
        cells[12],
        gsc,
        cells[14],
        cells[15],
    )
    return record


# ------------------------------------------------------------------ column by column


def _vrm(cell: str, record: Record, rules: TemplateRules, options: CheckOptions) -> str:
    # Upper-casing changes letters beyond ASCII into others: those never become a mark.
    vrm = cell.upper() if cell.isascii() else cell
    if not _VRM.fullmatch(vrm):
        if options.allows_patterns and not WILDCARDS.isdisjoint(vrm):
            _wildcards(vrm, record, rules)
            return vrm
        if not vrm or vrm.isspace():
            message, remedy = "VRM is empty.", "Give the mark."
        elif _VRM.fullmatch(vrm[:MAX_LENGTH]):
            message = f"VRM is longer than {MAX_LENGTH} characters."
            remedy = "Give one mark only."
        else:
            message = "VRM holds something other than the letters A to Z and digits."
            remedy = "Write the mark without spaces, hyphens and signs, as in AB51ABC."
        record.error(1, "V002", message, remedy)
    elif vrm == UNREAD:
        record.error(
            1,
            "V003",
            f"{UNREAD} stands for a vehicle whose VRM could not be read; it would hit on each.",
            "Remove the record.",
        )
    elif vrm == TEST:
        if not options.is_test_list:
            record.error(
                1,
                "V004",
                f"{TEST} is the mark of connectivity tests and never of a vehicle.",
                f"Remove the record, or end the list's name in {rules.test_list_suffix}.",
            )
    elif not rules.spec.grammar.classify(Vrm(vrm)):
        record.warning(
            1,
            "V005",
            "VRM fits none of the known formats.",
            "Check it; foreign and cherished marks may be right as they are.",
        )
    return vrm


def _wildcards(vrm: str, record: Record, rules: TemplateRules) -> None:
    fixed = sum(character not in WILDCARDS for character in vrm)
    if (
        not _PATTERN.fullmatch(vrm)
        or fixed < rules.fixed_characters
        or vrm.count("*") > rules.stars
    ):
        record.error(
            1,
            "V002",
            "VRM is a pattern that is too open or holds other signs than ? and *.",
            f"Give at least {rules.fixed_characters} fixed characters, at most {rules.stars} *"
            f" and at most {MAX_LENGTH} characters in all.",
        )


def _action(cell: str, record: Record, options: CheckOptions) -> Action | None:
    action = _ACTIONS.get(cell)
    if action is None and options.is_lenient:
        action = _ACTIONS.get(_same(cell, _ACTIONS))
        if action is not None:
            record.changes.append("ACTION")
    if action is None:
        record.error(
            5,
            "V010",
            "ACTION is not one of the standard words.",
            "Write Stop, Assess or No Alert, exactly so.",
        )
    return action


def _reason(cell: str, record: Record, rules: TemplateRules, options: CheckOptions) -> str:
    allowed = rules.reasons_of[options.source]
    if cell in allowed:
        return cell
    if options.is_lenient:
        meant = rules.aliases.get(_same(cell, rules.aliases)) or _same(cell, allowed)
        if meant in allowed:
            record.changes.append("REASON")
            return meant
    if cell in rules.forbidden_reasons:
        record.error(
            7,
            "V021",
            "REASON is one that only nationally populated lists may give.",
            f"Write {rules.instead_of_forbidden} instead.",
        )
    elif cell not in rules.aliases and are_several(cell, allowed | rules.forbidden_reasons):
        record.error(
            7,
            "V022",
            "REASON holds more than one reason.",
            "Give one reason; a second one may be put into INFORMATION/ACTION.",
        )
    else:
        meant = rules.aliases.get(cell) or _same(cell, allowed)
        record.error(
            7,
            "V020",
            "REASON is not one of the standard words.",
            f"Write {meant}, exactly so." if meant else "Write one of the reasons of the template.",
        )
    return cell


def _recommended(
    is_empty: Sequence[bool], record: Record, rules: TemplateRules, options: CheckOptions
) -> None:
    for column in rules.recommended:
        if is_empty[column - 1]:
            name = rules.columns[column - 1]
            say = record.error if options.is_strict else record.warning
            say(column, "V006", f"{name} is empty.", "Fill it in; it is expected of every entry.")


def _grade(cell: str, record: Record) -> None:
    if _GRADE.fullmatch(cell):
        return
    if _OLD_GRADE.fullmatch(cell):
        message = "INTEL 3X5X2 holds a grade of the older 5x5x5 system."
        remedy = "Grade it anew: there is no rule that turns one into the other."
    else:
        message = "INTEL 3X5X2 is not a 3x5x2 grade."
        remedy = "Write three characters without X and spaces: 1 to 3, A to E, P or C, as in 1BP."
    record.error(8, "V030", message, remedy)


def _information(cell: str, record: Record, rules: TemplateRules) -> str:
    text = cell if cell.isascii() else unicodedata.normalize("NFC", cell)
    if len(text) > rules.max_information:
        record.error(
            9,
            "V040",
            f"INFORMATION/ACTION has {len(text)} characters;"
            f" {rules.max_information} are allowed, spaces included.",
            "Shorten it.",
        )
    if has_line_break(text):
        record.error(
            9,
            "V041",
            "INFORMATION/ACTION holds a line break.",
            "Write it as one line.",
        )
    return text


def _dates(
    cells: Sequence[str],
    is_empty: Sequence[bool],
    record: Record,
    rules: TemplateRules,
    today: date,
    options: CheckOptions,
) -> tuple[date, date]:
    """Return the window; what an error spoils is today and never used."""
    start, weed = date_of(cells[10]), date_of(cells[11])
    for column, day in ((11, start), (12, weed)):
        # An empty START DATE is a matter of V006: the entry then counts from today.
        if day is None and (column == 12 or not is_empty[10]):
            fault = "empty" if is_empty[column - 1] else "not a date of the calendar"
            record.error(
                column,
                "V050",
                f"{rules.columns[column - 1]} is {fault}.",
                "Write it as dd/mm/yyyy, for example 05/11/2026.",
            )
    if weed is not None:
        _window(start, weed, record, rules, today, options)
    return start or today, weed or today


def _window(
    start: date | None,
    weed: date,
    record: Record,
    rules: TemplateRules,
    today: date,
    options: CheckOptions,
) -> None:
    longest = rules.max_days.get(options.source)
    if start is not None and weed <= start:
        record.error(
            12,
            "V051",
            "WEED DATE is not after START DATE.",
            "Give a later WEED DATE; the day before it is the last on which the entry is active.",
        )
    if weed <= today:
        record.is_weeded = True
        record.error(
            12,
            "V052",
            "WEED DATE has come: the entry is left out.",
            "Remove the record, or review it and give a later WEED DATE.",
        )
    if start is not None and longest is not None and (weed - start).days > longest:
        record.warning(
            12,
            "V053",
            f"WEED DATE is more than {longest} days after START DATE.",
            "Choose an earlier WEED DATE, or note why the entry is needed for longer.",
        )


def _gsc(cell: str, record: Record, rules: TemplateRules, options: CheckOptions) -> str:
    if cell in rules.gsc:
        return cell
    if options.is_lenient and (meant := _same(cell, rules.gsc)):
        record.changes.append("GSC")
        return meant
    record.error(
        14,
        "V060",
        "GSC is not exactly one of the two markings.",
        f"Write {' or '.join(rules.gsc)}.",
    )
    return cell


def _same(cell: str, words: Iterable[str]) -> str:
    """Return the word that a cell is but for case and spaces round it; empty when there is none."""
    wanted = " ".join(cell.split()).casefold()
    return next((word for word in words if word.casefold() == wanted), "")
