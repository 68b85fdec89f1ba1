"""Records an ordinary NumPy loss with its backward pass as an inspectable tape.

    program = engine.trace(loss, params, data)
    tape = program.run(params, data)
    tape.loss, tape["h1"], tape["dW1"], tape.gradients

The package needs NumPy only, prints nothing and knows nothing of a screen.
"""

from engine.check import Report, Verdict, check
from engine.errors import (
    ChainstepError,
    LookupFailed,
    MirrorError,
    RunError,
    ScenarioError,
    TraceError,
)
from engine.operations import Operation, operations
from engine.program import Program, trace
from engine.tape import Tape

__all__ = [
    "ChainstepError",
    "LookupFailed",
    "MirrorError",
    "Operation",
    "Program",
    "Report",
    "RunError",
    "ScenarioError",
    "Tape",
    "TraceError",
    "Verdict",
    "check",
    "operations",
    "trace",
]
