"""On a terminal of one's own (a pty): colours, its width, and an endless loss that can be left."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command.running import environment

if os.name != "posix":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios

PATIENCE = 60


class Terminal:
    """A process on a pty of 120×40 (or as asked for), and everything it has written."""

    def __init__(self, *arguments: str, columns: int = 120, **changes: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            close_fds=True,
            env=environment(TERM="xterm-256color", COLORTERM="truecolor", **changes),
        )
        os.close(slave)
        self.written = b""

    def read(self) -> bool:
        """Take what has been written; False when the process has closed the terminal."""
        if not select.select([self.master], [], [], 0.1)[0]:
            return True
        try:
            new = os.read(self.master, 65536)
        except OSError:  # Linux says that nobody holds the other end any more
            return False
        self.written += new
        return bool(new)

    def wait_for(self, text: str) -> None:
        """Until ``text`` has been written."""
        end = time.monotonic() + PATIENCE
        while text.encode() not in self.written:
            assert time.monotonic() < end, f"never saw {text!r}"
            assert self.read(), f"ended before {text!r}"

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def ended(self) -> int:
        """The exit status."""
        end = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < end, "does not end"
        os.close(self.master)
        return self.process.wait(timeout=PATIENCE)

    @property
    def lines(self) -> list[str]:
        """What was written, without escape sequences."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.written.decode()).splitlines()


@pytest.mark.parametrize("columns", [72, 120])
def test_show_is_as_wide_as_the_terminal_and_in_colour(columns: int) -> None:
    """The same lines as in a pipe of that width."""
    terminal = Terminal("show", "softmax", "--step", "B6", columns=columns)
    assert terminal.ended() == 0
    assert b"\x1b[" in terminal.written
    assert max(len(line) for line in terminal.lines) == columns
    plain = subprocess.run(
        [sys.executable, "-m", "tui", "show", "softmax", "--step", "B6", "--width", str(columns)],
        capture_output=True,
        env=environment(),
        check=True,
    ).stdout.decode()
    assert [line.rstrip() for line in terminal.lines] == plain.splitlines()


def test_show_without_colour_keeps_bold_and_reverse() -> None:
    """NO_COLOR: no colour is set, the current factor is still reversed."""
    terminal = Terminal("show", "softmax", "--step", "B6", NO_COLOR="1")
    assert terminal.ended() == 0
    codes = {code for group in re.findall(rb"\x1b\[([0-9;]*)m", terminal.written) for code in group.split(b";")}
    assert b"7" in codes
    assert not {code for code in codes if code.startswith((b"3", b"4", b"9")) and len(code) > 1}


def test_an_endless_loss_can_be_left_with_q(tmp_path: Path) -> None:
    """The name is on the screen while it runs; q ends the app and with it the process."""
    file = tmp_path / "endless.py"
    file.write_text(
        "import numpy as np\nparams = {'w': np.ones(2)}\ndef loss(w):\n    while True:\n        w = w * 1.0\n"
    )
    terminal = Terminal(str(file))
    terminal.wait_for("recording")
    terminal.press("q")
    assert terminal.ended() == 0


def test_the_debugger_opens_steps_and_quits() -> None:
    """On a real terminal: F1, n, q; the terminal is left as it was found."""
    terminal = Terminal("regression")
    terminal.wait_for("step 1/11")
    terminal.press("n")
    terminal.wait_for("ReLU")
    terminal.press("q")
    assert terminal.ended() == 0
    assert b"\x1b[?1049l" in terminal.written
    assert b"Traceback" not in terminal.written


def test_keys_that_were_typed_before_the_screen_was_there_end_it_quietly() -> None:
    """q at once: the app ends, and leaves no complaint of Python's behind."""
    for _ in range(3):
        terminal = Terminal("regression")
        terminal.press("q")
        assert terminal.ended() == 0
        assert b"Warning" not in terminal.written and b"Traceback" not in terminal.written
