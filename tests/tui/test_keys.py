"""One registry of keys: the footer, the help page and the bindings cannot say different things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from textual.binding import Binding, BindingsMap

from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.keys import GROUPS, KEYS, OWN_KEYS, Key, footer_keys, footer_text, help_lines
from tui.paint.footer import paint_footer
from tui.paint.help import help_height, paint_help

APP_ACTIONS = {"check", "own", "flip", "reload", "open", "command_palette", "help", "quit"}
UNWANTED = {"c", "C", "b", "B", "m", "x", "p", "left_square_bracket", "right_square_bracket"}


@pytest.mark.parametrize("keys", [KEYS, OWN_KEYS], ids=["debugger", "own backward"])
def test_no_key_does_two_things(keys: Sequence[Key]) -> None:
    uses = Counter(key for entry in keys for key in entry.keys)
    assert [key for key, count in uses.items() if count > 1] == []


def test_every_key_is_one_that_textual_knows_by_this_name() -> None:
    """Textual turns single characters into names; a key stored under another spelling would never fire."""
    for entry in (*KEYS, *OWN_KEYS):
        for key in entry.keys:
            made = list(BindingsMap([Binding(key, entry.action)]).key_to_bindings)
            assert made == [key]


def test_every_action_is_a_move_of_the_debugger_or_one_of_the_apps_own() -> None:
    names = {entry.action.partition("(")[0] for entry in KEYS}
    assert {name for name in names if not hasattr(Debugger, name)} == APP_ACTIONS - {"flip"}


def test_there_is_no_key_for_what_does_not_exist_yet() -> None:
    assert UNWANTED.isdisjoint(key for entry in KEYS for key in entry.keys)


def test_the_footer_is_help_first_and_fits_80_columns() -> None:
    assert len(footer_keys()) <= 8
    assert footer_keys()[0].action == "help"
    assert footer_text() == "? help  n next  N back  s part  f finish  w why  v conv  q quit"
    assert len(footer_text()) <= 80


def test_the_footer_of_the_own_backward_fits_80_columns() -> None:
    assert footer_keys(OWN_KEYS)[0].action == "help"
    assert footer_text(OWN_KEYS) == "? help  Enter its step  n next wrong  Tab cells  y debugger  r reload  q quit"
    assert len(footer_text(OWN_KEYS)) < 80


def test_what_a_footer_has_no_room_for_gives_way_and_help_and_quit_stay() -> None:
    """With the key that only some files need the footer still fits 80 columns; in 64 it loses a key, not its ends."""
    wide, narrow = (paint_footer(footer_keys(also=("own",)), width).text() for width in (80, 64))
    assert wide.startswith(" ? help  y yours  n next") and wide.endswith("v conv  q quit")
    assert narrow.startswith(" ? help  y yours  n next") and narrow.endswith("q quit")
    assert "v conv" not in narrow


@pytest.mark.parametrize("keys", [KEYS, OWN_KEYS], ids=["debugger", "own backward"])
def test_the_help_page_shows_every_key_once_with_what_it_does(keys: Sequence[Key]) -> None:
    """Compared with the registry key by key, so a new key cannot be missing from the help page."""
    shown = [key for group in GROUPS for line in help_lines(group, keys) for key in line.keys]
    assert sorted(shown) == sorted(entry.shown for entry in keys)
    text = paint_help(76, keys=keys).text()
    assert all(line.help in text for group in GROUPS for line in help_lines(group, keys))
    assert all(entry.group in text for entry in keys)


def test_the_help_page_fits_a_dialog_in_80_by_24_and_says_that_opening_runs_the_file() -> None:
    assert help_height(76) <= 20
    assert "Opening a file runs it" in paint_help(76).text()


def test_a_narrow_help_page_is_one_column_and_loses_no_word() -> None:
    text = paint_help(44).text()
    assert all(line.help in text for group in GROUPS for line in help_lines(group))
    assert max(map(len, text.splitlines())) <= 44


def test_a_help_page_that_is_too_tall_can_be_scrolled_to_its_end() -> None:
    whole = paint_help(44)
    bottom = paint_help(44, 5, whole.height - 5)
    assert bottom.rows() == whole.rows()[-5:]


def test_golden_help(golden_screen: Callable[[str, Canvas], None]) -> None:
    """You should see four groups of keys in two columns, keys in yellow, then the signs that are used and a warning
    that opening a file runs it."""
    golden_screen("help_76", paint_help(76))
