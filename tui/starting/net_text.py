"""The net as Python text: its parameters, the functions it uses, and ``loss`` with every quantity on a line."""

from __future__ import annotations

from tui.starting.architecture import Architecture, spread
from tui.starting.pytext import bracketed, comment

_ROUNDED_FROM = 0.1
"""Weights with at least this spread are rounded to two decimals, as many as the screen shows."""

_CALLS = {"relu": "np.maximum({z}, 0)", "tanh": "np.tanh({z})", "sigmoid": "sigmoid({z})"}
_ACTIVATION_NAMES = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
_WAYS_BACK = {
    "relu": "multiplies by the mask 𝟙(z1~>~0), entry by entry",
    "tanh": "multiplies by 1~-~h1², entry by entry",
    "sigmoid": "multiplies by h1~⊙~(1~-~h1), entry by entry",
}
_SOFTMAX = """\
def softmax(f):
    s = f - np.max(f, axis={axis}, keepdims=True)  # changes nothing but keeps exp small
    e = np.exp(s)
    return e / np.sum(e, axis={axis}, keepdims=True)"""
_SIGMOID = """\
def sigmoid(z):
    return 1 / (1 + np.exp(-z))"""


def activation_name(architecture: Architecture) -> str:
    """``ReLU``; ``linear`` where no layer has an activation."""
    return _ACTIVATION_NAMES[architecture.activation] if architecture.depth > 1 else "linear"


# ---- parameters ---------------------------------------------------------------------------------------


def params_text(net: Architecture) -> list[str]:
    """``rng`` and ``params``."""
    order = "inputs × outputs" if net.in_rows else "outputs × inputs"
    came = _unbroken(_linear(net, 1))
    what = f"Gradients are taken of these. A weight matrix is {order} of its layer, because a layer is {came}."
    scale = "The spread √(1~/~inputs) keeps what comes out of a layer as large as what goes in"
    if _feeds_relu(net, 1):
        scale += ", √(2~/~inputs) where a ReLU drops half of it; a bias of 0.1 keeps z off the kink at 0"
    lines = comment(what) + comment(f"{scale}.") + ["params = {"]
    for layer in range(1, net.depth + 1):
        lines += [f'    "W{layer}": {_weights(net, layer)},', f'    "b{layer}": {_bias(net, layer)},']
    return [*lines, "}"]


def generator_text(net: Architecture) -> list[str]:
    """The generator behind all numbers that are drawn."""
    return [f"rng = np.random.default_rng({net.seed})  # the same numbers at every run"]


def _weights(net: Architecture, layer: int) -> str:
    factor, inputs, scale = spread(net, layer)
    outputs = net.layers[layer]
    shape = f"({inputs}, {outputs})" if net.in_rows else f"({outputs}, {inputs})"
    rounded = ".round(2)" if scale >= _ROUNDED_FROM else ""
    return f"rng.normal(0, np.sqrt({factor} / {inputs}), {shape}){rounded}"


def _bias(net: Architecture, layer: int) -> str:
    shape = net.shape(net.layers[layer], 1)
    return f"np.full({shape}, 0.1)" if _feeds_relu(net, layer) else f"np.zeros({shape})"


def _feeds_relu(net: Architecture, layer: int) -> bool:
    return net.activation == "relu" and layer < net.depth


# ---- functions ----------------------------------------------------------------------------------------


def helper_texts(net: Architecture) -> list[list[str]]:
    """The functions that ``loss`` calls, each with its lines."""
    found = []
    if net.loss == "sigmoid" or (net.activation == "sigmoid" and net.depth > 1):
        found.append(_SIGMOID.splitlines())
    if net.loss == "softmax":
        found.append(_SOFTMAX.format(axis=1 if net.in_rows else 0).splitlines())
    return found


def loss_text(net: Architecture) -> list[str]:
    """``def loss``: one line per quantity, z and h of every layer by name."""
    arguments = ["x", "y", *(f"{kind}{layer}" for layer in range(1, net.depth + 1) for kind in "Wb")]
    lines = bracketed("def loss(", arguments, "):")
    if net.depth > 1:
        lines += comment(_about_layers(net), "    ")
    for layer in range(1, net.depth):
        lines.append(f"    z{layer} = {_linear(net, layer)}")
        lines.append(f"    h{layer} = {_CALLS[net.activation].format(z=f'z{layer}')}")
    return [*lines, f"    f = {_linear(net, net.depth)}", *_ending(net)]


def _about_layers(net: Architecture) -> str:
    name, way = _ACTIVATION_NAMES[net.activation], _WAYS_BACK[net.activation]
    over = "row" if net.in_rows else "column"
    return f"b1 is added to every {over}, so ∂L/∂b1 is a sum over the examples. On the way back {name} {way}."


def _unbroken(code: str) -> str:
    """Code inside a comment, which no line break cuts."""
    return code.replace(" ", "~")


def _linear(net: Architecture, layer: int) -> str:
    before = "x" if layer == 1 else f"h{layer - 1}"
    product = f"{before} @ W{layer}" if net.in_rows else f"W{layer} @ {before}"
    return f"{product} + b{layer}"


def _ending(net: Architecture) -> list[str]:
    """From the output f to the loss."""
    return {"mse": _mse, "softmax": _cross_entropy, "sigmoid": _binary_cross_entropy}[net.loss](net)


def _mse(net: Architecture) -> list[str]:
    said = "Half the squared error, summed over the outputs, mean over the examples: ∂L/∂f~=~(f~-~y)~/~N."
    return [*comment(said, "    "), f"    return 0.5 * np.sum((f - y) ** 2) / {_count(net)}"]


def _cross_entropy(net: Architecture) -> list[str]:
    said = "Minus the log of the probability of the right class, mean over the examples: ∂L/∂f~=~(p~-~𝟙(y))~/~N."
    picked = "p[np.arange(len(y)), y]" if net.in_rows else "p[y, np.arange(len(y))]"
    return ["    p = softmax(f)", *comment(said, "    "), f"    return -np.mean(np.log({picked}))"]


def _binary_cross_entropy(net: Architecture) -> list[str]:
    said = (
        "Every output answers yes or no by itself, -log~p where y is 1 and -log(1~-~p) where y is 0; "
        "summed over the outputs, mean over the examples: ∂L/∂f~=~(p~-~y)~/~N."
    )
    total = "np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))"
    return ["    p = sigmoid(f)", *comment(said, "    "), f"    return -{total} / {_count(net)}"]


def _count(net: Architecture) -> str:
    return "len(x)" if net.in_rows else "x.shape[1]"
