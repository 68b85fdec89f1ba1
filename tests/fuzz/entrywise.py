"""Generators of functions of single entries: arithmetic, elementary functions, comparisons and choices."""

from __future__ import annotations

from functools import partial

import numpy as np

from tests.fuzz.description import Statement
from tests.fuzz.maker import Maker, positive, truth
from tests.fuzz.registry import add, generator

# Row, spellings; {} is the operand.
ANYWHERE: list[tuple[str, tuple[str, ...]]] = [
    ("negative", ("-{}", "np.negative({})")),
    ("exp", ("np.exp({})",)),
    ("expm1", ("np.expm1({})",)),
    ("square", ("np.square({})",)),
    ("abs", ("np.abs({})", "abs({})", "np.absolute({})")),
    ("sign", ("np.sign({})",)),
    ("tanh", ("np.tanh({})",)),
    ("sin", ("np.sin({})",)),
    ("cos", ("np.cos({})",)),
    ("tan", ("np.tan(0.5 * np.tanh({}))",)),
    ("arctan", ("np.arctan({})",)),
    ("sinh", ("np.sinh({})",)),
    ("cosh", ("np.cosh({})",)),
    ("floor", ("np.floor({})",)),
    ("ceil", ("np.ceil({})",)),
    ("trunc", ("np.trunc({})",)),
    ("rint", ("np.rint({})",)),
    ("round", ("np.round({})", "np.round({}, 1)", "np.round({}, decimals=1)", "np.around({}, 1)", "({}).round(1)")),
    ("astype", ("({}).astype(np.float32)", "({}).astype(np.float64)", "({}).astype(float)", '({}).astype("float64")')),
    ("clip", ("np.clip({}, -0.5, 0.8)", "np.clip({}, 0, None)", "np.clip({}, None, 0.6)", "({}).clip(-1, 1)",
              "np.clip({}, a_min=0.1, a_max=1.1)")),
]  # fmt: skip
ABOVE_ZERO: list[tuple[str, tuple[str, ...]]] = [
    ("log", ("np.log({})",)),
    ("log1p", ("np.log1p({})",)),
    ("log2", ("np.log2({})",)),
    ("log10", ("np.log10({})",)),
    ("sqrt", ("np.sqrt({})",)),
    ("reciprocal", ("np.reciprocal({})", "1 / {}", "{} ** -1")),
]
BETWEEN: list[tuple[str, tuple[str, ...]]] = [
    ("add", ("{} + {}", "np.add({}, {})")),
    ("subtract", ("{} - {}", "np.subtract({}, {})")),
    ("multiply", ("{} * {}", "np.multiply({}, {})")),
    ("maximum", ("np.maximum({}, {})",)),
    ("minimum", ("np.minimum({}, {})",)),
    ("logaddexp", ("np.logaddexp({}, {})",)),
]
COMPARISONS = [("greater", ">"), ("greater_equal", ">="), ("less", "<"), ("less_equal", "<="), ("equal", "=="),
               ("not_equal", "!=")]  # fmt: skip


def _of_one(maker: Maker, row: str, spellings: tuple[str, ...]) -> Statement:
    a = maker.number_or_array()
    return maker.statement(row, [a], "{out} = " + maker.choose(spellings).format(maker.text(a)))


def _above_zero(maker: Maker, row: str, spellings: tuple[str, ...]) -> Statement:
    a = maker.number_or_array()
    return maker.statement(row, [a], "{out} = " + maker.choose(spellings).format(maker.positive(a)))


def _of_two(maker: Maker, row: str, spellings: tuple[str, ...]) -> Statement:
    a = maker.number_or_array()
    if maker.chance(0.3):
        operands = [maker.text(a), maker.number()]
        if maker.chance(0.5):
            operands.reverse()
        return maker.statement(row, [a], "{out} = " + maker.choose(spellings).format(*operands))
    b = maker.beside(a)
    return maker.statement(row, [a, b], "{out} = " + maker.choose(spellings).format(maker.text(a), maker.text(b)))


