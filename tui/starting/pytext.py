"""Python text as a formatter would leave it: on one line where it fits, else one item per line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

WIDTH = 88
"""Columns; a file that is laid out for these looks the same to a formatter that allows more."""


def text_literal(text: str) -> str:
    """A string in double quotes, in single ones where it holds double ones itself."""
    written = repr(text)
    return f'"{written[1:-1]}"' if written[0] == "'" and '"' not in written else written


def bracketed(head: str, items: Sequence[str], tail: str) -> list[str]:
    """``head item, item tail``; where that is too long, one item per line with a comma after each."""
    line = f"{head}{', '.join(items)}{tail}"
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(head) - len(head.lstrip()) + 4)
    return [head, *(f"{indent}{item}," for item in items), indent[4:] + tail]


def comment(text: str, indent: str = "") -> list[str]:
    """A comment on lines of its own, wrapped at words; a ``~`` is a blank at which no line ends."""
    lines = [f"{indent}#"]
    for word in text.split():
        if len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append(f"{indent}#")
        lines[-1] += f" {word}"
    return [line.replace("~", " ") for line in lines]


def sections(parts: Iterable[Sequence[str]], blank: int) -> list[str]:
    """The parts that hold anything, ``blank`` empty lines between them."""
    found: list[str] = []
    for part in parts:
        if part:
            found += [""] * blank * bool(found) + list(part)
    return found
