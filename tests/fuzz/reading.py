"""Everything that the screen asks of a tape: steps, parts, the reasons, cells of operands and results."""

from __future__ import annotations

import numpy as np

import engine
from engine.reading.entry import entry
from engine.reading.idioms import idioms
from engine.reading.steps import chain
from engine.reading.strip import strip
from engine.reading.why import why


def read_everything(tape: engine.Tape, rng: np.random.Generator) -> None:
    """Read every step; of every part one cell of each of its matrices. Only to see that it can be read."""
    program = tape.program
    for step in program.steps:
        why(program, step.id)
        idioms(program, step.id)
        if step.of is not None:
            chain(program, step.id)
        for part in step.parts:
            for term, operand in ((part.result, "result"), (part.left, "left"), (part.right, "right")):
                if term is None:
                    continue
                array = tape.array(term)
                assert array.shape == term.shape
                if array.size:
                    index = tuple(int(rng.integers(n)) for n in array.shape)
                    said = entry(tape, part, index, operand)
                    assert said.heading
                    shown = array[index].item()
                    assert operand != "result" or said.value is None or said.value == shown or shown != shown, (
                        f"{said.heading} is said to be {said.value}, it is {shown}"
                    )
    strip(program)
    program.source()
