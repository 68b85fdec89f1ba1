"""The reverse sweep: from the loss back to every parameter, one gradient rule at a time.

It appends nodes of the same kind as the forward pass, evaluated on the recorded values, so that every gradient's shape
and dtype is compared with its value's while the program is built. The sum over broadcast axes and the sum over several
uses of one value happen here and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np

from engine.graph import Graph
from engine.ir import Node
from engine.ops import TABLE
from engine.ref import Ref

Contribution = tuple[int, Ref]
Shortcut = Callable[[Ref], Iterable[Contribution] | None]


def differentiate(
    graph: Graph,
    loss: int,
    quantities: frozenset[int],
    parameters: Iterable[int],
    shortcuts: Mapping[int, Shortcut],
) -> dict[int, int]:
    """Append the backward pass; return, for each quantity and parameter that has one, the value of its gradient.

    ``shortcuts`` give, for some values, the gradients further back in one go (`engine.fuse`); a shortcut that does not
    apply to the gradient that arrives returns None, and the rules of the table are used.
    """
    forward = list(graph.nodes)
    arriving: dict[int, list[tuple[int, Ref]]] = {}
    made: dict[int, int] = {}
    seed = Ref(graph, None, ones=graph.cells[loss].shape, ones_like=loss)
    arriving[loss] = [(len(forward), seed)]
    wanted = set(parameters)
    turned = _turned(graph, forward, quantities)
    for number in reversed(range(len(forward))):
        node = forward[number]
        output = node.output
        if output not in arriving or not graph.cells[output].active:
            continue
        gradient = _total(graph, output, arriving.pop(output))
        if output in quantities and output != loss:
            quantity = graph.ref(_materialise(graph, output, gradient, made))
            # a gradient that is just a number stays one: 0.02 * W1, not 0.02 * (dreg * W1)
            gradient = gradient if gradient.index is None and not gradient.shape else quantity
        shortcut = shortcuts.get(output)
        found = shortcut(gradient) if shortcut is not None else None
        for target, part in _by_rule(graph, node, gradient, turned) if found is None else found:
            if graph.cells[target].active:
                arriving.setdefault(target, []).append((number, _fitted(graph, part, target)))
    for parameter in sorted(wanted):
        if parameter in arriving:
            _materialise(graph, parameter, _total(graph, parameter, arriving[parameter]), made)
        else:
            _materialise(graph, parameter, _zero(graph, parameter), made)
    return made


def _turned(graph: Graph, forward: Sequence[Node], quantities: frozenset[int]) -> dict[int, int]:
    """Transposed operands without a name that one product reads, with what they are the transpose of."""
    uses = Counter(i for node in forward for i in node.inputs)
    found: dict[int, int] = {}
    for node in forward:
        if node.op != "matmul" or any(len(graph.cells[i].shape) < 2 for i in node.inputs):
            continue
        for i in node.inputs:
            source = graph.transposed_matrix(i)
            if source is not None and uses[i] == 1 and i not in quantities:
                found[i] = source
    return found


def _by_rule(graph: Graph, node: Node, gradient: Ref, turned: Mapping[int, int]) -> Iterable[Contribution]:
    """What a node passes on; a product passes on past operands that are ``turned``."""
    rule = TABLE[node.op].gradient
    assert rule is not None
    past = {"turned": tuple(i in turned for i in node.inputs)} if node.op == "matmul" else {}
    parts = rule(gradient, graph.ref(node.output), *(graph.ref(i) for i in node.inputs), **node.attributes, **past)
    assert len(parts) == len(node.inputs), node.op
    given = zip(node.inputs, parts, strict=True)
    return [(turned.get(i, i) if past else i, part) for i, part in given if part is not None and graph.cells[i].active]


def _total(graph: Graph, value: int, parts: list[tuple[int, Ref]]) -> Ref:
    """The sum over all uses of a value, in the order of the forward pass."""
    total, *rest = (ref for _, ref in sorted(parts, key=lambda item: item[0]))
    for ref in rest:
        total = total + ref
    return total


def _fitted(graph: Graph, gradient: Ref, target: int) -> Ref:
    """Sum ``gradient`` over the axes along which ``target`` was broadcast, and give it the target's dtype."""
    cell = graph.cells[target]
    missing = len(cell.shape) - gradient.ndim
    if missing > 0 and gradient.index is not None:
        gradient = gradient.apply("reshape", shape=(1,) * missing + gradient.shape)
    extra = gradient.ndim - len(cell.shape)
    if gradient.index is None:
        if gradient.shape != cell.shape:
            count = gradient.size // max(int(np.prod(cell.shape, dtype=np.int64)), 1)
            gradient = Ref(graph, None, gradient.times, gradient.over, cell.shape, target).scaled(Fraction(count))
        return gradient.cast(graph.ref(target))
    if not cell.shape and gradient.ndim:
        gradient = gradient.sum()
    else:
        if extra > 0:
            gradient = gradient.sum(axis=tuple(range(extra)) if extra > 1 else 0)
        assert gradient.index is not None
        arriving = graph.cells[gradient.index].axes
        summed = tuple(
            k
            for k, size in enumerate(cell.shape)
            if size == 1
            and k < gradient.ndim
            and (gradient.shape[k] != 1 or (cell.kind == "parameter" and not _same_axis(graph, arriving, cell.axes, k)))
        )
        if summed:
            gradient = gradient.sum(axis=summed if len(summed) > 1 else summed[0], keepdims=True)
    if gradient.shape != cell.shape:
        kept = gradient.apply("broadcast_to", shape=cell.shape)
        gradient = kept
    gradient = gradient.cast(graph.ref(target))
    assert gradient.shape == cell.shape, (gradient.shape, cell.shape)
    assert gradient.index is not None
    if not graph.cells[gradient.index].kind and graph.cells[gradient.index].gradient_of is None:
        graph.cells[gradient.index].axes = cell.axes
    return gradient


def _same_axis(graph: Graph, arriving: tuple[int, ...], own: tuple[int, ...], k: int) -> bool:
    return len(arriving) == len(own) and (
        graph.classes.same(arriving[k], own[k]) or not graph.classes.is_data(arriving[k])
    )


def _zero(graph: Graph, parameter: int) -> Ref:
    cell = graph.cells[parameter]
    dtype = None if cell.dtype == np.float64 else str(cell.dtype)
    zeros = graph.apply("zeros", (), {"shape": cell.shape, "dtype": dtype, "of": parameter}, backward=True)
    return graph.ref(zeros)


def _materialise(graph: Graph, value: int, gradient: Ref, made: dict[int, int]) -> int:
    """Make the gradient of a quantity a value of its own; one that equals another array is a second name for it."""
    index = gradient.value()
    cell = graph.cells[index]
    if cell.gradient_of is not None or cell.kind or not _is_backward(graph, index) or _is_constant(graph, index):
        index = graph.apply("same", (index,), {"of": value}, backward=True)
        cell = graph.cells[index]
    assert cell.shape == graph.cells[value].shape and cell.dtype == graph.cells[value].dtype
    cell.gradient_of = value
    cell.axes = graph.cells[value].axes
    made[value] = index
    return index


def _is_constant(graph: Graph, index: int) -> bool:
    """A matrix of ones is shared by all gradients that are one everywhere; it must not be read by the name of one."""
    node = graph.node_of(index)
    return node is not None and TABLE[node.op].family == "constant"


def _is_backward(graph: Graph, index: int) -> bool:
    node = graph.node_of(index)
    return node is not None and node.backward
