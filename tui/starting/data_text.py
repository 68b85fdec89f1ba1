"""The data as Python text: drawn numbers, or a file that is read, checked and brought into the convention."""

from __future__ import annotations

from tui.starting.architecture import Architecture
from tui.starting.examples import CsvSource, NpzSource
from tui.starting.plan import FileData
from tui.starting.pytext import bracketed, comment, text_literal


def drawn_text(net: Architecture, examples: int) -> list[str]:
    """``data`` with drawn inputs, and labels of the kind that the loss takes."""
    outputs = net.layers[-1]
    matrix = net.shape(outputs, examples)
    y = {
        "mse": f"rng.normal(size={matrix}).round(2)",
        "softmax": f"rng.permutation(np.arange({examples}) % {outputs})",
        "sigmoid": f"rng.integers(0, 2, {matrix})",
    }[net.loss]
    about = {
        "mse": f"y: {outputs} per example",
        "softmax": f"y: one whole number from 0 to {outputs - 1} per example",
        "sigmoid": f"y: {outputs} per example, each 0 or 1",
    }[net.loss]
    each = "row" if net.in_rows else "column"
    x = f"rng.normal(size={net.shape(net.layers[0], examples)}).round(2)"
    said = f"Drawn numbers, to be replaced by yours. x: {examples} examples, one per {each}. {about}."
    return [*comment(said), "data = {", f'    "x": {x},', f'    "y": {y},', "}"]


# ---- a file -------------------------------------------------------------------------------------------


def file_texts(net: Architecture, data: FileData, location: str) -> list[list[str]]:
    """Blocks that read ``location`` (a Python expression) into ``x`` of shape (N, features) and ``y``."""
    source = data.source
    reading = _csv(net, source) if isinstance(source, CsvSource) else _npz(net, source, data)
    head = [*comment("The data. Should the file change, the assertions say what no longer fits."), f"FILE = {location}"]
    head += _targets(source) if isinstance(source, CsvSource) else []
    return [head + _class_names(data), reading, _labels(net, data), _prepared(net, data)]


def turned_text(net: Architecture, data: FileData) -> list[str]:
    """``data`` from ``x`` and ``y``, which have one example per row."""
    matrix = net.loss != "softmax"
    turned = ("x", "y") if net.in_rows else ("x.T", "y.T" if matrix else "y")
    said = "one example per row" if net.in_rows else "one example per column: .T turns the rows of the file"
    return [f'data = {{"x": {turned[0]}, "y": {turned[1]}}}  # {said}']


def _targets(source: CsvSource) -> list[str]:
    said = ["# What the net is to say; every other column is an input."]
    return said + bracketed("TARGET = [", [text_literal(name) for name in source.targets], "]")


def _class_names(data: FileData) -> list[str]:
    if not data.labels.classes:
        return []
    said = comment("Label 0 is the first of these names, label 1 the second, and so on.")
    return said + bracketed("CLASSES = [", [text_literal(name) for name in data.labels.classes], "]")


def _table(source: CsvSource) -> list[str]:
    """``table``: the cells as texts, the header first; ``np.loadtxt`` is told what this file needs, and no more."""
    options = ["dtype=str", f"delimiter={text_literal(source.delimiter)}"]
    options += ["quotechar='\"'"] if source.quoted else []
    options += ["comments=None"] if source.hashes else []
    encoding = 'encoding="utf-8-sig"'
    if source.gaps:
        text = f"text = FILE.read_text({encoding})"
        full = "lines = [line for line in text.splitlines() if line.strip()]  # no empty ones"
        return [text, full, *bracketed("table = np.loadtxt(", ["lines", *options], ")")]
    options += [encoding] if source.encoded else []
    return bracketed("table = np.loadtxt(", ["FILE", *options], ")")


