"""Which files were edited, replaced or taken away since the last look."""

from __future__ import annotations

import os
from pathlib import Path

from tui.watching import Watch


def touched(file: Path, text: str, later: int) -> None:
    """``file`` with that text, saved ``later`` nanoseconds after what it says now."""
    time = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(text)
    os.utime(file, ns=(time + later, time + later))


def test_what_was_saved_has_changed_and_nothing_else(tmp_path: Path) -> None:
    """Even if it was saved in the same instant with another length, or a little later with the same."""
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    touched(one, "a", 1)
    touched(other, "a", 1)
    watch = Watch.on([str(one), str(other)])
    assert watch.changed(watch.now()) == watch.gone(watch.now()) == []
    touched(one, "ab", 0)
    assert watch.changed(watch.now()) == [str(one)]
    touched(other, "b", 1)
    assert watch.changed(watch.now()) == [str(one), str(other)]
    assert watch.now().changed(watch.now()) == []


def test_a_file_that_is_replaced_has_changed_though_time_and_length_are_the_same(tmp_path: Path) -> None:
    """As editors do that write a new file and rename it."""
    file, new = tmp_path / "mine.py", tmp_path / "mine.py~"
    touched(file, "a", 1)
    watch = Watch.on([str(file)])
    time = file.stat().st_mtime_ns
    new.write_text("b")
    os.utime(new, ns=(time, time))
    new.replace(file)
    assert watch.changed(watch.now()) == [str(file)]


def test_a_file_that_is_gone_is_no_edit_and_its_return_is_one(tmp_path: Path) -> None:
    """It is told once that it went."""
    file = tmp_path / "mine.py"
    touched(file, "a", 1)
    watch = Watch.on([str(file)])
    file.unlink()
    gone = watch.now()
    assert (watch.changed(gone), watch.gone(gone)) == ([], [str(file)])
    assert gone.gone(gone.now()) == []
    touched(file, "a", 1)
    assert gone.changed(gone.now()) == [str(file)]


def test_a_file_that_joins_does_not_hide_an_edit_of_the_others(tmp_path: Path) -> None:
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    touched(one, "a", 1)
    touched(other, "a", 1)
    watch = Watch.on([str(one)])
    touched(one, "b", 1)
    more = watch.also([str(one), str(other)])
    assert more.changed(more.now()) == [str(one)]
