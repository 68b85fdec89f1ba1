"""Arrays that are made of nothing but a shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ir import Attributes
from engine.op import ATOM, Op, Pattern, call, call2, dtype_setting

if TYPE_CHECKING:
    from engine.ref import Ref


def _eye(attributes: Attributes) -> Pattern:
    columns = attributes.get("columns")
    sizes = f"{attributes['size']}" if columns is None else f"{attributes['size']}, {columns}"
    return (f"np.eye({sizes}{dtype_setting(attributes)})", ATOM)


def full_like(g: Ref, y: Ref, a: Ref, value: Ref) -> tuple[Ref | None, ...]:
    """Only the shape of ``a`` is used; the number stands everywhere, so its gradients are added up."""
    return None, g


TITLE = "new arrays"
ROWS = [
    Op(
        "ones",
        {"function": lambda a: (f"np.ones({a['shape']}{dtype_setting(a)})", ATOM)},
        "constant",
        None,
        ("1", ATOM),
        calls=("np.ones(shape)",),
    ),
    Op(
        "zeros",
        {"function": lambda a: (f"np.zeros({a['shape']}{dtype_setting(a)})", ATOM)},
        "constant",
        None,
        ("0", ATOM),
        calls=("np.zeros(shape)", "np.empty(shape)"),
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
    Op("zeros_like", call("np.zeros_like"), "like", None, ("0", ATOM), "0", calls=("np.zeros_like(a)",)),
    Op("ones_like", call("np.ones_like"), "like", None, ("1", ATOM), "1", calls=("np.ones_like(a)",)),
    Op(
        "full_like",
        call2("np.full_like"),
        "like",
        full_like,
        ("{1:9}", ATOM),
        "=",
        calls=("np.full_like(a, number)",),
        linear="linear",
    ),
]