def _csv(net: Architecture, source: CsvSource) -> list[str]:
    lines = _table(source)
    lines += ["table = np.char.strip(table)  # no blanks around the cells"] if source.padded else []
    return [
        *lines,
        "names, cells = table[0].tolist(), table[1:]",
        'assert set(TARGET) <= set(names), f"{FILE.name} has no column {TARGET}"',
        "inputs = [k for k, name in enumerate(names) if name not in TARGET]",
        "outputs = [names.index(name) for name in TARGET]",
        "x = cells[:, inputs].astype(float)",
        *_checked_inputs(net),
    ]


def _npz(net: Architecture, source: NpzSource, data: FileData) -> list[str]:
    return [
        "with np.load(FILE) as arrays:  # x: one example per row",
        f'    x, y = arrays["x"].astype(float), arrays["y"]{_flattened(source, data)}',
        'assert len(x) == len(y), f"{FILE.name} has {len(x)} examples and {len(y)} labels"',
        *_checked_inputs(net),
    ]


def _flattened(source: NpzSource, data: FileData) -> str:
    """One label per example where classes are meant, a row per example else."""
    classes = data.labels.kind in ("names", "indices")
    if classes:
        return ".ravel()" if source.target_ndim == 2 else ""
    return ".reshape(-1, 1)" if source.target_ndim == 1 else ""


def _checked_inputs(net: Architecture) -> list[str]:
    features = net.layers[0]
    return [
        f'assert x.shape[1] == {features}, f"{{FILE.name}} has {{x.shape[1]}} inputs, W1 takes {features}"',
        'assert np.isfinite(x).all(), f"{FILE.name}: an input is NaN or infinite"',
    ]


def _labels(net: Architecture, data: FileData) -> list[str]:
    """``y`` as the loss takes it: whole numbers of shape (N,), or a matrix of shape (N, outputs)."""
    from_csv = isinstance(data.source, CsvSource)
    column, matrix = ("cells[:, outputs[0]]", "cells[:, outputs]") if from_csv else ("y", "y")
    kind, outputs = data.labels.kind, net.layers[-1]
    if kind == "names":
        texts = column if from_csv else f"{column}.astype(str)"
        index = "CLASSES.index(name)" if net.loss == "softmax" else "[CLASSES.index(name)]"
        return [
            f"labels = {texts}.tolist()",
            "new = set(labels) - set(CLASSES)",
            'assert not new, f"{FILE.name} has labels that are not in CLASSES: {sorted(new)}"',
            f"y = np.array([{index} for name in labels])",
        ]
    if kind == "indices":
        allowed = f"set(labels.tolist()) <= set(range({outputs}))"
        return [
            f"labels = {column}.astype(float)",
            f'assert {allowed}, f"{{FILE.name}}: labels are 0 to {outputs - 1}"',
            "y = labels.astype(int)",
        ]
    same = f'assert y.shape[1] == {outputs}, f"{{FILE.name}} has {{y.shape[1]}} outputs, not {outputs}"'
    right = 'assert np.isfinite(y).all(), f"{FILE.name}: a label is NaN or infinite"'
    if kind == "flags":
        right = 'assert np.isin(y, [0, 1]).all(), f"{FILE.name}: a label is neither 0 nor 1"'
    return [f"y = {matrix}.astype(float)", *([] if from_csv else [same]), right]


def _prepared(net: Architecture, data: FileData) -> list[str]:
    lines = []
    if data.standardised:
        also = " The targets as well." if net.loss == "mse" else ""
        lines += comment(
            f"Mean 0 and spread 1 in every column, so that no input counts more for its unit alone.{also} "
            "A constant column becomes 0."
        )
        lines += _standardised("x") + (_standardised("y") if net.loss == "mse" else [])
    if data.few is not None:
        lines += comment(f"{data.few} of the examples, spread evenly over the file.")
        lines += [f"few = np.linspace(0, len(x) - 1, {data.few}).astype(int)", "x, y = x[few], y[few]"]
    return lines


def _standardised(name: str) -> list[str]:
    return [
        f"spread = {name}.std(axis=0)",
        f"{name} = ({name} - {name}.mean(axis=0)) / np.where(spread > 0, spread, 1)",
    ]
