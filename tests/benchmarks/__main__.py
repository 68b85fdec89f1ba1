"""``python -m tests.benchmarks``: measures, and prints one Markdown table per budget.

Nothing here is a test: figures depend on the machine and on what else it does. ``--quick`` takes a minute and is only
good for seeing whether something has gone badly wrong.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from tests.benchmarks import keypresses, longs, machine, start
from tests.benchmarks.child import measured
from tests.benchmarks.nets import SIZES

_PASS_BUDGETS = {"tiny": 1.10, "small": 1.00, "medium": 1.03, "large": 1.03}
_ROUNDS = {"tiny": 300, "small": 300, "medium": 150, "large": 40}
_HELD = {"tiny": 20000, "small": 3000, "medium": 200}
_MEMORY_BUDGET, _TRACE_BUDGET, _START_BUDGET, _KEY_BUDGET = 1.03, 10.0, 1.7, 16.0
_LONG_BUDGETS = {
    "recurrent": ("traced", 1.0),
    **dict.fromkeys(("series", "layers", "rebound", "helpers"), ("opened", 2.0)),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, no large net")
    parser.add_argument("--only", choices=_TABLES, nargs="+", default=list(_TABLES), help="these tables alone")
    asked = parser.parse_args()
    _print("Machine", machine.lines())
    before = machine.load()
    for name in asked.only:
        title, table = _TABLES[name]
        _print(title, table(asked.quick))
    print(f"\nLoad average: {before} before, {machine.load()} after.")


def _print(title: str, lines: Iterable[str]) -> None:
    print(f"\n## {title}\n", flush=True)
    for line in lines:
        print(line, flush=True)


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _head(*cells: str, words: int = 1) -> list[str]:
    """Heading and rule; the first ``words`` columns are text, the others numbers."""
    return [_row(*cells), _row(*("---" if k < words else "---:" for k in range(len(cells))))]


def _verdict(figure: float, budget: float) -> str:
    return f"≤ {budget:g}: " + ("met" if figure <= budget else f"missed by {100 * (figure / budget - 1):.1f} %")


def passes(quick: bool) -> Iterable[str]:
    peers = ("autograd", "torch")
    yield from _head(
        "net", "dtype", "labels", "by hand, µs", "chainstep ÷ hand", "middle half", *peers, "budget", words=3
    )
    for size in _PASS_BUDGETS:
        if quick and size == "large":
            continue
        for dtype, labels in (("float64", "integers"), ("float32", "integers"), ("float64", "one-hot")):
            rounds = _ROUNDS[size] // (10 if quick else 1)
            found = measured("passes", size=size, dtype=dtype, labels=labels, peers=True, rounds=rounds)
            ratio = found["ratios"]["chainstep"]
            yield _row(
                f"{size} ({SIZES[size]})",
                dtype,
                labels,
                f"{found['hand_us']:.1f}",
                f"**{ratio:.3f}**",
                "–".join(f"{q:.2f}" for q in found["quartiles"]),
                *(f"{found['ratios'][p]:.2f}" if p in found["ratios"] else "" for p in peers),
                _verdict(ratio, _PASS_BUDGETS[size]),
            )


def memory(quick: bool) -> Iterable[str]:
    yield from _head("net", "dtype", "own array bytes", "hand ÷ own", "chainstep ÷ own", "budget", words=2)
    for size, held in _HELD.items():
        for dtype in ("float64", "float32"):
            ratios = {}
            for contender in ("hand", "chainstep"):
                passes = held // (5 if quick else 1)
                found = measured("memory", size=size, dtype=dtype, contender=contender, passes=passes, warm_up=20)
                ratios[contender] = found["resident"] / found["own"]
            verdict = _verdict(ratios["chainstep"], _MEMORY_BUDGET) if size != "tiny" else "none"
            yield _row(size, dtype, found["own"], f"{ratios['hand']:.4f}", f"**{ratios['chainstep']:.4f}**", verdict)


def tracing(quick: bool) -> Iterable[str]:
    yield from _head("what", "first time, ms", "again, ms", "budget")
    for what, size, mirror in (
        ("trace, two layers", "small", False),
        ("trace, three layers", "three", False),
        ("mirror, two layers", "small", True),
    ):
        runs = [measured("tracing", size=size, mirror=mirror, repeats=30) for _ in range(3 if quick else 11)]
        first, again = (sorted(run[key] for run in runs)[len(runs) // 2] for key in ("first", "again"))
        verdict = _verdict(first, _TRACE_BUDGET) if (size, mirror) == ("small", False) else "none"
        yield _row(what, f"**{first:.1f}**", f"{again:.1f}", verdict)


def starting(quick: bool) -> Iterable[str]:
    found = start.measure(5 if quick else 20)
    yield from _head("what", "ms", "÷ minimal app", "budget")
    yield _row("minimal Textual app, first frame", f"{found.minimal:.0f}", "1", "")
    verdict = _verdict(found.ratio, _START_BUDGET)
    yield _row("`chainstep regression`, first frame", f"{found.chainstep:.0f}", f"**{found.ratio:.2f}**", verdict)
    shown = f"{found.settled / found.minimal:.2f}"
    yield _row("`chainstep regression`, first step shown", f"{found.settled:.0f}", shown, "none")


def keys(quick: bool) -> Iterable[str]:
    yield from _head("key", "p50, ms", "p95, ms", "CPU, ms", "presses", "painted nothing", "budget for p95")
    for one in keypresses.measure(30 if quick else 150):
        cells = (f"{one.p50:.1f}", f"**{one.p95:.1f}**", f"{one.cpu:.1f}", one.presses, one.unpainted)
        yield _row(one.key, *cells, _verdict(one.p95, _KEY_BUDGET))


def long(quick: bool) -> Iterable[str]:
    yield from _head(
        "program", "operations", "steps", "traced, s", "opened, s", "budget", "op by op, s", "mirror, s",
        "n: CPU, ms", "p95, ms", "N from the end: CPU, ms", "p95, ms",
    )  # fmt: skip
    small, small_back = longs.keys("three_layer", 16)
    small_keys = (f"{small.cpu:.1f}", f"{small.p95:.1f}", f"{small_back.cpu:.1f}", f"{small_back.p95:.1f}")
    yield _row("`three_layer`, to compare", 12, 17, "", "", "", "", "", *small_keys)
    for name in longs.PROGRAMS:
        one = longs.measure(name, 1 if quick else 3, 20 if quick else 60)
        what, seconds = _LONG_BUDGETS.get(name, ("", 0.0))
        yield _row(
            name,
            f"{one.operations:,}",
            f"{one.steps:,}",
            f"{one.traced:.2f}",
            f"**{one.opened:.2f}**",
            f"{what} {_verdict(getattr(one, what), seconds)}" if what else "none",
            f"{one.unfused:.2f}",
            "none" if one.mirrored is None else f"{one.mirrored:.2f}",
            *(f"{figure:.1f}" for key in (one.forwards, one.backwards) for figure in (key.cpu, key.p95)),
        )


_TABLES: dict[str, tuple[str, Callable[[bool], Iterable[str]]]] = {
    "passes": ("One recorded forward and backward pass", passes),
    "memory": ("Resident bytes of one recorded pass", memory),
    "trace": ("Until a program stands", tracing),
    "start": ("From the command to the first frame", starting),
    "keys": ("From a key to the last painted byte", keys),
    "long": ("Programs of thousands of operations", long),
}


if __name__ == "__main__":
    main()
