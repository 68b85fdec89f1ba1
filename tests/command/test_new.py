"""``chainstep new`` as a person runs it: a file that opens, one line, and nothing left behind where it refuses."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

import scenarios
from tests.command.running import ROOT, chainstep
from tests.command.test_refusals import assert_refusal

IRIS = Path(scenarios.__file__).with_name("iris.csv")


def names_in(folder: Path) -> set[str]:
    """Everything that lies in a folder, hidden files too."""
    return {file.name for file in folder.iterdir()}


def test_from_nothing_to_a_checked_net(tmp_path: Path) -> None:
    """Without any option: net.py, one line that ends with what to type next, and that works."""
    ran = chainstep("new", cwd=tmp_path)
    assert (ran.status, ran.err, len(ran.out.splitlines())) == (0, "", 1)
    assert ran.out.startswith("net.py: ")
    assert ran.out.endswith("Next: chainstep net.py\n")
    assert names_in(tmp_path) == {"net.py"}
    assert chainstep("check", "net.py", cwd=tmp_path).status == 0
    assert "∂L/∂W₁" in chainstep("show", "net.py", cwd=tmp_path).out


def test_the_example_of_the_help_works_as_printed(tmp_path: Path) -> None:
    """The command that the help shows makes a net that is checked right."""
    shutil.copy(IRIS, tmp_path)
    text = chainstep("new", "--help").out
    (command,) = re.findall(r"^ +chainstep (new .+)$", text, re.MULTILINE)
    ran = chainstep(*shlex.split(command), cwd=tmp_path)
    assert (ran.status, ran.err) == (0, "")
    assert "150 examples from iris.csv" in ran.out
    report = chainstep("check", "net.py", "--format", "json", cwd=tmp_path).json
    assert {name: one["ok"] for name, one in report["gradients"].items()} == dict.fromkeys(
        ("W1", "b1", "W2", "b2"), True
    )


def test_the_commands_of_the_readme_all_work(tmp_path: Path) -> None:
    """Every `chainstep new` line there, one after the other."""
    (tmp_path / "scenarios").mkdir()
    shutil.copy(IRIS, tmp_path / "scenarios")
    lines = re.findall(r"^\.venv/bin/chainstep (new .+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert lines
    for command in (line.partition(" #")[0] for line in lines):
        ran = chainstep(*shlex.split(command), cwd=tmp_path)
        assert (ran.status, ran.err) == (0, ""), command
        path = ran.out.partition(": ")[0]
        assert chainstep("check", path, cwd=tmp_path).status == 0


def test_an_existing_file_stays_unless_forced(tmp_path: Path) -> None:
    """Not a byte of it changes; --force writes over it."""
    (tmp_path / "net.py").write_text("mine\n")
    assert_refusal(chainstep("new", "net.py", cwd=tmp_path), "net.py exists already", "--force")
    assert (tmp_path / "net.py").read_text() == "mine\n"
    assert chainstep("new", "net.py", "--force", cwd=tmp_path).status == 0
    assert names_in(tmp_path) == {"net.py"}
    assert chainstep("check", "net.py", cwd=tmp_path).status == 0


def test_a_forced_file_stays_where_the_new_one_cannot_be_made(tmp_path: Path) -> None:
    """--force gives nothing up before there is something in its place."""
    (tmp_path / "net.py").write_text("mine\n")
    assert_refusal(
        chainstep("new", "net.py", "--force", "--data", "no.csv", cwd=tmp_path), "no.csv", "no such data file"
    )
    assert (tmp_path / "net.py").read_text() == "mine\n"
    assert names_in(tmp_path) == {"net.py"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["net.txt"], ["net.txt", "Call it net.py"]),
        (["net"], ["Call it net.py"]),
        (["numpy.py"], ["numpy.py", "imported in place of", "net.py"]),
        (["random.py"], ["module random"]),
        (["nowhere/net.py"], ["no folder nowhere"]),
        (["folder.py"], ["is a folder"]),
        (["net.py", "--data", "data.xlsx"], ["data.xlsx", ".csv", ".npz"]),
        (["net.py", "--data", "folder.csv"], ["is a folder"]),
        (["net.py", "--data", "x" * 400 + ".csv"], ["too long"]),
        (["x" * 400 + ".py"], ["too long"]),
        (["net.py", "--target", "y"], ["--target", "--data"]),
        (["net.py", "--standardise"], ["--standardise", "--data"]),
        (["net.py", "--layers", "2,1", "--loss", "softmax"], ["at least 2", "--layers 2,2"]),
        (["net.py", "--layers", "9000,9000,9000"], ["162,000,000 weights", "smaller"]),
        (["net.py", "--layers", "3"], ["'3'", "4,8,3", "--help"]),
        (["net.py", "--layers", "3,0,2"], ["'3,0,2'", "4,8,3"]),
        (["net.py", "--layers", "3,x"], ["'3,x'", "4,8,3"]),
        (["net.py", "--loss", "hinge"], ["hinge", "mse", "softmax", "sigmoid"]),
        (["net.py", "--activation", "gelu"], ["gelu", "relu", "tanh"]),
        (["net.py", "--convention", "diagonal"], ["diagonal", "column", "row"]),
        (["net.py", "--examples", "0"], ["'0'", "examples"]),
        (["net.py", "--seed", "-1"], ["seed"]),
        (["net.py", "other.py"], ["other.py"]),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_said_and_nothing_is_written(
    arguments: list[str], said: list[str], tmp_path: Path
) -> None:
    """Status 2, one to three lines on stderr, no traceback, an empty folder."""
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "data.xlsx").touch()
    before = names_in(tmp_path)
    assert_refusal(chainstep("new", *arguments, cwd=tmp_path), *said)
    assert names_in(tmp_path) == before


def test_a_bad_cell_is_said_with_file_line_and_cure(tmp_path: Path) -> None:
    """In a process of its own, as a person sees it."""
    (tmp_path / "data.csv").write_text("a,b,kind\n1,2,x\n3,wide,y\n")
    ran = chainstep("new", "--data", "data.csv", cwd=tmp_path)
    assert_refusal(ran)
    assert ran.err.splitlines() == [
        "data.csv, line 3",
        "The column b has the text 'wide' where a number is expected.",
        "Write a number, or take the line out.",
    ]
    assert names_in(tmp_path) == {"data.csv"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    """The system's reason is passed on."""
    tmp_path.chmod(0o555)
    try:
        assert_refusal(chainstep("new", "net.py", cwd=tmp_path), "net.py cannot be written")
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("place", ["", "data", "nets"])
def test_the_data_are_found_wherever_the_two_files_go_together(place: str, absolute: bool, tmp_path: Path) -> None:
    """The net looks beside itself, so both can be moved as one, and opened from any folder."""
    here = tmp_path / "here"
    for folder in ("data", "nets"):
        (here / folder).mkdir(parents=True)
    shutil.copy(IRIS, here / place)
    net = "nets/net.py" if place == "nets" else "net.py"
    data = str(here / place / "iris.csv") if absolute else str(Path(place) / "iris.csv")
    assert chainstep("new", net, "--data", data, cwd=here).status == 0
    here.rename(tmp_path / "there")
    assert str(tmp_path) not in (tmp_path / "there" / net).read_text()
    assert chainstep("check", str(tmp_path / "there" / net)).status == 0


