"""Generators of what chainstep does not promise to record: it must be right or refused, never silently wrong."""

from __future__ import annotations

from tests.fuzz.description import Statement
from tests.fuzz.maker import Maker, below
from tests.fuzz.registry import generator

WEIGHT = 0.12

FORMS = [
    "{out} = np.sort({a}, axis=-1)",
    "{out} = {a} % 0.7",
    "{out} = np.fmod({a}, 0.7)",
    "{out} = np.hypot({a}, 1.5)",
    "{out} = np.arcsin(0.3 * np.tanh({a}))",
    "{out} = np.linalg.norm({a}, ord=np.inf) * 1.0",
    "{out} = np.median({a})",
    "{out} = np.asarray({a}) * 2",
    "{out} = np.array([np.sum({a}), np.mean({a})])",
    "{out} = np.array({a}.tolist())",
    "{out} = {a} * float(np.sum({a}))",
    "{out} = {a} if np.sum({a}) > 0 else -{a}",
    "{out} = np.exp({a}, out=np.zeros_like({a}))",
    "{out} = np.where({a} > 0)[0].sum() + {a}",
    "{out} = {a}; {out} += 1",
    "{out} = {a} * 1.0; {out}_v = {out}[:1]; {out}[0] = 0.5; {out} = {out} + {out}_v",
    "{out} = {a} * 1.0; {out}_v = {out}.T; {out}_v[...] = 0.5; {out} = {out} * 2",
    "{out} = {a} * 1.0; {out}_v = {out}.reshape(-1); {out}_v[0] = 2.0; {out} = {out} + 1",
    "{out} = {a} * 1.0; {out}[[0, 0]] = {a}[:1] * 3",
    "{out} = {a} * 1.0; np.add.at({out}, [0, 0], 1.0)",
    "{out} = np.diff({a}, axis=0).sum() + {a}",
    "{out} = np.nan_to_num({a})",
    "{out} = np.cumprod({a})",
    "{out} = np.einsum('...i->...', {a})",
    "{out} = np.einsum({a}, list(range({a}.ndim)))",
    "{out} = np.sum({a}, where={a} > 0)",
    "{out} = np.sum({a}, initial=2.0)",
    "{out} = np.max({a}, initial=0.1)",
    "{out} = np.mean({a}, dtype=np.float32)",
    "{out} = np.average({a}, weights=np.ones({a}.shape))",
    "{out} = np.pad({a}, 1, mode='edge')",
    "{out} = np.pad({a}, 1, constant_values=2.0)",
    "{out} = np.repeat({a}, [1] * len({a}), axis=0)",
    "{out} = np.reshape({a}, -1, order='F')",
    "{out} = {a}.flatten('F')",
    "{out} = np.ravel({a}, order='F')",
    "{out} = {a}.astype(np.float16).astype(np.float64)",
    "{out} = {a}.astype(int) * {a}",
    "{out} = {a} * isinstance({a}, np.ndarray)",
    "{out} = {a} * (type({a}) is np.ndarray)",
    "{out} = np.trapezoid({a}) * 1.0",
    "{out} = np.apply_along_axis(np.sum, 0, {a})",
    "{out} = np.vectorize(lambda t: t * t)({a})",
    "{out} = np.kron({a}, np.ones(2))",
    "{out} = np.convolve({a}.ravel(), np.ones(2))",
    "{out} = np.trace({a}[None] + {a}[:, None]) if {a}.ndim == 1 else np.trace({a})",
    "{out} = np.squeeze({a})[()] * 2",
    "{out} = {a}.real * 2",
    "{out} = {a}.mean(0, None, None) if {a}.ndim else {a}",
    "{out} = np.ascontiguousarray({a}) + 1",
    "{out} = np.atleast_2d({a}) * 2",
    "{out} = np.sum([{a}, {a} * 2], axis=0)",
    "{out} = np.max([{a}.sum(), 0.5])",
    "{out} = max({a}.sum(), {a}.mean())",
    "{out} = np.maximum.accumulate({a})",
    "{out} = np.add.reduce({a}) * 2",
    "{out} = np.multiply.outer({a}, {a})",
    "{out} = np.sum(list({a}))",
    "{out} = np.random.default_rng(0).normal(size={a}.shape) * {a}",
    "{out} = {a}[tuple(np.argwhere({a} > -9)[0])]",
    "{out} = {a}[np.argmax({a}.ravel()) % len({a})]",
    "{out} = np.rot90({a}) if {a}.ndim == 2 else {a} * 3",
    "{out} = np.linalg.det({a} @ {a}.T + np.eye(len({a}))) if {a}.ndim == 2 else {a} * 3",
    "{out} = np.clip({a}, 0.2, 0.1)",
    "{out} = np.round({a}, -1) + {a}",
    "{out} = np.outer({a}, {a})",
    "{out} = np.append({a}, 1.0)",
    "{out} = np.insert({a}, 0, 1.0)",
    "{out} = np.delete({a}, 0, axis=0).sum() + {a}",
    "{out} = np.select([{a} > 0], [{a}], 0.5)",
    "{out} = np.piecewise({a}, [{a} > 0], [lambda t: t, lambda t: -t])",
    "{out} = np.interp({a}, [-9, 9], [-9, 9])",
    "{out} = np.tensordot({a}, {a}, {a}.ndim)",
    "{out} = np.divmod({a}, 0.7)[0] + {a}",
    "{out} = {a}.sum(axis=()) * 2",
    "{out} = np.sum({a}, axis=()) + 1",
    "{out} = np.flip({a}, axis=())",
    "{out} = np.exp2({a})",
    "{out} = np.cbrt({a})",
    "{out} = np.sinc({a})",
    "{out} = np.arctan2({a}, 2.0)",
    "{out} = np.copysign({a}, -1.0)",
    "{out} = np.fabs({a})",
    "{out} = np.heaviside({a}, 0.5) * {a}",
    "{out} = np.float_power(np.abs({a}) + 1, 1.5)",
    "{out} = np.fmax({a}, 0.1)",
    "{out} = np.ptp({a})",
    "{out} = np.cov({a}.ravel(), {a}.ravel() ** 2)",
]


