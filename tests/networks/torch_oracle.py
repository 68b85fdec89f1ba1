"""The same networks in PyTorch, with its own layers and losses wherever it has them.

Each function takes parameters and data as tensors (whole numbers and numbers as they are) and returns the loss.
PyTorch is optional: what compares with it is skipped where it cannot be imported.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

try:
    import torch
    from torch.nn import functional as F
except ImportError:  # an oracle more where it is there
    torch = None

Tree = dict[str, Any]


def tensors(tree: Any, gradient: bool = False) -> Any:
    """Nested arrays as tensors of the same dtype; everything else as it is."""
    if isinstance(tree, dict):
        return {key: tensors(inner, gradient) for key, inner in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(tensors(inner, gradient) for inner in tree)
    if isinstance(tree, np.ndarray):
        made = torch.tensor(tree)
        return made.requires_grad_() if gradient and tree.dtype.kind == "f" else made
    return tree


def leaves(tree: Any) -> list[Any]:
    """The tensors of a nested structure, in order."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        return [leaf for inner in tree for leaf in leaves(inner)]
    return [tree] if torch.is_tensor(tree) else []


def loss_and_gradients(name: str, params: Tree, data: Tree) -> tuple[float, list[np.ndarray]]:
    """The loss of network ``name`` and the gradient of every parameter array, in order."""
    own = tensors(params, gradient=True)
    loss = LOSSES[name](**own, **tensors(data))
    gradients = torch.autograd.grad(loss, leaves(own))
    return float(loss.detach()), [gradient.numpy() for gradient in gradients]


def attention_head(x: Any, y: Any, Wq: Any, Wk: Any, Wv: Any, Wo: Any, gamma: Any, beta: Any) -> Any:
    normed = F.layer_norm(x, x.shape[-1:], gamma, beta)
    mixed = F.scaled_dot_product_attention(
        (normed @ Wq)[None], (normed @ Wk)[None], (normed @ Wv)[None], is_causal=True
    )
    return 0.5 * F.mse_loss(x + mixed[0] @ Wo, y, reduction="sum")


