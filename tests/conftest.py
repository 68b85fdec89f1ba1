"""What all tests share: the flag that writes golden files, and calm settings for property tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every machine and no deadline: a test says what is right, never how fast it was.
settings.register_profile("chainstep", derandomize=True, deadline=None)
settings.load_profile("chainstep")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-golden", action="store_true", help="write the golden files instead of comparing with them"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare ``text`` with the file ``golden/NAME.txt`` beside the test module, or write it with ``--write-golden``."""

    def compare(name: str, text: str) -> None:
        path = Path(request.path).parent / "golden" / f"{name}.txt"
        if request.config.getoption("--write-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8", newline="\n")
            return
        assert path.is_file(), f"{path.name} is missing: run pytest --write-golden and look at the file"
        assert text + "\n" == path.read_text(encoding="utf-8")

    return compare
