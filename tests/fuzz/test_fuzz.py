"""Random programs agree with whoever else can tell, and nothing in the table of operations is left out of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.ops import TABLE
from tests.fuzz.comparing import Mismatch, Result, judged
from tests.fuzz.description import Description, Leaf, Statement, Term
from tests.fuzz.files import File, opened
from tests.fuzz.maker import uniform
from tests.fuzz.programs import described, numbered
from tests.fuzz.registry import GENERATORS, covered, writable
from tests.fuzz.shrinking import shrunk, smallest

BLOCK = 30
BLOCKS = 4


def test_every_operation_that_can_be_written_has_a_generator() -> None:
    """A new row in the engine's table with something to write must get a generator before anything else passes."""
    assert writable() - covered() == set()
    assert covered() <= set(TABLE)


def test_every_spelling_on_the_list_of_operations_is_written() -> None:
    """Whatever the engine says can be written, as a function or as a method, occurs in some random program."""
    text = "\n".join(numbered(number).source() for number in range(1000))
    listed = " ".join(call for op in TABLE.values() for call in op.calls)
    functions = set(re.findall(r"np\.[\w.]+", listed))
    methods = set(re.findall(r"(?<!np)\.(?!linalg)\w+\(", listed))
    assert {f for f in functions if not re.search(rf"{re.escape(f)}\b", text)} == set()
    assert {m for m in methods if m not in text} == set()


@pytest.mark.parametrize("name", sorted(n for n, g in GENERATORS.items() if g.rows))
def test_a_generator_makes_the_operations_it_is_there_for(name: str, tmp_path: Path) -> None:
    """Among a few small programs of a generator, recorded by the engine, each of its operations comes up."""
    missing = set(GENERATORS[name].rows)
    for seed in range(12):
        description = described(np.random.default_rng(seed), [GENERATORS[name]], length=0)
        file = opened(description.source(), tmp_path)
        try:
            recorded = engine.trace(file.loss, file.params, file.data).unfused()
        except engine.ChainstepError:
            continue
        missing -= {node.op for node in recorded.nodes}
        if not missing:
            return
    assert not missing


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_programs_agree_or_are_refused(block: int, tmp_path: Path) -> None:
    """Loss, gradients, long chain, mirror image, printed lines, other arrays: right or refused."""
    outcomes: Counter[str] = Counter()
    for number in range(block * BLOCK, (block + 1) * BLOCK):
        description = numbered(number)
        result = judged(description, tmp_path, number)
        outcomes[result.outcome] += 1
        if result.outcome not in ("agreed", "refused"):
            pytest.fail(smallest(description, result, number, tmp_path).source(), pytrace=False)
    assert outcomes["agreed"] > BLOCK / 2, outcomes


def _small(*lines: str) -> Description:
    leaf = Leaf("w", np.array([[0.3, -0.8], [1.2, 0.4]]), "params", uniform)
    other = Leaf("v", np.array([0.5, 0.9]), "params", uniform)
    first = Statement("first", "h1", ("w",), ("h1 = np.tanh(w)",))
    second = Statement("second", "h2", ("h1", "v"), tuple(lines))
    third = Statement("third", "h3", ("v",), ("h3 = v ** 2",))
    return Description((leaf, other), (first, second, third), (Term("h2", "np.sum(h2)"), Term("h3", "np.sum(h3)")))


@pytest.mark.parametrize("row", sorted(n for n in writable() if TABLE[n].gradient is not None and not TABLE[n].flat))
def test_a_wrong_rule_is_found(row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the gradient of any one operation half as large again, a program of its generator would be a mismatch."""
    right = TABLE[row].gradient
    assert right is not None

    def wrong(*operands: Any, **attributes: Any) -> tuple[Any, ...]:
        return tuple(None if part is None else part * 1.5 for part in right(*operands, **attributes))

    monkeypatch.setitem(TABLE, row, replace(TABLE[row], gradient=wrong))
    makers = [generator for generator in GENERATORS.values() if row in generator.rows]
    for seed in range(24):
        description = described(np.random.default_rng(seed), [makers[seed % len(makers)]], length=0)
        if (result := judged(description, tmp_path)).outcome == "mismatch":
            assert "gradient" in result.stage
            return
    pytest.fail(f"24 programs with {row} have found nothing")


def test_a_failing_program_shrinks_to_what_fails(tmp_path: Path) -> None:
    """Of three statements only the one with the suspicious function is left, on the smallest array."""
    description = _small("h2 = np.exp(h1) * v")

    def fails(candidate: Description) -> bool:
        try:
            file: File = opened(candidate.source(), tmp_path)
        except engine.ChainstepError:
            return False
        return "np.exp" in candidate.source() and np.isfinite(file.plain()).all() and file.params != {}

    small = shrunk(description, fails)
    assert [s.made_by for s in small.statements] == ["second"] or len(small.statements) <= 2
    assert "v ** 2" not in small.source()
    assert max(leaf.array.size for leaf in small.leaves) == 1


def test_what_a_program_cannot_say_is_no_mismatch(tmp_path: Path) -> None:
    """A refusal carries its reason, and is told apart from an exception of the engine's own."""
    refused: Result = judged(_small("h2 = np.sort(h1) * v"), tmp_path)
    assert refused.outcome == "refused"
    assert "np.sort" in refused.reason
    assert issubclass(Mismatch, AssertionError)
