"""Whatever cannot run: one to three lines on stderr, exit status 2, nothing on stdout, never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.command.running import Ran, chainstep
from tui.cli import main

HEAD = "import numpy as np\n"
NET = HEAD + "params = {'W': np.ones((2, 3))}\ndata = {'x': np.ones((3, 4))}\n"
NAN = HEAD + "params = {'W': np.full((2, 3), np.nan)}\ndata = {'x': np.ones((3, 4))}\n"


def loss(*body: str, arguments: str = "x, W") -> str:
    """A loss that starts on the line after ``NET``, line 4."""
    return f"def loss({arguments}):\n" + "".join(f"    {line}\n" for line in body)


# kind: (the file, the place that is named, what is said)
FILES = {
    "a syntax error": (HEAD + "params = {'W': np.ones(2)\n", "line 2", "not valid Python"),
    "no loss": (NET, "", "no function `loss`"),
    "a loss that raises": (NET + loss("raise KeyError('label')"), "line 5", "KeyError"),
    "a loss that is no number": (NET + loss("return W @ x"), "", "(2, 4)"),
    "NaN in params": (NAN + loss("return np.sum(W @ x)"), "line 2", "W[0, 0] is NaN"),
    "NaN in data": (NET + "data['x'][1, 2] = np.nan\n" + loss("return np.sum(W @ x)"), "", "x[1, 2] is NaN"),
    "a mismatched shape": (NET + loss("return np.sum(W @ x.T)"), "line 5", "mismatch"),
    "an unknown function": (NET + loss("return np.linalg.det(W.T @ W)"), "line 5", "det"),
    "a decision on a parameter": (NET + loss("if W[0, 0] > 0:", "    x = -x", "return np.sum(W @ x)"), "line 5", ""),
    "an argument from nowhere": (NET + loss("return np.sum(W @ x + b)", arguments="x, W, b"), "line 4", "b"),
    "a parameter that is no array": (HEAD + "params = {'w': 3}\n" + loss("return w", arguments="w"), "line 2", "w"),
    "an import that fails": ("import no_such_module_here\n", "line 1", "no_such_module_here"),
    "an exit": ("raise SystemExit(0)\n", "line 1", "ends the program"),
    "an assertion": (HEAD + "assert False, 'sizes differ'\n", "line 2", "sizes differ"),
    "null bytes": ("import numpy\0\n", "", "null bytes"),
}


def assert_refusal(ran: Ran, *said: str) -> None:
    """Status 2, one to three lines on stderr that say all of ``said``, nothing else."""
    assert ran.status == 2
    assert ran.out == ""
    assert 1 <= len(ran.err.splitlines()) <= 3
    assert "Traceback" not in ran.err
    for text in said:
        assert text in ran.err


def assert_refused(arguments: list[str], *said: str, cwd: Path | None = None) -> None:
    """The command in a process of its own refuses, and says why."""
    assert_refusal(chainstep(*arguments, cwd=cwd), *said)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_no_scenario(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file by name, the line where there is one, the reason."""
    text, place, reason = FILES[kind]
    file = tmp_path / "mine.py"
    file.write_text(text)
    status = main(["show", str(file)])
    assert_refusal(Ran(status, *capsys.readouterr()), "mine.py", place, reason)


@pytest.mark.parametrize("command", ["show", "check"])
def test_a_loss_that_raises_in_a_process_of_its_own(command: str, tmp_path: Path) -> None:
    """No traceback on the way out either."""
    text, place, reason = FILES["a loss that raises"]
    (tmp_path / "mine.py").write_text(text)
    assert_refused([command, "mine.py"], place, reason, cwd=tmp_path)


def test_no_such_file_or_scenario(tmp_path: Path) -> None:
    """The nearest names are listed: prepared ones, and files that lie there."""
    (tmp_path / "network.py").write_text("")
    assert_refused(["show", "sofmax"], "`sofmax`", "Nearest: softmax")
    assert_refused(["check", "netwrok.py"], "netwrok.py: there is no such file", "network.py", cwd=tmp_path)
    assert_refused(["regresion"], "`regresion`", "regression")


