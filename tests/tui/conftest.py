"""What the tests of the screen share: golden screens, bound to the flag ``--write-golden``."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

# Read when Textual is imported: the same colours and no animation, whatever terminal the tests run in.
os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ.pop("NO_COLOR", None)

from tests.tui.golden import assert_golden
from tui.canvas import Canvas


@pytest.fixture
def golden_screen(request: pytest.FixtureRequest) -> Callable[[str, Canvas], None]:
    """Compare a canvas with tests/tui/golden/NAME.txt, or write it with ``--write-golden``."""
    write = bool(request.config.getoption("--write-golden"))

    def compare(name: str, canvas: Canvas) -> None:
        assert_golden(name, canvas, write)

    return compare
