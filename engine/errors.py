"""What chainstep cannot do, said with file, line, source text and reason.

None of these derives from TypeError or ValueError: a user's ``except (TypeError, ValueError)`` must not
swallow a refusal and turn it into a silently wrong gradient.
"""

from __future__ import annotations

from pathlib import Path


class ChainstepError(Exception):
    """A problem that is told to the person in one to three lines, never as a traceback.

    ``file`` and ``line`` name the place where there is one, ``text`` is the source text there,
    ``reason`` the sentence that says what is wrong, ``cure`` what to write instead (may be empty).
    """

    def __init__(
        self,
        reason: str,
        *,
        file: str | None = None,
        line: int | None = None,
        text: str = "",
        cure: str = "",
    ) -> None:
        self.reason = reason
        self.file = file
        self.line = line
        self.text = text
        self.cure = cure
        super().__init__(str(self))

    @property
    def place(self) -> str:
        """``file.py, line 6: h = np.fft.fft(x)``, or as much of it as is known."""
        if self.file is None:
            return ""
        name = Path(self.file).name
        if self.line is None:
            return name
        return f"{name}, line {self.line}" + (f": {self.text}" if self.text else "")

    def __str__(self) -> str:
        return "\n".join(part for part in (self.place, self.reason, self.cure) if part)


class TraceError(ChainstepError):
    """``loss`` does something that cannot be recorded faithfully."""


class ScenarioError(ChainstepError):
    """A file is no scenario: it does not load, or ``loss``, ``params`` or ``data`` is missing or unusable."""


class RunError(ChainstepError):
    """A program was given arrays that it was not traced for (shapes, dtypes, frozen data, labels)."""


class MirrorError(ChainstepError):
    """The program does not exist in the other convention."""


class LookupFailed(ChainstepError):
    """No step, quantity or target of that name; ``nearest`` lists the closest ones."""

    def __init__(self, reason: str, nearest: tuple[str, ...] = ()) -> None:
        self.nearest = nearest
        super().__init__(reason, cure=("Nearest: " + ", ".join(nearest)) if nearest else "")
