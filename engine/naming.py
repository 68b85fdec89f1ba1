"""Settles every identifier of a program: leaves, forward quantities, gradients, temporaries, one pool for all.

The user's names are kept; a name that is bound again is numbered; a pre-activation without a name is ``z`` and its
layer, a layer's bare product ``a`` and its layer, anything else ``t1``, ``t2``, ...; a gradient is ``d`` and its value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from engine.graph import Graph
from engine.layers import Layers
from engine.names import Pool, gradient_name, symbol

_POSITION = re.compile(r"\[\d+\]")


class Naming:
    """Names (as in NumPy) and symbols (as in formulas) by value."""

    def __init__(self, graph: Graph, layers: Layers, user: Mapping[int, str]) -> None:
        self.graph, self.layers, self.user = graph, layers, user
        self.pool = Pool()
        self.names: dict[int, str] = {}
        self.symbols: dict[int, str] = {}
        self._written: set[str] = set()

    def _set(self, value: int, name: str) -> None:
        """A name and its symbol; ``i_1`` beside ``i1`` is not written i₁ as well."""
        self.names[value] = name
        written = symbol(name)
        self.symbols[value] = name if written in self._written else written
        self._written.add(self.symbols[value])

    def leaves(self) -> None:
        """Arguments keep their names; nested ones take a loop variable's, numbered, else their path's."""
        given = [(i, c) for i, c in enumerate(self.graph.cells) if c.kind in ("parameter", "data")]
        for index, cell in given:
            if cell.name:
                self._set(index, self.pool.take(cell.name))
        by_name: dict[str, list[int]] = {}
        for index, cell in given:
            if not cell.name:
                by_name.setdefault(self.user.get(index) or last_key(cell.path or ""), []).append(index)
        for name, indices in by_name.items():
            self._nested(name, indices)
        for index, cell in enumerate(self.graph.cells):
            if cell.kind == "constant":
                self._set(index, self.pool.take(cell.name or "c"))

    def _nested(self, name: str, indices: Sequence[int]) -> None:
        plain = [name] if len(indices) == 1 else [f"{name}{k}" for k in range(1, len(indices) + 1)]
        numbered = len(indices) > 1 and name[-1:].isdigit()
        # layers[0]['W'] and layers[1]['W'] count up; p['i'] and bias['i'] are different things
        counted = len({_POSITION.sub("[]", self.graph.cells[i].path or "") for i in indices}) == 1
        usable = bool(name) and not numbered and counted and all(self.pool.free(p) for p in plain)
        for k, index in enumerate(indices):
            path = self.graph.cells[index].path or "value"
            self._set(index, self.pool.take(plain[k] if usable else flattened(path)))

    def forward(self, quantities: Sequence[int], loss: int) -> None:
        """Name the forward quantities, the user's names first."""
        by_name: dict[str, list[int]] = {}
        for value in quantities:
            if value in self.user:
                by_name.setdefault(self.user[value], []).append(value)
        for name, values in by_name.items():
            single = len(values) == 1 and self.pool.free(name)
            chosen = [self.pool.take(name)] if single else self.pool.numbered(name, len(values))
            for value, picked in zip(values, chosen, strict=True):
                self._set(value, picked)
        affine = set(self.layers.affine)
        for value in quantities:
            if value in self.names:
                continue
            if value == loss:
                self._set(value, self.pool.take("L"))
            elif value in affine:
                self._set(value, self.pool.take(f"z{self.layers.behind[value]}"))
            elif self.layers.is_product(value):
                self._set(value, self.pool.take(f"a{self.layers.behind[value]}"))
            else:
                self._set(value, self.pool.fresh("t"))

    def backward(self, gradients: Mapping[int, int]) -> None:
        """Name the gradient of every value that has a name."""
        for value, gradient in gradients.items():
            self.names[gradient] = self.pool.take(gradient_name(self.names[value]))
            self.symbols[gradient] = "∂L/∂" + self.symbols[value]

    def temporary(self, value: int) -> None:
        """Name a value that gets a line of its own inside a step."""
        user = self.user.get(value)
        self._set(value, self.pool.take(user) if user else self.pool.fresh("t"))


def last_key(path: str) -> str:
    """``layers[0]['W']`` is a ``W``; empty where the last key is no name."""
    found = re.search(r"\['([^\W\d]\w*)'\]$", path)
    return found[1] if found else ""


def flattened(path: str) -> str:
    """``layers[0]['W']`` as an identifier: ``layers_0_W``."""
    plain = path.replace("']", "").replace("['", "_").replace("]", "")
    return "".join(c if c.isalnum() else "_" for c in plain).strip("_")
