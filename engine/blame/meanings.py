"""What a wrong array was meant to be: by its name, by the round of its loop, by the simplest explanation."""

from __future__ import annotations

from engine.blame.explain import Case, Explanation
from engine.blame.origin import Origin
from engine.blame.quantities import Quantity, ratio
from engine.blame.reading import looked_at
from engine.blame.reference import Array
from engine.blame.roles import Item, readings, said


class Meanings(Origin):
    """Finds the quantity that an array stands for where its numbers do not say it, and what explains them."""

    def _chosen(
        self, item: Item, matches: list[tuple[Quantity, Array]], hinted: list[Quantity]
    ) -> tuple[Quantity, Array]:
        for q in hinted:
            for match in matches:
                if match[0] is q:
                    return match
        return matches[0]

    def _named_otherwise(self, item: Item, chosen: Quantity, hinted: list[Quantity]) -> Quantity | None:
        """What the name means, where the value is only what comes before it in the same step."""
        if not (self.habit.names_first and self.walker.wrong) or item.in_progress or chosen in hinted or item.given:
            return None
        if chosen.kind == "part" or item not in self.walker.feeding:
            return None
        if chosen.kind == "forward" and self._serves(item):
            return None
        wanted = [*hinted, *self._by_own_names(item)]
        if any(said(n).lower().startswith("delta") for n in item.names):
            wanted += [q for q in self.quantities.gradients if self._skips(q, chosen)]
        fitting = []
        for q in wanted:
            other_kind = q.kind != chosen.kind and not (q.kind == "gradient" and chosen.nameless)
            if other_kind or q.parameter is not None or q.leaf or not self._laid(item, q) or q is chosen:
                continue
            below = self.quantities.references[1].below(q.target[1])
            if chosen.target.get(1) in below:
                fitting.append((len(below), q))
        return min(fitting, key=lambda one: one[0])[1] if fitting else None

    def _serves(self, item: Item) -> bool:
        """Whether what is made of a value is right: then it is the right one, whatever it is called."""
        readers = [i for i in self.walker.readers(item) if i in self.walker.feeding and i.parameter is None]
        return bool(readers) and all(self._matches(i) for i in readers)

    def _skips(self, q: Quantity, chosen: Quantity) -> bool:
        """Whether ``q`` is the gradient before the activation that ``chosen`` is the gradient behind."""
        if 0 not in q.target or 0 not in chosen.target or chosen.kind != "gradient" or q is chosen:
            return False
        below = self.quantities.references[0].below(q.target[0])
        return chosen.target[0] in below and bool(
            self.walker.search.mutations[0].skip_name(q.target[0], chosen.target[0])
        )

    def _by_own_names(self, item: Item) -> list[Quantity]:
        """Gradients of what the learner calls z, or z1 and z2, where a variable is called dz."""
        found = []
        for path in item.names:
            for kind, bare in readings(said(path)):
                if kind != "gradient":
                    continue
                for q, made in self.names.items():
                    own = said(made.name)
                    if q.kind == "forward" and not q.leaf and (own == bare or own.rstrip("0123456789") == bare):
                        found += [g for g in self.quantities.gradients if q.target[1] in g.of]
        return found

    def _by_rounds(self, item: Item) -> list[Quantity]:
        """In a loop back over layers or time steps: the gradient before the one that the round before has made here."""
        done = [
            q
            for other, q in self.role.items()
            if other.statement is item.statement and other.name == item.name and q.kind == "gradient"
        ]
        if item.rounds < 2 or not done or done[-1].parameter is not None:
            return []
        places = self._written_at(done[-1])
        left = [q for q in self.quantities.gradients if q not in self.own and places & self._written_at(q)]
        earlier = [q for q in left if min(q.of) < min(done[-1].of)]
        return [max(earlier, key=lambda q: min(q.of))] if earlier else []

    def _written_at(self, q: Quantity) -> set[tuple[int, int | None, str]]:
        """Where the loss makes the values of a gradient: line, column and operation."""
        nodes = [self.quantities.references[1].node(v) for v in q.of]
        return {(n.source.line, n.source.column, n.op) for n in nodes if n is not None and n.source is not None}

    def _stronger(self, item: Item, chosen: Quantity) -> Quantity | None:
        """A gradient that people name, where the value is a constant times it and only by chance something nameless."""
        if chosen.kind == "forward" or (0 in chosen.target and chosen.kind == "gradient"):
            return None
        for q in self.quantities.gradients:
            if 0 not in q.target or q.parameter is not None or q in self.own or item not in self.walker.feeding:
                continue
            if any(ratio(a, q.true, self.quantities.tolerance) is not None for a in self._laid(item, q)):
                return q
        return None

    def _meant_by_name(self, item: Item, hinted: list[Quantity]) -> list[Quantity]:
        """The quantities that a wrong array may be by its name, as far as its shape is one of theirs."""
        own_names = [q for q in self._by_own_names(item) if q not in self.own]
        own_names = own_names if len(own_names) == 1 else self._by_rounds(item)
        # an array of one example, in a loop over them
        share = item.rounds > 1 and not item.stacked
        found = []
        for q in dict.fromkeys([*hinted, *own_names]):
            if q.parameter is not None or q.leaf or q.true.size < 2:
                continue
            if self._laid(item, q) or (q.kind == "gradient" and not (share and item.array.ndim != q.true.ndim)):
                found.append(q)
        return found

    def _best_explained(self, item: Item, meant: list[Quantity]) -> tuple[Quantity, list[Explanation]] | None:
        """The gradient as which a wrong array has the simplest explanation; where a name means one, of what follows it.

        ``dh[z <= 0] = 0`` makes ∂L/∂z of what is still called dh.
        """
        if item.array.size < 2:
            return None
        found: list[tuple[tuple[int, int, bool], Quantity, list[Explanation]]] = []
        for q in self.quantities.gradients:
            if q.parameter is not None or not q.target.get(0) or q in self.own or not self._laid(item, q):
                continue
            below = self.quantities.references[0].below(q.target[0])
            if meant and not any(m is not q and m.target.get(0) in below for m in meant):
                continue
            explanations = self._explain(item, q, quickly=True)
            if meant and any(e.guess for e in explanations):
                continue
            if explanations:
                first = explanations[0].mistakes
                rank = len(first), self._left_out(q), first[0] in ("wrong-operand", "factor")
                found.append((rank, q, explanations))
        best = min(found, key=lambda one: one[0], default=None)
        return None if best is None else best[1:]

    def _left_out(self, q: Quantity) -> int:
        """How many gradients on the way to ``q`` no line has made so far."""
        step = set(self.quantities.references[0].step(q.target[0], self._cut(0, q, None)))
        on_the_way = [g for g in self.quantities.gradients if g is not q and g not in self.own and g.parameter is None]
        return sum(bool(step & g.values.get(0, frozenset())) for g in on_the_way)

    def _remember_stale(self, item: Item) -> None:
        """A later array of a parameter: of its shape, made by a statement that reads it, not called its gradient."""
        if any(q.kind == "gradient" for q in self.walker.hints[item]):
            return
        for number in item.reads:
            other = self.walker.by_version.get(number)
            q = self.role.get(other) if other is not None else None
            if q is not None and q.leaf and q.true.shape == item.array.shape and _is_called_like(item, q):
                for index in frozenset().union(*q.values.values()):
                    self.stale.setdefault(index, []).append((item.name, item.array))

    def _explain(self, item: Item, q: Quantity, quickly: bool = False) -> list[Explanation]:
        if not self.explaining:
            return []
        scale = self.habit.scale if q.scaled else 1.0
        case = Case(
            q,
            item.array / scale if scale != 1.0 else item.array,
            self._cuts(item, q),
            self.stale,
            self.habit.scale,
            item.statement.text,
            self.habit.turned and item.parameter is None,
            item.stacked,
            looked_at(item, self.walker.by_version),
        )
        key = (
            (item, q, scale, self.habit.scale, self.habit.turned, quickly),
            frozenset((k, o.item) for k, o in self.own.items()),
            frozenset(self.meant),
        )
        if key not in self.walker.found:
            self.walker.found[key] = self.walker.search.find(case, pairs=not quickly)
        return self.walker.found[key]


def _is_called_like(item: Item, q: Quantity) -> bool:
    """Whether a variable has the name of a parameter, perhaps with something after it: ``W2``, ``W2_new``."""
    return any(said(path).startswith(name) for path in item.names for name in q.names)
