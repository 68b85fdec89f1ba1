"""A small convolution: three kernels, pooling, softmax.

A convolution is a matrix product once the picture is cut into patches: each row of `patches` is one place of the 3 by 3
window, each column of K one kernel. The same nine weights are used at all eight places, so ∂L/∂K = patchesᵀ · ∂L/∂z
adds up one contribution per place; that sum is all that "shared weights" means for the gradient.

Max pooling hands the gradient to the largest of the four entries of a block and zero to the other three: of the 24
entries of z six are winners, and ∂L/∂K is made of their patches alone.
"""

import numpy as np

# Pixels are counted row by row, 0 to 23. Row i of `patch` lists the nine pixels under the window at place i.
corner = np.array([[0], [1], [2], [3], [6], [7], [8], [9]])
patch = corner + np.array([0, 1, 2, 6, 7, 8, 12, 13, 14])

# The eight places lie as 2 rows of 4. Pooling takes the left and the right 2 by 2 block of them.
block = np.array([
    [0, 1, 4, 5],
    [2, 3, 6, 7],
])

params = {
    # One kernel to a column: for standing, lying and rising strokes.
    "K": np.array([
        [-0.5, -0.4,  0.2],   # upper line of the window
        [ 0.9, -0.6, -0.5],
        [-0.4, -0.3,  0.9],
        [-0.6,  0.8, -0.6],   # middle line
        [ 0.8,  0.9,  0.8],
        [-0.3,  0.7, -0.4],
        [-0.4, -0.5,  0.7],   # lower line
        [ 0.7, -0.4, -0.3],
        [-0.5, -0.6, -0.5],
    ]),
    "b": np.array([[0.1, 0.2, -0.1]]),
    "W": np.array([
        [ 0.3,  0.1,  0.2, -0.6,  0.5],
        [-0.5,  0.3,  0.7, -0.3,  0.1],
        [-0.8,  0.5, -0.1,  0.8,  0.3],
        [-0.9, -0.4,  0.4,  0.1, -0.7],
        [-0.2,  0.8, -0.3, -0.1,  0.4],
        [ 0.6, -0.4,  0.9, -0.5, -0.3],
    ]),
    "c": np.array([[0.2, 0.1, -0.3, 0.4, -0.2]]),
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
    "block": block,
    # nothing, lying, standing, rising, falling
    "Y": np.array([[0.0, 0.0, 0.0, 1.0, 0.0]]),
}

learning_rate = 0.1
iterations = 20


def softmax(f):
    s = f - np.max(f, axis=1, keepdims=True)
    e = np.exp(s)
    return e / np.sum(e, axis=1, keepdims=True)


def loss(x, patch, block, Y, K, b, W, c):
    patches = x.ravel()[patch]              # 8 places × 9 pixels
    z = patches @ K + b                     # 8 places × 3 kernels
    h = np.maximum(z, 0)
    blocks = h[block]                       # 2 blocks × 4 places × 3 kernels
    pooled = np.max(blocks, axis=1)
    v = pooled.reshape(1, 6)
    f = v @ W + c
    p = softmax(f)
    return -np.sum(np.log(np.sum(p * Y, axis=1, keepdims=True)))
