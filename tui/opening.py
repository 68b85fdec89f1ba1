"""From TARGET to a tape: find the file, run it, record its loss. What the command and the app both start with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import MirrorError
from tui.catalog import resolve

if TYPE_CHECKING:
    from engine import Program, Tape
    from engine.scenario import Scenario


@dataclass(frozen=True)
class Opened:
    """A scenario with its recording, in the convention of the file. ``target`` is what the person asked for."""

    target: str
    scenario: Scenario
    tape: Tape

    def on(self, program: Program) -> Tape:
        """The same numbers run through another reading of the program (the mirror, the long chain)."""
        return program.run(self.scenario.params, self.scenario.data)

    def read_as(self, convention: str, unfused: bool = False) -> Tape:
        """The tape in ``as-written``, ``column`` or ``row``, with the short forms of the notes or op by op.

        Raises MirrorError, with line and reason, where the program does not exist in that convention.
        """
        tape = self.tape
        if convention not in ("as-written", tape.program.convention):
            tape = self.in_other_convention(tape)
        return self.on(tape.program.unfused()) if unfused else tape

    def in_other_convention(self, tape: Tape) -> Tape:
        """The column tape of a row tape and the other way round. Raises MirrorError where there is none."""
        if tape.program.convention == "as-written":
            reason = "No product with a parameter says whether this is column or row: it exists only as written."
            raise MirrorError(reason, file=str(self.scenario.path))
        return self.on(tape.program.mirror())


def open_target(target: str) -> Opened:
    """Load and record TARGET. Raises engine.ChainstepError in any of its kinds."""
    import engine
    from engine.scenario import load

    scenario = load(resolve(target))
    program = engine.trace(scenario.loss, scenario.params, scenario.data, scenario.references)
    return Opened(target, scenario, program.run(scenario.params, scenario.data))
