"""A small convolution: three kernels, pooling, softmax.

A convolution is a matrix product once the picture is cut into patches: each column of `patches` is one place of the
3 by 3 window, each row of K one kernel. The same nine weights are used at all eight places, so ∂L/∂K = ∂L/∂z · patchesᵀ
adds up one contribution per place; that sum is all that "shared weights" means for the gradient.

Max pooling hands the gradient to the largest entry of each window and zero to the other three. What reaches K comes
from six of the 24 entries of z at most, from fewer where the ReLU is off as well.
"""

import numpy as np

# Pixels are counted row by row, 0 to 23. Column j of `patch` lists the nine pixels under the window at place j.
corner = np.array([0, 1, 2, 3, 6, 7, 8, 9])
patch = np.array([[0], [1], [2], [6], [7], [8], [12], [13], [14]]) + corner

# The eight places lie as 2 rows of 4. Pooling takes the left and the right 2 by 2 block of them.
window = np.array([
    [0, 1, 4, 5],
    [2, 3, 6, 7],
])

params = {
    # One kernel to a row: its upper, middle and lower line.
    "K": np.array([
        [-0.5,  0.9, -0.4,   -0.6,  0.8, -0.3,   -0.4,  0.7, -0.5],
        [-0.4, -0.6, -0.3,    0.8,  0.9,  0.7,   -0.5, -0.4, -0.6],
        [ 0.2, -0.5,  0.9,   -0.6,  0.8, -0.4,    0.7, -0.3, -0.5],
    ]),
    "b": np.array([[0.1], [0.2], [-0.1]]),
    "W": np.array([
        [ 0.3, -0.5, -0.8, -0.9, -0.2,  0.6],
        [ 0.1,  0.3,  0.5, -0.4,  0.8, -0.4],
        [ 0.2,  0.7, -0.1,  0.4, -0.3,  0.9],
        [-0.6, -0.3,  0.8,  0.1, -0.1,  0.2],
        [ 0.5,  0.1,  0.3, -0.7,  0.4, -0.3],
    ]),
    "c": np.array([[0.2], [0.1], [-0.3], [0.4], [-0.2]]),
}

data = {
    # a stroke that rises to the right
    "x": np.array([
        [0.0, 0.0, 0.1, 0.2, 0.8, 1.0],
        [0.0, 0.1, 0.6, 1.0, 0.7, 0.2],
        [0.2, 0.9, 1.0, 0.4, 0.1, 0.0],
        [1.0, 0.7, 0.1, 0.0, 0.0, 0.0],
    ]),
    "patch": patch,
    "window": window,
    # nothing, lying, standing, rising, falling
    "Y": np.array([[0.0], [0.0], [0.0], [1.0], [0.0]]),
}

learning_rate = 0.1
iterations = 20


def softmax(f):
    s = f - np.max(f, axis=0, keepdims=True)
    e = np.exp(s)
    return e / np.sum(e, axis=0, keepdims=True)


def loss(x, patch, window, Y, K, b, W, c):
    patches = x.ravel()[patch]              # 9 pixels × 8 places
    z = K @ patches + b                     # 3 kernels × 8 places
    h = np.maximum(z, 0)
    blocks = h[:, window]                   # 3 kernels × 2 blocks × 4 places
    pooled = np.max(blocks, axis=2)
    v = pooled.reshape(6, 1)
    f = W @ v + c
    p = softmax(f)
    return -np.sum(np.log(np.sum(p * Y, axis=0, keepdims=True)))
