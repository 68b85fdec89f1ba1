"""A program on a pseudo-terminal, seen as a terminal sees it: when which bytes arrive.

The last byte of a paint is the last one before the line is quiet for a while. Nothing is answered to what the program
asks the terminal, and no time is spent on drawing: that is the terminal's, not the program's.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.benchmarks.child import ROOT, environment

_ESCAPES = re.compile(
    rb"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands: titles, pointer shapes
    rb"|\[[0-9;:<=>?]*[ -/]*[@-~]"  # control sequences: colours, cursor, modes
    rb"|[ -/]*[0-~])"
)
_LONGEST = 30.0


class Terminal:
    """``with Terminal(command) as terminal``: started at ``terminal.started``, killed at the end."""

    def __init__(self, command: Sequence[str], columns: int = 120, rows: int = 40) -> None:
        self._own, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        surroundings = {**environment(), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        surroundings.pop("NO_COLOR", None)
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=surroundings, stdin=other, stdout=other, stderr=other, start_new_session=True
        )
        os.close(other)
        self.seen = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._own)

    def _arrived(self, patience: float) -> bool:
        """Wait for more bytes; False if none come within ``patience`` seconds or the program has ended."""
        if not select.select([self._own], [], [], patience)[0]:
            return False
        try:
            more = os.read(self._own, 1 << 16)
        except OSError:
            return False
        self.seen += more
        return bool(more)

    def first_paint(self) -> float:
        """Seconds from the start to the first bytes that print something a person can read."""
        while self._arrived(_LONGEST):
            now = time.perf_counter()
            if len(_ESCAPES.sub(b"", self.seen).split()) > 1:
                return now - self.started
        raise RuntimeError(f"nothing was painted:\n{self.seen.decode(errors='replace')}")

    def shows(self, text: bytes) -> None:
        """Wait until the program has written ``text``, however long it is silent before. Raises RuntimeError."""
        while text not in self.seen:
            if not self._arrived(_LONGEST):
                raise RuntimeError(f"{text.decode()} was not shown:\n{self.seen.decode(errors='replace')}")

    def settled(self, quiet: float = 1.0) -> float:
        """Seconds from the start to the last byte before ``quiet`` seconds of silence."""
        last = time.perf_counter()
        while self._arrived(quiet):
            last = time.perf_counter()
        return last - self.started

    def cpu_seconds(self) -> float:
        """Processor time that the program has used so far (Linux; not a number elsewhere)."""
        status = Path(f"/proc/{self._process.pid}/stat")
        if not status.exists():
            return float("nan")
        user, system = status.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def press(self, key: bytes, quiet: float = 0.08) -> float | None:
        """Seconds from a key to the last byte that it caused; None if it caused none."""
        self.seen = b""
        start = time.perf_counter()
        os.write(self._own, key)
        last = None
        while self._arrived(quiet):
            last = time.perf_counter()
        return None if last is None else last - start
