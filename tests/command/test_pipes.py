"""Output into pipes and files: a reader that goes away, a disk that is full, an interrupt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command.running import environment

POSIX = pytest.mark.skipif(os.name != "posix", reason="pipes and signals as POSIX has them")


def start(*arguments: str, stdout: int = subprocess.PIPE, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=environment(),
        cwd=cwd,
    )


@POSIX
@pytest.mark.parametrize("arguments", [["show", "digits_size", "--format", "json"], ["show", "softmax"], ["list"]])
def test_a_reader_that_has_seen_enough(arguments: list[str]) -> None:
    """Like `| head -1`: no traceback, nothing on stderr."""
    process = start(*arguments)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 0


@POSIX
def test_a_reader_that_is_gone_before_the_first_line() -> None:
    """The verdict of a check is in its exit status all the same."""
    process = start("check", "overflow")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_in_a_sentence() -> None:
    """Exit status 2."""
    with Path("/dev/full").open("wb") as full:
        process = start("show", "softmax", stdout=full.fileno())
        assert process.stderr is not None
        error = process.stderr.read().decode()
    assert process.wait(timeout=60) == 2
    assert len(error.splitlines()) == 1
    assert "could not be written" in error


@POSIX
def test_an_interrupt_ends_quietly(tmp_path: Path) -> None:
    """Ctrl+C while a loss runs for ever: status 130, no traceback."""
    (tmp_path / "endless.py").write_text(
        "import sys\nparams = {'w': __import__('numpy').ones(2)}\n"
        "def loss(w):\n    sys.stderr.write('running\\n')\n    sys.stderr.flush()\n    while True:\n        pass\n"
    )
    process = start("show", "endless.py", cwd=tmp_path)
    assert process.stderr is not None
    assert process.stderr.readline() == b"running\n"
    process.send_signal(signal.SIGINT)
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 130