def test_a_folder_a_binary_and_a_file_of_another_kind(tmp_path: Path) -> None:
    """Each is told for what it is."""
    (tmp_path / "binary.py").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "notes.txt").write_text("no code")
    (tmp_path / "folder").mkdir()
    assert_refused(["show", "folder"], "is a folder", cwd=tmp_path)
    assert_refused(["show", "./folder"], "is a folder", cwd=tmp_path)
    assert_refused(["folder"], "is a folder", cwd=tmp_path)
    assert_refused(["show", "binary.py"], "binary.py", "not readable text", cwd=tmp_path)
    assert_refused(["show", "notes.txt"], "notes.txt", "not a Python file", cwd=tmp_path)
    assert_refused(["show", "x" * 5000], "cannot be read")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """The system's reason is passed on."""
    (tmp_path / "mine.py").touch(mode=0o000)
    assert_refused(["show", "mine.py"], "mine.py", "cannot be read", cwd=tmp_path)


def test_unknown_steps_list_the_nearest() -> None:
    """By the names that could have been meant."""
    assert_refused(["show", "softmax", "--step", "dW3"], "dW3", "dW")
    assert_refused(["show", "softmax", "--step", "B66"], "B66", "B6")


def test_a_convention_that_does_not_exist(tmp_path: Path) -> None:
    """Line and reason where the mirror fails; a file without any product with a parameter is neither."""
    (tmp_path / "mine.py").write_text(
        HEAD + "params = {'W': np.ones((2, 3))}\ndata = {'x': np.ones((6, 1))}\n"
        "def loss(x, W):\n    return np.sum(W.reshape(1, 6) @ x)\n"
    )
    assert_refused(["show", "mine.py", "--convention", "row"], "mine.py, line 5", "reshape", cwd=tmp_path)
    (tmp_path / "neither.py").write_text(HEAD + "params = {'w': np.ones(3)}\ndef loss(w):\n    return np.sum(w * w)\n")
    assert_refused(["show", "neither.py", "--convention", "row"], "neither.py", "as written", cwd=tmp_path)
    assert chainstep("show", "neither.py", cwd=tmp_path).status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["show"], ["show", "softmax", "--width", "3"], ["show", "softmax", "--width", "wide"], ["show", "--frobnicate"],
        ["show", "softmax", "--format", "xml"], ["show", "softmax", "--convention", "diagonal"], ["list", "softmax"],
        ["softmax", "square"], ["--frobnicate"],
    ],
)  # fmt: skip
def test_wrong_arguments(arguments: list[str]) -> None:
    """Told in two lines that point to --help."""
    assert_refused(arguments, "--help")


def test_the_debugger_needs_a_terminal() -> None:
    """Without one it says what does the same."""
    assert_refused(["softmax"], "needs a terminal", "chainstep show softmax")


def test_a_file_named_like_a_command_is_reached_by_its_path(tmp_path: Path) -> None:
    """`show` is the command; ./show.py is a file."""
    (tmp_path / "show.py").write_text(HEAD + "params = {'w': np.ones(2)}\ndef loss(w):\n    return np.sum(w)\n")
    assert chainstep("show", "show.py", cwd=tmp_path).status == 0


def test_what_a_file_prints_goes_to_stderr(tmp_path: Path) -> None:
    """So that JSON stays JSON."""
    (tmp_path / "mine.py").write_text(
        HEAD + "print('hello')\nparams = {'w': np.ones(2)}\ndef loss(w):\n    return np.sum(w * w)\n"
    )
    ran = chainstep("show", "mine.py", "--format", "json", cwd=tmp_path)
    assert ran.err == "hello\n"
    assert ran.json["loss"] == 2.0
