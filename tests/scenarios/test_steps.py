"""The steps of the notes' nets, one by one as a person writes them down: ids, formulas, NumPy lines, parts and shapes.

The tables are the specification; sizes are letters (d inputs, H, G hidden units, K outputs, N examples).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import engine
import scenarios
from engine.reading import chain
from engine.reading.model import Part, Step
from engine.scenario import load

FOLDER = Path(scenarios.__file__).parent


@dataclass(frozen=True)
class Row:
    """One line of a table; ``parts`` counts them, ``shapes`` are those of the last part: left, right and result."""

    id: str
    quantity: str
    formula: str
    numpy: str
    parts: int
    shapes: str


def table(text: str) -> list[Row]:
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [Row(i, q, formula, numpy, int(parts), shapes) for i, q, formula, numpy, parts, shapes in rows]


REGRESSION = {
    "column": table("""
        F1 | z1  | z₁ = W₁·x + b₁                | z1 = W1 @ x + b1                     | 2 | H×N H×1 H×N
        F2 | h1  | h₁ = ReLU(z₁)                 | h1 = np.maximum(z1, 0)               | 1 | H×N H×N
        F3 | f   | f = W₂·h₁ + b₂                | f = W2 @ h1 + b2                     | 2 | K×N K×1 K×N
        F4 | L   | L = ½‖f − y‖²                 | L = 0.5 * np.sum((f - y) ** 2)       | 2 | K×N 1×1
        B1 | df  | ∂L/∂f = f − y                 | df = f - y                           | 1 | K×N K×N K×N
        B2 | dW2 | ∂L/∂W₂ = ∂L/∂f · h₁ᵀ          | dW2 = df @ h1.T                      | 2 | K×N N×H K×H
        B3 | db2 | ∂L/∂b₂ = ∂L/∂f · 1            | db2 = df.sum(axis=1, keepdims=True)  | 1 | K×N N×1 K×1
        B4 | dh1 | ∂L/∂h₁ = W₂ᵀ · ∂L/∂f          | dh1 = W2.T @ df                      | 2 | H×K K×N H×N
        B5 | dz1 | ∂L/∂z₁ = 𝟙(z₁>0) ⊙ ∂L/∂h₁     | dz1 = dh1 * (z1 > 0)                 | 2 | H×N H×N H×N
        B6 | dW1 | ∂L/∂W₁ = ∂L/∂z₁ · xᵀ          | dW1 = dz1 @ x.T                      | 2 | H×N N×d H×d
        B7 | db1 | ∂L/∂b₁ = ∂L/∂z₁ · 1           | db1 = dz1.sum(axis=1, keepdims=True) | 1 | H×N N×1 H×1
    """),
    "row": table("""
        F1 | z1  | z₁ = x·W₁ + b₁                | z1 = x @ W1 + b1                     | 2 | N×H 1×H N×H
        F2 | h1  | h₁ = ReLU(z₁)                 | h1 = np.maximum(z1, 0)               | 1 | N×H N×H
        F3 | f   | f = h₁·W₂ + b₂                | f = h1 @ W2 + b2                     | 2 | N×K 1×K N×K
        F4 | L   | L = ½‖f − y‖²                 | L = 0.5 * np.sum((f - y) ** 2)       | 2 | N×K 1×1
        B1 | df  | ∂L/∂f = f − y                 | df = f - y                           | 1 | N×K N×K N×K
        B2 | dW2 | ∂L/∂W₂ = h₁ᵀ · ∂L/∂f          | dW2 = h1.T @ df                      | 2 | H×N N×K H×K
        B3 | db2 | ∂L/∂b₂ = 1ᵀ · ∂L/∂f           | db2 = df.sum(axis=0, keepdims=True)  | 1 | 1×N N×K 1×K
        B4 | dh1 | ∂L/∂h₁ = ∂L/∂f · W₂ᵀ          | dh1 = df @ W2.T                      | 2 | N×K K×H N×H
        B5 | dz1 | ∂L/∂z₁ = ∂L/∂h₁ ⊙ 𝟙(z₁>0)     | dz1 = dh1 * (z1 > 0)                 | 2 | N×H N×H N×H
        B6 | dW1 | ∂L/∂W₁ = xᵀ · ∂L/∂z₁          | dW1 = x.T @ dz1                      | 2 | d×N N×H d×H
        B7 | db1 | ∂L/∂b₁ = 1ᵀ · ∂L/∂z₁          | db1 = dz1.sum(axis=0, keepdims=True) | 1 | 1×N N×H 1×H
    """),
}

# The classification net differs in the loss: softmax in four parts, log-loss in three, and what comes back from them.
LOSS = {
    "column": table("""
        F4 | p  | p = softmax(f)     |            | 4 | K×N 1×N K×N
        F5 | L  | L = −log p[y]      |            | 3 | 1×N 1×1
        B1 | df | ∂L/∂f = p − 𝟙(y)   | df = p - Y | 2 | K×N K×N K×N
    """),
    "row": table("""
        F4 | p  | p = softmax(f)     |            | 4 | N×K N×1 N×K
        F5 | L  | L = −log p[y]      |            | 3 | N×1 1×1
        B1 | df | ∂L/∂f = p − 𝟙(y)   | df = p - Y | 2 | N×K N×K N×K
    """),
}
SOFTMAX = {key: [*REGRESSION[key][:3], *LOSS[key], *REGRESSION[key][5:]] for key in REGRESSION}

THREE_LAYER = {
    "column": table("""
        F1  | z1  | z₁ = W₁·x + b₁             | z1 = W1 @ x + b1                     | 2 | H×N H×1 H×N
        F2  | h1  | h₁ = ReLU(z₁)              | h1 = np.maximum(z1, 0)               | 1 | H×N H×N
        F3  | z2  | z₂ = W₂·h₁ + b₂            | z2 = W2 @ h1 + b2                    | 2 | G×N G×1 G×N
        F4  | h2  | h₂ = ReLU(z₂)              | h2 = np.maximum(z2, 0)               | 1 | G×N G×N
        F5  | f   | f = W₃·h₂ + b₃             | f = W3 @ h2 + b3                     | 2 | K×N K×1 K×N
        F6  | L   | L = ½‖f − y‖²              | L = 0.5 * np.sum((f - y) ** 2)       | 2 | K×N 1×1
        B1  | df  | ∂L/∂f = f − y              | df = f - y                           | 1 | K×N K×N K×N
        B2  | dW3 | ∂L/∂W₃ = ∂L/∂f · h₂ᵀ       | dW3 = df @ h2.T                      | 2 | K×N N×G K×G
        B3  | db3 | ∂L/∂b₃ = ∂L/∂f · 1         | db3 = df.sum(axis=1, keepdims=True)  | 1 | K×N N×1 K×1
        B4  | dh2 | ∂L/∂h₂ = W₃ᵀ · ∂L/∂f       | dh2 = W3.T @ df                      | 2 | G×K K×N G×N
        B5  | dz2 | ∂L/∂z₂ = 𝟙(z₂>0) ⊙ ∂L/∂h₂  | dz2 = dh2 * (z2 > 0)                 | 2 | G×N G×N G×N
        B6  | dW2 | ∂L/∂W₂ = ∂L/∂z₂ · h₁ᵀ      | dW2 = dz2 @ h1.T                     | 2 | G×N N×H G×H
        B7  | db2 | ∂L/∂b₂ = ∂L/∂z₂ · 1        | db2 = dz2.sum(axis=1, keepdims=True) | 1 | G×N N×1 G×1
        B8  | dh1 | ∂L/∂h₁ = W₂ᵀ · ∂L/∂z₂      | dh1 = W2.T @ dz2                     | 2 | H×G G×N H×N
        B9  | dz1 | ∂L/∂z₁ = 𝟙(z₁>0) ⊙ ∂L/∂h₁  | dz1 = dh1 * (z1 > 0)                 | 2 | H×N H×N H×N
        B10 | dW1 | ∂L/∂W₁ = ∂L/∂z₁ · xᵀ       | dW1 = dz1 @ x.T                      | 2 | H×N N×d H×d
        B11 | db1 | ∂L/∂b₁ = ∂L/∂z₁ · 1        | db1 = dz1.sum(axis=1, keepdims=True) | 1 | H×N N×1 H×1
    """),
    "row": table("""
        F1  | z1  | z₁ = x·W₁ + b₁             | z1 = x @ W1 + b1                     | 2 | N×H 1×H N×H
        F2  | h1  | h₁ = ReLU(z₁)              | h1 = np.maximum(z1, 0)               | 1 | N×H N×H
        F3  | z2  | z₂ = h₁·W₂ + b₂            | z2 = h1 @ W2 + b2                    | 2 | N×G 1×G N×G
        F4  | h2  | h₂ = ReLU(z₂)              | h2 = np.maximum(z2, 0)               | 1 | N×G N×G
        F5  | f   | f = h₂·W₃ + b₃             | f = h2 @ W3 + b3                     | 2 | N×K 1×K N×K
        F6  | L   | L = ½‖f − y‖²              | L = 0.5 * np.sum((f - y) ** 2)       | 2 | N×K 1×1
        B1  | df  | ∂L/∂f = f − y              | df = f - y                           | 1 | N×K N×K N×K
        B2  | dW3 | ∂L/∂W₃ = h₂ᵀ · ∂L/∂f       | dW3 = h2.T @ df                      | 2 | G×N N×K G×K
        B3  | db3 | ∂L/∂b₃ = 1ᵀ · ∂L/∂f        | db3 = df.sum(axis=0, keepdims=True)  | 1 | 1×N N×K 1×K
        B4  | dh2 | ∂L/∂h₂ = ∂L/∂f · W₃ᵀ       | dh2 = df @ W3.T                      | 2 | N×K K×G N×G
        B5  | dz2 | ∂L/∂z₂ = ∂L/∂h₂ ⊙ 𝟙(z₂>0)  | dz2 = dh2 * (z2 > 0)                 | 2 | N×G N×G N×G
        B6  | dW2 | ∂L/∂W₂ = h₁ᵀ · ∂L/∂z₂      | dW2 = h1.T @ dz2                     | 2 | H×N N×G H×G
        B7  | db2 | ∂L/∂b₂ = 1ᵀ · ∂L/∂z₂       | db2 = dz2.sum(axis=0, keepdims=True) | 1 | 1×N N×G 1×G
        B8  | dh1 | ∂L/∂h₁ = ∂L/∂z₂ · W₂ᵀ      | dh1 = dz2 @ W2.T                     | 2 | N×G G×H N×H
        B9  | dz1 | ∂L/∂z₁ = ∂L/∂h₁ ⊙ 𝟙(z₁>0)  | dz1 = dh1 * (z1 > 0)                 | 2 | N×H N×H N×H
        B10 | dW1 | ∂L/∂W₁ = xᵀ · ∂L/∂z₁       | dW1 = x.T @ dz1                      | 2 | d×N N×H d×H
        B11 | db1 | ∂L/∂b₁ = 1ᵀ · ∂L/∂z₁       | db1 = dz1.sum(axis=0, keepdims=True) | 1 | 1×N N×H 1×H
    """),
}

NETS = {
    "regression": (REGRESSION, {"d": 3, "H": 4, "K": 2, "N": 1}),
    "softmax": (SOFTMAX, {"d": 2, "H": 4, "K": 3, "N": 5}),
    "three_layer": (THREE_LAYER, {"d": 3, "H": 5, "G": 4, "K": 2, "N": 6}),
}
READINGS = [(name, convention) for name in NETS for convention in ("column", "row")]


@cache
def program(name: str, convention: str) -> engine.Program:
    one = load(FOLDER / f"{name}.py")
    written = engine.trace(one.loss, one.params, one.data)
    return written if convention == "column" else written.mirror()


def steps(name: str, convention: str) -> tuple[Step, ...]:
    return program(name, convention).steps


def expected(name: str, convention: str) -> list[Row]:
    return NETS[name][0][convention]


def shapes(part: Part) -> list[tuple[int, ...]]:
    """Left, right where there is one, result; a loss has no shape of its own, the tables write it 1×1."""
    terms = (part.left, part.right, part.result)
    return [term.shape or (1, 1) for term in terms if term is not None]


@pytest.mark.parametrize(("name", "convention"), READINGS)
def test_steps_come_in_the_order_of_the_notes(name: str, convention: str) -> None:
    """Forward, loss, then layer by layer back: W, b, then pass on to h; the same ids in both conventions."""
    found = [(step.id, step.quantity) for step in steps(name, convention)]
    assert found == [(row.id, row.quantity) for row in expected(name, convention)]


@pytest.mark.parametrize(("name", "convention"), READINGS)
def test_formulas_are_those_of_the_notes(name: str, convention: str) -> None:
    """In the order of the convention, with ⊙ for the mask and a product with ones for a bias."""
    assert [step.formula for step in steps(name, convention)] == [row.formula for row in expected(name, convention)]


@pytest.mark.parametrize(("name", "convention"), READINGS)
def test_numpy_lines_are_the_ones_people_write(name: str, convention: str) -> None:
    """One line per step, exactly as the tables have it (softmax and its log-loss stay in the words of the file)."""
    for step, row in zip(steps(name, convention), expected(name, convention), strict=True):
        if row.numpy:
            assert step.lines == (row.numpy,)


@pytest.mark.parametrize(("name", "convention"), READINGS)
def test_parts_and_shapes(name: str, convention: str) -> None:
    """How many operations a step has, and the sizes of the matrices in its last one."""
    sizes = NETS[name][1] | {"1": 1}
    for step, row in zip(steps(name, convention), expected(name, convention), strict=True):
        assert len(step.parts) == row.parts, step.id
        wanted = [tuple(sizes[letter] for letter in shape.split("×")) for shape in row.shapes.split()]
        assert shapes(step.parts[-1]) == wanted, step.id


@pytest.mark.parametrize(("name", "count"), [("regression", 18), ("softmax", 24), ("three_layer", 28)])
def test_the_number_of_parts_is_that_of_the_tables(name: str, count: int) -> None:
    """In both conventions."""
    assert sum(len(step.parts) for step in steps(name, "column")) == count
    assert sum(len(step.parts) for step in steps(name, "row")) == count


@pytest.mark.parametrize(("name", "convention"), READINGS)
def test_part_ids_are_letters(name: str, convention: str) -> None:
    """B6a, B6b; where a step is one operation, the part has the id of the step."""
    for step in steps(name, convention):
        letters = "abcd"[: len(step.parts)] if len(step.parts) > 1 else [""]
        assert [part.id for part in step.parts] == [f"{step.id}{letter}" for letter in letters]


@pytest.mark.parametrize(("name", "convention"), READINGS)
def test_phases_and_layers(name: str, convention: str) -> None:
    """A layer starts with its weights; what comes back through them, ∂L/∂h, is still theirs; the loss has no layer."""
    found: dict[tuple[str, int | None], str] = {}
    for step in steps(name, convention):
        key = (step.phase, step.layer)
        found[key] = f"{found.get(key, '')} {step.quantity}".strip()
    two = {
        ("forward", 1): "z1 h1",
        ("forward", 2): "f",
        ("loss", None): "p L" if name == "softmax" else "L",
        ("backward", 2): "df dW2 db2 dh1",
        ("backward", 1): "dz1 dW1 db1",
    }
    three = {
        ("forward", 1): "z1 h1",
        ("forward", 2): "z2 h2",
        ("forward", 3): "f",
        ("loss", None): "L",
        ("backward", 3): "df dW3 db3 dh2",
        ("backward", 2): "dz2 dW2 db2 dh1",
        ("backward", 1): "dz1 dW1 db1",
    }
    assert found == (three if name == "three_layer" else two)


@pytest.mark.parametrize(("name", "convention"), READINGS)
def test_gradients_say_what_they_belong_to(name: str, convention: str) -> None:
    """``of`` is the forward value, with the shape and the axes of that value."""
    made = {step.quantity: step.result for step in steps(name, convention)}
    for step in steps(name, convention):
        assert step.of == (step.quantity[1:] if step.id.startswith("B") else None)
        if step.of in made:
            assert (step.result.shape, step.result.axes) == (made[step.of].shape, made[step.of].axes)


def test_with_a_mean_there_is_one_more_visible_part() -> None:
    """× 1/N stands in the loss and in the first gradient: 20 parts for the two-layer regression net."""
    one = load(FOLDER / "regression.py")

    def loss(x, y, W1, b1, W2, b2):  # type: ignore[no-untyped-def]
        z1 = W1 @ x + b1
        h1 = np.maximum(z1, 0)
        f = W2 @ h1 + b2
        return 0.5 * np.sum((f - y) ** 2) / x.shape[1]

    columns = {"x": np.hstack([one.data["x"], -one.data["x"]]), "y": np.hstack([one.data["y"], one.data["y"]])}
    mean = engine.trace(loss, one.params, columns).steps
    assert sum(len(step.parts) for step in mean) == 20
    by_id = {step.id: step for step in mean}
    assert len(by_id["F4"].parts) == 3
    assert len(by_id["B1"].parts) == 2
    assert by_id["B1"].lines == ("df = (f - y) / 2",)


PAPER = {
    "regression": "∂L/∂f · ∂f/∂h₁ · ∂h₁/∂z₁ · ∂z₁/∂W₁",
    "softmax": "∂L/∂f · ∂f/∂h₁ · ∂h₁/∂z₁ · ∂z₁/∂W₁",
    "three_layer": "∂L/∂f · ∂f/∂h₂ · ∂h₂/∂z₂ · ∂z₂/∂h₁ · ∂h₁/∂z₁ · ∂z₁/∂W₁",
}
OPERATORS = {
    ("regression", "column"): "(𝟙(z₁>0) ⊙ (W₂ᵀ · ∂L/∂f)) · xᵀ",
    ("regression", "row"): "xᵀ · ((∂L/∂f · W₂ᵀ) ⊙ 𝟙(z₁>0))",
    ("softmax", "column"): "(𝟙(z₁>0) ⊙ (W₂ᵀ · ∂L/∂f)) · xᵀ",
    ("softmax", "row"): "xᵀ · ((∂L/∂f · W₂ᵀ) ⊙ 𝟙(z₁>0))",
    ("three_layer", "column"): "(𝟙(z₁>0) ⊙ (W₂ᵀ · (𝟙(z₂>0) ⊙ (W₃ᵀ · ∂L/∂f)))) · xᵀ",
    ("three_layer", "row"): "xᵀ · ((((∂L/∂f · W₃ᵀ) ⊙ 𝟙(z₂>0)) · W₂ᵀ) ⊙ 𝟙(z₁>0))",
}


@pytest.mark.parametrize(("name", "convention"), READINGS)
def test_the_chain_to_the_first_weights(name: str, convention: str) -> None:
    """As the student writes it on paper, the same in both conventions; as operators, in the order of each."""
    found = chain(program(name, convention), program(name, convention).step("dW1").id)
    assert found.paper_text == PAPER[name]
    assert found.operators_text == OPERATORS[name, convention]
