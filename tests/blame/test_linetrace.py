"""What the line trace of a backward can be relied on for: each array that a statement makes is kept, with its line."""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.blame.linetrace import Run, run
from engine.blame.tracing import recorder as recording
from engine.blame.tracing.listening import listening

HEAD = """
import numpy as np
from collections import namedtuple
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from types import SimpleNamespace

"""

# Behind each line: the arrays that it makes or changes, in the order in which it names them. `def f` is the backward.
CASES = {
    "comprehensions and lambdas": """
        def f(x, W):
            rows = [w * 2 for w in W]  #> rows[0] rows[1]
            named = {f"r{k}": w + 1 for k, w in enumerate(W)}  #> named['r0'] named['r1']
            both = {float(w.sum()) for w in W}
            twice = (lambda z: z * 2)(x)  #> return
            s = sum(
                w @ x
                for w in W
            )  #> s
            return twice
    """,
    "generators": """
        def layers(W):
            for w in W:  #> w w
                y = w * 2  #> y y
                yield y

        def f(x, W):
            total = np.zeros(3)  #> total
            for one in layers(W):
                total = total + one  #> total total
            return total
    """,
    "with, try and finally": """
        def f(x, W):
            with np.errstate(all="ignore"):
                z = x * 2  #> z
            try:
                h = z + 1  #> h
                h = W @ W
            except ValueError as error:
                h = z + 2  #> h
            else:
                h = z + 3
            finally:
                g = h * 2  #> g
            return g
    """,
    "walrus": """
        def f(x, W):
            if (n := (z := x * 2).size) > 2:  #> z
                y = (h := z + 1) * 2  #> h y
            while (k := n) > 2:
                n = n - 1
            return y
    """,
    "several targets": """
        def f(x, W):
            a = b = x * 2  #> a
            p, q = x + 1, x + 2  #> p q
            (r, s), *t = [(x + 3, x + 4), x + 5, x + 6]  #> r s t[0] t[1]
            return a
    """,
    "loops over pairs": """
        def f(x, W):
            layers = [(w * 2, w + 1) for w in W]  #> layers[0][0] layers[0][1] layers[1][0] layers[1][1]
            for i, (w, b) in enumerate(layers):
                z = w * b  #> z z
            for row, v in zip(W, [1.5, 1.5]):  #> row v row v
                z = row * v  #> z z
            return z
    """,
    "augmented assignment": """
        class Net:
            def __init__(self):
                self.dW = [np.zeros(3), np.zeros(3)]  #> self.dW[0] self.dW[1]
                self.db = np.zeros((2, 3))  #> self.db

        def f(x, W):
            net = Net()
            grads = {"W": [np.zeros(3), np.zeros(3)]}  #> grads['W'][0] grads['W'][1]
            for i in range(2):
                net.dW[i] += x  #> net.dW[0] net.dW[1]
                net.db[i] += x * 2  #> net.db net.db
                grads["W"][i] = x * i  #> grads['W'][0] grads['W'][1]
            net.db *= 2  #> net.db
            return net.db
    """,
    "in place": """
        def f(x, W):
            c = np.zeros(3)  #> c
            np.add(x, 1, out=c)  #> c
            np.multiply(c, 2, c)  #> c
            c.__imul__(3)  #> c
            mask = x > 0  #> mask
            c *= mask  #> c
            c[x <= 0] = 7  #> c
            np.copyto(c, x)  #> c
            c.fill(4.0)  #> c
            np.add.at(c, [0, 0], 1.0)  #> c
            v = c[1:]  #> v
            v += 1  #> v c
            W[0, :] = c  #> W
            return c
    """,
    "in place with the numbers that were there": """
        def f(x, W):
            z = np.abs(x) + 1  #> z
            z *= z > 0  #> z
            z[z < 0] = 0  #> z
            z += 0  #> z
            s = 0.0  #> s
            for k in range(2):
                s = 0.0  #> s s
                s += 0.0  #> s s
            return z
    """,
    "lists entry by entry": """
        def f(x, W):
            y = [[1.0, 2.0], [1.0, 3.0]]  #> y
            for n in range(2):
                df = [0.0, 0.0]  #> df df
                for k in range(2):
                    df[k] = y[n][k] - 1.0  #> df df df df
            m = [[0.0, 0.0], [0.0, 0.0]]  #> m
            for k in range(2):
                m[k][0] += df[0] * 1.0  #> m m
            return x
    """,
    "closures": """
        def f(x, W):
            z = x * 2  #> z

            def step(k):
                nonlocal z
                z = z + k  #> z z
                inner = z * 2  #> inner inner
                return inner

            for k in range(2):
                y = step(k)
            return y
    """,
    "global arrays": """
        cache = {}
        dW = np.zeros(3)

        def forward(x):
            global dW
            cache["z"] = x * 2  #> cache['z']
            dW = cache["z"] + 1  #> dW

        def f(x, W):
            forward(x)
            cache["h"] = cache["z"] * dW  #> cache['h']
            return dW
    """,
    "recursion": """
        def deep(z, k):
            if k == 0:
                return z
            y = z * 2  #> y y
            return deep(y, k - 1)

        def f(x, W):
            return deep(x, 2)
    """,
    "slots, data classes, properties": """
        class Slots:
            __slots__ = ("W", "dW")

            def __init__(self, W):
                self.W = W  #> self.W
                self.dW = W * 0  #> self.dW

        @dataclass
        class Layer:
            W: object
            grads: dict = field(default_factory=dict)

            @property
            def doubled(self):
                return self.W * 2  #> return

        def f(x, W):
            s = Slots(W)
            s.dW = s.W * 3  #> s.dW
            layer = Layer(W)
            layer.grads["W"] = layer.doubled + 1  #> layer.grads['W']
            return s.dW
    """,
    "named tuples and name spaces": """
        Cache = namedtuple("Cache", "z h")

        def f(x, W):
            cache = Cache(x * 2, x + 1)  #> cache.z cache.h
            dz = cache.z * cache.h  #> dz
            ns = SimpleNamespace(a=dz * 2)  #> ns.a
            ns.a = ns.a + 1  #> ns.a
            ns.b = cache[0] - ns.a  #> ns.b
            return dz
    """,
    "dicts and lists of arrays": """
        def f(x, W):
            grads = {}
            grads.update({"W": x * 2, "b": x + 1})  #> grads['W'] grads['b']
            grads.setdefault("W", x * 9)
            grads.setdefault("c", x * 3)  #> grads['c']
            order = []
            order.append(x * 4)  #> order[0]
            order.insert(0, x * 5)  #> order[0]
            last = order.pop()
            order[-1] = last + 1  #> order[0]
            del grads["c"], last
            grads["c"] = x * 6  #> grads['c']
            return order
    """,
    "several statements on a line": """
        def f(x, W):
            a = x * 2; b = a + 1  #> a b
            for k in range(3): a = a * 2  #> a a a
            if x[0] > 0: c = a + b  #> c
            if x[0] < 0: c = a - b
            z = (
                a
                * b
            )  #> z
            np.add(a, 1, out=a); d = a * 2  #> a d
            return z
    """,
    "decorators": """
        def doubling(function):
            @wraps(function)
            def inner(*args):
                result = function(*args)
                return result * 2  #> return
            return inner

        @doubling
        def step(z):
            return z + 1  #> return

        def f(x, W):
            y = step(x)
            return y
    """,
}
# `ruff format` leaves these strings as they are: `a = 1; b = 2` and loops on one line stay what they test


