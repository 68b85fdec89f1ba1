"""Why no starting file can be written."""

from __future__ import annotations

from engine.errors import ChainstepError


class StartingError(ChainstepError):
    """What was asked for and what the data file holds do not make a starting file; ``cure`` says what to write."""
