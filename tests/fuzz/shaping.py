"""Generators of what moves, repeats, joins and cuts entries without computing anything."""

from __future__ import annotations

import math

from tests.fuzz.description import Statement
from tests.fuzz.maker import Maker, Variable
from tests.fuzz.reductions import axis_of
from tests.fuzz.registry import generator


def _axis(maker: Maker, a: Variable, beyond: int = 0) -> int:
    """An axis of ``a`` counted from either end."""
    return int(maker.rng.integers(-a.ndim - beyond, a.ndim + beyond))


@generator("transpose", weight=2.0)
def transpose(maker: Maker) -> Statement:
    a = maker.array(least=2)
    order = [int(k) for k in maker.rng.permutation(a.ndim)]
    i, j = _axis(maker, a), _axis(maker, a)
    options = [
        f"{a.name}.T", f"({maker.text(a)}).T", f"np.transpose({a.name})", f"{a.name}.transpose()",
        f"{a.name}.transpose({', '.join(map(str, order))})", f"np.transpose({a.name}, {tuple(order)})",
        f"np.permute_dims({a.name}, {tuple(order)})",
        f"np.transpose({a.name}, axes={order})", f"{a.name}.swapaxes({i}, {j})", f"np.swapaxes({a.name}, {i}, {j})",
        f"np.moveaxis({a.name}, {i}, {j})", f"np.moveaxis({a.name}, [0, 1], [-1, -2])",
    ]  # fmt: skip
    return maker.statement("transpose", [a], "{out} = " + maker.choose(options) + " * 1.0" * maker.chance(0.3))


@generator("copy", weight=0.7)
def copy(maker: Maker) -> Statement:
    """A copy, whose entries lie in memory in C order whatever the order was; of a transpose too."""
    a = maker.array()
    options = [f"{a.name}.copy()", f"np.copy({a.name})", f"np.array({a.name})", f"{a.name}.T.copy()",
               f"np.array({a.name}.T)", f'{a.name}.copy(order="F")', f'{a.name}.copy("K")']  # fmt: skip
    return maker.statement("copy", [a], "{out} = " + maker.choose(options))


@generator("reshape", weight=2.0)
def reshape(maker: Maker) -> Statement:
    a = maker.number_or_array()
    size = a.array.size
    first = maker.choose([d for d in range(1, size + 1) if size % d == 0])
    rest = size // first
    options = [
        f"{a.name}.reshape({first}, {rest})", f"{a.name}.reshape(-1)", f"np.reshape({a.name}, ({first}, -1))",
        f"{a.name}.reshape(({rest}, {first}))", f"{a.name}.ravel()", f"{a.name}.flatten()", f"np.ravel({a.name})",
        f"{a.name}.reshape(1, {first}, {rest})", f"({maker.text(a)}).reshape(-1, 1)", f"np.reshape({a.name}, -1)",
        f"{a.name}.reshape({first}, -1, 1)",
    ]  # fmt: skip
    if a.ndim >= 2:
        options += [f"{a.name}.T.reshape({first}, {rest})", f"{a.name}.reshape(len({a.name}), -1)"]
    return maker.statement("reshape", [a], "{out} = " + maker.choose(options))


@generator("squeeze")
def squeeze(maker: Maker) -> Statement:
    a = maker.any(lambda v: 1 in v.shape) or maker.leaf((1, maker.choose(maker.sizes)))
    axis = maker.choose([k for k, n in enumerate(a.shape) if n == 1])
    options = [f"{a.name}.squeeze()", f"np.squeeze({a.name})", f"np.squeeze({a.name}, axis={axis})",
               f"{a.name}.squeeze({axis - a.ndim})"]  # fmt: skip
    return maker.statement("squeeze", [a], "{out} = " + maker.choose(options))


@generator("expand_dims")
def expand_dims(maker: Maker) -> Statement:
    a = maker.array()
    return maker.statement("expand_dims", [a], f"{{out}} = np.expand_dims({maker.text(a)}, {_axis(maker, a)})")


@generator("broadcast_to")
def broadcast_to(maker: Maker) -> Statement:
    a = maker.number_or_array()
    grown = tuple(maker.choose([2, 3]) if n == 1 else n for n in a.shape)
    shape = (*maker.choose([(), (2,), (3,)]), *grown)
    target = str(shape)
    if maker.chance(0.3):
        b = maker.beside(a)
        return maker.statement(
            "broadcast_to", [a, b], f"{{out}} = np.broadcast_to({a.name}, ({b.name} + {a.name}).shape)"
        )
    return maker.statement("broadcast_to", [a], f"{{out}} = np.broadcast_to({a.name}, {target}) * {maker.number()}")


