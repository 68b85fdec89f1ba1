"""``chainstep check FILE --stronger-input``: what the file's own numbers hide, judged on others."""

from __future__ import annotations

from pathlib import Path

import pytest

import scenarios
from tests.command.running import Ran, chainstep

HANDWRITTEN = Path(scenarios.__file__).with_name("handwritten.py")
SOURCE = HANDWRITTEN.read_text(encoding="utf-8")
MENDED = SOURCE.replace(
    "    dw1 = np.dot(x.T, dh1)\n    db1 = np.sum(dh1,",
    "    dz1 = dh1 * (z1 > 0)\n    dw1 = np.dot(x.T, dz1)\n    db1 = np.sum(dz1,",
)
ONE = "data = {name: array[:1] for name, array in data.items()}\n\nreferences = {"
HIDING = MENDED.replace("references = {", ONE).replace("db2 = np.sum(df, axis=0, keepdims=True)", "db2 = 1.0 * df")


def check(folder: Path, text: str, *arguments: str, name: str = "net.py") -> Ran:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return chainstep("check", str(file), *arguments)


def test_what_one_example_hides_is_offered_with_the_command_to_type(tmp_path: Path) -> None:
    """The bias that is not summed is right on one example; the last words before the check say how to see more."""
    ran = check(tmp_path, HIDING, name="my net.py")
    assert ran.status == 0
    words = " ".join(ran.out.split())
    assert "Not decidable on this input:" in words
    assert "there is only one example" in words
    assert f"chainstep check '{tmp_path}/my net.py' --stronger-input" in words


def test_the_command_that_is_offered_finds_it(tmp_path: Path) -> None:
    """Exit status 1 at the line of db2; what was drawn is said first; no second offer."""
    ran = check(tmp_path, HIDING, "--stronger-input")
    assert (ran.status, ran.err) == (1, "")
    words = " ".join(ran.out.split())
    assert "judged on a stronger input: n 1 → " in words
    assert "every unit on for some examples and off for others" in words
    line = next(k for k, one in enumerate(HIDING.splitlines(), 1) if "db2 = 1.0" in one)
    assert f"first wrong: line {line}, " in ran.out
    assert "bias-not-summed" in ran.out
    assert "--stronger-input" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_the_json_says_what_was_drawn(tmp_path: Path) -> None:
    """Old and new size of each axis, what stayed and whose doing that is, and the units that do not switch."""
    found = check(tmp_path, HIDING, "--stronger-input", "--format", "json").json
    drawn = found["stronger_input"]
    assert set(drawn) == {"sizes", "kept", "coefficients", "units_that_do_not_switch"}
    assert drawn["sizes"]["n"]["from"] == 1
    assert drawn["sizes"]["n"]["to"] >= 5
    assert (drawn["kept"], drawn["coefficients"], drawn["units_that_do_not_switch"]) == ([], {}, 0)
    assert found["mine"]["verdict"] == "wrong"
    assert found["mine"]["first_wrong"]["mistakes"] == ["bias-not-summed"]
    assert all(gradient["ok"] for gradient in found["gradients"].values())


def test_correct_code_stays_right(tmp_path: Path) -> None:
    """Exit status 0, twice with the very same output."""
    one, two = (check(tmp_path, MENDED, "--stronger-input") for _ in range(2))
    assert one.status == 0
    assert one.out == two.out


def test_without_the_option_the_key_is_null_and_the_rest_as_ever(tmp_path: Path) -> None:
    """The file's own input was judged."""
    found = check(tmp_path, MENDED, "--format", "json").json
    assert found["stronger_input"] is None
    assert set(found) == {"format", "target", "loss", "message", "gradients", "mine", "stronger_input"}
    assert found["mine"]["invisible"] == []


def test_where_nothing_is_hidden_nothing_is_offered(tmp_path: Path) -> None:
    """Five examples, sizes that differ, units that switch."""
    assert "stronger" not in check(tmp_path, MENDED).out


def test_a_size_that_stands_in_loss_is_told(tmp_path: Path) -> None:
    """The mean over five examples by number: they stay five."""
    text = MENDED.replace("return 0.5 * np.sum((f - y) ** 2)", "return 0.5 * np.sum((f - y) ** 2) / 5")
    text = text.replace("df = f - y", "df = (f - y) / 5")
    ran = check(tmp_path, text, "--stronger-input")
    assert ran.status == 0
    assert "loss is written for n = 5" in " ".join(ran.out.split())


def test_a_loss_for_its_own_numbers_alone_is_judged_on_them(tmp_path: Path) -> None:
    """One sentence, the plain judgement, and null in the JSON document."""
    text = MENDED.replace("    z1 = x @ W1 + b1", "    assert abs(x.sum() - 0.9) < 1e-9\n    z1 = x @ W1 + b1", 1)
    assert "assert abs" in text
    ran = check(tmp_path, text, "--stronger-input", "--format", "json")
    assert ran.status == 0
    assert ran.json["stronger_input"] is None
    assert "no stronger input" in ran.json["mine"]["message"]
    assert ran.json["mine"]["verdict"] == "right"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("handwritten", "--stronger-input", "--gradients", "mine.npz"), "belong to one input"),
        (("softmax", "--stronger-input"), "no backward function"),
    ],
)
def test_what_cannot_be_judged_on_another_input_is_refused(arguments: tuple[str, ...], said: str) -> None:
    """Exit status 2, nothing printed but the sentence."""
    ran = chainstep("check", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert 1 <= len(ran.err.splitlines()) <= 2


def test_the_option_is_in_the_help() -> None:
    """With what it does."""
    assert "--stronger-input" in chainstep("check", "--help").out
