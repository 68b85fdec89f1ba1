"""Character model: look up, batch norm, tanh, softmax.

Two letters of "lolly" predict the next one; `.` stands for nothing. An embedding is a look-up: row C[i] is the vector
of letter i. So ∂L/∂C adds up, letter by letter, the gradients of all places where it was looked up: `.` three times,
l five times, o twice. y, which is never an input here, gets exact zeros.

Batch norm ties the examples of a batch together: mean and variance are made of all five rows, so ∂L/∂z is not row by
row. Each of its columns adds up to 0: moving a whole column of z moves its mean along and changes nothing. (A bias in
z would never get a gradient, so there is none; beta takes its place.)
"""

import numpy as np

letters = [".", "l", "o", "y"]

params = {
    "C": np.array([
        [ 0.3,  1.4,  1.2],
        [-0.5, -0.3, -0.6],
        [ 0.6, -0.1,  0.7],
        [-1.8,  1.6, -0.2],
    ]),
    "W1": np.array([
        [-0.9,  0.2, -0.4],
        [-0.3, -0.7, -0.9],
        [-0.1, -0.4,  0.6],
        [ 0.3,  0.8, -0.2],
        [ 0.1,  0.7, -0.8],
        [-1.1,  0.4,  0.5],
    ]),
    "gamma": np.array([[ 1.2,  1.1,  0.9]]),
    "beta":  np.array([[ 0.2, -0.3, -0.5]]),
    "W2": np.array([
        [ 0.5, -0.3,  0.1,  0.2],
        [ 0.3, -0.2,  0.7,  0.4],
        [ 1.1, -0.9, -0.6,  0.8],
    ]),
    "b2": np.array([[-0.2,  0.1,  0.3, -0.1]]),
}

data = {
    # ..→l   .l→o   lo→l   ol→l   ll→y, as numbers of letters
    "contexts": np.array([
        [0, 0],
        [0, 1],
        [1, 2],
        [2, 1],
        [1, 1],
    ]),
    "y": np.array([1, 2, 1, 1, 3]),
}

learning_rate = 0.1
iterations = 40


def softmax(f):
    s = f - np.max(f, axis=1, keepdims=True)
    e = np.exp(s)
    return e / np.sum(e, axis=1, keepdims=True)


def loss(contexts, y, C, W1, gamma, beta, W2, b2):
    emb = C[contexts]                              # 5 examples × 2 letters × 3 numbers
    x = emb.reshape(5, 6)                          # the two vectors of an example side by side
    z = x @ W1
    mean = np.mean(z, axis=0, keepdims=True)       # one mean and one variance for each hidden unit
    centred = z - mean
    variance = np.mean(centred ** 2, axis=0, keepdims=True)
    std = np.sqrt(variance + 1e-5)
    normed = centred / std
    scaled = gamma * normed + beta                 # the net may choose another mean and another spread
    h = np.tanh(scaled)
    f = h @ W2 + b2
    p = softmax(f)
    return -np.sum(np.log(p[np.arange(5), y]))
