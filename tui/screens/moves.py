"""The keys that only move the place or change how it is looked at: each is one move of the pure state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.screen import Screen

if TYPE_CHECKING:
    from tui.debugger import Debugger


class Moves(Screen[None]):
    """The actions of the key registry for which `Debugger` has a method of the same name."""

    def move(self, change: Callable[[Debugger], Debugger]) -> None:
        """Put the state through ``change`` and show the result; nothing where nothing is recorded yet."""
        raise NotImplementedError

    def action_next_step(self) -> None:
        """The result of the next step."""
        self.move(lambda here: here.next_step())

    def action_previous_step(self) -> None:
        """The result of the step before."""
        self.move(lambda here: here.previous_step())

    def action_next_part(self) -> None:
        """One operation on."""
        self.move(lambda here: here.next_part())

    def action_previous_part(self) -> None:
        """One operation back."""
        self.move(lambda here: here.previous_part())

    def action_finish(self) -> None:
        """The next gradient of a parameter."""
        self.move(lambda here: here.finish())

    def action_unfinish(self) -> None:
        """The gradient of a parameter before this one."""
        self.move(lambda here: here.unfinish())

    def action_next_layer(self) -> None:
        """The first step of the next layer."""
        self.move(lambda here: here.next_layer())

    def action_previous_layer(self) -> None:
        """The first step of the layer before."""
        self.move(lambda here: here.previous_layer())

    def action_first(self) -> None:
        """The first step."""
        self.move(lambda here: here.first())

    def action_last(self) -> None:
        """The last step."""
        self.move(lambda here: here.last())

    def action_move_cursor(self, rows: int, columns: int) -> None:
        """The cell cursor, round the edges."""
        self.move(lambda here: here.move_cursor(rows, columns))

    def action_row_start(self) -> None:
        """The first cell of the row."""
        self.move(lambda here: here.row_start())

    def action_row_end(self) -> None:
        """The last cell of the row."""
        self.move(lambda here: here.row_end())

    def action_cycle_operand(self, direction: int) -> None:
        """The cursor into the next matrix."""
        self.move(lambda here: here.cycle_operand(direction))

    def action_move_slice(self, by: int) -> None:
        """Another slice of arrays with more than two axes."""
        self.move(lambda here: here.move_slice(by))

    def action_set_page(self, page: int) -> None:
        """A page of the inspector."""
        self.move(lambda here: here.set_page(page))

    def action_toggle_why(self) -> None:
        """The page that explains the transpose, and back."""
        self.move(lambda here: here.toggle_why())

    def action_more_decimals(self) -> None:
        """One decimal more."""
        self.move(lambda here: here.more_decimals())

    def action_fewer_decimals(self) -> None:
        """One decimal less."""
        self.move(lambda here: here.fewer_decimals())

    def action_cycle_rail(self) -> None:
        """The list of steps: names, NumPy lines, off."""
        self.move(lambda here: here.cycle_rail())
