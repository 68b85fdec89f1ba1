"""Arrays that are made of nothing but a shape."""

from __future__ import annotations

from engine.ir import Attributes
from engine.op import ATOM, Op, Pattern, dtype_setting


def _eye(attributes: Attributes) -> Pattern:
    columns = attributes.get("columns")
    sizes = f"{attributes['size']}" if columns is None else f"{attributes['size']}, {columns}"
    return (f"np.eye({sizes}{dtype_setting(attributes)})", ATOM)


ROWS = [
    Op(
        "ones",
        {"function": lambda a: (f"np.ones({a['shape']}{dtype_setting(a)})", ATOM)},
        "constant",
        None,
        ("1", ATOM),
        calls=("np.ones_like(a)",),
    ),
    Op(
        "zeros",
        {"function": lambda a: (f"np.zeros({a['shape']}{dtype_setting(a)})", ATOM)},
        "constant",
        None,
        ("0", ATOM),
        calls=("np.zeros_like(a)", "np.full_like(a, number)"),
    ),
    Op(
        "arange",
        {"function": lambda a: (f"np.arange({a['size']})", ATOM)},
        "constant",
        None,
        ("0…n", ATOM),
        calls=("np.arange(n)",),
    ),
    Op("eye", {"function": _eye}, "constant", None, ("I", ATOM)),
]
