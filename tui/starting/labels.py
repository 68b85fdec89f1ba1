"""What the target of a data file means to a loss: numbers, classes by number, or classes by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tui.starting.examples import Examples, NpzSource

_MOST_GUESSED_CLASSES = 20


@dataclass(frozen=True, slots=True)
class Labels:
    """``kind``: ``numbers`` (N, K) for mse; ``flags`` (N, K), each 0 or 1; ``names`` or ``indices``, one class each.

    ``outputs`` is the size of the last layer that goes with them, ``classes`` the names in the order of their numbers.
    """

    kind: str
    outputs: int
    classes: tuple[str, ...] = ()


def suited_loss(examples: Examples) -> str:
    """The loss for a target that is given without one: names and few whole numbers are classes."""
    if examples.has_texts:
        return "softmax"
    target = examples.target
    values = np.unique(target).tolist()
    if target.shape[1] > 1:
        return "sigmoid" if set(values) <= {0, 1} else "mse"
    few = 2 <= len(values) <= min(_MOST_GUESSED_CLASSES, len(target) // 2)
    return "softmax" if few and values == list(range(len(values))) else "mse"


def labels_for(loss: str, examples: Examples, outputs: int | None) -> Labels:
    """How ``loss`` takes this target; ``outputs`` is the last size that was asked for. Raises StartingError."""
    return {"mse": _numbers, "softmax": _classes, "sigmoid": _flags}[loss](examples, outputs)


def _numbers(examples: Examples, outputs: int | None) -> Labels:
    if examples.has_texts:
        reason = f"{_said(examples)} has texts ({examples.target[0]!s}, ...); mse takes numbers."
        examples.refuse(reason, "Say --loss softmax if they are classes, or choose another --target.", 0)
    return Labels("numbers", examples.target.shape[1])


def _classes(examples: Examples, outputs: int | None) -> Labels:
    if examples.has_texts:
        return _named(examples)
    target = examples.target
    if target.shape[1] > 1:
        cure = "Say --loss sigmoid if several can be true at once; save y.argmax(axis=1) if exactly one is."
        if not isinstance(examples.source, NpzSource):
            cure = "Name one --target, or say --loss sigmoid if several can be true at once."
        reason = f"{_said(examples)} has {target.shape[1]} numbers per example; softmax takes one class per example."
        examples.refuse(reason, cure)
    _check_whole(examples)
    return Labels("indices", _class_count(examples, outputs))


def _check_whole(examples: Examples) -> None:
    labels = examples.target[:, 0]
    broken = np.flatnonzero(labels != np.floor(labels))
    if len(broken):
        value = f"{labels[broken[0]]:g}{examples.named(broken[0])}"
        reason = f"{_said(examples)} has the label {value}; softmax takes the whole numbers 0, 1, 2, ..."
        examples.refuse(reason, "Say --loss mse if these are amounts and not classes.", broken[0])
    negative = np.flatnonzero(labels < 0)
    if len(negative):
        value = f"{labels[negative[0]]:g}{examples.named(negative[0])}"
        examples.refuse(
            f"{_said(examples)} has the label {value}; softmax counts from 0.",
            "Number the classes 0, 1, 2, ...",
            negative[0],
        )


def _class_count(examples: Examples, outputs: int | None) -> int:
    """K, where the labels are 0 to K-1: as asked for, else counted, and then none may be missing."""
    labels = examples.target[:, 0].astype(int)
    least, most = int(labels.min()), int(labels.max())
    if least > 0 and (outputs is None or most >= outputs):
        reason = f"{_said(examples)} has the labels {least} to {most}; softmax counts from 0."
        examples.refuse(reason, f"Subtract {least} from every label.", int(labels.argmax()))
    if outputs is not None:
        if most >= outputs:
            at = int(labels.argmax())
            reason = (
                f"{_said(examples)} has the label {most}{examples.named(at)}, but --layers ends with {outputs} classes."
            )
            examples.refuse(reason, f"Write {most + 1} as the last size: the labels are 0 to {most}.", at)
        return outputs
    present = set(labels.tolist())
    missing = next((k for k in range(most + 1) if k not in present), None)
    if missing is not None:
        reason = f"{_said(examples)} has labels up to {most}, but none is {missing}."
        cure = f"Number the classes without gaps, or end --layers with {most + 1} if there are that many."
        examples.refuse(reason, cure)
    if most == 0:
        examples.refuse(
            f"{_said(examples)} has one class only: there is nothing to tell apart.", "Choose another --target."
        )
    return most + 1


def _named(examples: Examples) -> Labels:
    classes = tuple(sorted(set(examples.target.tolist())))
    if len(classes) == 1:
        reason = f"{_said(examples)} has one class only ({classes[0]}): there is nothing to tell apart."
        examples.refuse(reason, "Choose another --target.")
    if len(classes) > max(_MOST_GUESSED_CLASSES, len(examples) // 2):
        reason = (
            f"{_said(examples)} has {len(classes)} different texts in {len(examples)} examples: these are no classes."
        )
        examples.refuse(reason, "Choose another column with --target.")
    return Labels("names", len(classes), classes)


def _flags(examples: Examples, outputs: int | None) -> Labels:
    if examples.has_texts:
        named = _named(examples)
        if named.outputs > 2:
            reason = f"{_said(examples)} has {named.outputs} classes; sigmoid takes two, or columns of 0 and 1."
            examples.refuse(reason, "Say --loss softmax.")
        return Labels("names", 1, named.classes)
    wrong = np.argwhere((examples.target != 0) & (examples.target != 1))
    if len(wrong):
        example, output = wrong[0]
        value = f"{examples.target[example, output]:g}{examples.named(example)}"
        reason = f"{_said(examples)} has the label {value}; sigmoid takes 0 and 1."
        examples.refuse(reason, "Say --loss softmax for more than two classes, --loss mse for amounts.", example)
    return Labels("flags", examples.target.shape[1])


def _said(examples: Examples) -> str:
    return examples.target_name[0].upper() + examples.target_name[1:]