def _compared(maker: Maker, row: str, symbol: str) -> Statement:
    """A mask that is multiplied, chosen by or averaged; equality is exact, so it compares with a rounded copy."""
    a = maker.number_or_array()
    b = maker.beside(a)
    right = maker.choose([b.name, "0", "0.2"])
    if row in ("equal", "not_equal"):
        right = maker.choose([f"np.round({a.name}, 1)", "1"])
    reads = [a, b] if right == b.name else [a]
    mask = f"({maker.text(a)} {symbol} {right})"
    pattern = maker.choose([f"{a.name} * {mask}", f"np.where{mask[:-1]}, {a.name}, 0.1 * {a.name})"])
    if maker.chance(0.15):
        function = {">": "greater", ">=": "greater_equal", "<": "less", "<=": "less_equal", "==": "equal"}
        pattern = f"{a.name} * np.{function.get(symbol, 'not_equal')}({a.name}, {right})"
    return maker.statement(row, reads, "{out} = " + pattern)


for _row, _spellings in ANYWHERE:
    add(_row, partial(_of_one, row=_row, spellings=_spellings), (_row,), weight=0.5 if _row in ("sign", "floor",
        "ceil", "trunc", "rint", "round") else 1.0)  # fmt: skip
for _row, _spellings in ABOVE_ZERO:
    add(_row, partial(_above_zero, row=_row, spellings=_spellings), () if _row == "reciprocal" else (_row,))
for _row, _spellings in BETWEEN:
    add(_row, partial(_of_two, row=_row, spellings=_spellings), (_row,), weight=2.0)
for _row, _symbol in COMPARISONS:
    add(_row, partial(_compared, row=_row, symbol=_symbol), (_row,), weight=0.5)


@generator("reciprocal", weight=0.3)
def np_reciprocal(maker: Maker) -> Statement:
    a = maker.number_or_array()
    return maker.statement("np_reciprocal", [a], f"{{out}} = np.reciprocal({maker.positive(a)})")


@generator("divide", weight=2.0)
def divide(maker: Maker) -> Statement:
    a = maker.number_or_array()
    b = maker.beside(a)
    top = maker.choose([maker.text(a), "1", "0.5"])
    reads = [a, b] if a.name in top else [b]
    pattern = maker.choose(["{} / {}", "np.divide({}, {})", "np.true_divide({}, {})"])
    return maker.statement("divide", reads, "{out} = " + pattern.format(top, maker.positive(b)))


@generator("power", weight=2.0)
def power(maker: Maker) -> Statement:
    """Whole and broken exponents, numbers and arrays, parameters in the base, the exponent or both."""
    a = maker.number_or_array()
    match maker.choose(["whole", "broken", "base", "arrays", "arrays", "whole array"]):
        case "whole":
            return maker.statement("power", [a], f"{{out}} = {maker.text(a)} ** {maker.choose(['2', '3', '4', '2.0'])}")
        case "broken":
            exponent = maker.choose(["0.5", "1.7", "-1", "-0.5", "-2", "0"])
            spelled = maker.choose([f"{maker.positive(a)} ** {exponent}", f"np.power({maker.positive(a)}, {exponent})"])
            return maker.statement("power", [a], "{out} = " + spelled)
        case "base":
            return maker.statement("power", [a], f"{{out}} = {maker.choose(['2', '0.7', 'np.e'])} ** {maker.text(a)}")
        case "whole array":
            b = maker.leaf(a.shape, "data", lambda rng, shape: np.asarray(rng.integers(0, 4, size=shape)))
            return maker.statement("power", [a, b], f"{{out}} = {a.name} ** {b.name}")
    b = maker.beside(a)
    spelled = maker.choose(["{} ** {}", "np.power({}, {})"])
    return maker.statement("power", [a, b], "{out} = " + spelled.format(maker.positive(a), maker.text(b)))


