"""Generators of what people write around operations: helper functions, loops, branches, known layers."""

from __future__ import annotations

from tests.fuzz.description import Helper, Statement
from tests.fuzz.maker import Maker, below, positive, uniform
from tests.fuzz.registry import generator

SIGMOID = Helper("sigmoid", "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))")
SIGMOID_NEG = Helper("sigmoid_neg", "def sigmoid_neg(z):\n    return 1.0 / (1.0 + np.exp(-1.0 * z))")
RELU = Helper("relu", "def relu(z):\n    return np.maximum(z, 0)")
LEAKY = Helper("leaky", "def leaky(z, slope=0.1):\n    return np.where(z > 0, z, slope * z)")
SOFTPLUS = Helper("softplus", "def softplus(z):\n    return np.logaddexp(0, z)")
GELU = Helper("gelu", "def gelu(z):\n    return 0.5 * z * (1 + np.tanh(0.797885 * (z + 0.044715 * z ** 3)))")
ELU = Helper("elu", "def elu(z):\n    return np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1)")
SOFTMAX = Helper(
    "softmax",
    "def softmax(z, axis=-1):\n"
    "    e = np.exp(z - np.max(z, axis=axis, keepdims=True))\n"
    "    return e / np.sum(e, axis=axis, keepdims=True)",
)
PLAIN_SOFTMAX = Helper(
    "plain_softmax", "def plain_softmax(z):\n    return np.exp(z) / np.exp(z).sum(axis=-1)[..., None]"
)
NORMALISE = Helper(
    "normalise",
    "def normalise(z):\n"
    "    centred = z - z.mean(axis=-1, keepdims=True)\n"
    "    return centred / np.sqrt((centred ** 2).mean(axis=-1, keepdims=True) + 0.01)",
)
HUBER = Helper(
    "huber",
    "def huber(r):\n    size = np.abs(r)\n    return np.where(size < 0.7, 0.5 * r ** 2, 0.7 * (size - 0.35))",
)
LOGSUMEXP = Helper(
    "logsumexp",
    "def logsumexp(z):\n"
    "    top = z.max(axis=-1, keepdims=True)\n"
    "    return top + np.log(np.sum(np.exp(z - top), axis=-1, keepdims=True))",
)
ENTRYWISE = [SIGMOID, SIGMOID_NEG, RELU, LEAKY, SOFTPLUS, GELU, ELU, HUBER]
ALONG = [SOFTMAX, PLAIN_SOFTMAX, NORMALISE, LOGSUMEXP]


@generator(weight=3.0)
def activation(maker: Maker) -> Statement:
    helper = maker.choose(ENTRYWISE)
    a = maker.number_or_array()
    return maker.statement("activation", [a], f"{{out}} = {helper.name}({maker.text(a)})", helpers=[helper])


@generator(weight=2.0)
def normalisation(maker: Maker) -> Statement:
    helper = maker.choose(ALONG)
    a = maker.array()
    axis = f", axis={int(maker.rng.integers(-a.ndim, a.ndim))}" if helper is SOFTMAX and maker.chance(0.5) else ""
    return maker.statement("normalisation", [a], f"{{out}} = {helper.name}({maker.text(a)}{axis})", helpers=[helper])


@generator(weight=2.0)
def layer(maker: Maker) -> Statement:
    """A dense layer with a bias, in either convention, with an activation in the same line or not."""
    x = maker.array(2)
    n = maker.choose(maker.sizes)
    helper = maker.choose(ENTRYWISE)
    if maker.chance(0.5):
        weight, bias = maker.leaf((x.shape[1], n), stem="W"), maker.leaf(maker.choose([(n,), (1, n), ()]), stem="b")
        product = f"{x.name} @ {weight.name} + {bias.name}"
    else:
        weight, bias = maker.leaf((n, x.shape[0]), stem="W"), maker.leaf(maker.choose([(n, 1), (1,)]), stem="b")
        product = f"{weight.name} @ {x.name} + {bias.name}"
    if maker.chance(0.5):
        lines = [f"{{out}} = {helper.name}({product})"]
    else:
        lines = [f"{{out}}_z = {product}", f"{{out}} = {helper.name}({{out}}_z)"]
    return maker.statement("layer", [x, weight, bias], *lines, helpers=[helper])


