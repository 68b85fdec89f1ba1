"""Which chain is shown with a step: one in which the step itself occurs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.reading.chain import Chains

if TYPE_CHECKING:
    from engine.program import Program


def path_target(program: Program, step_id: str) -> str:
    """The id of the step to whose gradient the chain is shown while step ``step_id`` is looked at.

    It is the next gradient of a parameter whose chain goes through the step, matrices first; where paths part or meet
    before one is reached, the last gradient before they part, or the one in which they meet. A forward step has none:
    its own id is returned, and so is that of a parameter's gradient.
    """
    step = program.step(step_id)
    if step.of is None or program.values[program.by_name[step.of]].role == "parameter":
        return step.id
    chains = program.chains
    quantity = program.by_name[step.quantity]
    if quantity not in chains.aims:
        chains.aims[quantity] = _aim(program, chains, quantity, program.directory.numbers[step.id])
    return chains.ids[chains.aims[quantity]]


def _aim(program: Program, chains: Chains, quantity: int, number: int) -> int:
    if chains.starts(quantity):
        return quantity  # paths meet here: what is to be seen is how
    parameter = program.wiring.targets.get(number)
    if parameter is not None and quantity in chains.applied(program.plans[parameter].quantity):
        return program.plans[parameter].quantity
    here = quantity
    while True:
        following = program.wiring.followers.get(here, [])
        if len(following) > 1 and here == quantity and chains.spine(here).upstream is None:
            following = following[:1]  # the loss comes in here: nothing is to be seen yet but where it goes on
        if len(following) != 1:
            return here
        if chains.spine(following[0]).upstream != here:
            return following[0] if quantity in chains.applied(following[0]) else here
        here = following[0]
