"""Matrix products: an operand or the product turned round, * for @, one example only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from engine.blame.changes.facts import Change, Site
from engine.blame.reference import Apply, Expr, Of
from engine.ir import Node

WHOLE = ("slice", None, None, None)
LAST = ("slice", -1, None, None)


def of_product(site: Site, node: Node) -> Iterator[Change]:
    """Changes of ``a @ b``, ``np.outer(a, b)`` and the like."""
    facts = site.facts
    a, b = node.inputs
    if len(facts.shape(node.output)) > 2:
        return
    turned: dict[int, list[Expr]] = {i: [Of(i), Apply("transpose", (Of(i),))] for i in (a, b)}
    for x, y in product(turned[a], turned[b]):
        for first, second in ((x, y), (y, x)):
            plain = first is turned[a][0] and second is turned[b][0]
            made = Apply(node.op, (first, second), spelling=node.spelling)
            if not plain:
                yield Change("transposed", node.output, made)
            yield Change("transposed", node.output, Apply("transpose", (made,)))
        yield Change("elementwise-for-matmul", node.output, Apply("multiply", (x, y)))
    # `*` on the arrays as they stand in the line, before the transpose that @ needs
    inner = facts.untransposed(a), facts.untransposed(b)
    yield Change("elementwise-for-matmul", node.output, Apply("multiply", (Of(inner[0]), Of(inner[1]))))
    matrices = node.op == "matmul" and len(facts.shape(a)) == len(facts.shape(b)) == 2
    if matrices and facts.shape(a)[1] == facts.examples:
        one = Apply("getitem", (Of(a),), {"index": (WHOLE, LAST)}, "operator")
        other = Apply("getitem", (Of(b),), {"index": (LAST, WHOLE)}, "operator")
        yield Change("last-example-only", node.output, Apply("matmul", (one, other)))
