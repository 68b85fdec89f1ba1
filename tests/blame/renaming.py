"""The same backward under other names: as gradients and layers are called by others, or as nobody should call them."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator

from tests.blame.regions import target_of
from tests.blame.source import Edit, Source, free, is_plain, names_in

MISLEADING = ("out", "res", "tmp", "val", "error", "back", "signal", "upstream", "local", "cur", "acc", "u2", "final")


def names(source: Source, rng: random.Random) -> str | None:
    """Some variables of one function are called otherwise."""
    plain = [unit for unit in source.every if is_plain(unit)]
    if not plain:
        return None
    function = rng.choice(plain).function
    own = sorted({target_of(unit) for unit in plain if unit.function is function} - not_renamed(function))
    if not own:
        return None
    chosen = own if rng.random() < 0.4 else rng.sample(own, rng.randint(1, len(own)))
    before = {target_of(unit) for unit in source.every if unit.forward} | {
        name for unit in plain for name in unit.counts
    }
    style, new = rng.randrange(100), {}
    for old in chosen:
        ways = list(_called_before(old) if old in before else _called(old))
        wanted = ways[(style if rng.random() < 0.7 else rng.randrange(100)) % len(ways)]
        new[old] = free(source.text + " " + " ".join(new.values()), wanted)
    return source.with_edits(renamed(source, function, new))


def misleading_names(source: Source, rng: random.Random) -> str | None:
    """Legal, and no help to any reader: one letter, ``out`` for a gradient, or two names that are each other's."""
    plain = [unit for unit in source.every if is_plain(unit)]
    if not plain:
        return None
    function = rng.choice(plain).function
    own = sorted({target_of(unit) for unit in plain if unit.function is function} - not_renamed(function))
    if len(own) < 2:
        return None
    one, other = rng.sample(own, 2)
    if rng.random() < 0.4:
        return source.with_edits(renamed(source, function, {one: other, other: one}))
    wanted = rng.choice((*MISLEADING, *"abcdefghijklmnopqrstuvw"))
    return source.with_edits(renamed(source, function, {one: free(source.text, wanted)}))


def renamed(source: Source, function: ast.FunctionDef, new: dict[str, str]) -> list[Edit]:
    return [
        Edit(*source.span(node), new[node.id])
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id in new
    ]


def _called(old: str) -> Iterator[str]:
    """Names for the gradient called ``old``, one of each habit."""
    core = re.sub(r"^(dL_d|grad_|d_|d(?!elta)|g_)|(_grad|_bar)$", "", old) or old
    yield f"grad_{core}"
    yield f"d_{core}"
    yield f"d{core}"
    yield f"{core}_grad"
    yield f"dL_d{core}"
    yield f"{core}_bar"
    yield f"g{core}"
    yield f"g_{core}"
    # delta is the gradient before an activation to everyone who uses the name.
    yield ("err" if core[0] in "hHaA" else "delta") + "".join(re.findall(r"\d", core))


def _called_before(old: str) -> Iterator[str]:
    """Names for a value of the forward pass, or for a count."""
    which = "".join(re.findall(r"\d", old))
    if old in ("N", "m", "n"):
        yield from ("num", "batch", "n_samples", "M")
    else:
        kind = "pre" if old[0] in "zZu" else "act" if old[0] in "hHaA" else "scores" if old[0] in "fF" else f"{old}_"
        yield from (f"{kind}{which}", f"{kind}_{which}" if which else f"{kind}s", f"{old}_val", f"layer_{old}")


def not_renamed(function: ast.FunctionDef) -> set[str]:
    """Arguments, and names inside f-strings, whose places are not known in every version of Python."""
    arguments = {one.arg for one in function.args.args}
    within = {name for node in ast.walk(function) if isinstance(node, ast.JoinedStr) for name in names_in(node)}
    return arguments | within
