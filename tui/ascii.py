"""``--ascii``: every glyph replaced by one ASCII character, on finished rows, so that no layout changes.

The matrix product ``·`` (U+00B7) and the product of numbers ``⋅`` (U+22C5) look alike on the screen but are two
characters: the first becomes ``@`` and the second ``*``, as NumPy writes them. No sign becomes
a letter that could be a name: ``½`` is ``%``, ``²`` is ``^`` (``h₁²`` is not ``h12``), ``≠`` is ``#`` as in Oberon.
"""

from __future__ import annotations

import unicodedata

_GLYPHS = {
    "·": "@",
    "⋅": "*",
    "∙": ".",
    "⊙": "*",
    "÷": "/",
    "×": "x",
    "−": "-",
    "–": "-",
    "—": "-",
    "ᵀ": "'",
    "∂": "d",
    "Σ": "S",
    "∑": "S",
    "∏": "P",
    "√": "V",
    "σ": "s",
    "ε": "e",
    "φ": "f",
    "′": "'",
    "𝟙": "1",
    "½": "%",
    "²": "^",
    "‖": "|",
    "∘": "o",
    "∞": "I",
    "≤": "<",
    "≥": ">",
    "≠": "#",
    "≈": "~",
    "…": "~",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "⇒": ">",
    "↳": "\\",
    "⋮": ":",
    "▶": ">",
    "▸": ">",
    "◀": "<",
    "▲": "^",
    "▾": "v",
    "▼": "v",
    "●": "*",
    "◆": "*",
    "○": "o",
    "✓": "+",
    "✗": "!",
    "⚠": "~",
    "■": "#",
    "▁": "_",
    "▂": ".",
    "▃": ":",
    "▄": "-",
    "▅": "=",
    "▆": "+",
    "▇": "*",
    "█": "#",
    "▀": "^",
    "▰": "#",
    "▱": "-",
    "░": ".",
    "▒": ":",
    "▓": "#",
    "\N{NO-BREAK SPACE}": " ",
    **dict.fromkeys("⎡⎢⎣⎤⎥⎦│┃║▌▐", "|"),
    **dict.fromkeys("─━═", "-"),
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼", "+"),
}


class _Table(dict[int, str]):
    """A ``str.translate`` table that answers for every character there is."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        if not char.isascii():
            # ₁ and ⱼ are 1 and j at heart, é is an e.
            base = unicodedata.normalize("NFKD", char)[:1]
            char = base if base.isascii() else "?"
        self[point] = char
        return char


ASCII = _Table({ord(glyph): char for glyph, char in _GLYPHS.items()})
"""For ``str.translate`` and ``Canvas.translate``."""


def to_ascii(text: str) -> str:
    """``text`` with exactly one ASCII character for every character it has."""
    return text.translate(ASCII)
