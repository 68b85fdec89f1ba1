"""What is said of a line, composed from the step: names from the learner's code, NumPy text from the reference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from engine.blame.changes.facts import OPPOSITE, SLOPE
from engine.blame.constants import Constants
from engine.blame.explain import Explanation
from engine.blame.mistakes import MISTAKES
from engine.blame.model import Raised
from engine.blame.quantities import Quantities, Quantity
from engine.blame.reference import Wording
from engine.blame.walk import Entry, Walk

_NAME = re.compile(r"[A-Za-z_][\w.]*(\[[\w'\"]+\])*")
_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?![\w(.\[])")


class Sentences:
    """The sentences of one walk."""

    def __init__(self, quantities: Quantities, walk: Walk) -> None:
        self.quantities, self.walk = quantities, walk
        turned = walk.habit.turned or self._works_turned()
        self.wordings = [Wording(r, turned) for r in quantities.references]
        self.own = {q.name: item.name for q, item in walk.own_names.items() if q.name and _NAME.fullmatch(item.name)}
        if turned:
            self.own |= self._turned_leaves()
        self.hidden = {w.program.names[i] for w in self.wordings for i in w.temporaries if i in w.program.names}
        self.hidden |= self._numbered()
        self.hidden -= self.own.keys()
        self.lines = {q: item.statement.line for q, item in walk.own_names.items()}
        scale = walk.habit.scale
        self.late = abs(scale) if scale != 1.0 else None
        counts = Constants(quantities).counts
        self.by_count = self.late is None or any(abs(self.late / count - 1) < 1e-6 for count in counts)

    def _numbered(self) -> set[str]:
        """Names that only the long chain needs, operation by operation: t4, and dt4 for its gradient."""
        short, long = (reference.program for reference in self.quantities.references)
        gradients = {q.name for q in self.quantities.gradients if not any(i in short.names for i in q.of)}
        return gradients | {
            n for i, n in long.names.items() if i not in short.names and long.values[i].role != "gradient"
        }

    def _works_turned(self) -> bool:
        """Whether most matrices of the learner's lie the other way round than those of the loss."""
        votes = 0
        for q, item in self.walk.own_names.items():
            if q.true.ndim == 2 and not item.given and q.parameter is None and len(set(q.true.shape)) == 2:
                votes += (item.array.shape == q.true.shape[::-1]) - (item.array.shape == q.true.shape)
        return votes > 0

    def _turned_leaves(self) -> dict[str, str]:
        """What parameters and data are called in the convention of the backward: V2, or W2.T where it has no name."""
        found = {q.name: f"{item.name}.T" for q, item in self.walk.own_names.items() if q.leaf and q.true.ndim == 2}
        for entry in self.walk.entries:
            q, item = entry.quantity, entry.item
            turned = q is not None and q.true.ndim == 2 and item.array.shape == q.true.shape[::-1]
            if q is not None and q.leaf and turned and not item.given and _NAME.fullmatch(item.name):
                found[q.name] = item.name
        return {name: text for name, text in found.items() if name}

    def _said(self, text: str) -> str:
        """Names of the loss in a text as the learner has them."""
        return _WORD.sub(lambda found: self.own.get(found[0], found[0]), text)

    def of(self, entry: Entry, first: Entry | None) -> str:
        """The sentence of one entry; ``first`` is the first line that is wrong by itself."""
        match entry.verdict:
            case "own-error":
                return self._own_error(entry)
            case "inherited":
                after = f" Fix line {_line(first)} first." if first is not None else ""
                given = self._given(entry)
                return f"wrong number, right line: {given}.{after}"
            case "in-progress":
                return "not finished here: the next lines change it before anything reads it."
            case "unrecognised":
                return "not one of the quantities of this loss."
            case _:
                return "right."

    def _given(self, entry: Entry) -> str:
        """What an inheriting line has its error from: a wrong array that it reads, or a step that no line computes."""
        read = [e for e in self.walk.entries if e.verdict in ("own-error", "inherited")]
        read = [e for e in read if set(e.item.versions) & entry.item.reads]
        if read:
            return f"correct for the {read[-1].item.name} it was given"
        absent = [q.name for e in self.walk.entries if e.explanations for q in e.explanations[0].meant if q.name]
        return f"it needs the {absent[0]} that no line computes" if absent else "correct for the arrays it was given"

    def _own_error(self, entry: Entry) -> str:
        name = entry.quantity.symbol if entry.quantity is not None else entry.item.name
        if not entry.explanations:
            return f"wrong here: {entry.item.name} is not {name}; I do not recognise the mistake.{self._should(entry)}"
        texts = list(dict.fromkeys(self._explained(e, entry) for e in entry.explanations))
        said = texts[0]
        if len(texts) > 1:
            others = list(dict.fromkeys(_short(e) for e in entry.explanations[1:4]))
            said += " The numbers of this input fit as well: " + "; ".join(others) + "."
        return said

    def _should(self, entry: Entry) -> str:
        line = self.line_of(entry.quantity) if entry.quantity is not None else ""
        return f" It should be {line}." if line else ""

    def line_of(self, quantity: Quantity) -> str:
        """``dz1 = dh1 * (z1 > 0)``; '' where no short line says it."""
        for number, wording in enumerate(self.wordings):
            if number in quantity.target and quantity.name:
                text = wording.line(quantity.name, self.own)
                if text and len(text) <= 90 and self._known(text.partition(" = ")[2]):
                    if not self.by_count and quantity.kind == "gradient":
                        return ""
                    if self.late and quantity.parameter is not None:
                        name, _, right = text.partition(" = ")
                        whole = f"({right})" if " + " in right or " - " in right else right
                        return f"{name} = {whole} / {self.late:g}"
                    if self.late and not self._reads_gradient(quantity):
                        return ""
                    return text
        return ""

    def _reads_gradient(self, quantity: Quantity) -> bool:
        reference = self.quantities.references[0]
        if 0 not in quantity.target:
            return False
        own = quantity.values[0]
        return any(
            i in reference.gradient_of and i not in own and reference.arrays[i].size > 1
            for i in reference.below(quantity.target[0])
        )

    def _explained(self, e: Explanation, entry: Entry) -> str:
        should = f" Write {e.cure}: with it {_are_right(e)}." if e.cure else self._should(entry)
        if e.count > 1 and len(e.mistakes) > 1:
            parts = [_lower(MISTAKES[m].rstrip(".")) for m in e.mistakes]
            return f"Two mistakes, or one that I do not know: {parts[0]}; and {parts[1]}.{should}"
        mistake, name = e.mistakes[0], entry.item.name
        told = bool(e.cure) or bool(e.wrong and e.changes and e.changes[0].read)
        wrong = e.wrong if told else self._theirs(e.wrong)
        right = e.right if e.cure else self._said(self._known(e.right))
        match mistake:
            case "relu-mask-missing":
                return f"The ReLU mask is missing: {self._absent(e, entry)}."
            case "relu-mask-wrong-layer":
                needed = f"{right}, what went into this ReLU" if e.right in self.own else "what went into this ReLU"
                other = f" ({wrong})" if wrong else ""
                return f"The mask is that of another array{other}; it must be that of {needed}.{should}"
            case "relu-mask-from-gradient":
                needed = right if e.right in self.own else "what went into the ReLU"
                return f"The mask looks at the gradient; it must look at {needed}.{should}"
            case "transposed":
                what = e.right.capitalize() if e.right else "An operand or the product"
                return f"{what} is transposed.{should}"
            case "elementwise-for-matmul":
                why = "Python did not object because the shapes allow both."
                return f"* multiplies entry by entry; here @ is needed. {why}{should}"
            case "wrong-operand":
                beside = f"{wrong} stands where {right} belongs" if wrong and right else "another array stands in it"
                return f"A wrong operand: {beside}.{should}"
            case "activation-derivative-wrong-value":
                return f"{self._derivative(e, wrong, right)}{should}"
            case "mean-missing" | "mean-twice" | "mean-misplaced" | "factor" if e.part:
                return f"One term of {name} is {_factor(e.factor)} times what it should be.{should}"
            case "mean-misplaced" if "factor" in e.mistakes:
                factor = f"{name} is {_factor(e.factor)} times what it should be"
                return f"{factor}: it is divided by another number than the loss is.{should}"
            case "sign":
                return f"The sign is the other way round.{should}"
            case "mean-missing" | "sum-for-mean":
                count = _count(e.factor)
                return f"The division by {count} is missing: {name} is {count} times too large.{should}"
            case "mean-twice" | "mean-misplaced":
                return self._divided(e, entry)
            case "factor" if e.factor is None:
                return f"A constant factor of {name} is wrong.{should}"
            case "factor":
                return f"{name} is {_factor(e.factor)} times what it should be.{should}"
            case "bias-not-summed":
                return f"{name} is not summed over the examples.{should}"
            case "bias-wrong-axis":
                return f"{name} is summed over the wrong axis.{should}"
            case "stale-weight":
                return (
                    f"{e.wrong} is read after its update; the gradient needs the {e.wrong} of the forward pass.{should}"
                )
            case "regularisation-factor":
                if e.wrong:
                    share = f"{_factor(e.factor)} · {e.wrong}"
                    return f"{name} has a share of {e.wrong} ({share}) that the loss does not ask for.{should}"
                if "sign" in e.mistakes:
                    return f"The regularisation in {name} has the wrong sign.{should}"
                return f"The regularisation in {name} is {_factor(e.factor)} times what it should be.{should}"
            case "accumulation-overwritten":
                return f"{name} has only one of its contributions: += is needed where = overwrites.{should}"
            case _:
                return f"{MISTAKES[mistake]}{should}"

    def _theirs(self, text: str) -> str:
        """What stands in a line of the learner's, in their names; '' where it names what they have none for."""
        return self._said(text) if set(_WORD.findall(text)) <= self.own.keys() else ""

    def _known(self, text: str) -> str:
        """The text, '' where a name stands in it that no line of the learner's has."""
        return "" if set(_WORD.findall(text)) & self.hidden else text

    def _derivative(self, e: Explanation, wrong: str, right: str) -> str:
        operand = e.changes[0].operand if e.changes else -1
        if operand == OPPOSITE:
            return "The mask is the other way round."
        if operand == SLOPE and wrong:
            return f"The derivative of the activation is wrong: it is taken as {wrong}."
        if (operand >= 0 or e.cure) and wrong and right:
            return f"The derivative of the activation is of the wrong array: {wrong} stands where {right} belongs."
        return MISTAKES["activation-derivative-wrong-value"]

    def _divided(self, e: Explanation, entry: Entry) -> str:
        count = _count(1 / e.factor if e.factor else None)
        if self.late and entry.quantity is not None and entry.quantity.parameter is None:
            others = "the gradients before it do not carry it, and those of the parameters divide by it"
            return f"One 1/{count} too many: {others}."
        return f"One 1/{count} too many: what {entry.item.name} is made of carries it already.{self._should(entry)}"

    def _absent(self, e: Explanation, entry: Entry) -> str:
        if e.cure:
            return f"write {e.cure}: with it {_are_right(e)}"
        meant = [q for q in e.meant if q not in self.walk.own_names]
        line = next((text for q in meant if (text := self.line_of(q))), "")
        if line:
            return f"no line computes {line}"
        own = self.line_of(entry.quantity) if entry.quantity is not None else ""
        return f"it should be {own}" if own else "the gradient goes through the ReLU as it is"


