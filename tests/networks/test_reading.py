"""What a person reads about nets beyond the plain ones: embeddings, convolutions, recurrent nets, attention."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.reading import chain, entry, path_target, strip, why
from engine.reading.model import Step, Term
from engine.scenario import load

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*(ROOT / "scenarios").glob("*.py"), *(ROOT / "tests" / "networks" / "files").glob("*.py")])
FILES = [path for path in FILES if path.stem != "__init__"]
NAMES = [f"{path.parent.name}/{path.stem}" for path in FILES]


@cache
def tape(name: str) -> engine.Tape:
    one = load(next(path for path in FILES if f"{path.parent.name}/{path.stem}" == name))
    return engine.trace(one.loss, one.params, one.data).run(one.params, one.data)


def step(name: str, quantity: str) -> Step:
    return tape(f"scenarios/{name}").program.step(quantity)


@pytest.mark.parametrize("name", NAMES)
def test_every_step_stands_in_the_chain_that_is_shown_with_it(name: str) -> None:
    """On paper, in the fused and in the long reading: nobody looks at a chain that does not speak of the step."""
    for program in (tape(name).program, tape(name).program.unfused()):
        for one in program.steps:
            if one.phase == "backward":
                shown = chain(program, path_target(program, one.id), one.id)
                assert one.id in {link.step for link in shown.paper}, (one.id, shown.paper_text)


@pytest.mark.parametrize("name", NAMES)
def test_every_axis_longer_than_one_has_a_name_and_a_letter_of_its_own(name: str) -> None:
    """No ``?`` among the axes, and no two indices of one matrix with the same letter."""
    for one in tape(name).program.steps:
        terms: list[Term] = [one.result]
        for part in one.parts:
            terms += [term for term in (part.left, part.right, part.result) if term is not None]
        for term in terms:
            assert all(axis for axis, size in zip(term.axes, term.shape, strict=True) if size > 1), (one.id, term)
            long = [x for x, size in zip(term.letters, term.shape, strict=True) if size > 1]
            assert len(set(long)) == len(long) and "0" not in long, (one.id, term)


PAPER = {
    ("embedding", "dh"): "∂L/∂f · ∂f/∂h · ∂h/∂scaled · ∂scaled/∂normed",
    ("embedding", "dx"): "∂L/∂z · ∂z/∂x · ∂x/∂emb · ∂emb/∂C",
    ("convolution", "dv"): "∂L/∂f · ∂f/∂v · ∂v/∂pooled · ∂pooled/∂blocks · ∂blocks/∂h · ∂h/∂z · ∂z/∂K",
    ("attention", "df"): "∂L/∂f · ∂f/∂normed",
    ("attention", "dstd"): "∂L/∂normed · ∂normed/∂std · ∂std/∂variance · ∂variance/∂centred + "
    "∂L/∂normed · ∂normed/∂centred",
    ("attention", "dweights"): "∂L/∂a · ∂a/∂out · ∂out/∂mixed · ∂mixed/∂weights · ∂weights/∂masked",
    ("rnn", "dWh"): "∂L/∂z₁ · ∂z₁/∂Wh + ∂L/∂z₂ · ∂z₂/∂Wh + ∂L/∂z₃ · ∂z₃/∂Wh + ∂L/∂z₄ · ∂z₄/∂Wh",
}


@pytest.mark.parametrize(("name", "quantity"), PAPER)
def test_a_chain_leads_to_the_next_place_where_paths_part_or_meet(name: str, quantity: str) -> None:
    """Through look-ups and reshapes to the parameter; what all paths of a sum share is not repeated."""
    program = tape(f"scenarios/{name}").program
    target = path_target(program, step(name, quantity).id)
    assert chain(program, target, quantity).paper_text == PAPER[name, quantity]


def test_each_time_step_has_a_term_of_its_own_in_the_gradient_of_a_shared_weight() -> None:
    """And *why a transpose* is about the last of them, not about the first, which is zero here."""
    program = tape("scenarios/rnn").program
    terms = "∂L/∂z₁ · startᵀ + ∂L/∂z₂ · h₁ᵀ + ∂L/∂z₃ · h₂ᵀ + ∂L/∂z₄ · h₃ᵀ"
    assert chain(program, "dWh").operators_text == terms
    answer = why(program, "dWh")
    assert answer.requirement.startswith("Wh stands in 4 products")
    assert answer.derivative == "∂L/∂Wh[j,p] = … + Σₙ ∂L/∂z₄[j,n]⋅h₃[p,n]"
    assert [step("rnn", name).layer_text for name in ("z2", "dz2", "f", "dWh")] == [
        "time step 2",
        "time step 2",
        "layer 2",
        "all time steps",
    ]


def test_a_transpose_within_a_stack_is_explained_by_its_last_two_indices() -> None:
    """``xᵀ`` of sentences turns every sentence; the sum over sentences is a part of its own."""
    answer = why(tape("scenarios/attention").program, "dWv")
    assert answer.derivative == "∂L/∂Wv[i,a] = Σₙ Σₜ x[n,t,i]⋅∂L/∂v[n,t,a]"
    assert answer.neighbours.endswith("x[n,t,i] = xᵀ[n,i,t] puts t next to t")
    assert answer.instead == ("The product is part B16b; B16c adds up over n.",)


def test_the_gradient_of_a_transposed_operand_is_one_product() -> None:
    """As one writes it by hand, and the indices that it is explained with give the same numbers."""
    run = tape("scenarios/attention")
    assert step("attention", "dk").lines == ("dk = dscores.swapaxes(1, 2) @ q / 2",)
    assert why(run.program, "dk").derivative == "∂L/∂k[n,s,j] = Σₜ q[n,t,j]⋅∂L/∂scores[n,t,s] × 1/2"
    np.testing.assert_allclose(np.einsum("ntj,nts->nsj", run["q"], run["dscores"]) / 2, run["dk"], rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_no_line_broadcasts_what_a_sum_or_a_difference_broadcasts_anyway(name: str) -> None:
    """``dcentred - dcentred.sum(axis=2, keepdims=True) / 5`` needs no ``np.broadcast_to``."""
    for one in tape(name).program.steps:
        for line in one.lines:
            assert not re.search(r"(- |\+ )np\.broadcast_to|^\w+ = np\.broadcast_to\([^+]*\) [^+]*\+ ", line), line


def test_a_look_up_shows_the_array_that_says_which_row() -> None:
    """Beside the matrix it looks up in; each of its entries says what it stands for, there and on the way back."""
    run = tape("scenarios/embedding")
    (there,), (back,) = step("embedding", "emb").parts, step("embedding", "dC").parts
    assert [(part.left.symbol, part.operator, part.right and part.right.symbol) for part in (there, back)] == [
        ("C", "[·]", "contexts"),
        ("∂L/∂emb", "Σ at [·]", "contexts"),
    ]
    for place in np.ndindex(5, 2):
        row = int(run["contexts"][place])
        n, t = place
        assert entry(run, there, place, "right").heading.endswith(f"emb[{n},{t},e] is C[{row},e]")
        assert entry(run, back, place, "right").heading.endswith(f"∂L/∂emb[{n},{t},e] is added to ∂L/∂C[{row},e]")
        told = entry(run, there, (*place, 2))
        assert told.remarks == (f"contexts[{n},{t}] = {row}",)
        assert ("right", n, t) in told.lit and ("left", row, 2) in told.lit


def test_what_a_condition_leaves_out_is_the_number() -> None:
    """``np.where(seen, scores, -np.inf)``: an entry is a score where it is seen, else −∞."""
    run = tape("scenarios/attention")
    (part,) = step("attention", "masked").parts
    for place in np.ndindex(2, 3, 3):
        told = entry(run, part, place)
        index = ",".join(map(str, place))
        seen = run["seen"][place[1:]]
        assert told.heading == f"masked[{index}] = " + (f"scores[{index}]" if seen else "−∞")
        assert bool(told.terms) == seen
    assert step("attention", "masked").lines == ("masked = np.where(seen, scores, -np.inf)",)


def test_the_strip_shows_a_fan_where_one_input_goes_into_several_products() -> None:
    """x to q, x to k, x to v: an edge that does not start at its neighbour says where it starts."""
    stops = {stop.symbol: stop for stop in strip(tape("scenarios/attention").program)}
    assert [stops[name].origin for name in ("q", "k", "v", "scores", "weights")] == [None, "x", "x", "k", None]
    labels = {stop.symbol: stop.label for stop in strip(tape("scenarios/embedding").program)}
    assert labels["x"] == "reshape"


FORMULAS = {
    ("scenarios/convolution", "dblocks"): "∂L/∂blocks = ∂L/∂pooled ⊙ 𝟙(blocks=pooled) / ties",
    ("scenarios/convolution", "pooled"): "pooled = maxᵤ blocks",
    ("files/lstm", "f2"): "f₂ = gates₂[:, 4:8]",
    ("files/lstm", "c2"): "c₂ = σ(f₂) ⊙ c₁ + σ(i₂) ⊙ tanh(g₂)",
    ("files/lstm", "gates2"): "gates₂ = [x[1] | h₁]·W + b",
    ("files/attention_head", "dk"): "∂L/∂k = ∂L/∂scores₁ᵀ · q / √3",
}


@pytest.mark.parametrize(("name", "quantity"), FORMULAS)
def test_formulas_name_what_a_person_would_name(name: str, quantity: str) -> None:
    """Masks, ties, pieces, joins and functions by what they are, and not by the temporary that holds them."""
    assert tape(name).program.step(quantity).formula == FORMULAS[name, quantity]
