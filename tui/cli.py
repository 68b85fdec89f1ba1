"""The ``chainstep`` command: opens the debugger, or prints what it would show.

Whatever cannot run is told in one to three lines on stderr with exit status 2. Only the debugger loads Textual.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from tui.commands.outcome import Outcome

COULD_NOT_RUN = 2
INTERRUPTED = 130
COMMANDS = ("list", "show", "check", "new")
_WIDEST = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit status: 0, 1 (`check` found something wrong), 2 (could not run), 130."""
    _speak_utf8()
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        from tui.failure import failure_of

        _complain(failure_of(error).sentences)
        return COULD_NOT_RUN


def _run(arguments: Sequence[str]) -> int:
    command = next((argument for argument in arguments if not argument.startswith("-")), None)
    if command not in COMMANDS or "--" in arguments[: arguments.index(command)]:
        return _debug(_debugger_parser().parse_args(arguments))
    rest = list(arguments)
    rest.remove(command)
    return _print(_outcome(command, rest))


# ---- what can be asked for ----------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Complains in two lines and exits with status 2."""

    def error(self, message: str) -> NoReturn:
        _complain([f"{self.prog}: {message}.", f"`{self.prog} --help` lists what there is."])
        raise SystemExit(COULD_NOT_RUN)


class _Version(argparse.Action):
    """``--version``: looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        sys.stdout.write(f"chainstep {version()}\n")
        parser.exit()


def version() -> str:
    """The installed version; in a checkout that is not installed the one in pyproject.toml."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("chainstep")
    except PackageNotFoundError:
        import tomllib

        text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
        return str(tomllib.loads(text)["project"]["version"])


_COMMAND_HELP = """\
commands:
  chainstep list            the prepared scenarios
  chainstep show TARGET     a whole pass as text or JSON
  chainstep check TARGET    its gradients against complex step; its own `backward` line by line
  chainstep new FILE.py     a starting file: a net of your sizes, with your data or drawn ones

TARGET is the name of a prepared scenario or a Python file that defines `loss`, `params` and `data`.
Opening a file runs it, as `python file.py` would.
"""


def _debugger_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="chainstep",
        description="Step through the backpropagation of a NumPy loss, one chain-rule factor at a time.",
        epilog=_COMMAND_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("target", metavar="TARGET", nargs="?", help="what to open; without it you can choose")
    _add_ascii(parser)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    return parser


_CHECK_HELP = """\
A file may bring one more function, `backward`, with the same arguments as `loss` (or `params` and `data` whole), that
returns {"W1": ..., ...}, or (loss, gradients), or a bare tuple with a line `RETURNS = "dW1 db1 ..."` in the file. It
is then judged line by line: the first wrong line is found, and its mistake named. What the file's own numbers cannot
show is listed; --stronger-input draws others: a new size for every axis, several examples, units that switch.
"""


def _command_parser(command: str, description: str, epilog: str | None = None) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"chainstep {command}", description=description, epilog=epilog, allow_abbrev=False)
    if command != "list":
        needed = None if command == "show" else "?"  # `check --mistakes` needs none
        parser.add_argument("target", metavar="TARGET", nargs=needed, help="a prepared scenario or a Python file")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (the default) or json")
    return parser