def _are_right(e: Explanation) -> str:
    """What a change makes right: the gradients that are named, or all; and which other line is wrong as well."""
    several = [f"d{p}" for p in e.mends]
    if not several:
        return f"and with line {e.beside} mended every gradient is right" if e.beside else "every gradient is right"
    named = several[0] if len(several) == 1 else f"{', '.join(several[:-1])} and {several[-1]}"
    right = f"{named} {'is' if len(several) == 1 else 'are'} right"
    return f"{right}; line {e.beside} is wrong as well" if e.beside else right


def stopped(raised: Raised, file: str) -> str:
    """The sentences of a run that raised; ``file`` is that of the backward, which need not be named."""
    where = f"line {raised.line}" + ("" if raised.file == file else f" of {Path(raised.file).name}")
    shapes = ", ".join(f"{name} {shape}" for name, shape in raised.shapes.items())
    text = f": {raised.text}" + (f" ({shapes})" if shapes else "") if raised.text else ""
    message = " ".join(raised.message.split()).rstrip(" .")
    what = f"{raised.kind}: {message}" if message else raised.kind
    return f"Stopped on {where}{text}. {what}. Nothing after it was judged."


def _short(e: Explanation) -> str:
    words = [MISTAKES[m].rstrip(".") for m in e.mistakes]
    return " and ".join(map(_lower, words))


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _line(first: Entry | None) -> int:
    assert first is not None
    return first.place.statement.line


def _count(factor: float | None) -> str:
    return "the count" if factor is None else f"{abs(factor):.6g}"


def _factor(factor: float | None) -> str:
    return "a constant" if factor is None else f"{factor:.6g}"


def beside(names: Mapping[str, str]) -> str:
    """Names in a row, for messages."""
    return ", ".join(names)