@generator(weight=1.0)
def attention(maker: Maker) -> Statement:
    """Scaled products of queries and keys, perhaps with a mask, applied to values; two to four dimensions."""
    x = maker.array(maker.choose([2, 3, 3, 4]))
    d = x.shape[-1]
    wq, wk = maker.matching((d, d)), maker.leaf((d, d), stem="W")
    scores = maker.choose([
        f"({x.name} @ {wq.name}) @ np.swapaxes({x.name} @ {wk.name}, -1, -2) / np.sqrt({d})",
        f"({x.name} @ {wq.name}) @ ({x.name} @ {wk.name}).swapaxes(-2, -1) * {d} ** -0.5",
    ])  # fmt: skip
    lines = [f"{{out}}_s = {scores}"]
    if maker.chance(0.5):
        size = x.shape[-2]
        lines.append(f"{{out}}_s = np.where(np.tril(np.ones(({size}, {size}))) > 0, {{out}}_s, -5.0)")
    lines.append(f"{{out}} = softmax({{out}}_s) @ {x.name}")
    return maker.statement("attention", [x, wq, wk], *lines, helpers=[SOFTMAX])


@generator(weight=1.5)
def loop(maker: Maker) -> Statement:
    """The same line several times: recurrences, sums of rows, running products."""
    a = maker.array()
    n = a.shape[0]
    forms = [
        ["{out} = " + a.name, f"for _ in range({maker.choose([2, 3])}):", "    {out} = np.tanh({out} * 0.9 + 0.1)"],
        ["{out} = 0", f"for k in range({n}):", f"    {{out}} = {{out}} + (k + 1) * np.sum(np.sin({a.name}[k]))"],
        ["{out} = 0.0", f"for row in {a.name}:", "    {out} += np.sum(row ** 2)"],
        ["{out}_r = []", f"for row in {a.name}:", "    {out}_r.append(row * 2 - 1)", "{out} = np.stack({out}_r)"],
        [f"{{out}} = {a.name}[0]", f"for k in range(1, {n}):", f"    {{out}} = np.maximum({{out}}, {a.name}[k]) + 1"],
        [f"{{out}} = sum((k + 1) * row for k, row in enumerate({a.name}))"],
        [f"{{out}} = np.concatenate([np.atleast_1d(row) for row in {a.name} * 2])"],
        [f"{{out}} = {a.name} * 1.0", f"for k in range({n}):", f"    {{out}}[k] = {{out}}[k] * k + {a.name}[-1]"],
        ["{out} = " + a.name + ".copy()", f"for k in range(1, {n}):", "    {out}[k] = 0.5 * {out}[k - 1] + {out}[k]"],
        ["{out} = 1.0", f"for k, row in enumerate({a.name}):", "    {out} = {out} * np.mean(np.cos(row)) + k"],
    ]  # fmt: skip
    return maker.statement("loop", [a], *maker.choose(forms))


@generator(weight=1.5)
def recurrence(maker: Maker) -> Statement:
    """A recurrent net over the rows of the data, with its parameters used at every step."""
    steps, inputs, hidden = maker.choose([2, 3]), maker.choose(maker.sizes), maker.choose(maker.sizes)
    x = maker.leaf((steps, inputs), "data")
    u, w = maker.leaf((hidden, inputs), stem="U"), maker.leaf((hidden, hidden), stem="W")
    lines = [
        maker.choose([f"{{out}} = np.zeros({hidden})", f"{{out}} = np.tanh({w.name}[0])"]),
        maker.choose([f"for t in range(len({x.name})):", f"for t in range({steps}):"]),
        f"    {{out}} = np.tanh({u.name} @ {x.name}[t] + {w.name} @ {{out}})",
    ]
    return maker.statement("recurrence", [x, u, w], *lines)


@generator(weight=1.0)
def convolution(maker: Maker) -> Statement:
    """A filter slid over an image by slices, and over a signal by a loop."""
    kernel = maker.leaf((2, 2), stem="K")
    image = maker.any(lambda v: v.ndim == 2 and min(v.shape) >= 2) or maker.leaf((3, 3), "data")
    h, w = image.shape
    lines = [
        "{out} = 0",
        "for i in range(2):",
        "    for j in range(2):",
        f"        {{out}} = {{out}} + {kernel.name}[i, j] * {image.name}[i:i + {h - 1}, j:j + {w - 1}]",
    ]
    if maker.chance(0.5):
        lines = [
            f"{{out}}_p = [{image.name}[i:i + {h - 1}, j:j + {w - 1}].ravel() for i in (0, 1) for j in (0, 1)]",
            f"{{out}} = ({kernel.name}.reshape(1, 4) @ np.stack({{out}}_p)).reshape({h - 1}, {w - 1})",
        ]
    return maker.statement("convolution", [kernel, image], *lines)


