"""Generators of reading and writing by index: slices, numbers, arrays of numbers, masks, new axes, updates in place."""

from __future__ import annotations

from tests.fuzz.description import Statement
from tests.fuzz.maker import Maker, Variable, below, different, truth
from tests.fuzz.registry import generator


def _slice(maker: Maker, n: int) -> str:
    return maker.choose([":", "::-1", "::2", "1:", ":-1", "-1:", f":{max(1, n - 1)}", f"{n // 2}:", "-1::-2"])


def basic_index(maker: Maker, a: Variable, numbers: bool = True) -> str:
    """Slices, whole numbers, ``...`` and ``None``, as many as there are axes or fewer."""
    shown = []
    for n in a.shape[: int(maker.rng.integers(1, a.ndim + 1))]:
        if numbers and maker.chance(0.3):
            shown.append(str(int(maker.rng.integers(-n, n))))
        else:
            shown.append(_slice(maker, n))
    if maker.chance(0.2):
        shown.insert(int(maker.rng.integers(len(shown) + 1)), "None")
    if maker.chance(0.2):
        shown.insert(len(shown) if maker.chance(0.5) else 0, "...")
    return ", ".join(shown)


def whole_numbers(maker: Maker, limit: int, count: int, negative: bool = False) -> list[int]:
    """Positions along an axis; some come twice."""
    low = -limit if negative else 0
    return [int(k) for k in maker.rng.integers(low, limit, size=count)]


@generator("getitem", weight=3.0)
def slices(maker: Maker) -> Statement:
    a = maker.array()
    return maker.statement("slices", [a], f"{{out}} = {a.name}[{basic_index(maker, a)}]")


@generator("getitem")
def new_axes(maker: Maker) -> Statement:
    a = maker.array()
    index = maker.choose(["None", "..., None", ":, None", "np.newaxis", "None, ..., None", "np.newaxis, :"])
    other = maker.choose(["0", "-1", "::-1", "1:"])
    return maker.statement("new_axes", [a], f"{{out}} = {a.name}[{index}] * {a.name}[{other}].sum()")


@generator("getitem", weight=2.0)
def by_numbers(maker: Maker) -> Statement:
    """Look-ups with repeats, by lists in the text and by arrays of the data."""
    a = maker.array()
    n = a.shape[0]
    if maker.chance(0.5):
        shape = maker.choose([(2,), (3,), (4,), (2, 2), (2, 1)])
        ids = maker.leaf(shape, "data", below(n), "ids")
        tail = maker.choose(["", "", ", 0", ", ::-1", ", ..."]) if a.ndim > 1 else ""
        return maker.statement("by_numbers", [a, ids], f"{{out}} = {a.name}[{ids.name}{tail}]")
    numbers = whole_numbers(maker, n, maker.choose([1, 2, 3]), negative=True)
    options = [f"{numbers}", f"np.array({numbers})"]
    if a.ndim > 1:
        columns = whole_numbers(maker, a.shape[1], len(numbers))
        options += [
            f"{numbers}, {columns}",
            f":, {columns}",
            f"{numbers}, :",
            f"..., {whole_numbers(maker, a.shape[-1], 2)}",
        ]
        options += [f"np.ix_({numbers}, {columns})"] * (a.ndim == 2) + [f"{numbers}, 0", f"None, {numbers}"]
    if a.ndim > 2:
        options += [
            f"0, :, {whole_numbers(maker, a.shape[2], 2)}",
            f"{numbers}, :, {whole_numbers(maker, a.shape[2], len(numbers))}",
        ]
    return maker.statement("by_numbers", [a], f"{{out}} = {a.name}[{maker.choose(options)}]")


@generator("getitem", "arange", weight=1.5)
def picked_labels(maker: Maker) -> Statement:
    """One entry a row, at the label of the row."""
    a = maker.array(2)
    labels = maker.leaf((a.shape[0],), "data", below(a.shape[1]), "y")
    inner = maker.choose([a.name, f"np.log({maker.positive(a)})", f"np.exp({a.name})"])
    count = maker.choose([f"np.arange(len({a.name}))", f"np.arange({a.shape[0]})", f"np.arange({a.name}.shape[0])"])
    sign = maker.choose(["", "-"])
    return maker.statement("picked_labels", [a, labels], f"{{out}} = {sign}({inner})[{count}, {labels.name}]")


