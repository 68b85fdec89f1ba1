"""A random program as data: arrays, statements, the terms of its loss; and the NumPy file that it stands for.

The file is the only meaning a description has. Whoever wants to know what a program computes loads its text, as the
engine does, so that a failing program is nothing but a small file that anybody can read and run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]
Place = Literal["params", "data", "module"]
Layout = Literal["C", "F", "transposed", "strided", "reversed"]


@dataclass(frozen=True, eq=False)
class Leaf:
    """An array of the file, or with ``plain`` a number without NumPy.

    ``draw`` makes other numbers of the same kind; ``layout`` says how the array lies in memory.
    """

    name: str
    array: Array
    place: Place
    draw: Callable[[np.random.Generator, tuple[int, ...]], Array]
    layout: Layout = "C"
    plain: bool = False

    def redrawn(self, rng: np.random.Generator) -> Leaf:
        """The leaf with other numbers; a constant of the file stays what it is."""
        if self.place == "module":
            return self
        return replace(self, array=np.asarray(self.draw(rng, self.array.shape)).astype(self.array.dtype))

    @property
    def text(self) -> str:
        """The expression that makes the array, in its layout."""
        if self.plain:
            return _numbers(self.array)
        dtype = "" if self.array.dtype == np.float64 else f", dtype=np.{self.array.dtype.name}"
        match self.layout:
            case "F":
                return f'np.array({_numbers(self.array)}{dtype}, order="F")'
            case "transposed":
                return f"np.array({_numbers(self.array.T)}{dtype}).T"
            case "strided":
                return f"np.repeat(np.array({_numbers(self.array)}{dtype}), 2, axis=-1)[..., ::2]"
            case "reversed":
                return f"np.array({_numbers(self.array[::-1])}{dtype})[::-1]"
        return f"np.array({_numbers(self.array)}{dtype})"


@dataclass(frozen=True)
class Helper:
    """A function of the file."""

    name: str
    text: str


@dataclass(frozen=True)
class Statement:
    """A few lines of ``loss`` that make one new variable out of others. ``made_by`` is the generator's name."""

    made_by: str
    target: str
    reads: tuple[str, ...]
    lines: tuple[str, ...]
    helpers: tuple[Helper, ...] = ()


@dataclass(frozen=True)
class Term:
    """A share of the loss: an expression of one variable."""

    variable: str
    text: str


@dataclass(frozen=True, eq=False)
class Description:
    """A whole program. ``packed`` parameters come as one list argument ``weights`` and are unpacked in ``loss``.

    ``names``: what variables are called in the file; of several with one name each takes the place of the one before.
    """

    leaves: tuple[Leaf, ...]
    statements: tuple[Statement, ...]
    terms: tuple[Term, ...]
    packed: tuple[str, ...] = ()
    title: str = "A random program."
    notes: tuple[str, ...] = field(default=())
    names: tuple[tuple[str, str], ...] = ()

    @property
    def parameters(self) -> tuple[Leaf, ...]:
        return tuple(leaf for leaf in self.leaves if leaf.place == "params")

    def source(self) -> str:
        """The text of the file."""
        used = self._used()
        leaves = [leaf for leaf in self.leaves if leaf.name in used or leaf.place == "params"]
        lines = [f'"""{self.title}"""', *(f"# {note}" for note in self.notes), "import numpy as np", ""]
        lines += [f"{leaf.name} = {leaf.text}" for leaf in leaves if leaf.place == "module"]
        params = [leaf for leaf in leaves if leaf.place == "params"]
        loose = [leaf for leaf in params if leaf.name not in self.packed]
        packed = [leaf for leaf in params if leaf.name in self.packed]
        lines.append("params = {")
        lines += [f'    "{leaf.name}": {leaf.text},' for leaf in loose]
        if packed:
            lines += ['    "weights": [', *(f"        {leaf.text}," for leaf in packed), "    ],"]
        lines += ["}", "data = {"]
        data = [leaf for leaf in leaves if leaf.place == "data"]
        lines += [*(f'    "{leaf.name}": {leaf.text},' for leaf in data), "}", ""]
        for helper in dict.fromkeys(h for s in self.statements for h in s.helpers):
            lines += ["", *helper.text.splitlines(), ""]
        arguments = [leaf.name for leaf in (*loose, *data)] + ["weights"] * bool(packed)
        lines += ["", f"def loss({', '.join(arguments)}):"]
        if packed:
            lines.append(f"    {', '.join(leaf.name for leaf in packed)}{',' * (len(packed) == 1)} = weights")
        lines += [f"    {line}" for statement in self.statements for line in statement.lines]
        for number, term in enumerate(self.terms):
            lines.append(f"    total = {'total + ' * (number > 0)}{term.text}")
        text = "\n".join([*lines, "    return total", ""])
        called = dict(self.names)
        return re.sub(r"\b[a-zA-Z]+\d+\b", lambda found: called.get(found[0], found[0]), text)

    def _used(self) -> set[str]:
        return {n for s in self.statements for n in s.reads} | {t.variable for t in self.terms}


def _numbers(array: Array) -> str:
    """Nested lists as Python writes them, with no more digits than the dtype has."""
    if array.ndim:
        return "[" + ", ".join(_numbers(row) for row in array) + "]"
    return str(array.item() if array.dtype.kind != "f" else float(str(array[()])))
