"""``chainstep check`` on a file with a backward of its own: which line is the first wrong one, and its mistake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import scenarios
from engine.blame import MISTAKES, Answer, FirstWrong, Hidden, Judged, Mine
from tests.command.running import Ran, chainstep
from tests.oracles import complex_step
from tests.scenarios.oracle import by_hand
from tui.commands import mine as painter
from tui.paint.text import paint_rows

HANDWRITTEN = Path(scenarios.__file__).with_name("handwritten.py")
SOURCE = HANDWRITTEN.read_text(encoding="utf-8")
MENDED = SOURCE.replace(
    "    dw1 = np.dot(x.T, dh1)\n    db1 = np.sum(dh1,",
    "    dz1 = dh1 * (z1 > 0)\n    dw1 = np.dot(x.T, dz1)\n    db1 = np.sum(dz1,",
)

HANDMADE = Mine(
    "wrong",
    {"W1": Answer(False, 1.4), "b1": Answer(False, 0.0123), "W2": Answer(True, 0.0)},
    FirstWrong("net.py", 13, "dw1 = np.dot(x.T, dh1)", "dz1", ("relu-mask-missing",), "The ReLU mask is missing."),
    (
        Judged(9, "g = f - y", "g", "∂L/∂f", "right", (), ""),
        Judged(10, "dx, dw2 = affine_backward(g, cache)", "dx", "∂L/∂h₁", "right", (), ""),
        Judged(10, "dx, dw2 = affine_backward(g, cache)", "dw2", "∂L/∂W₂", "right", (), ""),
        Judged(11, "s = np.zeros(3)", "s", None, "unrecognised", (), ""),
        Judged(12, "t = np.zeros(3)", "t", None, "in-progress", (), ""),
        Judged(
            13,
            "dw1 = np.dot(x.T, dh1)",
            "dw1",
            None,
            "own-error",
            ("relu-mask-missing",),
            "The ReLU mask is missing: no line computes dz1 = dh1 * (z1 > 0). dh1 (line 12) is right.",
        ),
        Judged(14, "db1 = np.sum(dh1, axis=0)", "db1", None, "inherited", (), "Fix line 13 first."),
    ),
    tuple(Hidden("transposed", f"dW{k}", "it is symmetric") for k in range(7)),
)


def check(folder: Path, text: str, *arguments: str) -> Ran:
    file = folder / "net.py"
    file.write_text(text, encoding="utf-8")
    return chainstep("check", str(file), *arguments)


def line_of(start: str, text: str = SOURCE) -> int:
    return next(k for k, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start))


def painted(mine: Mine, width: int = painter.WIDTH) -> list[str]:
    return [line.rstrip() for line in paint_rows(painter.rows(mine, width), width, margin=0).rows()]


def test_the_mask_missing_in_the_notes_code_is_found_at_its_line() -> None:
    """dw1 is the first wrong line, db1 only inherits it, dw2, db2 and dh1 are right; exit status 1."""
    ran = chainstep("check", "handwritten", "--format", "json")
    assert (ran.status, ran.err) == (1, "")
    own = ran.json["mine"]
    assert own["verdict"] == "wrong"
    assert own["first_wrong"]["line"] == line_of("dw1 =")
    assert own["first_wrong"]["mistakes"] == ["relu-mask-missing"]
    said = {line["name"]: line["verdict"] for line in own["lines"]}
    assert {"dw2": "right", "db2": "right", "dh1": "right", "db1": "inherited"}.items() <= said.items()
    assert {name: answer["ok"] for name, answer in own["gradients"].items()} == {
        "W1": False, "b1": False, "W2": True, "b2": True
    }  # fmt: skip


def test_the_text_says_so_in_words() -> None:
    """The line with its text, the mistake, and that the other wrong number comes from it; nothing wider than 80."""
    ran = chainstep("check", "handwritten")
    assert ran.status == 1
    assert f"first wrong: line {line_of('dw1 =')}" in ran.out
    assert "relu-mask-missing" in ran.out
    assert "ReLU mask" in ran.out
    assert "inherited" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "\x1b" not in ran.out


def test_what_the_file_says_about_itself_is_true() -> None:
    """Its docstring promises one wrong line: with the mask, everything agrees with the complex step."""
    names: dict[str, object] = {}
    exec(MENDED, names)
    params, data = names["params"], names["data"]
    assert isinstance(params, dict)
    assert isinstance(data, dict)
    gradients = names["backward"](**data, **params)  # type: ignore[operator]
    for name in params:
        expected = complex_step(names["loss"], params, data, (name,))  # type: ignore[arg-type]
        np.testing.assert_allclose(gradients[name], expected, rtol=1e-12, atol=1e-14)


def test_once_the_line_is_mended_all_is_right(tmp_path: Path) -> None:
    """Exit status 0, and no line is called wrong."""
    ran = check(tmp_path, MENDED, "--format", "json")
    assert ran.status == 0
    own = ran.json["mine"]
    assert (own["verdict"], own["first_wrong"]) == ("right", None)
    assert not [line for line in own["lines"] if line["verdict"] in ("own-error", "inherited")]
    assert all(answer["ok"] for answer in own["gradients"].values())


def test_a_backward_that_raises_is_told_with_its_line(tmp_path: Path) -> None:
    """Exit status 1: the line where it stopped is named."""
    text = SOURCE.replace("dh1 = np.dot(df, W2.T)", "dh1 = np.dot(df, W2)")
    ran = check(tmp_path, text, "--format", "json")
    assert ran.status == 1
    assert ran.json["mine"]["verdict"] == "raised"
    assert f"line {line_of('dh1 =')}" in ran.json["mine"]["message"]


def test_the_json_has_the_line_that_raised(tmp_path: Path) -> None:
    """Nobody has to read it out of a sentence: file, number and text, the exception, and what the line looked at."""
    ran = check(tmp_path, SOURCE.replace("dh1 = np.dot(df, W2.T)", "dh1 = df @ W2"), "--format", "json")
    raised = ran.json["mine"]["raised"]
    assert raised.pop("message").startswith("matmul")
    assert raised == {
        "file": str(tmp_path / "net.py"),
        "line": line_of("dh1 ="),
        "text": "dh1 = df @ W2",
        "kind": "ValueError",
        "shapes": {"df": [5, 2], "W2": [4, 2]},
    }


def test_a_run_that_does_not_end_has_no_line_that_raised(tmp_path: Path) -> None:
    """Its verdict is that of one that raises, its message says what happened."""
    text = SOURCE.replace("    # layer 1\n", "    while True:\n        df = df + 0\n")
    ran = check(tmp_path, text, "--format", "json")
    assert (ran.status, ran.json["mine"]["verdict"], ran.json["mine"]["raised"]) == (1, "raised", None)
    assert "Not finished" in ran.json["mine"]["message"]


def test_a_line_that_raises_in_another_file_is_told_with_its_file(tmp_path: Path) -> None:
    """``line 2`` alone would be a line of the file that was asked about."""
    (tmp_path / "layers.py").write_text("def back(d, W):\n    return d @ W\n", encoding="utf-8")
    text = SOURCE.replace("np.dot(df, W2.T)", "back(df, W2)")
    text = text.replace("\nparams", "\nfrom layers import back\n\nparams", 1)
    assert "Stopped on line 2 of layers.py: return d @ W" in " ".join(check(tmp_path, text).out.split())


def test_a_return_value_that_is_no_gradients_could_not_run(tmp_path: Path) -> None:
    """Exit status 2 and a sentence, no traceback."""
    ran = check(tmp_path, SOURCE.replace("    return {", "    return None\n    return {"))
    assert (ran.status, ran.out) == (2, "")
    assert "Traceback" not in ran.err
    assert 1 <= len(ran.err.splitlines()) <= 3


def test_what_a_backward_prints_stays_out_of_the_output(tmp_path: Path) -> None:
    """It goes to stderr: the JSON stays JSON."""
    ran = check(tmp_path, MENDED.replace("    # layer 2", "    print('hello')"), "--format", "json")
    assert (ran.status, ran.json["mine"]["verdict"]) == (0, "right")
    assert "hello" in ran.err


def test_the_json_has_all_the_keys_of_the_format() -> None:
    """Each part of `mine` with exactly the keys that are promised."""
    own = chainstep("check", "handwritten", "--format", "json").json["mine"]
    assert set(own) == {"verdict", "message", "gradients", "first_wrong", "lines", "raised", "invisible"}
    assert set(own["first_wrong"]) == {"file", "line", "text", "quantity", "mistakes", "explanation"}
    assert all(set(answer) == {"ok", "max_rel_error"} for answer in own["gradients"].values())
    for line in own["lines"]:
        assert set(line) == {"line", "text", "name", "equals", "verdict", "mistakes", "explanation"}
    assert all(set(hidden) == {"mistake", "quantity", "reason"} for hidden in own["invisible"])


def test_every_mistake_can_be_listed() -> None:
    """All identifiers with their sentences, without any TARGET, as text and as JSON."""
    ran = chainstep("check", "--mistakes")
    assert ran.status == 0
    words = " ".join(ran.out.split())
    assert all(name in ran.out.splitlines() for name in MISTAKES)
    assert all(sentence in words for sentence in MISTAKES.values())
    assert chainstep("check", "--mistakes", "--format", "json").json["mistakes"] == MISTAKES


def test_without_a_target_check_says_what_is_missing() -> None:
    """Exit status 2 in two lines, as for every command."""
    ran = chainstep("check")
    assert ran.status == 2
    assert "TARGET" in ran.err


def test_each_line_stands_with_its_number_its_meaning_and_its_verdict() -> None:
    """One row a line, columns under each other, the sentence below what is wrong."""
    rows = painted(HANDMADE)
    assert "   9 ✓ g = f - y" in rows[2]
    assert rows[2].endswith("∂L/∂f   right")
    first = next(row for row in rows if row.startswith("  13 ✗"))
    assert first.endswith("first wrong")
    below = rows[rows.index(first) + 1 :]
    assert below[0].strip().startswith("The ReLU mask is missing: no line computes dz1")
    assert any(row.startswith("  14 ↳") and row.endswith("inherited") for row in rows)
    assert any(row.startswith("  11 ?") and row.endswith("not recognised") for row in rows)
    assert any(row.startswith("  12 ∙") and row.endswith("in progress") for row in rows)
    assert "✗ W1  wrong, rel. error 1.4" in rows
    assert "✗ b1  wrong, rel. error 0.012" in rows
    assert "✓ W2  right" in rows


def test_a_line_that_makes_two_arrays_has_a_row_for_each() -> None:
    """The text once, then the names below it with their verdicts."""
    rows = painted(HANDMADE)
    at = next(k for k, row in enumerate(rows) if row.startswith("  10"))
    assert rows[at].endswith("affine_backward(g, cache)")
    assert [rows[at + k].split()[:3] for k in (1, 2)] == [["✓", "dx", "∂L/∂h₁"], ["✓", "dw2", "∂L/∂W₂"]]


def test_what_cannot_be_decided_comes_last_and_short() -> None:
    """The first four, then how many more."""
    rows = painted(HANDMADE)
    assert rows[-1].strip() == "and 3 more; --format json lists them all"
    assert rows[-6] == "Not decidable on this input:"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_nothing_is_wider_than_the_terminal_and_no_word_is_lost(width: int) -> None:
    """Explanations wrap; a very long statement is cut with an ellipsis."""
    long = replace(HANDMADE.lines[0], text="g = " + " + ".join(f"term{k}" for k in range(40)))
    rows = painted(replace(HANDMADE, lines=(long, *HANDMADE.lines[1:])), width)
    assert max(map(len, rows)) <= width
    assert "no line computes dz1 = dh1 * (z1 > 0). dh1 (line 12) is right." in " ".join(" ".join(rows).split())


# ---- gradients that were saved ---------------------------------------------------------------------------


def true_gradients() -> dict[str, np.ndarray]:
    names: dict[str, object] = {}
    exec(SOURCE, names)
    values = by_hand("handwritten", "row", {**names["params"], **names["data"]})  # type: ignore[dict-item]
    return {name: values[f"d{name}"] for name in ("W1", "b1", "W2", "b2")}


def saved(folder: Path, **arrays: object) -> Ran:
    np.savez(folder / "mine.npz", **arrays)  # type: ignore[arg-type]
    return chainstep("check", "handwritten", "--gradients", str(folder / "mine.npz"), "--format", "json")


def test_saved_gradients_that_are_right(tmp_path: Path) -> None:
    """Keys W1 or dW1, a bias as (n,) or (1, n): exit status 0, and the file's own backward is left alone."""
    true = true_gradients()
    ran = saved(tmp_path, dW1=true["W1"], b1=true["b1"].ravel(), W2=true["W2"], db2=true["b2"])
    assert (ran.status, ran.err) == (0, "")
    own = ran.json["mine"]
    assert own["verdict"] == "right"
    assert own["lines"] == []
    assert all(answer["ok"] for answer in own["gradients"].values())


