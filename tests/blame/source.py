"""A learner's text with its statements, and changes of it that keep everything else as it was written."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.blame.regions import Unit, target_of, units_of


@dataclass(frozen=True)
class Edit:
    """From ``start`` to ``end`` of the text stands ``instead``."""

    start: int
    end: int
    instead: str


@dataclass(frozen=True)
class Source:
    """The text of a file, and where its nodes stand in it."""

    text: str

    @cached_property
    def units(self) -> list[Unit]:
        """The statements of the way back."""
        return [unit for unit in self.every if not unit.forward and unit.function.name != "forward"]

    @cached_property
    def every(self) -> list[Unit]:
        return units_of(self.text)

    @cached_property
    def starts(self) -> list[int]:
        """Where each line starts."""
        found = [0]
        for line in self.text.splitlines(keepends=True):
            found.append(found[-1] + len(line))
        return found

    def span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, ast.expr | ast.stmt | ast.arg)
        first = self.starts[node.lineno - 1] + node.col_offset
        return first, self.starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)

    def instead(self, node: ast.AST, text: str) -> Edit:
        """Another expression in its place, in brackets where it might need them."""
        start, end = self.span(node)
        whole = any(unit.node.value is node for unit in self.every)
        return Edit(start, end, text if whole or atomic(text) else f"({text})")

    def rewritten(self, unit: Unit, *lines: str) -> Edit:
        """Other lines in place of a statement, as far in as it was."""
        start, end = self.span(unit.node)
        return Edit(start, end, f"\n{self.indent(unit)}".join(lines))

    def dropped(self, unit: Unit) -> Edit:
        """The statement's lines left out."""
        return Edit(self.starts[unit.node.lineno - 1], self.starts[unit.node.end_lineno or 0], "")

    def before(self, unit: Unit, *lines: str) -> Edit:
        start = self.starts[unit.node.lineno - 1]
        return Edit(start, start, "".join(f"{self.indent(unit)}{line}\n" for line in lines))

    def indent(self, unit: Unit) -> str:
        return " " * unit.node.col_offset

    def with_edits(self, edits: list[Edit]) -> str:
        """The text with all of them; they do not overlap."""
        text = self.text
        for edit in sorted(edits, key=lambda one: (-one.start, -one.end)):
            text = text[: edit.start] + edit.instead + text[edit.end :]
        return text

    def neighbours(self) -> Iterator[tuple[Unit, Unit]]:
        """Two statements of one body, one right behind the other."""
        for one, other in zip(self.units, self.units[1:], strict=False):
            together = one.function is other.function and one.node.col_offset == other.node.col_offset
            if together and (one.node.end_lineno or 0) + 1 == other.node.lineno:
                yield one, other


def some_of(edits: list[Edit], rng: random.Random) -> list[Edit]:
    """At least one of them, none over another."""
    rng.shuffle(edits)
    taken: list[Edit] = []
    for edit in edits:
        apart = all(edit.end <= one.start or one.end <= edit.start for one in taken)
        if apart and (not taken or rng.random() < 0.6):
            taken.append(edit)
    return taken


def atomic(text: str) -> bool:
    """Whether it needs no brackets beside an operator."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return False
    return not isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare | ast.IfExp | ast.BoolOp | ast.Lambda)


def names_in(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def free(text: str, wanted: str) -> str:
    """A name that the text does not have, ``wanted`` if it can be."""
    taken = set(re.findall(r"\w+", text))
    k = 0
    name = wanted
    while name in taken or not name.isidentifier():
        k += 1
        name = f"{wanted}{k}" if wanted.isidentifier() else f"t{k}"
    return name


def is_plain(unit: Unit) -> bool:
    """``name = expression``."""
    return isinstance(unit.node, ast.Assign) and len(unit.node.targets) == 1 and target_of(unit).isidentifier()
