"""Everything that can be done by key, once: menus, buttons and the keys overlay are made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Command:
    """One action: its name, its words, its keys (the first is shown), and its tip."""

    name: str
    words: str
    keys: tuple[str, ...]
    tip: str
    is_local: bool = False


COMMANDS: tuple[Command, ...] = (
    Command(
        "acknowledge",
        "Acknowledge",
        ("Space",),
        "Acknowledge the hits of the chosen vehicle that are on screen",
        is_local=True,
    ),
    Command("take", "Take", ("T",), "Take the vehicle over, or out of parking", True),
    Command("verify", "Patch agrees", ("V",), "The plate patch shows this VRM", True),
    Command("differs", "Patch differs", ("Shift+V",), "The plate patch shows something else", True),
    Command("describe_yes", "Description agrees", ("C",), "Make and colour agree", True),
    Command("describe_no", "Description differs", ("X",), "Make and colour do not agree", True),
    Command("take_action", "Action", ("A",), "Say what is being done: deployed, passed, …", True),
    Command("outcome", "Outcome", ("O",), "Say how it ended and close the hit", True),
    Command("pass_on", "Pass", ("P",), "Pass to another desk, or to a force by voice", True),
    Command("park", "Park", ("S",), "Set aside for a while, with a reason", True),
    Command("raise_tier", "Raise", ("R",), "Raise the priority, with a reason; never lower", True),
    Command("incident", "Incident", ("I",), "The incident number of command and control", True),
    Command("notify", "Entry wrong", ("E",), "Tell the list’s owner: out of date or wrong", True),
    Command("seen", "Change seen", ("B",), "I have seen what became of the entry", True),
    Command("undo", "Take back", ("U", "Ctrl+Z"), "Take the last step back, within 10 s", True),
    Command("next_hit", "Next", ("N",), "Choose the next vehicle that nobody has taken"),
    Command(
        "copy_line",
        "Copy to C&C",
        ("F2",),
        "Copy one line for command and control to the clipboard",
    ),
    Command("print_hit", "Print or PDF", ("Ctrl+P",), "Write the chosen hit as a marked PDF"),
    Command("handover", "Handover", ("Ctrl+Shift+H",), "Write what this shift hands over as PDF"),
    Command("exercise", "Exercise card", ("Ctrl+Shift+X",), "Put one invented card on this desk"),
    Command("contact", "Contact and CAD", ("K",), "Show contact and CAD reference large", True),
    Command(
        "possible",
        "Possible misreads",
        ("M",),
        "Show the possible misreads at the foot of the list, or fold them away",
        is_local=True,
    ),
    Command(
        "flooded", "Folded in flood", ("G",), "Show what the flood has folded, or fold it", True
    ),
    Command("filter", "Filter", ("F",), "Show only some hits; a P1 is always shown", True),
    Command("history", "History", ("H",), "Closed hits of before, and what was done", True),
    Command("top", "To the top", ("Ctrl+Home",), "Show the top of the list"),
    Command("theme", "Next theme", ("Ctrl+T",), "Dark, light, high contrast"),
    Command("larger", "Larger text", ("Ctrl++", "Ctrl+="), "Larger text, up to 200 %"),
    Command("smaller", "Smaller text", ("Ctrl+-",), "Smaller text, down to 80 %"),
    Command("normal_size", "Normal text", ("Ctrl+0",), "Text at 100 %"),
    Command("live", "Live", ("Ctrl+1",), "The live workspace"),
    Command("search", "Search", ("Ctrl+2",), "The search workspace"),
    Command("lists", "Lists", ("Ctrl+3",), "The lists workspace"),
    Command("audit", "Audit", ("Ctrl+4",), "The audit workspace"),
    Command("supervisor", "Supervisor", ("Ctrl+5",), "The supervisor workspace, for supervisors"),
    Command("map", "Map", ("F8",), "Open the map and go into it, or put it away"),
    Command("connectivity", "Connectivity test", ("F9",), "Send QQ111QQQ there and back"),
    Command("preferences", "Preferences", ("Ctrl+,",), "Every setting, with one sentence"),
    Command("detach", "Detail apart", ("Ctrl+D",), "The detail in a window of its own, and back"),
    Command("palette", "Commands", ("Ctrl+Shift+P", "F3"), "Find a command by name and run it"),
    Command("keys", "Keys", ("F1", "?"), "Show what every key does"),
    Command("mute", "Mute", ("Ctrl+M",), "Mute P2 and P3 for a while, never P1; or end it"),
    Command("sound_test", "Sound test", ("Ctrl+Shift+M",), "Play every sound with its name"),
    Command("lock", "Lock now", ("Ctrl+L",), "Lock: only your password shows the hits again"),
    Command("sign_out", "Sign out", ("Ctrl+Shift+Q",), "Sign out; the desk goes on receiving"),
    Command("close", "Close", ("Ctrl+Q",), "Close NAS Desktop"),
)

SEARCH_COMMANDS: tuple[Command, ...] = (
    Command(
        "search_run", "Search", ("Ctrl+Return", "Ctrl+Enter"), "Search: ask the question", True
    ),
    Command("search_stop", "Stop", ("Esc",), "Search: stop; what was found stays", True),
    Command("search_confirm", "Confirm", ("F4",), "Search: confirm the justification", True),
    Command("search_part", "Other part", ("F6",), "Search: from the question to the rows", True),
    Command("search_question", "Question", ("Ctrl+B",), "Search: hide or show the question", True),
    Command("search_order", "In order", ("F5",), "Search: put later rows in order", True),
    Command("search_new", "New search", ("Ctrl+N",), "Search: another beside this one", True),
    Command("search_close", "Close search", ("Ctrl+W",), "Search: put this one away", True),
    Command("search_next", "Next search", ("Ctrl+Tab", "Ctrl+PgDown"), "Search: the next", True),
    Command(
        "search_previous",
        "Previous search",
        ("Ctrl+Shift+Tab", "Ctrl+PgUp"),
        "Search: the one before",
        True,
    ),
    Command("search_save", "Save", ("Ctrl+S",), "Search: keep the question under a name", True),
    Command("search_saved", "Saved", ("Ctrl+O",), "Search: saved questions", True),
    Command("search_history", "History", ("Ctrl+H",), "Search: your own earlier ones", True),
    Command(
        "search_preserved",
        "Kept reads",
        ("Ctrl+Shift+K",),
        "Search: preserved reads, reviews",
        True,
    ),
    Command("search_export", "Export", ("Ctrl+E",), "Search: write what was found", True),
    Command("search_preserve", "Preserve", ("Ctrl+K",), "Search: keep the chosen reads", True),
)
"""Keys of the search workspace; they count while it is in front."""

SUPERVISOR_COMMANDS: tuple[Command, ...] = (
    Command("show_card", "Show in Live", ("Return", "Enter"), "Supervisor: show it in Live", True),
    Command("give", "Give to desk", ("A",), "Supervisor: give the vehicle to a desk", True),
    Command("scope", "Set scope", ("E",), "Supervisor: say what a desk looks after", True),
    Command("in_order", "In order", ("F5",), "Supervisor: put the rows in order", True),
)
"""Keys of the supervisor workspace; they count while it is in front."""

OTHER_KEYS: tuple[tuple[str, str], ...] = (
    ("↑ ↓ Page Home End", "Move through the list"),
    ("Tab", "To the next part of the window"),
    ("Esc", "Put away a message, the chooser or this list"),
)


def make_actions(
    window: QWidget, places: tuple[QWidget, ...], slots: Mapping[str, Callable[[], object]]
) -> dict[str, QAction]:
    """Return every command as an action of the window.

    Args:
        window: owner of the actions.
        places: where the single-letter keys and Space count: list and detail, so that a button or
            a field that has the focus keeps its own keys.
        slots: what each command does, by name.
    """
    made: dict[str, QAction] = {}
    for command in COMMANDS:
        action = QAction(command.words, window)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setToolTip(f"{command.tip} ({command.keys[0]})")
        action.triggered.connect(lambda _checked=False, run=slots[command.name]: run())
        if command.is_local:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            # Holding a key down must not acknowledge a second card.
            action.setAutoRepeat(False)
            for place in places:
                place.addAction(action)
        else:
            window.addAction(action)
        made[command.name] = action
    return made
