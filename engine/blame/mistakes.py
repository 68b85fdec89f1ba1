"""The mistakes that have a name: identifier, and what it is in one sentence."""

from __future__ import annotations

MISTAKES: dict[str, str] = {
    "relu-mask-missing": "The gradient goes through the ReLU without its mask.",
    "relu-mask-wrong-layer": "The mask is that of another array than the one that went into this ReLU.",
    "relu-mask-from-gradient": "The mask looks at the sign of the gradient instead of what went into the ReLU.",
    "transposed": "An operand, or the product, is transposed.",
    "elementwise-for-matmul": "* multiplies entry by entry where the matrix product @ is needed.",
    "wrong-operand": "Another array stands where the right one belongs.",
    "sign": "The sign is the other way round.",
    "mean-missing": "The division by the number that the loss averages over is missing.",
    "mean-twice": "The gradient is divided twice by the number that the loss averages over.",
    "mean-misplaced": "The division by the count of the mean stands in another line than the others expect.",
    "factor": "A constant factor is wrong.",
    "sum-for-mean": "A sum stands where the mean is needed.",
    "bias-not-summed": "The gradient of the bias is not summed over the examples.",
    "bias-wrong-axis": "The gradient of the bias is summed over the wrong axis.",
    "stale-weight": "A parameter is read after its update; the gradient needs the one of the forward pass.",
    "softmax-jacobian-dropped": "The derivative of the softmax is left out.",
    "softmax-jacobian-diagonal": "Only the diagonal of the derivative of the softmax is taken.",
    "activation-derivative-missing": "The derivative of the activation is left out.",
    "activation-derivative-wrong-value": "The derivative of the activation is of the wrong array, or another function.",
    "accumulation-overwritten": "One of several contributions to a shared value is lost: = where += is needed.",
    "regularisation-missing": "The gradient of the regularisation is left out.",
    "regularisation-factor": "The gradient of the regularisation has the wrong factor, or stands where none belongs.",
    "forward-bias-forgotten": "The forward pass inside the backward leaves a bias out.",
    "last-example-only": "Only the last example counts; the sum over the examples is missing.",
}