def test_one_saved_gradient_that_is_wrong(tmp_path: Path) -> None:
    """Exit status 1; only that one, with its relative error; an array that belongs to nothing is named."""
    ran = saved(tmp_path, **{**true_gradients(), "W1": 1.5 * true_gradients()["W1"], "loss": np.float64(3)})
    assert ran.status == 1
    answers = ran.json["mine"]["gradients"]
    assert {name: answer["ok"] for name, answer in answers.items()} == {"W1": False, "b1": True, "W2": True, "b2": True}
    assert answers["W1"]["max_rel_error"] == pytest.approx(0.5)
    assert "loss" in ran.json["mine"]["message"]


def test_nan_in_a_saved_gradient_is_wrong(tmp_path: Path) -> None:
    """NaN agrees with no number."""
    spoilt = true_gradients()
    spoilt["W2"] = np.full_like(spoilt["W2"], np.nan)
    ran = saved(tmp_path, **spoilt)
    assert ran.status == 1
    assert ran.json["mine"]["gradients"]["W2"] == {"ok": False, "max_rel_error": "NaN"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"W1": None}, "no gradient of W1"),
        ({"W1": np.array([[object()]])}, "pickle"),
        ({"W1": np.full((3, 4), "1")}, "not of real numbers"),
        ({"W1": np.zeros((3, 4), complex)}, "not of real numbers"),
    ],
)
def test_saved_gradients_that_cannot_be_compared(tmp_path: Path, changed: dict[str, object], said: str) -> None:
    """Exit status 2 and what is the matter; a pickle is never opened."""
    arrays = {name: array for name, array in {**true_gradients(), **changed}.items() if array is not None}
    ran = saved(tmp_path, **arrays)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("shape", "cure"),
    [((4, 3), "It lies the other way round: save dW1.T."), ((2, 6), "Save dW1 as an array of shape (3, 4).")],
)
def test_an_array_of_another_shape_is_told_apart_from_its_parameter(
    tmp_path: Path, shape: tuple[int, ...], cure: str
) -> None:
    """Which shape is the file's and which the parameter's, and what to save instead."""
    arrays = true_gradients()
    ran = saved(tmp_path, dW1=np.zeros(shape), **{name: arrays[name] for name in ("b1", "W2", "b2")})
    assert (ran.status, ran.out) == (2, "")
    assert (
        f"The file's array dW1 has the shape {shape}; the parameter W1 has (3, 4), and so has its gradient." in ran.err
    )
    assert ran.err.splitlines()[-1] == cure


def test_what_to_save_is_named(tmp_path: Path) -> None:
    """Each gradient by the name it is looked for."""
    arrays = true_gradients()
    ran = saved(tmp_path, **{name: arrays[name] for name in ("b1", "W2", "b2")})
    assert ran.err.splitlines()[-1] == "Save the gradients with np.savez(file, dW1=dW1, db1=db1, dW2=dW2, db2=db2)."


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 broken", b"text"])
def test_a_file_that_is_no_archive(tmp_path: Path, content: bytes | None) -> None:
    """Missing, empty, cut off, or something else: exit status 2 in at most three lines."""
    file = tmp_path / "mine.npz"
    if content is not None:
        file.write_bytes(content)
    ran = chainstep("check", "handwritten", "--gradients", str(file))
    assert (ran.status, ran.out) == (2, "")
    assert 1 <= len(ran.err.splitlines()) <= 3
    assert "mine.npz" in ran.err