def test_an_absolute_path_elsewhere_stays_as_it_was_given(tmp_path: Path) -> None:
    """Data outside the net's folder: the net alone may be moved."""
    for folder in ("data", "nets", "moved"):
        (tmp_path / folder).mkdir()
    data = tmp_path / "data" / "data.npz"
    np.savez(data, x=np.eye(4), y=np.arange(4.0))
    assert chainstep("new", "net.py", "--data", str(data), cwd=tmp_path / "nets").status == 0
    assert f'Path("{data}")' in (tmp_path / "nets" / "net.py").read_text()
    (tmp_path / "nets" / "net.py").rename(tmp_path / "moved" / "net.py")
    assert chainstep("check", "net.py", cwd=tmp_path / "moved").status == 0


def test_relative_data_above_the_net(tmp_path: Path) -> None:
    """`--data data.csv` beside a net in a folder below."""
    (tmp_path / "nets").mkdir()
    shutil.copy(IRIS, tmp_path)
    assert chainstep("new", "nets/net.py", "--data", "iris.csv", cwd=tmp_path).status == 0
    assert chainstep("check", "net.py", cwd=tmp_path / "nets").status == 0


def test_names_with_blanks_are_quoted_for_the_shell(tmp_path: Path) -> None:
    """What is said to be typed next can be typed."""
    ran = chainstep("new", "my net.py", cwd=tmp_path)
    (command,) = re.findall(r"Next: chainstep (.+)$", ran.out)
    assert chainstep("check", *shlex.split(command), cwd=tmp_path).status == 0


@pytest.mark.skipif(os.name == "nt", reason="these are no file names there")
def test_file_names_with_any_characters(tmp_path: Path) -> None:
    """Quotation marks, backslashes and line breaks in a name break no text that is written."""
    data = 'a\\N """\n\'x.csv'
    shutil.copy(IRIS, tmp_path / data)
    ran = chainstep("new", 'net\\x".py', "--data", data, cwd=tmp_path)
    assert (ran.status, ran.err) == (0, "")
    assert chainstep("check", 'net\\x".py', cwd=tmp_path).status == 0


def test_other_names_of_the_losses(tmp_path: Path) -> None:
    """cross-entropy is softmax, bce is sigmoid."""
    for alias, name in (("cross-entropy", "softmax"), ("bce", "sigmoid")):
        chainstep("new", "a.py", "--loss", alias, "--force", cwd=tmp_path)
        chainstep("new", "b.py", "--loss", name, "--force", cwd=tmp_path)
        a, b = ((tmp_path / file).read_text().replace(file, "") for file in ("a.py", "b.py"))
        assert a == b


def test_the_text_is_the_same_every_time(tmp_path: Path) -> None:
    """No date, no machine, no order that changes."""
    (tmp_path / "data.csv").write_text("a,kind\n1,x\n2,y\n3,z\n")
    texts = set()
    for hash_seed in "123":
        chainstep("new", "--data", "data.csv", "--force", cwd=tmp_path, PYTHONHASHSEED=hash_seed)
        texts.add((tmp_path / "net.py").read_text())
    assert len(texts) == 1


def test_a_missing_file_with_a_relative_name_says_where_it_was_looked_for(tmp_path: Path) -> None:
    """In a file of one's own: the folder the command runs in, and the line that opens it."""
    (tmp_path / "mine.py").write_text("import numpy as np\ntable = np.loadtxt('points.csv')\n")
    ran = chainstep("show", "mine.py", cwd=tmp_path)
    assert_refusal(ran, "mine.py, line 2", "points.csv", "does not exist", str(tmp_path.resolve()))