def _add_ascii(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ascii", action="store_true", help="use no character beyond ASCII")


def _outcome(command: str, arguments: Sequence[str]) -> Outcome:
    return {"list": _list, "show": _show, "check": _check, "new": _new}[command](arguments)


def _list(arguments: Sequence[str]) -> Outcome:
    from tui.commands import listing

    parser = _command_parser("list", "List the prepared scenarios, or the operations that can be recorded.")
    parser.add_argument("--operations", action="store_true", help="every NumPy operation that a file may use")
    asked = parser.parse_args(arguments)
    return listing.operations(asked.format) if asked.operations else listing.run(asked.format)


def _show(arguments: Sequence[str]) -> Outcome:
    parser = _command_parser("show", "Print a whole pass, step by step, as the screen draws it.")
    parser.add_argument("--step", metavar="STEP", help="one step or part: B6, B6a, dW1, ∂L/∂W₁")
    parser.add_argument(
        "--convention",
        choices=("as-written", "column", "row"),
        default="as-written",
        help="column: feature × batch; row: batch × feature",
    )
    parser.add_argument("--unfused", action="store_true", help="the long chain, op by op, without short forms")
    parser.add_argument("--no-values", action="store_true", help="leave the numbers out")
    parser.add_argument("--width", type=_width, metavar="N", help="columns (the terminal's; 100 when piped)")
    _add_ascii(parser)
    asked = parser.parse_args(arguments)

    from tui.commands import show
    from tui.commands.paper import paper_for

    wanted = show.Wanted(asked.target, asked.step, asked.convention, asked.unfused, not asked.no_values)
    return show.run(wanted, asked.format, paper_for(sys.stdout, asked.width, asked.ascii))


def _check(arguments: Sequence[str]) -> Outcome:
    parser = _command_parser(
        "check", "Check every gradient; exit status 0 right, 1 wrong, 2 could not run.", _CHECK_HELP
    )
    parser.add_argument("--full", action="store_true", help="every entry of large parameters, however long it takes")
    parser.add_argument(
        "--gradients", metavar="FILE.npz", help="judge the gradients saved in this file, not `backward`"
    )
    parser.add_argument(
        "--stronger-input", action="store_true", help="judge `backward` on other sizes and numbers, which hide less"
    )
    parser.add_argument("--mistakes", action="store_true", help="list the mistakes that have a name; needs no TARGET")
    asked = parser.parse_args(arguments)

    if asked.mistakes:
        from tui.commands import mine

        return mine.mistakes(asked.format)
    if asked.target is None:
        parser.error("the following arguments are required: TARGET")

    from tui.commands import check
    from tui.commands.paper import paper_for

    paper = paper_for(sys.stdout, None, False)
    return check.run(asked.target, asked.format, asked.full, paper, asked.gradients, asked.stronger_input)


def _new(arguments: Sequence[str]) -> Outcome:
    from tui.commands import new, new_options

    parser = _Parser(
        prog="chainstep new",
        description="Write a starting file: a plain NumPy net with comments, to open, step through and change.",
        epilog=new_options.EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    new_options.add_to(parser)
    asked = parser.parse_args(arguments)
    return new.run(asked.file, new_options.asked_by(asked), asked.force)


def _width(text: str) -> int:
    from tui.commands.paper import NARROWEST

    if not text.isdecimal() or not NARROWEST <= int(text) <= _WIDEST:
        raise argparse.ArgumentTypeError(f"{text} is no number of columns from {NARROWEST} to {_WIDEST}")
    return int(text)


# ---- doing it -----------------------------------------------------------------------------------------


def _debug(asked: argparse.Namespace) -> int:
    if asked.target is not None:
        from tui.catalog import resolve

        resolve(asked.target)  # a name that does not exist is told in the terminal, not on a screen
    if not (sys.__stdin__ and sys.__stdin__.isatty() and sys.__stderr__ and sys.__stderr__.isatty()):
        what = asked.target or "TARGET"
        _complain([f"The debugger needs a terminal; `chainstep show {what}` prints the same steps."])
        return COULD_NOT_RUN
    from tui.app import ChainstepApp

    app = ChainstepApp(asked.target, ascii_only=asked.ascii)
    app.run()
    return app.return_code or 0


def _print(outcome: Outcome) -> int:
    """Write the lines; a reader that has gone away (``| head``) has simply seen enough."""
    try:
        for line in outcome.lines:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except OSError as error:
        # What is still in the buffer must go nowhere, or Python complains while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            _complain([f"The output could not be written: {error.strerror}."])
            return COULD_NOT_RUN
    return outcome.status


def _complain(lines: Iterable[str]) -> None:
    try:
        sys.stderr.write("".join(f"{line}\n" for line in lines))
        sys.stderr.flush()
    except OSError:  # nobody listens
        pass


def _speak_utf8() -> None:
    """UTF-8 whatever the locale says; bytes of a file name that are no text go out as they came in."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
