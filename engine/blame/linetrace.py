"""One run of a backward under a line trace: every array that a line made, kept as it was then.

After each line of the person's own file, what its variables hold is compared with kept copies. What is new or changed
is a *version*, made by the statement that ran. Containers, attributes, lists of numbers and floats count as arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.blame.model import Raised
from engine.blame.tracing.arrays import arrays_in, numbers
from engine.blame.tracing.listening import listening
from engine.blame.tracing.own import Own
from engine.blame.tracing.recorder import BYTES_AT_MOST, LINES_AT_MOST, Recorder
from engine.blame.tracing.records import Run, Stop, Version

__all__ = ["BYTES_AT_MOST", "LINES_AT_MOST", "Run", "Version", "numbers", "run"]


def run(backward: Callable[..., Any], arguments: dict[str, Any], seconds: float, how: Any = listening) -> Run:
    """Call ``backward(**arguments)`` under the trace. The arguments are the caller's copies: they may be written to.

    ``how`` is the way to listen, of those in `engine.blame.tracing.listening`.
    """
    own = Own(backward)
    recorder = Recorder(own, seconds)
    returned, raised, stopped = None, None, ""
    try:
        with np.errstate(all="ignore"), how(recorder, own):
            returned = backward(**arguments)
    except Stop as stop:
        stopped = str(stop)
    except (Exception, SystemExit) as error:
        raised = _raised(error, backward, own, recorder)
    return Run(recorder.versions, returned, raised, stopped, dict(recorder.by_object), recorder.ran)


def _raised(error: BaseException, backward: Callable[..., Any], own: Own, recorder: Recorder) -> Raised:
    """Where an exception came from: the innermost line of the person's own, with the shapes it looks at."""
    place = None
    step = error.__traceback__
    while step is not None:
        if own.has_file(step.tb_frame.f_code.co_filename):
            place = step
        step = step.tb_next
    kind, message = type(error).__name__, str(error)
    if place is None:
        code = backward.__code__
        return Raised(code.co_filename, code.co_firstlineno, "", kind, message, {})
    frame = place.tb_frame
    statement = recorder.statements(frame.f_code.co_filename).at(place.tb_lineno)
    shapes = {
        path: array.shape
        for path, _, array in arrays_in(list(frame.f_locals.items()), own)
        if array.ndim and statement.looks_at(path)
    }
    return Raised(statement.file, statement.line, statement.text, kind, message, shapes)
