"""What a screen reader is told of a window: its accessibility tree as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

INTERACTIVE = frozenset(
    {
        QAccessible.Role.Button,
        QAccessible.Role.ButtonMenu,
        QAccessible.Role.ButtonDropDown,
        QAccessible.Role.CheckBox,
        QAccessible.Role.RadioButton,
        QAccessible.Role.EditableText,
        QAccessible.Role.ComboBox,
        QAccessible.Role.SpinBox,
        QAccessible.Role.Slider,
        QAccessible.Role.List,
        QAccessible.Role.ListItem,
        QAccessible.Role.Table,
        QAccessible.Role.Tree,
        QAccessible.Role.PageTab,
        QAccessible.Role.MenuItem,
        QAccessible.Role.Link,
    }
)


@dataclass(frozen=True)
class Node:
    """One thing in the tree: role, name, description, states that matter."""

    depth: int
    role: QAccessible.Role
    name: str
    description: str
    is_focusable: bool
    is_selected: bool
    is_hidden: bool

    @property
    def line(self) -> str:
        marks = " [selected]" if self.is_selected else ""
        said = f" ({self.description})" if self.description else ""
        return f"{'  ' * self.depth}{self.role.name} “{self.name}”{said}{marks}"

    @property
    def is_interactive(self) -> bool:
        return self.role in INTERACTIVE or self.is_focusable


def nodes(root: QWidget, *, deepest: int = 12, most_items: int = 40) -> Iterator[Node]:
    """Yield everything that can be reached from a widget and is shown."""
    yield from _walk(QAccessible.queryAccessibleInterface(root), 0, deepest, most_items)


def dump(root: QWidget) -> str:
    """Return the tree as text."""
    return "\n".join(node.line for node in nodes(root))


def nameless(root: QWidget) -> list[str]:
    """Return what can be worked with and has no name."""
    return [n.line for n in nodes(root) if n.is_interactive and not n.name.strip()]


def _walk(one: QAccessibleInterface, depth: int, deepest: int, most_items: int) -> Iterator[Node]:
    state = one.state()
    node = Node(
        depth,
        one.role(),
        one.text(QAccessible.Text.Name),
        one.text(QAccessible.Text.Description),
        bool(state.focusable),
        bool(state.selected),
        bool(state.invisible),
    )
    if node.is_hidden:
        return
    yield node
    if depth == deepest:
        return
    for at in range(min(one.childCount(), most_items)):
        child = one.child(at)
        if child is not None and child.isValid():
            yield from _walk(child, depth + 1, deepest, most_items)
