"""From what was asked for, and what a data file holds, to everything that the text of a starting file says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui.starting.architecture import (
    Architecture,
    check_size,
    default_examples,
    default_layers,
    sizes_text,
)
from tui.starting.examples import CsvSource, Examples, NpzSource
from tui.starting.labels import Labels, labels_for, suited_loss
from tui.starting.refusal import StartingError


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of ``chainstep new``; None where nothing was said. ``target`` may name several columns."""

    layers: tuple[int, ...] | None = None
    loss: str | None = None
    activation: str = "relu"
    convention: str = "column"
    seed: int = 0
    examples: int | None = None
    data: Path | None = None
    target: tuple[str, ...] = ()
    standardise: bool | None = None


@dataclass(frozen=True, slots=True)
class FileData:
    """Data that the starting file reads: ``examples`` of them are in the file, ``few`` of them taken (None: all)."""

    file: Path
    source: CsvSource | NpzSource
    labels: Labels
    examples: int
    few: int | None
    standardised: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A net, and the data it starts with: those of a file, or as many drawn examples."""

    architecture: Architecture
    data: FileData | int

    @property
    def examples(self) -> int:
        """How many examples go through the net."""
        return self.data if isinstance(self.data, int) else self.data.few or self.data.examples


def plan_of(asked: Asked, examples: Examples | None) -> Plan:
    """Fill in what was not said. Raises StartingError where the file and the options contradict each other."""
    if examples is not None:
        return _with_file(asked, examples)
    if asked.target or asked.standardise is not None:
        option = "--target" if asked.target else "--standardise"
        raise StartingError(f"{option} is about a data file, and none is given.", cure="Say --data FILE.csv as well.")
    layers = asked.layers or tuple(default_layers())
    architecture = _architecture(asked, layers, asked.loss or "mse")
    if architecture.loss == "softmax" and layers[-1] < 2:
        raise StartingError("softmax tells at least 2 classes apart.", cure=f"Write {_ending(layers, 2)}.")
    return Plan(architecture, asked.examples or default_examples(layers))


def _with_file(asked: Asked, examples: Examples) -> Plan:
    loss = asked.loss or suited_loss(examples)
    labels = labels_for(loss, examples, asked.layers[-1] if asked.layers else None)
    few = asked.examples if asked.examples is not None and asked.examples < len(examples) else None
    if asked.examples is not None and asked.examples > len(examples):
        examples.refuse(
            f"There are {len(examples)} examples, not {asked.examples}.",
            "Write a smaller number, or leave --examples out.",
        )
    layers = asked.layers or tuple(default_layers(examples.features, labels.outputs, few or len(examples)))
    _check_fit(layers, examples, labels)
    standardised = asked.standardise is not False
    data = FileData(examples.file, examples.source, labels, len(examples), few, standardised)
    return Plan(_architecture(asked, layers, loss), data)


def _architecture(asked: Asked, layers: tuple[int, ...], loss: str) -> Architecture:
    check_size(layers)
    return Architecture(layers, loss, asked.activation, asked.convention, asked.seed)


def _check_fit(layers: tuple[int, ...], examples: Examples, labels: Labels) -> None:
    """The first and the last size are those of the file."""
    fitting = (examples.features, *layers[1:-1], labels.outputs)
    cure = f"Write --layers {sizes_text(fitting)}."
    if layers[0] != examples.features:
        columns = "input columns" if isinstance(examples.source, CsvSource) else "features in x"
        reason = (
            f"--layers {sizes_text(layers)} starts with {layers[0]}, but the file has {examples.features} {columns}."
        )
        examples.refuse(reason, cure)
    if layers[-1] != labels.outputs:
        what = f"{labels.outputs} classes" if labels.classes and labels.outputs > 1 else f"{labels.outputs} per example"
        reason = f"--layers {sizes_text(layers)} ends with {layers[-1]}, but {examples.target_name} has {what}."
        examples.refuse(reason, cure)


def _ending(layers: tuple[int, ...], last: int) -> str:
    return f"--layers {sizes_text((*layers[:-1], last))}"