@generator("where", weight=2.0)
def where(maker: Maker) -> Statement:
    a = maker.number_or_array()
    b = maker.beside(a)
    if maker.chance(0.3):
        mask = maker.leaf(np.broadcast_shapes(a.shape, b.shape), "data", truth, "m")
        return maker.statement("where", [a, b, mask], f"{{out}} = np.where({mask.name}, {a.name}, {maker.text(b)})")
    if maker.chance(0.3):
        chain = f"np.where({a.name} > 0.8, {b.name}, np.where({a.name} < -0.3, 0.2 * {a.name}, {a.name} ** 2))"
        return maker.statement("where", [a, b], "{out} = " + chain)
    choice = maker.choose([f"{maker.text(a)}, {maker.text(b)}", f"{b.name}, 0", f"0.0, {a.name}"])
    condition = maker.choose([f"{a.name} > {b.name}", f"{a.name} < 0", f"{b.name} >= 0.3"])
    return maker.statement("where", [a, b], f"{{out}} = np.where({condition}, {choice})")


@generator("logical_and", "logical_or", "invert")
def masks(maker: Maker) -> Statement:
    """Masks combined in both spellings, of parameters and of data."""
    a = maker.number_or_array()
    m = maker.leaf(a.shape, "data", truth, "m")
    first = maker.choose([f"({a.name} > -0.5) & ({a.name} < 0.9)", f"np.logical_and({a.name} > -0.5, {m.name})"])
    second = maker.choose([f"{m.name} | ({a.name} > 0.4)", f"np.logical_or({a.name} > 0.4, {m.name})"])
    third = maker.choose([f"~({a.name} < 0)", f"np.logical_not({a.name} < 0)", f"~{m.name}"])
    if maker.chance(0.3):  # a mask in two steps
        return maker.statement(
            "masks", [a, m], f"{{out}}_mask = ({first}) | ({third})", f"{{out}} = {a.name} * {{out}}_mask * ({second})"
        )
    return maker.statement("masks", [a, m], f"{{out}} = {a.name} * ({first}) + ({second}) * {a.name} - ({third})")


@generator(weight=0.5)
def clip_by_arrays(maker: Maker) -> Statement:
    """Limits that are arrays of their own."""
    a = maker.number_or_array()
    low = maker.leaf(a.shape[a.ndim // 2 :], maker.choose(["data", "params"]))
    form = maker.choose(["np.clip({}, {}, {} + 1)", "np.clip({}, {}, {} + 0.5)"])
    return maker.statement("clip_by_arrays", [a, low], "{out} = " + form.format(a.name, low.name, low.name))


@generator(weight=0.7)
def with_a_constant_of_the_file(maker: Maker) -> Statement:
    a = maker.number_or_array()
    c = maker.leaf(a.shape[a.ndim // 2 :], "module", positive)
    form = maker.choose(["{} * {}", "{} / {}", "{} - {}", "{1} - {0}", "{} ** {}"])
    left = maker.positive(a) if "**" in form else maker.text(a)
    return maker.statement("with_a_constant_of_the_file", [a, c], "{out} = " + form.format(left, c.name))


@generator("ones", "zeros", weight=0.7)
def made_by_shape(maker: Maker) -> Statement:
    a = maker.number_or_array()
    empty = f"{a.name} + np.zeros({a.name}.shape) - 0.5 * np.ones({a.name}.shape)"
    return maker.statement("made_by_shape", [a], f"{{out}} = {empty} * {a.name}")


@generator("full_like", "ones_like", "zeros_like", weight=0.7)
def likes(maker: Maker) -> Statement:
    """Arrays like another one, filled with a number or with a parameter."""
    a = maker.number_or_array()
    b = maker.matching(())
    filled = f"np.full_like({a.name}, {b.name if maker.chance(0.7) else '0.5'})"
    return maker.statement(
        "likes", [a, b], f"{{out}} = {a.name} * np.ones_like({a.name}) + np.zeros_like({a.name}) - {filled} * {a.name}"
    )
