"""The claims notice damage: in a few rows of every kind, in the axes and in the mirror, and they hold without it."""

from __future__ import annotations

import importlib
from fnmatch import fnmatchcase

import pytest

from engine.ops import TABLE
from tests.mutation import equivalent
from tests.mutation.claims import Claim, collected
from tests.mutation.mutant import Mutant
from tests.mutation.targets import SHARED, of_row, of_shared, rows

# a row or a part of the engine, a mutant of it, and words that stand in the names of the claims that kill it
DAMAGE = [
    ("multiply", "gradients 0 and 1 exchanged", " multiply"),
    ("tanh", "gradient 0 times 1.01", " tanh"),
    ("tanh", "tanh: `y ** 2` → `y * 2`*", " tanh"),
    ("maximum", "maximum: `b > a` → `b >= a`*", "kink& maximum"),
    ("clip", "clip: `a > low` → `a >= low`*", "kink& clip"),
    ("matmul", "gradient 0 transposed where it is square", "square_mat& matmul"),
    ("matmul", "matmul: `a.T` → `a`*", " matmul"),
    ("var", "_freedom: `_count(a, attributes) - ddof` → `_count(a, attributes) + ddof`*", " var"),
    ("sum", "ones in place of the gradient that arrives", " sum"),
    ("max", "extreme: `*` → `*` in `*", "tied& max"),
    ("cumsum", "cumsum: `axis or 0` → *", " cumsum"),
    ("concatenate", "joined: `start + (1 if single else operand.shape[axis])` → *", " concatenate"),
    ("take", "take: `axis` → *", " take"),
    ("einsum", "linear: 'multilinear' → 'linear'", "check& einsum"),
    ("sin", "analytic: slope times 1.01", "check& sin"),
    ("floor", "flat: left out", "step_function"),
    ("transpose", "family: 'transpose' → 'along'", "the_axes_of& transpose"),
    ("(axes)", "reduced: *", "the_axes_of& sum"),
    ("(mirror)", "_reduce: `1 - k` → *", "mirror_image& sum"),
]


@pytest.fixture(scope="module")
def claims() -> list[Claim]:
    return collected(["tests.engine.test_operations", "tests.engine.test_table", "tests.engine.test_rules_pinned"])


@pytest.mark.parametrize(("subject", "pattern", "word"), DAMAGE, ids=[f"{d[0]}-{k}" for k, d in enumerate(DAMAGE)])
def test_damage_to_a_rule_makes_a_claim_fail(subject: str, pattern: str, word: str, claims: list[Claim]) -> None:
    """One mutant of each kind; the claims about its subject hold before it, one fails with it, and they hold after."""
    mutant = first(subject, pattern)
    about = [c for c in claims if all(w in c.name for w in word.split("&"))]
    killer = None
    with mutant.damage():
        killer = next((c for c in about if not c.holds()), None)
    assert killer is not None, mutant.text
    assert killer.holds()


def first(subject: str, pattern: str) -> Mutant:
    mutants = of_shared(subject) if subject in SHARED else of_row(subject, [0, 1])
    return next(m for m in mutants if fnmatchcase(m.text, pattern.replace("[", "[[]")))


def test_every_row_with_a_gradient_is_damaged() -> None:
    """No rule is left out, and each of them is damaged in more than ten ways."""
    assert set(rows()) == {name for name, op in TABLE.items() if op.gradient is not None}
    assert min(len(of_row(name, [0])) for name in rows()) > 10


def test_damage_leaves_nothing_behind() -> None:
    """Afterwards the table and every function are as before: the very same objects."""
    kept = dict(TABLE)
    codes = [f.__code__ for part in SHARED.values() for f in part]
    for mutant in (*of_row("matmul", [0, 1]), *of_shared("(mirror)"))[::8]:
        with pytest.raises(ZeroDivisionError), mutant.damage():
            raise ZeroDivisionError
    assert all(TABLE[name] is op for name, op in kept.items())
    assert [f.__code__ for part in SHARED.values() for f in part] == codes


def test_what_is_listed_as_equivalent_is_a_mutant() -> None:
    """An entry that fits no mutant any more is out of date: the rule has been rewritten."""
    mutants = [m for row in rows() for m in of_row(row, [0, 1, 2, 3])] + [m for part in SHARED for m in of_shared(part)]
    for entry in equivalent.EQUIVALENT:
        assert any(equivalent.fits(entry, m.subject, m.text) for m in mutants), entry


def test_claims_are_collected_as_pytest_does() -> None:
    """Each case of a parametrised test is a claim of its own, with its arguments."""
    module = importlib.import_module("tests.engine.test_table")
    named = [c for c in collected(["tests.engine.test_table"]) if "test_a_row_of_two_operands[" in c.name]
    assert [c.arguments["operation"] for c in named] == [case[1] for case in module.TWO]
