"""Files with a backward of their own for the tests: the prepared one, mended or damaged in one line."""

from __future__ import annotations

from pathlib import Path

import scenarios
from tests.blame import styles

PREPARED = Path(scenarios.__file__).with_name("handwritten.py").read_text(encoding="utf-8")
"""The mask is missing on the line of dw1; db1 inherits it."""

MENDED = PREPARED.replace(
    "    dw1 = np.dot(x.T, dh1)\n    db1 = np.sum(dh1,",
    "    dz1 = dh1 * (z1 > 0)\n    dw1 = np.dot(x.T, dz1)\n    db1 = np.sum(dz1,",
)
"""Every gradient is right."""

RAISING = PREPARED.replace("np.dot(x.T, dh1)", "np.dot(x.T, dh1.T)")
REFUSED = PREPARED.replace('return {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}', "return dw1, db1")
ENDLESS = PREPARED.replace("    # layer 1\n", "    while True:\n        df = df + 0\n")
BROKEN = PREPARED.replace("db1 = np.sum(dh1,", "db1 = np.sum((dh1,")
UNSUMMED = MENDED.replace("db1 = np.sum(dz1, axis=0, keepdims=True)", "db1 = dz1")
LOST = (Path(next(iter(styles.__path__))) / "scalars.py").read_text(encoding="utf-8")
LOST = LOST.replace("dh += df[k]", "dh = df[k]")
"""The wrong line is in three loops and makes a number that is no quantity of the loss; ∂L/∂z₁ is made of it."""

WITHOUT = PREPARED.partition("\ndef backward")[0]


def line_of(text: str, start: str) -> int:
    """The number of the line of ``backward`` that starts with ``start``."""
    lines = text.splitlines()
    begins = next(k for k, line in enumerate(lines) if line.startswith("def backward"))
    return next(k for k, line in enumerate(lines) if k >= begins and line.strip().startswith(start)) + 1


def written(folder: Path, text: str, name: str = "mine") -> Path:
    """A file with that text."""
    file = folder / f"{name}.py"
    file.write_text(text, encoding="utf-8")
    return file
