"""Finds the first wrong line of a hand-written backward pass, and says what the mistake is called.

    mine = engine.blame.judge(program, backward, params, data)
    mine.verdict, mine.first_wrong, mine.lines, mine.gradients, mine.invisible

``program`` is the traced program of the file's loss (`engine.trace`). ``backward`` takes the same arguments by name
as loss (or ``params`` and ``data`` whole). It returns ``{"W1": ...}``, ``{"dW1": ...}``, ``(loss, gradients)``, or a
bare tuple if its file says ``RETURNS = "dW1 db1"`` (read from the file unless ``returns`` is given).
"""

from engine.blame.judge import judge
from engine.blame.mistakes import MISTAKES
from engine.blame.model import Answer, FirstWrong, Hidden, Judged, LineVerdict, Mine, Outcome, Raised

__all__ = [
    "MISTAKES",
    "Answer",
    "FirstWrong",
    "Hidden",
    "Judged",
    "LineVerdict",
    "Mine",
    "Outcome",
    "Raised",
    "judge",
]
