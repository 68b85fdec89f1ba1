"""Other engines on the same nets, where they are installed; each maker returns None where its engine is not.

They record no intermediate gradients and are measured as their users run them: forward, then backward.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from tests.benchmarks.nets import Net

Pass = Callable[[], list[Any]]


def autograd_pass(one: Net) -> Pass | None:
    """HIPS/autograd: value and gradients of the very loss that is traced."""
    try:
        import autograd
        import autograd.numpy as anp
    except ImportError:
        return None
    names = list(one.params)
    scope = {**one.loss.__globals__, "np": anp}
    loss = FunctionType(one.loss.__code__, scope)  # the same code, with autograd's NumPy
    both = autograd.value_and_grad(lambda params: loss(**one.data, **params))

    def run() -> list[Any]:
        _, gradients = both(one.params)
        return [gradients[name] for name in names]

    return run


def torch_pass(one: Net) -> Pass | None:
    """PyTorch, eager, on the CPU with one thread: linear, relu, cross-entropy with mean."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    leaves = [torch.tensor(array, requires_grad=True) for array in one.params.values()]
    x, label = (torch.tensor(array) for array in one.data.values())
    weights, biases = leaves[0::2], leaves[1::2]

    def run() -> list[Any]:
        for leaf in leaves:
            leaf.grad = None
        h = x
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.relu(torch.addmm(bias, h, weight))
        f = torch.addmm(biases[-1], h, weights[-1])
        torch.nn.functional.cross_entropy(f, label).backward()
        return [np.asarray(leaf.grad) for leaf in leaves]

    return run


PEERS: dict[str, Callable[[Net], Pass | None]] = {"autograd": autograd_pass, "torch": torch_pass}
