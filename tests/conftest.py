"""What all tests share: the flag that writes golden screens, and calm settings for property tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

# The same examples on every machine and no deadline: a test says what is right, never how fast it was.
settings.register_profile("chainstep", derandomize=True, deadline=None)
settings.load_profile("chainstep")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--write-golden``; it stands here because pytest reads options before it looks into the folders of tests."""
    parser.addoption(
        "--write-golden", action="store_true", help="write the golden files instead of comparing with them"
    )
