"""``chainstep check``: one line per parameter, exit status 0 right, 1 wrong or not finite, 2 could not run."""

from __future__ import annotations

from pathlib import Path

import pytest

import scenarios
from tests.command.running import chainstep
from tui.commands import check
from tui.commands.check import PATIENCE, Progress
from tui.commands.paper import Paper
from tui.opening import open_target

NAMES = sorted(file.stem for file in Path(scenarios.__file__).parent.glob("[!_]*.py"))


def assert_right(name: str, lines: list[str]) -> None:
    """✓ for each parameter, with method and number of entries; and that there is no backward function."""
    right = [line for line in lines if line.startswith("✓")]
    assert [line.split()[1] for line in right] == list(open_target(name).scenario.params)
    for line in right:
        assert "complex step" in line
        assert "rel. error" in line
        assert " of " in line
    assert "no backward function" in lines[-1]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("overflow", "handwritten")])
def test_every_scenario_is_right(name: str) -> None:
    """All but `overflow` and `handwritten`, which are other tests'."""
    outcome = check.run(name, "text", False, Paper())
    assert outcome.status == 0
    assert_right(name, list(outcome.lines))


def test_the_command_in_a_process_of_its_own() -> None:
    """Exit status 0, nothing on stderr."""
    ran = chainstep("check", "iris")
    assert (ran.status, ran.err) == (0, "")
    assert_right("iris", ran.out.splitlines())


def test_the_large_one_is_sampled_and_says_so() -> None:
    """64 of 200,704 entries and a random direction."""
    ran = chainstep("check", "digits_size")
    assert ran.status == 0
    assert "64 of 200704 entries" in ran.out
    assert "random direction" in ran.out


def test_overflow_is_not_called_right() -> None:
    """Exit 1, and the step from which on nothing is finite."""
    ran = chainstep("check", "overflow")
    assert (ran.status, ran.err) == (1, "")
    assert "not finite from F4 on" in ran.out
    assert "✓" not in ran.out
    document = chainstep("check", "overflow", "--format", "json")
    assert document.status == 1
    assert document.json["loss"] == "NaN"
    assert not any(verdict["ok"] for verdict in document.json["gradients"].values())


def test_the_json_has_all_the_keys_of_the_format() -> None:
    """Per parameter the verdict with its figures; `mine` is null where the file has no backward."""
    document = chainstep("check", "softmax", "--format", "json").json
    assert document["format"] == "chainstep/1"
    assert document["target"] == "softmax"
    assert document["mine"] is None
    assert list(document["gradients"]) == ["W1", "b1", "W2", "b2"]
    for verdict in document["gradients"].values():
        assert set(verdict) == {
            "ok", "max_rel_error", "method", "entries_checked", "entries_total", "near_kink"
        }  # fmt: skip
        assert verdict["ok"] is True
        assert verdict["max_rel_error"] < 1e-12
        assert verdict["entries_checked"] == verdict["entries_total"]


def test_a_kink_is_marked_and_is_no_error(tmp_path: Path) -> None:
    """|w| at 0 has no derivative: ⚠, left out, the others right."""
    file = tmp_path / "kink.py"
    file.write_text(
        "import numpy as np\nparams = {'w': np.array([0.0, 1.0, -2.0])}\n"
        "def loss(w):\n    return np.sum(np.abs(w) * w.sum())\n"
    )
    ran = chainstep("check", str(file))
    assert ran.status == 0
    assert ran.out.splitlines()[1].startswith(("✓", "⚠"))
    assert "of 3 entries" in ran.out


def test_progress_is_one_line_that_comes_late_and_goes(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing in the first half second, then a line that is written over and, in the end, wiped."""
    times = iter([0.0, PATIENCE / 2, PATIENCE, PATIENCE + 0.01, PATIENCE + 0.2])
    progress = Progress(lambda: next(times))
    assert progress(5, 100)
    assert capsys.readouterr().err == ""
    progress(20, 100)
    progress(21, 100)
    progress(90, 100)
    progress.__exit__()
    first, second, wiped, rest = capsys.readouterr().err.split("\r")[1:]
    assert (first, second) == ("checking gradients: 20 of 100 entries", "checking gradients: 90 of 100 entries")
    assert (wiped, rest) == (" " * len(second), "")
