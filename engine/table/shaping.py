"""The same entries in another arrangement: turned, reshaped, repeated, shifted, padded, put on a diagonal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.ir import Attributes
from engine.op import ATOM, Op, Pattern, Rule, Spelling, function_and_method, function_with, part, settings

if TYPE_CHECKING:
    from engine.ref import Ref

Gradients = tuple["Ref | None", ...]


def transpose(g: Ref, y: Ref, a: Ref, axes: tuple[int, ...] | None = None, **attributes: Any) -> Gradients:
    if axes is None:
        return (g.T,)
    back = tuple(axes.index(k) for k in range(len(axes)))
    return (g.apply("transpose", axes=back),)


def reshape(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    return (g.apply("reshape", shape=a.shape),)


def broadcast(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    return (g,)


def copy(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    return (g,)


def repeat(g: Ref, y: Ref, a: Ref, repeats: int, axis: int | None = None) -> Gradients:
    """Every entry stands ``repeats`` times: its gradients are added up."""
    if axis is None:
        return (g.shaped((a.size, repeats)).sum(axis=1).shaped(a.shape),)
    return (g.shaped((*a.shape[: axis + 1], repeats, *a.shape[axis + 1 :])).sum(axis=axis + 1),)


def tile(g: Ref, y: Ref, a: Ref, reps: tuple[int, ...]) -> Gradients:
    """Every entry stands once in each tile: the tiles are laid over one another and added up."""
    ndim = max(len(reps), a.ndim)
    shape = (1,) * (ndim - a.ndim) + a.shape
    times = (1,) * (ndim - len(reps)) + reps
    apart: list[int] = []
    copies: list[int] = []
    for count, size in zip(times, shape, strict=True):
        if count != 1:
            copies.append(len(apart))
            apart.append(count)
        apart.append(size)
    if not copies:
        return (g.shaped(a.shape),)
    added = g.shaped(tuple(apart)).sum(axis=tuple(copies) if len(copies) > 1 else copies[0])
    return (added.shaped(a.shape),)


def pad(g: Ref, y: Ref, a: Ref, width: tuple[tuple[int, int], ...]) -> Gradients:
    """The border is constant: only the middle has a gradient."""
    index = tuple(
        part(before, before + size, before + size + behind)
        for (before, behind), size in zip(width, a.shape, strict=True)
    )
    return (g.apply("getitem", index=index),)


def roll(g: Ref, y: Ref, a: Ref, shift: Any, axis: Any = None) -> Gradients:
    back = tuple(-s for s in shift) if isinstance(shift, tuple) else -shift
    return (g.apply("roll", shift=back, axis=axis),)


def flip(g: Ref, y: Ref, a: Ref, axis: Any = None) -> Gradients:
    return (g.apply("flip", axis=axis),)


def diagonal(g: Ref, y: Ref, a: Ref, k: int = 0) -> Gradients:
    """What was taken from the diagonal goes back to it, what was put there is taken from it."""
    return (g.apply("diag", k=k),)


def lower(g: Ref, y: Ref, a: Ref, k: int = 0) -> Gradients:
    return (g.apply("tril", k=k),)


def upper(g: Ref, y: Ref, a: Ref, k: int = 0) -> Gradients:
    return (g.apply("triu", k=k),)


def _turned(attributes: Attributes) -> Pattern:
    """The shortest way to say it: ``.T``, ``.swapaxes`` for two axes, ``.transpose`` for more."""
    axes = attributes.get("axes")
    moved = [k for k, axis in enumerate(axes or ()) if k != axis]
    if len(moved) == 2:
        return (f"{{0:9}}.swapaxes({moved[0]}, {moved[1]})", ATOM)
    return _transpose(attributes)


def _transpose(attributes: Attributes) -> Pattern:
    axes = attributes.get("axes")
    return ("{0:9}.T", ATOM) if axes is None else (f"{{0:9}}.transpose({', '.join(map(str, axes))})", ATOM)


def _transpose_function(attributes: Attributes) -> Pattern:
    axes = attributes.get("axes")
    return ("np.transpose({0:0})", ATOM) if axes is None else (f"np.transpose({{0:0}}, {axes})", ATOM)


def _moved(text: str) -> Spelling:
    """np.swapaxes and np.moveaxis, with the axes as a person gave them."""
    return lambda attributes: (text + f"{attributes['moved'][0]}, {attributes['moved'][1]})", ATOM)


def _reshape(attributes: Attributes) -> Pattern:
    shape = attributes["shape"]
    return (f"{{0:9}}.reshape({', '.join(map(str, shape)) if shape else '()'})", ATOM)


def _reshape_function(attributes: Attributes) -> Pattern:
    return (f"np.reshape({{0:0}}, {attributes['shape']})", ATOM)


def _repeat(attributes: Attributes) -> Pattern:
    axis = "" if attributes.get("axis") is None else f", axis={attributes['axis']}"
    return (f"np.repeat({{0:0}}, {attributes['repeats']}{axis})", ATOM)


def _roll(attributes: Attributes) -> Pattern:
    axis = "" if attributes.get("axis") is None else f", axis={attributes['axis']}"
    return (f"np.roll({{0:0}}, {attributes['shift']}{axis})", ATOM)


def _with_k(name: str) -> dict[str, Any]:
    return function_with(f"np.{name}", "k", k=0)


def _moving(
    name: str,
    spellings: dict[str, Spelling],
    family: str,
    rule: Rule,
    calls: tuple[str, ...],
    moves: str,
    gap: str = "",
    math: Spelling | None = None,
) -> Op:
    """An operation that only moves entries, written by its own name."""
    return Op(name, spellings, family, rule, math, name, calls=calls, linear="linear", moves=moves, gap=gap)


TITLE = "shapes"
ROWS = [
    Op(
        "transpose",
        {
            "turned": _turned,
            "method": _transpose,
            "function": _transpose_function,
            "swapaxes": _moved("{0:9}.swapaxes("),
            "np.swapaxes": _moved("np.swapaxes({0:0}, "),
            "moveaxis": _moved("np.moveaxis({0:0}, "),
        },
        "transpose",
        transpose,
        ("{0:9}ᵀ", ATOM),
        "ᵀ",
        view=True,
        calls=("a.T", "a.transpose(axes)", "np.transpose(a, axes)", "a.swapaxes(i, j)", "np.moveaxis(a, i, j)"),
        linear="linear",
    ),
    Op(
        "reshape",
        {
            "method": _reshape,
            "function": _reshape_function,
            "ravel": ("{0:9}.ravel()", ATOM),
            "np.ravel": ("np.ravel({0:0})", ATOM),
            "flatten": ("{0:9}.flatten()", ATOM),
        },
        "reshape",
        reshape,
        ("{0:9}", ATOM),
        "reshape",
        view=True,
        calls=("a.reshape(shape)", "np.reshape(a, shape)", "a.ravel()", "a.flatten()"),
        linear="linear",
    ),
    Op(
        "squeeze",
        function_and_method("squeeze", "axis"),
        "reshape",
        reshape,
        ("{0:9}", ATOM),
        "reshape",
        view=True,
        calls=("a.squeeze(axis)", "np.squeeze(a, axis)"),
        linear="linear",
    ),
    Op(
        "expand_dims",
        function_with("np.expand_dims", "axis"),
        "reshape",
        reshape,
        ("{0:9}", ATOM),
        "reshape",
        view=True,
        calls=("np.expand_dims(a, axis)", "a[:, None]"),
        linear="linear",
    ),
    Op(
        "broadcast_to",
        {"function": lambda a: (f"np.broadcast_to({{0:0}}, {a['shape']})", ATOM)},
        "broadcast",
        broadcast,
        ("{0:9}", ATOM),
        "broadcast",
        view=True,
        calls=("np.broadcast_to(a, shape)",),
        linear="linear",
    ),
    Op(
        "copy",
        {"method": lambda a: (f"{{0:9}}.copy({settings(a, 'order')})", ATOM)},
        "elementwise",
        copy,
        ("{0:9}", ATOM),
        "=",
        calls=("a.copy()", "np.copy(a)"),
        linear="linear",
    ),
    _moving(
        "repeat",
        {"function": _repeat},
        "repeat",
        repeat,
        ("np.repeat(a, times, axis)", "a.repeat(times, axis)"),
        "every entry of {left} is repeated",
    ),
    _moving(
        "tile",
        {"function": lambda a: (f"np.tile({{0:0}}, {a['reps']})", ATOM)},
        "repeat",
        tile,
        ("np.tile(a, times)",),
        "{left} is laid out several times",
    ),
    _moving(
        "pad",
        {"function": lambda a: (f"np.pad({{0:0}}, {a['width']})", ATOM)},
        "pad",
        pad,
        ("np.pad(a, width)",),
        "{left} gets a border of zeros",
        "the padding",
    ),
    _moving(
        "roll",
        {"function": _roll},
        "along",
        roll,
        ("np.roll(a, shift, axis)",),
        "the entries of {left} are shifted round",
    ),
    _moving(
        "flip",
        function_with("np.flip", "axis"),
        "along",
        flip,
        ("np.flip(a, axis)", "np.fliplr(a)", "np.flipud(a)"),
        "the order of the entries of {left} is turned round",
    ),
    _moving(
        "diag",
        _with_k("diag"),
        "diagonal",
        diagonal,
        ("np.diag(a, k)", "np.diagonal(a, k)"),
        "a diagonal is read, or written",
        "beside the diagonal",
        ("diag({0:0})", ATOM),
    ),
    _moving(
        "tril",
        _with_k("tril"),
        "along",
        lower,
        ("np.tril(a, k)",),
        "what lies above the diagonal is set to 0",
        "above the diagonal: set to zero",
    ),
    _moving(
        "triu",
        _with_k("triu"),
        "along",
        upper,
        ("np.triu(a, k)",),
        "what lies below the diagonal is set to 0",
        "below the diagonal: set to zero",
    ),
]