@generator(weight=1.0)
def branch_on_shape(maker: Maker) -> Statement:
    a = maker.array()
    condition = maker.choose(
        [f"{a.name}.shape[0] > 2", f"{a.name}.ndim == 2", f"len({a.name}) == 1", f"{a.name}.size > 4"]
    )
    yes = maker.choose([f"np.sum({a.name}, axis=0)", f"{a.name} * 2", f"np.tanh({a.name}[0])"])
    no = maker.choose([f"{a.name} ** 2", f"{a.name}[-1] + 1", f"np.mean({a.name})"])
    if maker.chance(0.4):
        return maker.statement("branch_on_shape", [a], f"{{out}} = {yes} if {condition} else {no}")
    return maker.statement(
        "branch_on_shape", [a], f"if {condition}:", f"    {{out}} = {yes}", "else:", f"    {{out}} = {no}"
    )


@generator(weight=0.7)
def branch_on_data(maker: Maker) -> Statement:
    """A decision by the numbers of the data: good for these data, to be refused with others."""
    a = maker.number_or_array()
    x = maker.leaf(maker.choose([(2,), (3,), (2, 2)]), "data", maker.choose([uniform, positive]))
    condition = maker.choose(
        [f"{x.name}.sum() > 0", f"{x.name}[0].max() > 0.2", f"np.mean({x.name}) > 1", f"float({x.name}.min()) < 0"]
    )
    return maker.statement(
        "branch_on_data", [a, x], f"if {condition}:", f"    {{out}} = np.sin({a.name}) + {x.name}.mean()", "else:",
        f"    {{out}} = {a.name} * 0.5 - {x.name}.mean()",
    )  # fmt: skip


@generator(weight=0.7)
def from_labels(maker: Maker) -> Statement:
    """One-hot rows of labels, an embedding of words, counts: data that are looked up or counted."""
    table = maker.array(2)
    n = table.shape[0]
    ids = maker.leaf(maker.choose([(3,), (2, 2), (4,)]), "data", below(n), "ids")
    text = maker.choose([
        f"np.eye({n})[{ids.name}] @ {table.name}",
        f"{table.name}[{ids.name}].mean(axis=-2)",
        f"{table.name}[{ids.name}].sum(axis=0) / len({ids.name})",
        f"np.mean({table.name}[{ids.name}] ** 2)",
        f"{table.name}[{ids.name}].reshape(len({ids.name}), -1)",
        f"{table.name} * np.bincount({ids.name}.ravel(), minlength={n})[:, None]",
        f"({ids.name}.ravel()[:, None] == np.arange({n})) @ {table.name}",
    ])  # fmt: skip
    return maker.statement("from_labels", [table, ids], "{out} = " + text)


@generator(weight=0.7)
def fan_out(maker: Maker) -> Statement:
    """One value on several paths that meet again."""
    a = maker.number_or_array()
    text = maker.choose([
        f"{a.name} * np.tanh({a.name}) + {a.name} ** 2 - {a.name}",
        f"np.exp(-{a.name} ** 2) * {a.name} + np.cos({a.name})",
        f"({a.name} + 1) * ({a.name} - 1) / (1 + {a.name} * {a.name})",
        f"{a.name} + {a.name} + {a.name}",
        f"{a.name} - {a.name} * np.sum({a.name})",
        f"np.maximum({a.name}, 0) + np.minimum({a.name}, 0) * 0.2 + np.abs({a.name})",
    ])  # fmt: skip
    return maker.statement("fan_out", [a], "{out} = " + text)


@generator(weight=0.7)
def closure(maker: Maker) -> Statement:
    """A function inside loss that sees loss's own names, a lambda, a comprehension."""
    a = maker.number_or_array()
    forms = [
        [f"{{out}}_f = lambda t: np.sin(t) * {a.name}", "{out} = {out}_f(0.5) + {out}_f(1.5)"],
        ["def {out}_f(z):", f"    return z * {a.name} + 1", f"{{out}} = {{out}}_f({{out}}_f({a.name}))"],
        [f"{{out}} = sum([np.cos({a.name} * k) for k in (1, 2)])"],
        [f"{{out}} = {{'u': {a.name} * 2, 'v': {a.name} + 1}}", "{out} = {out}['u'] * {out}['v']"],
    ]
    return maker.statement("closure", [a], *maker.choose(forms))


@generator(weight=0.7)
def plain_settings(maker: Maker) -> Statement:
    """A number of the data that is no array: a rate, a count of steps, a switch."""
    a = maker.number_or_array()
    if maker.chance(0.5):
        rate = maker.plain(positive)
        return maker.statement("plain_settings", [a, rate], f"{{out}} = {a.name} * {rate.name} + np.tanh({rate.name})")
    steps = maker.plain(below(3))
    lines = [f"{{out}} = {a.name}", f"for _ in range({steps.name}):", "    {out} = np.sin({out}) + 0.5"]
    if maker.chance(0.5):
        lines = [f"{{out}} = np.cos({a.name}) if {steps.name} else {a.name} ** {steps.name}"]
    return maker.statement("plain_settings", [a, steps], *lines)
