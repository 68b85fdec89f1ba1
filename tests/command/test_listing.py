"""``chainstep list``, ``--version`` and ``--help``: quick answers that need neither NumPy nor Textual."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import scenarios
from tests.command.running import ROOT, chainstep, environment

FILES = sorted(Path(scenarios.__file__).parent.glob("[!_]*.py"))


def test_every_scenario_is_listed_with_its_title() -> None:
    """One line each: the name that opens it and the first line of its docstring."""
    ran = chainstep("list")
    assert (ran.status, ran.err) == (0, "")
    found = [line.split(maxsplit=1) for line in ran.out.splitlines()]
    titles = [(ast.get_docstring(ast.parse(file.read_text())) or "").splitlines()[0] for file in FILES]
    assert found == [[file.stem, title] for file, title in zip(FILES, titles, strict=True)]


def test_the_list_as_json() -> None:
    """Names, titles and the files they open."""
    document = chainstep("list", "--format", "json").json
    assert document["format"] == "chainstep/1"
    assert [one["name"] for one in document["scenarios"]] == [file.stem for file in FILES]
    assert all(Path(one["path"]).samefile(file) for one, file in zip(document["scenarios"], FILES, strict=True))


def test_the_version_is_that_of_the_package() -> None:
    """As pyproject.toml has it."""
    ran = chainstep("--version")
    (version,) = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert (ran.status, ran.out) == (0, f"chainstep {version}\n")


@pytest.mark.parametrize(("arguments", "absent"), [("--version", "numpy textual rich"), ("list", "numpy textual")])
def test_quick_answers_load_little(arguments: str, absent: str) -> None:
    """Neither NumPy nor Textual for what needs neither."""
    code = f"import sys\nfrom tui.cli import main\nsys.argv = ['chainstep', {arguments!r}]\n"
    code += "try:\n    main()\nexcept SystemExit:\n    pass\nprint('LOADED', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment(), timeout=60
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & set(absent.split())


@pytest.mark.parametrize("arguments", [["--help"], ["show", "--help"], ["check", "--help"], ["list", "--help"]])
def test_help_is_printed_with_status_0(arguments: list[str]) -> None:
    """Each command explains its options."""
    ran = chainstep(*arguments)
    assert ran.status == 0
    assert ran.out.startswith("usage: chainstep")


def test_the_help_names_the_commands_and_warns_that_a_file_is_run() -> None:
    """All that a newcomer has to know."""
    text = chainstep("--help").out
    for word in ("list", "show TARGET", "check TARGET", "--ascii", "--version", "runs it"):
        assert word in text
