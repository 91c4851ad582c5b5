"""Compile every Qt Designer form under ``ui/`` into ``nas_desktop/ui/forms/``.

Run by set-up; a test compares what is committed with a fresh compilation, so a form that was
edited and not compiled cannot land.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORMS = ROOT / "ui"
TARGET = ROOT / "nas_desktop" / "ui" / "forms"


def compiled(form: Path) -> str:
    """Return the Python source of one form, with its machine-made heading replaced by ours."""
    uic = Path(sys.executable).parent / "pyside6-uic"
    source = subprocess.run(
        [str(uic), "-g", "python", str(form)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    start = source.index("from PySide6")
    return f'"""Compiled from ui/{form.name}; do not edit. Run make forms."""\n\n' + source[start:]


def main() -> None:
    """Compile every form whose Python differs."""
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "__init__.py").write_text('"""Forms compiled from the Qt Designer sources."""\n')
    for form in sorted(FORMS.glob("*.ui")):
        target = TARGET / f"ui_{form.stem}.py"
        text = compiled(form)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