def attention_pooling(ids: Any, y: Any, E: Any, query: Any, W: Any) -> Any:
    length, width = ids.shape[1], E.shape[1]
    angle = torch.arange(length)[:, None] / 10 ** (torch.arange(width // 2, dtype=torch.float64) / width)
    x = F.embedding(ids, E) + torch.cat([angle.sin(), angle.cos()], dim=1)
    weights = F.softmax(torch.einsum("ntd,d->nt", x, query), dim=1)
    average = torch.einsum("nt,ntd->nd", weights, x)
    return F.cross_entropy(F.linear(torch.cat([average, x[:, -1]], dim=1), W.T), y)


def autoencoder(x: Any, W: Any, b: Any, c: Any) -> Any:
    code = torch.tanh(F.linear(x.T, W, b[:, 0]))
    return F.mse_loss(F.linear(code, W.T, c[:, 0]), x.T, reduction="sum") / x.shape[1]


def character_mlp(contexts: Any, targets: Any, C: Any, W1: Any, b1: Any, gain: Any, bias: Any, W2: Any, b2: Any) -> Any:
    pre = F.linear(F.embedding(contexts, C).flatten(1), W1.T, b1)
    mean, variance = pre.mean(0), pre.var(0, correction=1)
    normed = gain[0] * (pre - mean) * torch.rsqrt(variance + 1e-5) + bias[0]
    return F.cross_entropy(F.linear(torch.tanh(normed), W2.T, b2), targets)


def contrastive(pictures: Any, captions: Any, Wa: Any, Wb: Any, log_scale: Any) -> Any:
    a, b = F.normalize(pictures @ Wa), F.normalize(captions @ Wb)
    scores, own = a @ b.T * log_scale.exp(), torch.arange(len(a))
    return (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2


def conv_im2col(x: Any, y: Any, K1: Any, b1: Any, K2: Any, b2: Any, W: Any) -> Any:
    h = F.relu(F.conv2d(x, K1, b1[:, 0], padding=1))
    h = F.relu(F.conv2d(h, K2, b2[:, 0]))
    return F.cross_entropy(h.flatten(1) @ W, y)


def conv_loops(images: Any, targets: Any, K: Any, b: Any, W: Any, c: Any) -> Any:
    h = F.relu(F.conv2d(images[:, None], K[:, None], b))
    return F.mse_loss(F.linear(F.adaptive_avg_pool2d(h, 1).flatten(1), W.T, c), targets)


def conv_naive(x: Any, y: Any, filters: Any, bias: Any, W: Any) -> Any:
    return F.cross_entropy(F.max_pool2d(F.relu(F.conv2d(x, filters, bias)), 2).flatten(1) @ W, y)


def cosine(left: Any, right: Any, alike: Any, E: Any, W: Any) -> Any:
    a, b = (F.embedding_bag(words, E, mode="mean") @ W for words in (left, right))
    return F.mse_loss(F.cosine_similarity(a, b), alike)


def dropout(x: Any, y: Any, kept: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = F.leaky_relu(F.linear(x.T, W1, b1[:, 0]), 0.01) * kept.T / 0.75
    return 0.5 * F.mse_loss(F.linear(h, W2, b2[:, 0]), y.T, reduction="sum") / x.shape[1]


def elastic_net(X: Any, y: Any, l1: float, l2: float, w: Any, b: Any) -> Any:
    return F.mse_loss(F.linear(X, w.T, b[0]), y) + l1 * torch.norm(w, 1) + l2 / 2 * torch.dot(w[:, 0], w[:, 0])


def gan(real: Any, noise: Any, G: Any, D: Any) -> Any:
    def judge(x: Any) -> Any:
        return F.leaky_relu(F.linear(x, D["W"].T, D["b"]), 0.2) @ D["v"]

    fake = torch.tanh(F.linear(noise, G["W"].T, G["b"]))
    right = -F.logsigmoid(judge(real)).sum() - F.logsigmoid(-judge(fake)).sum()
    return right / (len(real) + len(noise))


def gated_where(x: Any, y: Any, delta: float, A: Any, B: Any, gate: Any, slope: Any) -> Any:
    mixed = torch.lerp(x @ B, x @ A, torch.sigmoid(x @ gate))
    return F.huber_loss(F.prelu(mixed, slope.reshape(1)), y, delta=delta)


def gru(x: Any, y: Any, gates: Any, Wy: Any) -> Any:
    h, outputs = torch.zeros(len(x), len(Wy), dtype=torch.float64), []
    for t in range(x.shape[1]):

        def gate(name: str, state: Any, now: Any = x[:, t]) -> Any:
            one = gates[name]
            return F.linear(torch.cat([now, state], 1), torch.cat([one["W"], one["U"]]).T, one["b"])

        candidate = torch.tanh(gate("candidate", torch.sigmoid(gate("reset", h)) * h))
        h = torch.lerp(h, candidate, torch.sigmoid(gate("update", h)))
        outputs.append((h @ Wy)[:, 0])
    return F.mse_loss(torch.stack(outputs, 1), y)


def highway(x: Any, y: Any, WH: Any, WT: Any, bT: Any, out: Any) -> Any:
    h = x.T
    for H, T, b in zip(WH, WT, bT, strict=True):
        h = torch.lerp(h, F.relu(F.linear(h, H)), torch.sigmoid(F.linear(h, T, b[:, 0])))
    return F.l1_loss(F.linear(h, out), y.T)


def hinge(X: Any, y: Any, reg: float, W: Any) -> Any:
    return F.multi_margin_loss(X @ W, y) * W.shape[1] + reg * torch.linalg.matrix_norm(W) ** 2


def layer_list(x: Any, y: Any, layers: Any) -> Any:
    h = x.T
    for i, (W, b) in enumerate(layers):
        h = F.linear(h if i == 0 else torch.tanh(h), W, b[:, 0])
    return F.cross_entropy(h, y)


def logistic(X: Any, y: Any, w: Any, b: Any) -> Any:
    return F.binary_cross_entropy_with_logits(X @ w + b, y.double())


def lstm(x: Any, y: Any, W: Any, b: Any, V: Any) -> Any:
    hidden, inputs = len(V), x.shape[2]
    i, f, o, g = range(4)
    order = torch.cat([torch.arange(hidden) + gate * hidden for gate in (i, f, g, o)])  # PyTorch has o last
    cell = torch.nn.LSTMCell(inputs, hidden, dtype=torch.float64)
    own = {"weight_ih": W[:inputs, order].T, "weight_hh": W[inputs:, order].T, "bias_ih": b[order]}
    own["bias_hh"] = torch.zeros_like(own["bias_ih"])
    state = (torch.zeros(x.shape[1], hidden, dtype=torch.float64),) * 2
    for now in x:
        state = torch.func.functional_call(cell, own, (now, state))
    return F.mse_loss(state[0] @ V, y)


def max_pool(x: Any, y: Any, K: Any, b: Any, W: Any) -> Any:
    h = F.relu(F.conv2d(x.permute(0, 3, 1, 2), K.T[:, :, None, None], b))
    return F.cross_entropy(F.max_pool2d(h, 2).permute(0, 2, 3, 1).flatten(1) @ W, y)


def mixture(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    logits, means, log_sigma = (torch.tanh(x @ W1 + b1) @ W2 + b2).chunk(3, dim=1)
    normals = torch.distributions.Normal(means, log_sigma.exp())
    mixed = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(logits=logits), normals)
    return -mixed.log_prob(y[:, 0]).mean()


def multi_head(x: Any, y: Any, heads: int, Wqkv: Any, Wo: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    def normalise(a: Any) -> Any:
        return (a - a.mean(-1, keepdim=True)) / (a.std(-1, keepdim=True, correction=0) + 1e-3)

    normed, width = normalise(x).transpose(0, 1), x.shape[-1]
    mixed, _ = F.multi_head_attention_forward(
        normed, normed, normed, width, heads, Wqkv.T, None, None, None, False, 0.0, Wo.T, None, need_weights=False
    )
    x = x + mixed.transpose(0, 1)
    x = x + F.linear(F.gelu(F.linear(normalise(x), W1.T, b1), approximate="tanh"), W2.T, b2)
    return F.mse_loss(x, y)


def multilabel_naive(x: Any, t: Any, W: Any, b: Any) -> Any:
    return F.binary_cross_entropy_with_logits(F.linear(x, W.T, b), t, reduction="sum") / len(x)


def multilabel_stable(x: Any, t: Any, weight: Any, W: Any, b: Any) -> Any:
    return F.binary_cross_entropy_with_logits(F.linear(x, W.T, b), t, pos_weight=weight)


def residual(x: Any, y: Any, blocks: Any, head: Any) -> Any:
    for block in blocks:
        normed = F.layer_norm(x, x.shape[-1:], block["gamma"][0])
        x = x + F.relu(normed @ block["W1"]) @ block["W2"]
    return F.mse_loss(x @ head, y)


def rnn(inputs: Any, targets: Any, h0: Any, Wxh: Any, Whh: Any, Why: Any, bh: Any, by: Any) -> Any:
    cell = torch.nn.RNNCell(Wxh.shape[1], len(h0), dtype=torch.float64)
    own = {"weight_ih": Wxh, "weight_hh": Whh, "bias_ih": bh[:, 0], "bias_hh": torch.zeros_like(bh[:, 0])}
    h, total = h0.T, 0
    for given, target in zip(inputs, targets, strict=True):
        one_hot = F.one_hot(torch.tensor([given]), Wxh.shape[1]).double()
        h = torch.func.functional_call(cell, own, (one_hot, h))
        total = total + F.cross_entropy(F.linear(h, Why, by[:, 0]), torch.tensor([target]))
    return total


def rnn_states(x: Any, y: Any, forwards: Any, backwards: Any, out: Any) -> Any:
    net = torch.nn.RNN(x.shape[2], len(forwards["Wh"]), batch_first=True, bidirectional=True, dtype=torch.float64)
    own = {}
    for way, suffix in ((forwards, "l0"), (backwards, "l0_reverse")):
        own |= {f"weight_ih_{suffix}": way["Wx"].T, f"weight_hh_{suffix}": way["Wh"].T, f"bias_ih_{suffix}": way["b"]}
        own[f"bias_hh_{suffix}"] = torch.zeros_like(way["b"])
    states, _ = torch.func.functional_call(net, own, (x,))
    return F.mse_loss((states @ out)[..., 0], y)


def siren(xy: Any, target: Any, Ws: Any, phase: Any) -> Any:
    h = torch.sin(F.linear(torch.sin(3 * xy @ Ws[0] + phase), Ws[1].T))
    error = (h @ Ws[2])[:, 0] - target
    return (error + F.softplus(-2 * error) - math.log(2)).mean()


def triplet(anchor: Any, positive: Any, negative: Any, margin: float, W1: Any, W2: Any) -> Any:
    a, p, n = (torch.tanh(x @ W1) @ W2 for x in (anchor, positive, negative))
    return F.triplet_margin_loss(a, p, n, margin=margin, eps=0)


def variational(x: Any, noise: Any, enc: Any, mu: Any, logvar: Any, dec: Any, bias: Any) -> Any:
    h = torch.tanh(x @ enc)
    latent = torch.distributions.Normal(h @ mu, torch.exp(h @ logvar / 2))
    logits = F.linear(latent.loc + latent.scale * noise, dec.T, bias)
    standard = torch.distributions.Normal(torch.zeros_like(noise), torch.ones_like(noise))
    divergence = torch.distributions.kl_divergence(latent, standard).sum()
    return (F.binary_cross_entropy_with_logits(logits, x, reduction="sum") + divergence) / len(x)


LOSSES: dict[str, Callable[..., Any]] = {
    "attention_head": attention_head,
    "attention_pooling": attention_pooling,
    "autoencoder": autoencoder,
    "character_mlp": character_mlp,
    "contrastive": contrastive,
    "conv_im2col": conv_im2col,
    "conv_loops": conv_loops,
    "conv_naive": conv_naive,
    "cosine": cosine,
    "dropout": dropout,
    "elastic_net": elastic_net,
    "gan": gan,
    "gated_where": gated_where,
    "gru": gru,
    "highway": highway,
    "hinge": hinge,
    "layer_list": layer_list,
    "logistic": logistic,
    "lstm": lstm,
    "max_pool": max_pool,
    "mixture": mixture,
    "multi_head": multi_head,
    "multilabel_naive": multilabel_naive,
    "multilabel_stable": multilabel_stable,
    "residual": residual,
    "rnn": rnn,
    "rnn_states": rnn_states,
    "siren": siren,
    "triplet": triplet,
    "variational": variational,
}
