"""What ``chainstep new`` can be asked for."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui.starting.architecture import ACTIVATIONS, CONVENTIONS, LOSS_ALIASES, LOSSES
from tui.starting.plan import Asked

EXAMPLE = """\
example:
  chainstep new net.py --layers 4,8,3 --loss softmax --convention row --data iris.csv
  chainstep net.py

Without --data the examples are drawn. A CSV file has a header line; its last column is the label unless
--target names another. An NPZ file has the arrays x (one example per row) and y. Inputs are standardised,
and so are the targets of mse. Without --layers and --loss both follow from the data.
"""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Declare FILE.py and all options."""
    parser.add_argument("file", metavar="FILE.py", nargs="?", type=Path, default=Path("net.py"), help="default net.py")
    parser.add_argument("--layers", metavar="SIZES", type=_sizes, help="inputs, hidden layers, outputs: 4,8,3")
    parser.add_argument(
        "--loss",
        choices=LOSSES,
        type=lambda name: LOSS_ALIASES.get(name, name),
        help="mse: half the squared error; softmax: cross-entropy of one class per example (cross-entropy); "
        "sigmoid: binary cross-entropy of every output (bce)",
    )
    parser.add_argument("--activation", choices=ACTIVATIONS, default="relu", help="of the hidden layers; default relu")
    parser.add_argument(
        "--convention",
        choices=CONVENTIONS,
        default="column",
        help="column: feature × batch, W @ x (the default); row: batch × feature, x @ W",
    )
    parser.add_argument("--data", metavar="FILE", type=Path, help="a .csv or .npz file with the examples")
    parser.add_argument(
        "--target", metavar="COLUMN", action="append", default=[], help="the label's column; once for each of several"
    )
    parser.add_argument("--examples", metavar="N", type=_count, help="draw N; with --data, take N spread over the file")
    parser.add_argument(
        "--standardise", action=argparse.BooleanOptionalAction, default=None, help="mean 0, spread 1 (done with --data)"
    )
    parser.add_argument("--seed", metavar="N", type=_seed, default=0, help="of the drawn numbers; default 0")
    parser.add_argument("--force", action="store_true", help="write over a file that exists")


def _sizes(text: str) -> tuple[int, ...]:
    """``4,8,3``: at least two sizes, inputs and outputs."""
    sizes = [part.strip() for part in text.split(",")]
    if len(sizes) < 2 or not all(size.isdecimal() and int(size) > 0 for size in sizes):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of sizes, inputs first and outputs last, such as 4,8,3")
    return tuple(map(int, sizes))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of examples, 1 or more")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no seed, a whole number from 0")
    return int(text)


def asked_by(found: argparse.Namespace) -> Asked:
    """What the parsed options say about the net and its data."""
    return Asked(
        layers=found.layers,
        loss=found.loss,
        activation=found.activation,
        convention=found.convention,
        seed=found.seed,
        examples=found.examples,
        data=found.data,
        target=tuple(found.target),
        standardise=found.standardise,
    )