@generator("getitem", weight=1.5)
def by_mask(maker: Maker) -> Statement:
    a = maker.array()
    if maker.chance(0.4):
        mask = maker.leaf(a.shape[: maker.choose([1, a.ndim])], "data", truth, "m")
        return maker.statement("by_mask", [a, mask], f"{{out}} = {a.name}[{mask.name}]")
    condition = maker.choose([f"{a.name} > 0", f"{a.name} < 0.5", f"({a.name} > -1) & ({a.name} < 1)"])
    return maker.statement("by_mask", [a], f"{{out}} = {maker.choose(['np.sum', 'np.mean'])}({a.name}[{condition}])")


@generator("take")
def take(maker: Maker) -> Statement:
    a = maker.array()
    axis = int(maker.rng.integers(-a.ndim, a.ndim))
    ids = maker.leaf(maker.choose([(2,), (3,), (2, 2), ()]), "data", below(a.shape[axis]), "ids")
    shown = maker.choose([ids.name, ids.name, str(whole_numbers(maker, a.shape[axis], 2))])
    reads = [a, ids] if shown == ids.name else [a]
    if maker.chance(0.2):
        flat = whole_numbers(maker, a.array.size, 3)
        return maker.statement("take", [a], f"{{out}} = np.take({a.name}, {flat})")
    if maker.chance(0.4):
        return maker.statement("take", reads, f"{{out}} = {a.name}.take({shown}, axis={axis})")
    return maker.statement("take", reads, f"{{out}} = np.take({a.name}, {shown}, axis={axis})")


@generator("take_along_axis")
def take_along_axis(maker: Maker) -> Statement:
    a = maker.array()
    axis = int(maker.rng.integers(-a.ndim, a.ndim))
    shape = list(a.shape)
    shape[axis] = maker.choose([1, 2])
    ids = maker.leaf(tuple(shape), "data", below(a.shape[axis]), "ids")
    axis_text = maker.choose([f"axis={axis}", str(axis)])
    return maker.statement(
        "take_along_axis", [a, ids], f"{{out}} = np.take_along_axis({a.name}, {ids.name}, {axis_text})"
    )


def _write(maker: Maker, a: Variable) -> tuple[str, list[Variable]]:
    """One line that changes ``{out}``, which has the shape of ``a``, and what it reads."""
    n = a.shape[0]
    basic = basic_index(maker, a)
    if "None" in basic:
        basic = "0"
    kinds = ["mask", "mask", "slice", "slice", "augmented", "augmented", "whole", "numbers", "other", "masked other"]
    match maker.choose(kinds):
        case "mask":
            condition = maker.choose(["{out} < 0", "{out} > 0.7", "({out} > 0) & ({out} < 0.5)", "np.abs({out}) > 1"])
            return f"{{out}}[{condition}] = {maker.choose(['0', '0.5', '-0.1'])}", []
        case "slice":
            value = maker.choose(["0", "0.3", f"{a.name}[{basic}] * 0.5", f"np.tanh({a.name}[{basic}])"])
            return f"{{out}}[{basic}] = {value}", []
        case "augmented":
            symbol = maker.choose(["+", "-", "*", "/"])
            amount = maker.choose(["0.5", "2", f"{a.name}[{basic}]"] if symbol in "+-*" else ["2", "1.5"])
            return f"{{out}}[{basic}] {symbol}= {amount}", []
        case "whole":
            b = maker.any(lambda v: v.array.size <= a.array.size and _broadcasts_into(v.shape, a.shape))
            amount = b.name if b is not None and maker.chance(0.7) else maker.choose(["2", "0.5", "1.5"])
            symbol = maker.choose(["+", "-", "*"])
            return f"{{out}} {symbol}= {amount}", [b] if b is not None and amount == b.name else []
        case "numbers":
            ids = sorted(set(whole_numbers(maker, n, 2)))
            return f"{{out}}[{ids}] = {maker.choose(['0.7', f'{a.name}[{ids}] * 2'])}", []
        case "other":
            return f"{{out}}[0] = {a.name}[-1] * 0.5", []
    return f"{{out}}[{{out}} < 0] *= {maker.choose(['0.1', '-1'])}", []


