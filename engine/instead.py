"""What to write instead of a NumPy function that is not recorded."""

from __future__ import annotations

import ast
import re

_LIST = "`chainstep list --operations` shows what is recorded."
_INSTEAD = {
    "np.arctan2": "np.arctan(y / x)",
    "np.bincount": "a one-hot matrix from data: np.eye(k)[ids].sum(axis=0)",
    "np.block": "np.concatenate, once an axis",
    "np.cbrt": "x ** (1 / 3)",
    "np.convolve": "a loop over the kernel's positions",
    "np.correlate": "a loop over the kernel's positions",
    "np.count_nonzero": "np.sum(mask)",
    "np.cov": "d = x - x.mean(axis=0), then d.T @ d / (n - 1)",
    "np.cross": "the three components, with np.stack",
    "np.cumprod": "np.exp(np.cumsum(np.log(a))) for positive a, or a loop",
    "np.dstack": "np.stack([a, b], axis=2)",
    "np.exp2": "2.0 ** x",
    "np.fabs": "np.abs(x)",
    "np.float_power": "a ** b",
    "np.fmax": "np.maximum(a, b)",
    "np.fmin": "np.minimum(a, b)",
    "np.gradient": "differences of slices: a[1:] - a[:-1]",
    "np.heaviside": "the mask x > 0",
    "np.hypot": "np.sqrt(a ** 2 + b ** 2)",
    "np.insert": "np.concatenate",
    "np.isinf": "a mask held in data: here some numbers are infinite",
    "np.isnan": "a mask held in data: here some numbers are NaN",
    "np.kron": "np.einsum('ij,kl->ikjl', a, b).reshape(...)",
    "np.logaddexp.reduce": "m = z.max(axis=1), then m + np.log(np.exp(z - m[:, None]).sum(axis=1))",
    "np.logaddexp2": "np.logaddexp(a * np.log(2), b * np.log(2)) / np.log(2)",
    "np.logical_xor": "a != b",
    "np.nanmean": "np.sum(np.where(mask, x, 0)) / mask.sum(), the mask held in data",
    "np.nansum": "np.sum(np.where(mask, x, 0)), the mask held in data",
    "np.piecewise": "np.where(mask, a, b)",
    "np.polyval": "a loop: y = y * x + c for c in the coefficients, the highest first",
    "np.ptp": "a.max() - a.min()",
    "np.put_along_axis": "np.where, or an assignment by index",
    "np.rollaxis": "np.moveaxis(a, i, j)",
    "np.rot90": "np.flip(a.T, axis=0)",
    "np.select": "np.where(mask, a, np.where(other, b, c))",
    "np.sinc": "np.sin(np.pi * x) / (np.pi * x)",
    "np.sort": "an index from data: a[order]",
    "np.unstack": "a loop over the first axis: for row in a",
    "np.vectorize": "NumPy functions on whole arrays",
    "np.apply_along_axis": "a loop over the rows and np.stack",
    "np.linalg.multi_dot": "a @ b @ c",
    "np.add.at": "np.bincount or a one-hot matrix from data times the values",
    "expit": "1 / (1 + np.exp(-z))",
    "logsumexp": "m = z.max(axis=1, keepdims=True), then m + np.log(np.exp(z - m).sum(axis=1, keepdims=True))",
    "float()": "the array itself: a number is an array of shape ()",
    ".item()": "the array itself: a number is an array of shape ()",
    ".tolist()": "the array itself, and NumPy functions on it",
    "a condition (if, while, and, or)": "np.where(condition, a, b)",
    "the operator %": "a - b * np.floor(a / b)",
    "np.remainder": "a - b * np.floor(a / b)",
    "np.mod": "a - b * np.floor(a / b)",
    "the operator //": "np.floor(a / b)",
    "np.floor_divide": "np.floor(a / b)",
    ".argsort": "an order from data, computed outside loss",
    "np.argsort": "an order from data, computed outside loss",
    ".sort": "an index from data: a[order]",
    ".fill": "np.full_like(a, value)",
    ".conj": "the array itself: it is real",
    "np.conj": "the array itself: it is real",
    "np.conjugate": "the array itself: it is real",
    "np.real": "the array itself: it is real",
    "np.lib.stride_tricks.sliding_window_view": "slices in a loop over the window's positions, and np.stack",
}


_PYTHON = {"max": "np.maximum(a, b)", "min": "np.minimum(a, b)", "sum": "np.sum, or a loop with +", "round": "np.round"}
_CALL = re.compile(r"(math\.)?(\w+)\(")


def _arguments(text: str) -> int:
    """How many arguments the call has that stands in the file."""
    try:
        call = ast.parse(text, mode="eval").body
    except SyntaxError:
        return 0
    return len(call.args) if isinstance(call, ast.Call) else 0


def _is_formatted(name: str, text: str) -> bool:
    """``"%.4f" % loss`` reads a number, as float() does; an f-string shows it without being asked for one."""
    return name == "float()" and re.match(r"""[rbu]*["'].*["']\s*%""", text) is not None


def instead_of(name: str, text: str = "") -> str:
    """A sentence that tells what to write instead of ``name`` (``np.diff``), or where to look.

    ``text`` is what stands in the file there: ``math.exp(a)`` reads a number, but it is not ``float()`` that a person
    wrote.
    """
    called = _CALL.match(text)
    if called and called[2] in ("max", "min") and not called[1] and _arguments(text) == 1:
        return f"Write np.{called[2]}({text.partition('(')[2]}."
    if _is_formatted(name, text):
        return 'Write it as an f-string: f"{loss:.4f}".'
    if called and called[1]:
        return f"Write np.{called[2]} instead of {text.partition('(')[0]}."
    known = _PYTHON.get(called[2] if called else "") or _INSTEAD.get(name, "")
    return f"Write {known}." if known else _LIST if name.startswith(("np.", ".", "the operator")) else ""