@generator("repeat")
def repeat(maker: Maker) -> Statement:
    a = maker.array()
    axis = axis_of(maker, a, several=False)
    shown = f", axis={axis}" if axis is not None else ""
    times = maker.choose([1, 2, 3])
    if maker.chance(0.4):
        return maker.statement("repeat", [a], f"{{out}} = ({maker.text(a)}).repeat({times}{shown})")
    return maker.statement("repeat", [a], f"{{out}} = np.repeat({maker.text(a)}, {times}{shown})")


@generator("tile")
def tile(maker: Maker) -> Statement:
    a = maker.array()
    times = maker.choose(["2", "(2,)", "(1, 2)", "(2, 1)", "(2, 1, 1)", "[2, 2]"])
    return maker.statement("tile", [a], f"{{out}} = np.tile({maker.text(a)}, {times})")


@generator("pad")
def pad(maker: Maker) -> Statement:
    a = maker.array()
    pairs = [(int(maker.rng.integers(0, 2)), int(maker.rng.integers(0, 3))) for _ in range(a.ndim)]
    width = maker.choose(["1", "(1, 0)", "(0, 2)", str(tuple(pairs)), str(tuple(pairs))])
    if a.ndim == 1 and width == str(tuple(pairs)):
        width = str(pairs[0])
    mode = maker.choose(["", ', "constant"', ', mode="constant"'])
    return maker.statement("pad", [a], f"{{out}} = np.pad({maker.text(a)}, {width}{mode})")


@generator("roll")
def roll(maker: Maker) -> Statement:
    a = maker.array()
    axis = axis_of(maker, a, several=False)
    shift = maker.choose([1, -1, 2, 5])
    shown = f"{shift}, axis={axis}" if axis is not None else str(shift)
    return maker.statement("roll", [a], f"{{out}} = np.roll({maker.text(a)}, {shown})")


@generator("flip")
def flip(maker: Maker) -> Statement:
    a = maker.array()
    axis = axis_of(maker, a)
    options = [f"np.flip({maker.text(a)}{f', axis={axis}' if axis is not None else ''})", f"np.flipud({a.name})"]
    if a.ndim >= 2:
        options.append(f"np.fliplr({a.name})")
    return maker.statement("flip", [a], "{out} = " + maker.choose(options))


@generator("diag")
def diag(maker: Maker) -> Statement:
    a = maker.array(maker.choose([1, 2, 2, 3]))
    k = maker.choose(["", ", 1", ", k=-1"])
    options = [f"np.diag({maker.text(a)}{k})"] if a.ndim < 3 else [f"np.diagonal({a.name}, axis1=-2, axis2=-1)"]
    if a.ndim == 2:
        options += [f"np.diagonal({a.name})", f"{a.name}.diagonal()", f"np.diagonal({a.name}, offset=1)"]
    return maker.statement("diag", [a], "{out} = " + maker.choose(options))


@generator("tril", "triu")
def triangles(maker: Maker) -> Statement:
    a = maker.array(maker.choose([2, 2, 3]))
    k, m = maker.choose(["", ", 1", ", k=-1"]), maker.choose(["", ", -1", ", k=1"])
    return maker.statement("triangles", [a], f"{{out}} = np.tril({maker.text(a)}{k}) - 0.5 * np.triu({a.name}{m})")


def _neighbours(maker: Maker, a: Variable, axis: int, least: int = 1) -> list[Variable]:
    """Arrays that are like ``a`` but for the size along ``axis``."""
    found = [a]
    for _ in range(maker.choose([least, 1, 2])):
        shape = list(a.shape)
        shape[axis] = maker.choose(maker.sizes)
        found.append(maker.matching(tuple(shape)))
    maker.rng.shuffle(found)  # type: ignore[arg-type]
    return found


def _listed(maker: Maker, arrays: list[Variable]) -> str:
    shown = ", ".join(maker.text(v) for v in arrays)
    return f"[{shown}]" if maker.chance(0.6) else f"({shown},)"


@generator("concatenate", weight=2.0)
def concatenate(maker: Maker) -> Statement:
    a = maker.array()
    axis = _axis(maker, a)
    arrays = _neighbours(maker, a, axis)
    shown = maker.choose([f", axis={axis}", f", {axis}"]) if axis != 0 or maker.chance(0.3) else ""
    name = maker.choose(["concatenate", "concatenate", "concat"])
    return maker.statement("concatenate", arrays, f"{{out}} = np.{name}({_listed(maker, arrays)}{shown})")


@generator("stack")
def stack(maker: Maker) -> Statement:
    a = maker.number_or_array()
    arrays = [a, *(maker.matching(a.shape) for _ in range(maker.choose([1, 2])))]
    axis = int(maker.rng.integers(-a.ndim - 1, a.ndim + 1))
    shown = f", axis={axis}" if maker.chance(0.7) else ""
    return maker.statement("stack", arrays, f"{{out}} = np.stack({_listed(maker, arrays)}{shown})")


