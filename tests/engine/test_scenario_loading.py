"""Opening a file: what a scenario offers, and one clear sentence for each thing that can be wrong with a file."""

from __future__ import annotations

import linecache
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ScenarioError
from engine.scenario import Scenario, load

NET = '''"""A line through two points.

More about it.
"""
import numpy as np

params = {"W": np.array([[1.0, 2.0]]), "b": np.array([[0.5]])}
data = {"x": np.array([[1.0, -1.0, 3.0], [2.0, 0.0, 1.0]]), "y": np.array([[1.0, 0.0, 2.0]])}


def loss(x, y, W, b):
    f = W @ x + b
    return np.sum((f - y) ** 2)
'''

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file into a folder of its own and return its path."""

    def write(text: str | bytes, name: str = "net.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def refusal(path: Path | str) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return caught.value


def net(**changes: str) -> str:
    """The file above with some of its lines replaced: ``net(params='params = {}')``."""
    lines = NET.splitlines()
    for start, replacement in changes.items():
        (at,) = [i for i, line in enumerate(lines) if line.removeprefix("def ").startswith(start)]
        lines[at] = replacement
    return "\n".join(lines) + "\n"


class TestWhatAScenarioOffers:
    def test_a_plain_numpy_file_is_a_scenario(self, write: Write) -> None:
        """The dicts, the function and the first line of the docstring come out as the file has them."""
        scenario = load(write(NET))
        assert isinstance(scenario, Scenario)
        assert (scenario.name, scenario.title) == ("net", "A line through two points.")
        assert list(scenario.params) == ["W", "b"]
        assert list(scenario.data) == ["x", "y"]
        # residuals by hand: 5.5 - 1, -0.5 - 0, 5.5 - 2
        assert scenario.loss(**scenario.params, **scenario.data) == 4.5**2 + 0.5**2 + 3.5**2
        assert (scenario.references, scenario.learning_rate, scenario.iterations) == ({}, None, None)
        assert not scenario.has_backward

    def test_optional_entries_are_taken_over(self, write: Write) -> None:
        """References, learning rate, iterations and the presence of a backward pass."""
        more = 'references = {"dW": "eq. (3)"}\nlearning_rate = 1\niterations = 40\ndef backward(**all): ...\n'
        scenario = load(write(NET + more))
        assert scenario.references == {"dW": "eq. (3)"}
        assert scenario.learning_rate == 1.0
        assert scenario.iterations == 40
        assert scenario.has_backward

    def test_without_docstring_the_title_is_the_file_name(self, write: Write) -> None:
        """Every scenario has a title."""
        assert load(write("import" + NET.partition("import")[2], "my_net.py")).title == "my_net"

    def test_data_may_be_left_out(self, write: Write) -> None:
        """A loss of parameters alone is a scenario."""
        text = "import numpy as np\nparams = {'w': np.array(2.0)}\ndef loss(w, power=2): return w**power\n"
        assert load(write(text)).data == {}

    def test_parameters_may_nest(self, write: Write) -> None:
        """Lists and dicts of arrays, in float64 or float32, are parameters."""
        layer = '{"W": np.ones((2, 2), dtype=np.float32), "b": np.zeros(2)}'
        text = f"import numpy as np\nparams = {{'layers': [{layer}, {layer}]}}\ndef loss(layers): return 0.0\n"
        assert len(load(write(text)).params["layers"]) == 2

    def test_whatever_name_the_loss_takes(self, write: Write) -> None:
        """A loss with ``**kwargs`` takes every parameter."""
        text = "import numpy as np\nparams = {'w': np.ones(2)}\ndef loss(*more, **all): return all['w'].sum()\n"
        assert list(load(write(text)).params) == ["w"]


class TestRunningTheFile:
    def test_it_is_run_as_an_import_is(self, write: Write) -> None:
        """``__main__`` blocks stay out, ``__file__`` is the file, and a neighbouring file can be imported."""
        write("SCALE = 3.0\n", "neighbour.py")
        head = (
            "import neighbour, sys\nfrom pathlib import Path\n"
            'assert __name__ != "__main__" and __name__ in sys.modules\n'
            "here = Path(__file__)\n"
            "from dataclasses import dataclass\n@dataclass\nclass Layer:\n    width: int = neighbour.SCALE\n"
            'if __name__ == "__main__": raise RuntimeError\n'
        )
        path = write(head + NET)
        scenario = load(path)
        assert scenario.loss.__globals__["here"] == path == scenario.path
        layer = scenario.loss.__globals__["Layer"]
        assert layer().width == 3.0
        assert layer.__annotations__["width"] is int, "no `from __future__` of ours reaches the file"

    def test_prints_go_to_stderr(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """What the file prints does not get into the output of a command."""
        load(write("print('hello from the file')\n" + NET))
        out, err = capsys.readouterr()
        assert (out, err) == ("", "hello from the file\n")

    def test_a_second_load_sees_every_edit(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also an edit of the same length within the same second, and also in a neighbouring file."""
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        write("SCALE = 3.0\n", "neighbour.py")
        text = "from neighbour import SCALE\nlearning_rate = 1.5\n" + NET
        first = load(write(text))
        write("SCALE = 4.0\n", "neighbour.py")
        second = load(write(text.replace("1.5", "2.5")))
        assert (first.learning_rate, second.learning_rate) == (1.5, 2.5)
        assert second.loss.__globals__["SCALE"] == 4.0

    def test_files_of_one_name_in_two_folders_do_not_meet(self, write: Write) -> None:
        """Each scenario imports the helper of its own folder and stays what it is."""
        loaded = []
        for folder, value in (("one", 1), ("two", 2)):
            write(f"VALUE = {value}\n", f"{folder}/helper.py")
            loaded.append(load(write("from helper import VALUE\n" + NET, f"{folder}/net.py")))
        assert [scenario.loss.__globals__["VALUE"] for scenario in loaded] == [1, 2]

    def test_nothing_is_left_behind(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        """The path of imports is as before, whether the file loads or not, and no bytecode lies beside it."""
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        before = list(sys.path)
        write("VALUE = 1\n", "helper.py")
        path = write("import helper\n" + NET)
        load(path)
        write("1 / 0\n")
        refusal(path)
        assert sys.path == before
        assert "helper" not in sys.modules
        assert not any(getattr(module, "__file__", None) == str(path) for module in sys.modules.values())
        assert {entry.name for entry in path.parent.iterdir()} == {"net.py", "helper.py"}

    def test_tracebacks_quote_the_text_that_ran(self, write: Write) -> None:
        """An error inside ``loss`` shows the user's line even when the file was edited since."""
        path = write(NET)
        scenario = load(path)
        path.write_text("# all gone\n")
        linecache.checkcache()
        with pytest.raises(ValueError) as caught:
            scenario.loss(x=np.ones(3), y=1.0, W=np.ones((1, 2)), b=0.0)
        assert "f = W @ x + b" in "".join(traceback.format_exception(caught.value))

    def test_interrupting_it_interrupts(self, write: Write) -> None:
        """Ctrl-C while a slow file runs is not turned into a message about the file."""
        with pytest.raises(KeyboardInterrupt):
            load(write("raise KeyboardInterrupt\n"))

    def test_loading_needs_no_terminal_library(self, write: Write) -> None:
        """A fresh interpreter that loads a file has imported neither Textual nor Rich, and printed nothing."""
        code = (
            "import sys; from engine.scenario import load; load(sys.argv[1]); "
            "sys.exit(bool({'textual', 'rich', 'tui'} & set(sys.modules)))"
        )
        done = subprocess.run([sys.executable, "-c", code, str(write(NET))], capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class TestFilesThatCannotBeRun:
    def test_no_such_file(self, tmp_path: Path) -> None:
        """The name that was asked for is in the message."""
        assert str(refusal(tmp_path / "nowhere.py")) == "nowhere.py\nThere is no such file."

    def test_a_folder(self, tmp_path: Path) -> None:
        """A folder is told from a file."""
        assert "folder" in refusal(tmp_path).reason

    @pytest.mark.parametrize("name", ["net.npz", "net.ipynb", "net"])
    def test_no_python_file(self, write: Write, name: str) -> None:
        """Only .py files are run."""
        error = refusal(write(NET, name))
        assert error.place == name
        assert "does not end in .py" in error.reason

    @pytest.mark.parametrize("raw", [b"x = '\xff\xfe'\n", b"# coding: no-such-coding\n"])
    def test_no_text(self, write: Write, raw: bytes) -> None:
        """Bytes that are no text are no traceback."""
        error = refusal(write(raw))
        assert "not readable text" in error.reason
        assert "UTF-8" in error.cure

    def test_other_encodings_are_read(self, write: Write) -> None:
        """A coding comment is obeyed, as by Python itself."""
        text = "# coding: latin-1\n" + NET.replace("A line", "Größe")
        assert load(write(text.encode("latin-1"))).title == "Größe through two points."

    def test_null_bytes(self, write: Write) -> None:
        """A damaged file is refused, not crashed on."""
        assert refusal(write(b"x = 1\0\n")).file is not None

    def test_a_syntax_error_names_line_text_and_reason(self, write: Write) -> None:
        """Three lines of output: place with text, reason."""
        error = refusal(write("import numpy as np\nparams = {'W': (1.0}\n"))
        assert error.place == "net.py, line 2: params = {'W': (1.0}"
        assert "does not match opening parenthesis" in error.reason

    def test_a_syntax_error_in_a_neighbour_names_both_places(self, write: Write) -> None:
        """The neighbour's line, and the line that imported it."""
        write("a = 1\nb = = 2\n", "helper.py")
        error = refusal(write("import os\nimport helper\n"))
        assert error.place == "net.py, line 2: import helper"
        assert error.reason.startswith("helper.py, line 2, is not valid Python")

    @pytest.mark.parametrize(
        ("text", "line", "reason"),
        [
            ("a = 1\nb = a / 0\n", 2, "ZeroDivisionError: division by zero"),
            (
                "def f():\n    return g()\ndef g():\n    raise ValueError('two\\nlines')\nf()\n",
                4,
                "ValueError: two lines",
            ),
            ("import json\njson.loads('{')\n", 2, "JSONDecodeError"),
            ("import no_such_library\n", 1, "No module named 'no_such_library'"),
            ("import sys\nsys.exit('enough')\n", 2, "ends the program"),
            ("eval('1 +')\n", 1, "not valid Python"),
            ("def f(): f()\nf()\n", 1, "RecursionError"),
            ("raise Exception\n", 1, "Exception"),
        ],
    )
    def test_an_error_while_running_names_the_users_line(self, write: Write, text: str, line: int, reason: str) -> None:
        """The line is one of the user's file, however deep in a library the error arose; one sentence says which."""
        error = refusal(write(text))
        assert error.line == line
        assert error.text == text.splitlines()[line - 1].strip()
        assert reason in error.reason
        assert len(str(error).splitlines()) <= 3


class TestFilesThatAreNoScenario:
    def test_without_loss(self, write: Write) -> None:
        """What is missing, and how to write it."""
        error = refusal(write(NET.partition("\n\ndef")[0]))
        assert "no function `loss`" in error.reason
        assert "def loss(" in error.cure

    def test_without_params(self, write: Write) -> None:
        """A loss alone says what else is needed."""
        error = refusal(write(net(params="")))
        assert "`params` is missing" in error.reason
        assert "params = {" in error.cure

    @pytest.mark.parametrize(
        ("changes", "line", "reason"),
        [
            ({"loss": "loss = 3.0\ndef other(x, y, W, b):"}, 11, "`loss` is a float, not a function."),
            ({"params": "params = [1.0]"}, 7, "`params` is a list, not a dict from names to arrays."),
            ({"params": "params = None"}, 7, "`params` is None, not a dict from names to arrays."),
            ({"params": "params = {}"}, 7, "`params` is empty: there is nothing to take a gradient of."),
            ({"params": "params = {1: np.ones(2)}"}, 7, "`params` has the key 1, which is no name: keys are strings."),
            ({"data": "data = np.ones(3)"}, 8, "`data` is an array of float64, not a dict from names to arrays."),
            ({"loss": "def loss(x, y, W, b, c):"}, 11, "`loss` takes c, which is neither in `params` nor in `data`."),
            ({"loss": "def loss(x, y, W, *, c):"}, 11, "`loss` takes c, which is neither in `params` nor in `data`."),
            ({"loss": "def loss(x, /, y, W, b):"}, 11, "`loss` does not take x by name."),
            ({"data": 'data = {"x": 1.0,\n "y": 2.0, "b": 3.0}'}, 9, "b is in `params` and in `data`."),
            (
                {"data": 'data = {"x": 1.0, "y": 2.0}; learning_rate = "fast"'},
                8,
                "`learning_rate` is 'fast', not a number above 0.",
            ),
            (
                {"data": 'data = {"x": 1.0, "y": 2.0}; learning_rate = -1'},
                8,
                "`learning_rate` is -1, not a number above 0.",
            ),
            (
                {"data": 'data = {"x": 1.0, "y": 2.0}; iterations = 2.5'},
                8,
                "`iterations` is 2.5, not a whole number above 0.",
            ),
            (
                {"data": 'data = {"x": 1.0, "y": 2.0}; iterations = True'},
                8,
                "`iterations` is True, not a whole number above 0.",
            ),
            (
                {"data": 'data = {"x": 1.0, "y": 2.0}; references = {"dW": 3}'},
                8,
                "`references` is not a dict from quantities to equations, both strings.",
            ),
        ],
    )
    def test_one_sentence_with_line_and_name(
        self, write: Write, changes: dict[str, str], line: int, reason: str
    ) -> None:
        """The line is where the thing stands in the file."""
        error = refusal(write(net(**changes)))
        assert error.reason == reason
        assert error.line == line
        assert error.text

    @pytest.mark.parametrize(
        ("value", "place", "kind", "cure"),
        [
            ("np.array([[1, 2]])", "W", "an array of int64", "np.array(..., dtype=float)"),
            ("[[1.0, 2.0]]", "W", "a list", "np.array(..., dtype=float)"),
            ("np.ones((1, 2), dtype=np.float16)", "W", "an array of float16", "np.array(..., dtype=float)"),
            ("np.ones((1, 2), dtype=complex)", "W", "an array of complex128", "np.array(..., dtype=float)"),
            ("np.ones((1, 2), dtype=bool)", "W", "an array of bool", "np.array(..., dtype=float)"),
            ("np.array([['a']])", "W", "an array of <U1", "np.array(..., dtype=float)"),
            ("np.ma.array([[1.0, 2.0]])", "W", "a MaskedArray", "np.array(..., dtype=float)"),
            ("'file.npy'", "W", "a str", "np.array(..., dtype=float)"),
            ("None", "W", "None", "np.array(..., dtype=float)"),
            ("0.5", "W", "a float", "np.array(0.5)"),
            ("np.float64(0.5)", "W", "a float64", "np.array(0.5)"),
            ("3", "W", "an int", "np.array(3, dtype=float)"),
            ("True", "W", "a bool", "np.array(..., dtype=float)"),
            (
                "{'a': [np.ones(2), np.ones(2, dtype=int)]}",
                "W['a'][1]",
                "an array of int64",
                "np.array(..., dtype=float)",
            ),
        ],
    )
    def test_a_parameter_that_is_no_float_array(
        self, write: Write, value: str, place: str, kind: str, cure: str
    ) -> None:
        """The name, what it is, what it should be, and what to write instead."""
        text = net(params="params = {\n    'b': np.array([[0.5]]),\n    'W': " + value + ",\n}")
        error = refusal(write(text))
        assert error.reason == f"The parameter {place} is {kind}, not an array of float64 or float32."
        assert error.cure == f"Write {cure}."
        assert error.line == 9
        assert error.text == f"'W': {value},"

    @pytest.mark.parametrize(
        ("entry", "said"),
        [
            ("params['W'][0, 1] = np.nan", "W[0, 1] is NaN."),
            ("params['W'][:] = np.nan", "W[0, 0] is NaN, and 1 more."),
            ("data['x'][1, 2] = np.nan", "x[1, 2] is NaN."),
            ("data['more'] = [1.0, {'k': np.array(np.nan)}]", "more[1]['k'] is NaN."),
            ("data['y'] = float('nan')", "y is NaN."),
            ("data['z'] = np.array([1.0, complex(0.0, np.nan)])", "z[1] is NaN."),
        ],
    )
    def test_nan_is_named_with_its_entry(self, write: Write, entry: str, said: str) -> None:
        """Gradients from NaN would be NaN without a word; the entry is told instead."""
        assert refusal(write(NET + entry + "\n")).reason == said

    def test_infinities_and_other_data_are_left_alone(self, write: Write) -> None:
        """Data may be anything: strings, whole numbers, a mask of minus infinity."""
        more = "data |= {'mask': np.array([-np.inf, 0.0]), 'names': ['a', 'b'], 'labels': np.arange(3), 'o': None}\n"
        assert len(load(write(NET + more)).data) == 6

    @pytest.mark.parametrize(
        "dict_call", ["dict(b=np.array([[0.5]]),\n  W=3)", "{'b': np.array([[0.5]])}\nparams['W'] = 3"]
    )
    def test_the_line_is_found_in_other_ways_of_writing_a_dict(self, write: Write, dict_call: str) -> None:
        """``dict(W=...)`` and ``params["W"] = ...`` point to the entry as well."""
        error = refusal(write(net(params="params = " + dict_call)))
        assert error.line == 8
        assert "W" in error.text