def _broadcasts_into(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    return len(shape) <= len(target) and all(
        n in (1, m) for n, m in zip(shape[::-1], target[::-1], strict=False)
    )  # fmt: skip


@generator("setitem", weight=3.0)
def written(maker: Maker) -> Statement:
    """An array of loss's own, changed in place several times; the last line leaves a row that was certainly written."""
    a = maker.array()
    start = maker.choose([f"{a.name}.copy()", f"{a.name} * 1.0", f"np.array({a.name} + 0)", f"np.tanh({a.name})",
                          f"np.zeros_like({a.name})", f"{a.name} + 0.1"])  # fmt: skip
    lines, reads = [f"{{out}} = {start}"], [a]
    for _ in range(int(maker.rng.integers(1, 4))):
        line, read = _write(maker, a)
        lines.append(line)
        reads += read
    return maker.statement("written", reads, *lines, f"{{out}}[-1] = {a.name}[0] * 0.3")


@generator(weight=1.0)
def written_by_mask(maker: Maker) -> Statement:
    a = maker.array()
    lines = ["{out} = " + maker.choose([f"{a.name}.copy()", f"{a.name} * 2"])]
    lines.append(f"{{out}}[{a.name} < {maker.choose(['0', '0.3'])}] = {maker.choose(['0', '0.01', '1'])}")
    return maker.statement("written_by_mask", [a], *lines)


@generator(weight=0.5)
def kept_before_writing(maker: Maker) -> Statement:
    """The value before the write is used after it."""
    a = maker.array()
    return maker.statement(
        "kept_before_writing", [a],
        f"{{out}}_early = {a.name} * 2", "{out} = {out}_early * 1.0", "{out}_sum = np.sum({out} ** 2)",
        maker.choose(["{out}[0] = 0.5", "{out} *= 3", "{out}[{out} < 0] = 0", "{out} += {out}_early"]),
        "{out} = {out} * {out}_sum + {out}_early",
    )  # fmt: skip


@generator(weight=1.5)
def filled(maker: Maker) -> Statement:
    """An array that loss makes empty, or full of zeros, and fills row by row."""
    a = maker.array()
    start = maker.choose([f"np.zeros({a.shape})", f"np.ones({a.shape})", f"np.zeros_like({a.name})",
                          f"np.full({a.shape}, 0.5)", f"np.empty({a.name}.shape)",
                          f"np.full_like({a.name}, 0.2)"])  # fmt: skip
    n = a.shape[0]
    body = maker.choose([f"{a.name}[k] * (k + 1)", f"np.tanh({a.name}[{n - 1} - k])", f"{a.name}[k] + {{out}}[k - 1]"])
    if "empty" in start and "k - 1" in body:
        body = f"{a.name}[k]"
    lines = [f"{{out}} = {start}", f"for k in range({n}):", f"    {{out}}[k] = {body}"]
    return maker.statement("filled", [a], *lines)


@generator("setitem", weight=1.5)
def written_at_numbers(maker: Maker) -> Statement:
    """Rows at positions out of the data are replaced, all of them or some, or added to."""
    a = maker.array()
    n = a.shape[0]
    ids = maker.leaf((maker.choose([n, max(1, n - 1), 1]),), "data", different(n), "ids")
    start = maker.choose([f"{a.name} * 1.0", f"np.zeros_like({a.name})", f"np.zeros({a.shape})", f"np.sin({a.name})"])
    write = maker.choose(["= 0.5", f"= {a.name}[0] * 2", f"= {a.name}[{ids.name}] * 2", "+= 1.5", "*= 2",
                          f"= {a.name}[:len({ids.name})]", f"-= {a.name}[0]"])  # fmt: skip
    lines = [f"{{out}} = {start}", f"{{out}}[{ids.name}] {write}", f"{{out}}[0] = {a.name}[-1]"]
    return maker.statement("written_at_numbers", [a, ids], *lines)
