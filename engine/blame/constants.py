"""A constant in front of a gradient, and what it is called: a sign, a count too many or too few, a factor."""

from __future__ import annotations

from fractions import Fraction

from engine.blame.quantities import Quantities


class Constants:
    """The numbers that a loss divides by, and the names of constants beside them."""

    def __init__(self, quantities: Quantities) -> None:
        self.quantities = quantities
        self.counts, self.divides = self._counts()
        sizes = {n for q in quantities.gradients for n in (*q.true.shape, q.true.size) if n > 2}
        self._quotients = [n / m for n in sizes for m in self.counts]

    def _counts(self) -> tuple[list[float], bool]:
        """What the loss divides by and the number of examples; whether it divides by one of them at all."""
        program = self.quantities.program
        counts: set[float] = {float(program.examples)} if program.examples else set()
        divisors: set[float] = set()
        for reference in self.quantities.references:
            for node in reference.program.nodes:
                if node.op == "divide" and reference.arrays[node.inputs[1]].size == 1 and not node.backward:
                    divisors.add(float(reference.arrays[node.inputs[1]].reshape(-1)[0]))
                elif node.op == "mean":
                    divisors.add(reference.arrays[node.inputs[0]].size / reference.arrays[node.output].size)
        found = sorted(c for c in counts | divisors if c > 2 or c == program.examples)
        return found, bool(divisors & set(found))

    def named(self, k: float, *, inner: bool, late: bool, statement: str = "") -> tuple[str, ...]:
        """What a constant in front of a gradient is called.

        ``inner``: the gradient is not that of a parameter; ``late``: this backward divides at the parameters alone.
        """
        sign: tuple[str, ...] = ("sign",) if k < 0 else ()
        size = abs(k)
        if _near(size, 1):
            return sign
        for count in self.counts:
            if _near(size, count) and (self.divides or late):
                summed = ("sum-for-mean",) if "sum(" in statement else ()
                return ("mean-missing", *summed, *sign)
            if _near(size * count, 1):
                if late and inner:
                    return ("mean-misplaced", *sign)
                return ("mean-twice" if self.divides else "mean-misplaced", *sign)
        simple = _near(size, 2) or _near(size, 0.5)
        if self.divides and not simple and any(_near(size * q, 1) for q in self._quotients):
            return ("mean-misplaced", "factor", *sign)
        return ("factor", *sign)


def is_plain(k: float) -> bool:
    """Whether a person may have written the constant: 2, 0.1, 3/7; not 2.14923."""
    if k == 0.0:
        return False
    for size in (abs(k), 1 / abs(k)):
        near = Fraction(size).limit_denominator(64)
        if near.numerator and abs(size / float(near) - 1) < 1e-7:
            return True
    return False


def _near(one: float, other: float) -> bool:
    return abs(one / other - 1) < 1e-6
