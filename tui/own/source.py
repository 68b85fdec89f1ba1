"""The functions of a person's file as lines, and which of them start a statement."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file; ``starts`` says whether a statement that does something starts on it."""

    file: str
    number: int
    text: str
    starts: bool


def functions(file: str, wanted: Iterable[int]) -> list[list[Line]]:
    """The functions in which the ``wanted`` lines stand, each from its ``def`` to its end, in the order of the file.

    The text is that of the file as it was run. A wanted line outside of every function stands alone.
    """
    linecache.checkcache(file)  # a helper that was edited; the opened file itself stays as it was run
    text = linecache.getlines(file)
    found: set[tuple[int, int]] = set()
    starts: set[int] = set()
    spans: list[tuple[int, int]] = []
    try:
        tree = ast.parse("".join(text))
    except (SyntaxError, ValueError):  # a module that was edited after it was imported
        tree = ast.Module([], [])
    starts |= set(_statements(tree))
    spans = list(_spans(tree))
    for number in wanted:
        found.add(next(((first, last) for first, last in spans if first <= number <= last), (number, number)))
    return [[_line(file, text, number, starts) for number in range(first, last + 1)] for first, last in sorted(found)]


def _line(file: str, text: list[str], number: int, starts: set[int]) -> Line:
    shown = text[number - 1].rstrip().expandtabs(4) if 0 < number <= len(text) else ""
    return Line(file, number, shown, number in starts)


def _spans(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """First and last line of every function and method that is in no other function, decorators included."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield first, node.end_lineno or node.lineno
        else:
            yield from _spans(node)


def _statements(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield node.lineno
