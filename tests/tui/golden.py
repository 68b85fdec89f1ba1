"""Golden screens: the characters of a canvas and, below, a plane with one letter per cell for its style.

They are plain text, so a change on the screen is reviewed as a diff. ``pytest --write-golden`` writes them.
"""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

from tui.canvas import Canvas
from tui.theme import knows

GOLDEN = Path(__file__).parent / "golden"


def golden_text(canvas: Canvas) -> str:
    """The grid, the style plane and its legend, as they are stored; ``|`` marks the right edge."""
    plane, legend = canvas.style_plane()
    names = "\n".join(f"{letter} {style}" for letter, style in sorted(legend.items()))
    grid = "\n".join(f"{row.ljust(canvas.width)}|" for row in canvas.rows())
    return f"{grid}\n\n" + "\n".join(f"{row}|" for row in plane) + f"\n\n{names}\n"


def assert_golden(name: str, canvas: Canvas, write: bool = False) -> None:
    """Compare ``canvas`` with golden/NAME.txt, or write that file; a missing file is a failure."""
    path = GOLDEN / f"{name}.txt"
    new = golden_text(canvas)
    unknown = sorted(style for style in canvas.style_plane()[1].values() if not knows(style))
    assert not unknown, f"no such styles in tui/theme.py: {unknown}"
    if write:
        path.parent.mkdir(exist_ok=True)
        path.write_text(new, encoding="utf-8", newline="\n")
        return
    if not path.is_file():
        raise AssertionError(
            f"{path.name} is missing: run pytest --write-golden and look at the file\n\n{canvas.text()}"
        )
    old = path.read_text(encoding="utf-8")
    if new != old:
        difference = "\n".join(unified_diff(old.splitlines(), new.splitlines(), "stored", "painted now", lineterm=""))
        raise AssertionError(f"{path.name} differs from what is painted now:\n{difference}\n\n{canvas.text()}")
