"""Where the values of one program are in another that does the same operations on other sizes."""

from __future__ import annotations

from engine.ir import Node
from engine.program import Program


def moved_values(one: Program, other: Program) -> dict[int, int] | None:
    """Where each value of ``one`` is in ``other``; None where the two do not do the same.

    A division by a count that is 1 falls away in the backward pass: ``other`` may have such steps more. A number that
    stands for a count may be one value here and two there (the 1 of 1/N and another 1).
    """
    moved: dict[int, int] = {}
    roots: dict[int, int] = {}
    waiting = list(other.nodes)
    for node in one.nodes:
        while waiting and not _alike(one, other, node, waiting[0], moved, roots):
            scaled = _scaled(other, waiting[0])
            if scaled is None or not waiting[0].backward:
                return None
            roots[waiting[0].output] = roots.get(scaled, scaled)
            waiting.pop(0)
        if not waiting:
            return None
        found = waiting.pop(0)
        if node.op == found.op:
            moved |= dict(zip(node.inputs, found.inputs, strict=True))
        else:
            roots[found.output] = found.output
        moved[node.output] = found.output
    return moved if all(_scaled(other, node) is not None for node in waiting) else None


def _alike(one: Program, other: Program, a: Node, b: Node, moved: dict[int, int], roots: dict[int, int]) -> bool:
    """Whether ``b`` is to ``other`` what ``a`` is to ``one``."""

    def stands(i: int, j: int) -> bool:
        if i in one.literals or i not in moved:
            return (i in one.literals) == (j in other.literals)
        return roots.get(moved[i], moved[i]) == roots.get(j, j)

    if a.op == "same" and b.op != "same":
        scaled = _scaled(other, b)
        return scaled is not None and stands(a.inputs[0], scaled)
    same = a.op == b.op and a.backward == b.backward and len(a.inputs) == len(b.inputs)
    return same and all(stands(i, j) for i, j in zip(a.inputs, b.inputs, strict=True))


def _scaled(program: Program, node: Node) -> int | None:
    """What a node multiplies by a number or divides by one; None where it does neither."""
    if node.op not in ("divide", "multiply"):
        return None
    others = [i for i in node.inputs if i not in program.literals]
    divided = node.op == "multiply" or node.inputs[-1] in program.literals
    return others[0] if len(others) == 1 and divided else None


def divides_by_count(one: Program, several: Program) -> bool:
    """Whether loss divides by a number that is another one with more examples."""
    pairs = zip((n for n in one.nodes if not n.backward), (n for n in several.nodes if not n.backward), strict=True)
    return any(
        i in one.literals and j in several.literals and one.literals[i] != several.literals[j]
        for a, b in pairs
        if a.op in ("divide", "multiply")
        for i, j in zip(a.inputs, b.inputs, strict=True)
    )