@generator(weight=0.8)
def beyond_the_table(maker: Maker) -> Statement:
    a = maker.array()
    lines = maker.choose(FORMS).replace("{a}", a.name).split("; ")
    return maker.statement("beyond_the_table", [a], *lines)


@generator(weight=WEIGHT)
def swallowed(maker: Maker) -> Statement:
    """An ``except`` that eats the refusal."""
    a = maker.array()
    return maker.statement(
        "swallowed", [a], "try:", f"    {{out}} = np.sort({a.name})", "except Exception:", f"    {{out}} = {a.name} * 2"
    )


@generator(weight=WEIGHT)
def written_argument(maker: Maker) -> Statement:
    """A write into an argument, by another name."""
    a = maker.choose([maker.variables[leaf.name] for leaf in maker.leaves if leaf.place == "params"])
    return maker.statement("written_argument", [a], f"{{out}} = {a.name}", "{out} *= 0.5", "{out} = {out} * 2")


@generator(weight=WEIGHT)
def repeated_assignment(maker: Maker) -> Statement:
    a = maker.array()
    ids = maker.leaf((3,), "data", below(a.shape[0]), "ids")
    return maker.statement(
        "repeated_assignment",
        [a, ids],
        f"{{out}} = {a.name} * 1.0",
        f"{{out}}[{ids.name}] = {maker.choose(['0.5', a.name + '[0] * 2'])}",
    )


@generator(weight=WEIGHT)
def added_at_repeats(maker: Maker) -> Statement:
    a = maker.array()
    ids = maker.leaf((3,), "data", below(a.shape[0]), "ids")
    return maker.statement("added_at_repeats", [a, ids], f"{{out}} = {a.name} * 1.0", f"{{out}}[{ids.name}] += 1.5")
