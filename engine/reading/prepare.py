"""What the first look at a program would otherwise wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.program import Program

_MANY_TEMPORARIES = 8


def prepare(program: Program) -> None:
    """Work out what all steps share, and describe the few steps that are long in themselves.

    Nothing depends on it but the time that the first look takes: whoever opens a program beside a screen calls this
    there, so that no key has to wait for it.
    """
    _ = program.stops.reached, program.wiring.targets, program.wiring.readers, program.chains, program.examples
    for source in program.wiring.followers:
        program.chains.spine(source)
    for plan, step in zip(program.plans, program.steps, strict=True):
        if len(plan.temporaries) >= _MANY_TEMPORARIES:
            _ = step.parts  # a sum of hundreds of terms