@generator("stack")
def listed(maker: Maker) -> Statement:
    """Arrays in a list that is made an array, in rows of lists too."""
    a = maker.number_or_array()
    b = maker.matching(a.shape)
    text = maker.choose([f"[{maker.text(a)}, {b.name}]", f"[[{a.name}, {b.name} * 2], [{b.name}, {a.name} ** 2]]",
                         f"[{a.name}.sum(), {b.name}.mean(), 0.5]",
                         f"[row * 2 for row in [{a.name}, {b.name}]]"])  # fmt: skip
    return maker.statement("listed", [a, b], f"{{out}} = np.array({text})")


@generator("vstack")
def vstack(maker: Maker) -> Statement:
    a = maker.array()
    arrays = _neighbours(maker, a, 0) if a.ndim > 1 else [a, maker.matching(a.shape)]
    return maker.statement("vstack", arrays, f"{{out}} = np.vstack({_listed(maker, arrays)})")


@generator("hstack")
def hstack(maker: Maker) -> Statement:
    a = maker.array()
    arrays = _neighbours(maker, a, 1 if a.ndim > 1 else 0)
    return maker.statement("hstack", arrays, f"{{out}} = np.hstack({_listed(maker, arrays)})")


@generator("column_stack")
def column_stack(maker: Maker) -> Statement:
    a = maker.array(maker.choose([1, 2]))
    other = (a.shape[0],) if maker.chance(0.5) else (a.shape[0], maker.choose(maker.sizes))
    arrays = [a, maker.matching(other)]
    return maker.statement("column_stack", arrays, f"{{out}} = np.column_stack({_listed(maker, arrays)})")


@generator("split", weight=2.0)
def split(maker: Maker) -> Statement:
    """All pieces used, some of them, or one; even and uneven cuts."""
    a = maker.any(lambda v: v.ndim > 0 and max(v.shape) > 1) or maker.leaf((4, 3))
    axis = maker.choose([k for k, n in enumerate(a.shape) if n > 1])
    n = a.shape[axis]
    even = maker.choose([d for d in range(2, n + 1) if n % d == 0])
    cut = int(maker.rng.integers(1, n))
    shown = f", axis={axis}" if axis or maker.chance(0.3) else ""
    if axis < 2 and maker.chance(0.15):
        name = "vsplit" if axis == 0 and a.ndim > 1 else "hsplit"
        return maker.statement("split", [a], f"{{out}} = np.{name}({a.name}, [{cut}])[0] * 2")
    match maker.choose(["even", "at", "uneven"]):
        case "even":
            names = [f"{{out}}_{k}" for k in range(even)]
            first = f"{', '.join(names)} = np.split({maker.text(a)}, {even}{shown})"
            return maker.statement("split", [a], first, "{out} = " + " + 2 * ".join(names[:: maker.choose([1, 1, 2])]))
        case "at":
            first = f"{{out}}_parts = np.split({maker.text(a)}, [{cut}]{shown})"
            return maker.statement("split", [a], first, f"{{out}} = {{out}}_parts[{maker.choose([0, 1, -1])}] * 1.5")
    pieces = maker.choose([2, 3])
    first = f"{{out}}_parts = np.array_split({maker.text(a)}, {min(pieces, n)}{shown})"
    return maker.statement(
        "split", [a], first, "{out} = sum((k + 1) * np.sum(p ** 2) for k, p in enumerate({out}_parts))"
    )


@generator(weight=0.7)
def by_shape(maker: Maker) -> Statement:
    """Numbers that come from shapes."""
    a = maker.array()
    shown = maker.choose([f"{a.name}.shape[0]", f"len({a.name})", f"{a.name}.size", f"np.size({a.name})",
                          f"np.shape({a.name})[-1]", f"({a.name}.ndim + 1)", f"np.ndim({a.name})"])  # fmt: skip
    return maker.statement("by_shape", [a], f"{{out}} = {maker.text(a)} / {shown}")


@generator(weight=0.5)
def round_trip(maker: Maker) -> Statement:
    """There and back again: nothing may get lost or mixed up between the two."""
    a = maker.array(least=2)
    rows = a.shape[0]
    options = [
        f"{a.name}.reshape(-1).reshape({a.name}.shape)",
        f"np.concatenate([{a.name}[:{rows // 2}], {a.name}[{rows // 2}:]])",
        f"np.moveaxis(np.moveaxis({a.name}, 0, -1) * 2, -1, 0)",
        f"np.stack([row for row in {a.name}])",
        f"np.array_split({a.name}.ravel(), {math.prod(a.shape)})[0] + {a.name}",
        f"np.pad({a.name}, 1)[{', '.join(['1:-1'] * a.ndim)}]",
    ]
    return maker.statement("round_trip", [a], "{out} = " + maker.choose(options))
