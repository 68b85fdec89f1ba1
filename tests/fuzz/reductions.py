"""Generators of sums, extremes, products, spreads and norms over one, several or all axes."""

from __future__ import annotations

from functools import partial

from tests.fuzz.description import Statement
from tests.fuzz.maker import Maker, Variable
from tests.fuzz.registry import add, generator


def axis_of(maker: Maker, a: Variable, several: bool = True) -> str | None:
    """``1``, ``-1``, ``(0, 2)`` or None."""
    if a.ndim == 0 or maker.chance(0.25):
        return None
    if several and a.ndim > 1 and maker.chance(0.2):
        first = int(maker.rng.integers(a.ndim))
        second = (first + 1 + int(maker.rng.integers(a.ndim - 1))) % a.ndim
        return f"({first}, {second - a.ndim if maker.chance(0.3) else second})"
    return str(int(maker.rng.integers(-a.ndim, a.ndim)))


def _arguments(maker: Maker, a: Variable, ddof: bool, several: bool = True) -> str:
    shown = []
    axis = axis_of(maker, a, several)
    if axis is not None:
        shown.append(axis if maker.chance(0.2) else f"axis={axis}")
    elif maker.chance(0.1):
        shown.append("axis=None")
    if ddof and maker.chance(0.3):
        shown.append("ddof=1")
    if maker.chance(0.3):
        shown.append("keepdims=True")
    return ", ".join(shown)


def _reduction(maker: Maker, name: str, operand: str, method: bool, ddof: bool) -> Statement:
    a = maker.number_or_array() if maker.chance(0.1) else maker.array()
    shown = _arguments(maker, a, ddof)
    inner = maker.positive(a) if operand == "positive" else maker.text(a)
    if method and maker.chance(0.5):
        return maker.statement(name, [a], f"{{out}} = ({inner}).{name}({shown})")
    return maker.statement(name, [a], f"{{out}} = np.{name}({inner}{', ' * bool(shown)}{shown})")


for _name, _row in [("sum", "sum"), ("mean", "sum"), ("max", "max"), ("min", "min"), ("var", "var"), ("std", "std")]:
    add(_name, partial(_reduction, name=_name, operand="any", method=True, ddof=_name in ("var", "std")), (_row,), 1.5)
add("prod", partial(_reduction, name="prod", operand="any", method=True, ddof=False), ("prod",))
add("amax", partial(_reduction, name="amax", operand="any", method=False, ddof=False), ("max",), 0.2)
add("amin", partial(_reduction, name="amin", operand="any", method=False, ddof=False), ("min",), 0.2)


@generator("cumsum")
def cumsum(maker: Maker) -> Statement:
    a = maker.array()
    axis = axis_of(maker, a, several=False)
    shown = f"axis={axis}" if axis is not None else ""
    method = maker.chance(0.4)
    text = f"({maker.text(a)}).cumsum({shown})" if method else f"np.cumsum({maker.text(a)}{', ' * bool(shown)}{shown})"
    return maker.statement("cumsum", [a], "{out} = " + text)


@generator("norm")
def norm(maker: Maker) -> Statement:
    """The vector norms, over one axis, over the last of several, and Frobenius' norm."""
    a = maker.array()
    options = ["", ", keepdims=True"] if a.ndim <= 2 else [""]
    axis = str(int(maker.rng.integers(-a.ndim, a.ndim)))
    options += [f", axis={axis}", f", ord=2, axis={axis}", f", 1, {axis}", f", axis={axis}, keepdims=True"]
    if a.ndim == 1:
        options += [", 1", ", ord=2"]
    if a.ndim == 2:
        options += [', "fro"', ", axis=(0, 1)"]
    return maker.statement("norm", [a], f"{{out}} = np.linalg.norm({maker.text(a)}{maker.choose(options)})")


@generator("trace")
def trace(maker: Maker) -> Statement:
    a = maker.array(2)
    options = ["np.trace({})", "({}).trace()", "np.trace({}, offset=1)", "np.trace({}, -1)"]
    return maker.statement("trace", [a], "{out} = " + maker.choose(options[: 2 if maker.chance(0.7) else 4]).format(
        maker.text(a)))  # fmt: skip


@generator("argmax", "argmin", weight=0.5)
def arguments_of_extremes(maker: Maker) -> Statement:
    """Where the largest entry stands, as a number that is counted with but has no gradient."""
    a = maker.array()
    axis = int(maker.rng.integers(-a.ndim, a.ndim))
    first = maker.choose([f"np.argmax({a.name}, axis={axis})", f"{a.name}.argmax({axis})", f"np.argmax({a.name})"])
    second = maker.choose([f"np.argmin({a.name}, axis={axis})", f"{a.name}.argmin({axis})", f"{a.name}.argmin()"])
    return maker.statement(
        "arguments_of_extremes", [a], f"{{out}} = {a.name}.sum() * (({first} == 0).sum() + 0.5 * ({second} > 0).sum())"
    )


@generator(weight=0.7)
def centred(maker: Maker) -> Statement:
    """A reduction that broadcasts back: centring, scaling, dividing by the largest."""
    a = maker.array()
    axis = int(maker.rng.integers(-a.ndim, a.ndim))
    kept = f"axis={axis}, keepdims=True"
    text = maker.choose(
        [
            f"({a.name} - {a.name}.mean({kept})) / np.sqrt({a.name}.var({kept}) + 0.1)",
            f"{a.name} - np.max({a.name}, {kept})",
            f"({a.name} - np.mean({a.name}, {kept})) / (np.std({a.name}, {kept}) + 0.3)",
            f"{a.name} / (np.linalg.norm({a.name}, {kept}) + 0.5)",
            f"{a.name} * np.sum({a.name} ** 2, {kept})",
            f"{a.name} / np.sqrt(np.sum(np.square({a.name}), {kept}) + 1)",
        ]
    )
    return maker.statement("centred", [a], "{out} = " + text)
