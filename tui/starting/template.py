"""The whole text of a starting file, put together from its parts."""

from __future__ import annotations

import os
from pathlib import Path

from tui.starting.data_text import drawn_text, file_texts, turned_text
from tui.starting.net_text import activation_name, generator_text, helper_texts, loss_text, params_text
from tui.starting.plan import FileData, Plan
from tui.starting.pytext import sections, text_literal

_LOSS_NAMES = {
    "mse": "half the squared error",
    "softmax": "softmax and cross-entropy",
    "sigmoid": "sigmoid and binary cross-entropy",
}
_LONGEST_SIZES = 30


def starting_text(plan: Plan, path: Path) -> str:
    """The file that is going to stand at ``path``; a data file is found from there."""
    net, data = plan.architecture, plan.data
    if isinstance(data, FileData):
        imports = ["from pathlib import Path", "", "import numpy as np"]
        location = location_text(data.file, path)
        parts = [*file_texts(net, data, location), generator_text(net), params_text(net), turned_text(net, data)]
    else:
        imports = ["import numpy as np"]
        parts = [generator_text(net), params_text(net), drawn_text(net, data)]
    top = sections([_docstring(plan, path), imports, *parts], blank=1)
    lines = sections([top, *helper_texts(net), loss_text(net)], blank=2)
    return "\n".join(lines) + "\n"


def summary(plan: Plan) -> str:
    """``4-8-3 ReLU net with softmax and cross-entropy, one example per row``."""
    net = plan.architecture
    sizes = "-".join(map(str, net.layers))
    if len(sizes) > _LONGEST_SIZES:
        sizes = f"{net.layers[0]}-...-{net.layers[-1]}"
    each = "row" if net.in_rows else "column"
    return f"{sizes} {activation_name(net)} net with {_LOSS_NAMES[net.loss]}, one example per {each}"


def location_text(file: Path, beside: Path) -> str:
    """Where the data lie, as a Python expression: seen from the file itself, else as it was given.

    Only an absolute path that leads out of the folder of ``beside`` stays one.
    """
    folder = beside.parent.resolve()
    target = file.parent.resolve() / file.name
    if file.is_absolute() and not target.is_relative_to(folder):
        return f"Path({text_literal(str(file))})"
    try:
        relative = Path(os.path.relpath(target, folder)).as_posix()
    except ValueError:  # another drive
        return f"Path({text_literal(str(file.absolute()))})"
    return f"Path(__file__).parent / {text_literal(relative)}"


def _docstring(plan: Plan, path: Path) -> list[str]:
    net, data = plan.architecture, plan.data
    product = "z = h @ W + b" if net.in_rows else "z = W @ h + b"
    if isinstance(data, FileData):
        source = f"The {plan.examples} examples come from {_plain(data.file.name)}"
    else:
        source = f"The {plan.examples} examples are drawn, as the weights are"
    return [
        f'"""{summary(plan)}.',
        "",
        f"{source}; a layer is {product}.",
        f"`chainstep {_plain(path.name)}` opens it. Change what you like: r reads the file again.",
        '"""',
    ]


def _plain(name: str) -> str:
    """A file's name as it can stand in a docstring, whatever characters it has."""
    return "".join("?" if one in '\\"' or not one.isprintable() else one for one in name)
