"""What TARGET means: a prepared name first, then a file; titles are read without running anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import LookupFailed
from tui.catalog import prepared, resolve, title_of


def test_a_prepared_name_wins_over_a_file_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder or file called softmax does not hide the scenario; ./softmax reaches it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "softmax").write_text("")
    assert resolve("softmax") == next(one.path for one in prepared() if one.name == "softmax")
    assert resolve("./softmax").samefile(tmp_path / "softmax")


def test_the_home_folder_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """~/net.py, also where no shell has expanded it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "net.py").touch()
    assert resolve("~/net.py") == tmp_path / "net.py"
    with pytest.raises(LookupFailed):
        resolve("~nobody-of-that-name/net.py")


def test_a_title_is_read_and_not_run(tmp_path: Path) -> None:
    """The docstring's first line; without one, or where the file is no Python, its name."""
    file = tmp_path / "net.py"
    file.write_text('"""\nMy first net.\n\nMore about it.\n"""\nraise SystemExit("was run")\n')
    assert title_of(file) == "My first net."
    file.write_text("x = (")
    assert title_of(file) == "net"
    file.write_text("x = 1")
    assert title_of(file) == "net"