def traced(folder: Path, text: str, how: Any = listening) -> tuple[Run, list[str]]:
    """The run of the text's ``f``, and the lines of the file."""
    file = folder / "mine.py"
    source = HEAD + textwrap.dedent(text)
    file.write_text(source, encoding="utf-8")
    module = ModuleType("mine")
    names = vars(module)
    sys.modules["mine"] = module
    exec(compile(source, str(file), "exec"), names)
    known = {"x": np.array([1.0, -2.0, 3.0]), "W": np.arange(6.0).reshape(2, 3)}
    code = names["f"].__code__
    return run(names["f"], {n: known[n] for n in code.co_varnames[: code.co_argcount]}, 20.0, how), source.splitlines()


def expected(lines: list[str]) -> dict[int, list[str]]:
    """By the first line of a statement: the arrays that it makes."""
    starts = {
        line: node.lineno
        for node in ast.walk(ast.parse("\n".join(lines)))
        if isinstance(node, ast.stmt) and not hasattr(node, "body")
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return {
        starts.get(number, number): line.split("#>")[1].split() for number, line in enumerate(lines, 1) if "#>" in line
    }


@pytest.mark.parametrize("case", sorted(CASES))
def test_every_array_is_a_version_of_the_statement_that_made_it(tmp_path: Path, case: str) -> None:
    """Whatever people write: what a line makes or changes is kept under its name and its line, and nothing else is."""
    done, lines = traced(tmp_path, CASES[case])
    assert done.raised is None and not done.stopped
    made: dict[int, list[str]] = {}
    for version in done.versions:
        returned_alias = version.name.startswith("return") and version.copy_of is not None
        if not version.given and not returned_alias:
            made.setdefault(version.statement.line, []).append(version.name)
    wanted = expected(lines)
    said = {lines[k - 1].strip(): sorted(names) for k, names in made.items()}
    assert said == {lines[k - 1].strip(): sorted(names) for k, names in wanted.items()}


def names_read(done: Run, name: str, number: int = -1) -> set[str]:
    """The names of what a version read."""
    version = [v for v in done.versions if v.name == name][number]
    return {done.versions[n].name for n in version.reads}


READS = """
    class Net:
        def __init__(self, W):
            self.W = W

        @property
        def twice(self):
            return self.W * 2

    def helper(u, m):
        masked = u * m
        return masked + 1

    def make(x):
        yield x * 2
        yield x * 3

    def f(x, W):
        net = Net(W)
        a, b = x * 2, x * 3
        c = [v + a for v in W]
        d = a * (b > 0)
        d[b <= 0] = 0
        e = d @ net.W.T
        g = helper(d, b) * 2
        h = net.twice + 1
        i = [v * a for v in make(b)]
        j = a + 1; k = j * b
        helper(np.add(a, b), x)
        return e
"""


def test_what_a_statement_read_is_what_it_mentions(tmp_path: Path) -> None:
    """Names inside comprehensions count, their loop variables do not; of an array changed in part the rest is read."""
    done, _ = traced(tmp_path, READS)
    assert names_read(done, "a") == {"x"}
    assert names_read(done, "c[0]") == {"W", "a"}
    assert names_read(done, "d", 0) == {"a", "b"}
    assert names_read(done, "d", -1) >= {"d", "b"}
    assert names_read(done, "e") == {"d", "self.W"}
    assert names_read(done, "j") == {"a"}
    assert names_read(done, "k") == {"j", "b"}


def test_what_a_function_hands_back_is_read_by_the_line_that_called_it(tmp_path: Path) -> None:
    """The chain from one gradient to the next is not broken by a helper, a property or a generator."""
    done, _ = traced(tmp_path, READS)
    helper = next(v for v in done.versions if v.name == "return" and v.function == "helper")
    made = next(v for v in done.versions if v.name == "g")
    assert helper.number in made.reads and helper.used
    assert {done.versions[n].name for n in helper.reads} == {"masked"}
    twice = next(v for v in done.versions if v.function == "twice")
    assert twice.number in next(v for v in done.versions if v.name == "h").reads


def test_what_an_argument_computes_is_made_by_the_line_that_calls(tmp_path: Path) -> None:
    """``helper(np.add(a, b), x)``: the sum has the name of the argument and the line of the call; x is x as before."""
    done, _ = traced(tmp_path, READS)
    (made,) = [v for v in done.versions if v.name == "u" and v.function == "helper"]
    assert made.statement.text == "helper(np.add(a, b), x)" and not made.given
    assert {done.versions[n].name for n in made.reads} == {"a", "b", "x"}


def test_arrays_are_kept_as_they_were(tmp_path: Path) -> None:
    """Each version holds the numbers of its moment, whatever happens to the array later."""
    text = """
        seen = []

        def f(x, W):
            z = x * 1
            seen.append(z.copy())
            for k in range(3):
                z *= 2
                seen.append(z.copy())
                np.add(z, k, out=z)
                seen.append(z.copy())
            return {"z": z, "seen": [s.tolist() for s in seen]}
    """
    done, _ = traced(tmp_path, text)
    kept = [v.array.tolist() for v in done.versions if v.name == "z"]
    assert kept == [z for n, z in enumerate(done.returned["seen"]) if z not in done.returned["seen"][:n]]


def test_a_second_name_is_told_from_a_new_array(tmp_path: Path) -> None:
    """`dz = dh` leaves a step out: it is a version of its own that says whose name it doubles."""
    done, _ = traced(
        tmp_path,
        """
        def f(x, W):
            dh = x * 2
            dz = dh
            da, db = dz, dz * 2
            grads = {}
            for l in range(1):
                grads[f"b{l}"] = dz
            return grads
        """,
    )
    by_name = {v.name: v for v in done.versions if not v.name.startswith("return")}
    assert by_name["dz"].copy_of == by_name["dh"].number
    assert by_name["da"].copy_of == by_name["dz"].number and by_name["db"].copy_of is None
    assert by_name["grads['b0']"].copy_of is not None


def test_a_statement_that_raises_has_made_nothing(tmp_path: Path) -> None:
    """An entry that was about to be set when its line raised is not taken for set."""
    done, _ = traced(
        tmp_path,
        """
        def f(x, W):
            d = [1.0, 2.0]
            for k in range(4):
                try:
                    d[k] = 1.0 * d[k]
                except IndexError:
                    continue
            return x
        """,
    )
    assert len([v for v in done.versions if v.name == "d"]) == 1 + 2


def test_the_line_that_raised_is_told_with_its_shapes(tmp_path: Path) -> None:
    """The innermost line of the person's own, also where NumPy is what raises."""
    done, lines = traced(
        tmp_path,
        """
        def helper(z, W):
            return np.linalg.inv(z @ W)

        def f(x, W):
            z = x * 2
            return helper(z, W)
        """,
    )
    assert done.raised is not None and done.raised.kind == "ValueError"
    assert "linalg.inv" in lines[done.raised.line - 1]
    assert {"z": (3,), "W": (2, 3)}.items() <= done.raised.shapes.items()


def test_keeping_has_an_end_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More arrays than the cap: the run stops there, with the cure."""
    monkeypatch.setattr(recording, "BYTES_AT_MOST", 1 << 20)
    done, _ = traced(
        tmp_path,
        """
        def f(x, W):
            for k in range(100):
                z = np.zeros(10_000)
            return z
        """,
    )
    assert "1 MB" in done.stopped and "less data" in done.stopped
    assert sum(v.array.nbytes for v in done.versions) <= 1 << 20


def test_a_sum_that_grows_round_by_round_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adding up over a thousand examples takes no more than its last value."""
    monkeypatch.setattr(recording, "BYTES_AT_MOST", 1 << 20)
    done, _ = traced(
        tmp_path,
        """
        def f(x, W):
            total = np.zeros(10_000)
            for k in range(1000):
                total += 1
            return total
        """,
    )
    assert not done.stopped
    assert [v.array[0] for v in done.versions if v.name == "total" and v.array.size][-1] == 1000.0


def test_python_that_is_not_the_persons_own_is_not_followed(tmp_path: Path) -> None:
    """Functions of the standard library and of NumPy leave no version and cost no line."""
    done, _ = traced(
        tmp_path,
        """
        import copy, json, statistics

        def f(x, W):
            z = copy.deepcopy(x)
            s = statistics.fmean([1.0, 2.0])
            y = np.linalg.solve(np.eye(3), z)
            return json.loads(json.dumps(y.tolist()))
        """,
    )
    assert {v.function for v in done.versions} == {"f"}


def test_a_handler_of_everything_does_not_hold_up_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`except Exception` around an endless loop: the run ends all the same."""
    monkeypatch.setattr(recording, "LINES_AT_MOST", 300)
    done, _ = traced(
        tmp_path,
        """
        def f(x, W):
            while True:
                try:
                    x = x + 1
                except Exception:
                    pass
        """,
    )
    assert re.search(r"after 300 lines, on line \d+: .*does not seem to end", done.stopped)
