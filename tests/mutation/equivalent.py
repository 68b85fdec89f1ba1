"""Mutants that no claim can kill, because they are the same mathematics; each with the reason."""

from __future__ import annotations

from fnmatch import fnmatchcase

_ZERO = "the gradient is zero there in any case"
_DOMAIN = "zero is no value that the operation can be taken of: there is no slope to lose"
_NO_TRANSPOSE = "the gradient is a vector, or symmetric"
_SAME_KEPT = "one operand keeps its axes either way, and its mirror image is the operation itself"
_NUMBER = "the result is a number: it has no axes, and its mirror image is the operation itself"
_JOINT = "of one operand, linear in all together and linear in each is the same"
_OWN_CASE = "the complex step has a case of its own for it, and no rule applies it to a gradient with a number in front"
_FILTERED = "a gradient of what is not active is left out by the sweep: the test only saves making it"
_ACTIVE = "the result is active whenever the rule is asked: the test only saves work"
_SAME_SHAPE = "the two have the same shape, or the same number of axes, wherever this is reached"
_SAME_TYPE = "only graph and dtype are taken from it, and they are the same"
_ATTAINED = "the result is one of the operands: to lie beyond a bound is to differ from it, to attain it is to equal it"
_MULTIPLIED = "what is chosen for an exponent of 0 is multiplied by that 0"
_TRUTH = "NumPy chooses by numbers as by masks; the mask is for the reader"
_SHAPED = "the check puts the slopes into the recorded shape"
_ALONE = "an axis alone and a tuple of it mean the same; the first is how a person writes it"
_SUMMED = "an axis of size 1 that is left over is summed by the sweep"
_IMPLIED = "the end of a slice that goes to the end may be written or not"
_DIGITS = "the deviations are squared, or only safe digits are at stake"
_NO_RULE = "the rule passes nothing on, whatever arrives"
_MEET = "there are as many entries before as behind: the products meet before either runs out"
_FALLBACK = "axes of the wrong number are replaced by new ones one level up as well"
_IN_BOTH = "every index of this product that is summed stands in both operands: nothing is ever left to spread"

_OF_ONE = (
    "negative|reciprocal|exp|expm1|log|log1p|log2|log10|sqrt|square|abs|sin|cos|tan|arctan|sinh|cosh|tanh|sign|floor|"
    "ceil|trunc|rint|round|astype|copy"
)

# (subjects, mutant, reason); * and ? stand for anything
EQUIVALENT: list[tuple[str, str, str]] = [
    ("*", "linear: 'linear' → 'multilinear'", _JOINT),
    (_OF_ONE, "family: 'elementwise' → 'along'", _SAME_KEPT),
    ("trace", "family: 'reduce' → *", _NUMBER),
    ("diag", "family: 'diagonal' → 'along'", "the number of axes changes, so they are new either way"),
    ("copy", "family: 'elementwise' → 'reshape'", "a reshape to the same shape keeps every axis"),
    ("outer", "linear: 'multilinear' → 'linear'", _OWN_CASE),
    ("vdot", "family: 'contraction' → 'reduce'", _NUMBER),
    ("maximum|minimum|clip|where|max|min|setitem|multiply", "linear: '' → *", _OWN_CASE),
    ("sign|floor|ceil|trunc|rint|round", "linear: '' → *", _OWN_CASE),
    ("sign|floor|ceil|trunc|rint|round", "ones in place of the gradient that arrives", _NO_RULE),
    ("add", "gradients 0 and 1 exchanged", "both gradients are g"),
    ("outer|trace", "gradient ? transposed where it is square", _NO_TRANSPOSE),
    ("square|abs|cos|cosh|norm", "gradient 0 zero where the operand is zero", _ZERO),
    ("reciprocal|log|log2|log10|sqrt", "gradient 0 zero where the operand is zero", _DOMAIN),
    ("divide", "gradient 1 zero where the operand is zero", _DOMAIN),
    # matmul
    ("matmul", "matmul: `a` → `?` in `if a.ndim == 2 and b.ndim == 2*", _SAME_SHAPE),
    ("matmul", "matmul: `b` → `?` in `if a.ndim == 2 and b.ndim == 2*", _SAME_SHAPE),
    # contraction
    ("einsum|tensordot|inner", "contraction: `if not operands[position].active: *` → `if False: *", _FILTERED),
    ("einsum", "contraction: `gone[0] if len(gone) == 1 else gone` → `gone`*", _ALONE),
    ("einsum", "contraction: `1` → `0` in `made = made.apply('expand_dims'*", _ALONE),
    ("tensordot|inner", "contraction: *expand_dims*", _IN_BOTH),
    ("tensordot|inner", "contraction: *not in known*", _IN_BOTH),
    ("tensordot|inner", "contraction: `(x for x in own if x in known)` → *", _IN_BOTH),
    # power
    ("power", "power: `g * a if exponent == 2 else g * a ** (exponent - 1)` → `g * a ** (exponent - 1)`*", "a¹ is a"),
    ("power", "_power_of_base: `b.truth()` → `b`*", _TRUTH),
    ("power", "_power_of_base: `b.literal(1)` → `b`*", _MULTIPLIED),
    ("power", "_power_of_base: `b` → `?` in `lowered = *#3", _SAME_TYPE),
    ("power", "_power_of_base: `1` → `?` in `lowered = *#2", _MULTIPLIED),
    ("power", "_power_of_exponent: `base > 0` → `base >= 0`*", "a base of 0 has been dealt with"),
    ("power", "_power_of_exponent: `a.truth()` → `a`*", _TRUTH),
    ("power", "_power_of_exponent: `a` → `?` in `return g * y * a.truth()*#3", _SAME_TYPE),
    (
        "power",
        "analytic: slope *",
        "the complex step has a form of its own for powers; the field says that there is one",
    ),
    # maximum, minimum, clip
    ("maximum", "maximum: `?` → `y` in `return (g * (a >= b if b.active else a > b), g * (b > a))` #[24]", _ATTAINED),
    ("minimum", "minimum: `?` → `y` in `return (g * (a <= b if b.active else a < b), g * (b < a))` #[24]", _ATTAINED),
    ("clip", "clip: `a` → `y` in `inside = *", _ATTAINED),
    ("clip", "clip: `a` → `y` in `at_low = *", _ATTAINED),
    ("clip", "clip: `a` → `y` in `at_high = *", _ATTAINED),
    # other functions of one entry
    (
        "logaddexp",
        "analytic: _complex_logaddexp: `*` → `np.log(np.exp(a - top) + np.exp(b - top)) - top`*",
        "it is real",
    ),
    ("astype", "astype: *", "the sweep gives every gradient the type of its value as well"),
    # reductions
    ("max", "extreme: `'equal'` → `'greater_equal'`*", "nothing is greater than the maximum"),
    ("max|min", "extreme: `a` → `?` in `return (g.spread(a, attributes) * attained / *#2", _SAME_TYPE),
    ("prod", "product: *` in `if axis is None and a.ndim > 1:*", "a vector is not reshaped by making it a vector"),
    ("var|std", "analytic: _complex_variance: `*keepdims*", _SHAPED),
    ("var|std", "analytic: _complex_variance: `a.size if axis is None else *` → `np.prod(*", "the same number"),
    ("var|std", "analytic: _complex_variance: `axis` → `*` in `count = a.size if axis is None *", "the same number"),
    ("var|std", "analytic: _complex_variance: `a - a.mean(axis=axis, keepdims=True)` → `a.mean*", _DIGITS),
    ("std|norm", "_not_zero: `y.truth()` → `y`*", _TRUTH),
    ("std|norm", "_not_zero: `1` → `2`*", "it divides a zero"),
    ("norm", "analytic: _complex_norm: *keepdims*", _SHAPED),
    ("norm", "analytic: _complex_norm: `a.real < 0` → `a.real <= 0`*", "an entry of 0 is left out as a kink"),
    ("trace", "trace: `a` → `?` in `return (g * a.identity(rows, columns),)`", _SAME_TYPE),
    ("cumsum", "cumsum: `axis or 0` → `axis`*", "without an axis the result is a vector, which has one axis"),
    # shapes
    ("repeat", "repeat: `a` → `?` in `return (g.shaped((*a.shape[:axis + 1], repeats*#2", _SAME_SHAPE),
    ("tile", "tile: `a` → `?` in `ndim = max(len(reps), a.ndim)`", _SAME_SHAPE),
    ("tile", "tile: `1` → `0` in `if count != 1: *", _SUMMED),
    ("tile", "tile: `if not copies: *` → `if False: *", _SUMMED),
    ("tile", "tile: *` in `added = g.shaped(tuple(apart)).sum(axis=*", _ALONE),
    ("tile", "tile: `added.shaped(a.shape)` → `added`*", _SUMMED),
    ("pad", "pad: `before + size + behind` → `before + size - behind`*", _IMPLIED),
    ("tile", "tile: `g.shaped(a.shape)` → `g`*", _SUMMED),
    ("tile", "tile: `a` → `?` in `return (g.shaped(a.shape),)`", _SUMMED),
    # joins
    ("concatenate|stack|vstack|hstack|column_stack", "joined: `y` → `g`*", _SAME_SHAPE),
    ("concatenate|hstack", "joined: *1 if single else*", "all operands have the axes of the result"),
    ("concatenate|hstack|vstack", "joined: `('int', start) if single else part(*` → `part(*", _SUMMED),
    ("stack", "joined: `operand.ndim < y.ndim` → `operand.ndim <= y.ndim`*", "every operand has one axis less"),
    ("stack", "joined: `1 if single else operand.shape[axis]` → `1`*", "every operand has one axis less"),
    ("stack", "joined: `('int', start) if single else part(*` → `('int', start)`*", "every operand has one axis less"),
    # indices
    ("take_along_axis", "take_along_axis: `a` → `*` in `index = tuple(*range(a.ndim)))`", _SAME_SHAPE),
    ("take_along_axis", "take_along_axis: `a` → `*` in `arrays = [*", _SAME_SHAPE),
    # axes
    ("(axes)", "find: `self._parent[axis] = self._parent[self._parent[axis]]` → `pass`", "it only shortens the way"),
    (
        "(axes)",
        "unify: `if a == b: return a` → `if False: return a`",
        "one class put together with itself stays as it is",
    ),
    ("(axes)", "unify: `a` → `b` in `return a`", "they are equal there"),
    ("(axes)", "elementwise: `here[1:]` → `here`*", "an axis put together with itself stays as it is"),
    (
        "(axes)",
        "elementwise: `1` → `0` in `for other, _ in here[1:]*",
        "an axis put together with itself stays as it is",
    ),
    ("(axes)", "elementwise: `False` → `True` in `here = *", "nobody asks for it any more"),
    (
        "(axes)",
        "_broadcasts: `classes.is_data(other) and *` → `classes.is_data(other)`*",
        "then the two are one already",
    ),
    ("(axes)", "where_unchanged: `before` → `axes`*", _SAME_SHAPE),
    ("(axes)", "reshaped: `before` → `axes`*", _SAME_SHAPE),
    ("(axes)", "reshaped: `*one != other or k == first) and (i *` → `one != other or k == first`*", _MEET),
    ("(axes)", "reshaped: * in `while (one != other or k == first) and (i < len(before) or k < len(after))*", _MEET),
    ("(axes)", "indexed: * in `return tuple(result) if len(result) == ndim else *", _FALLBACK),
    ("(axes)", "_inferred: `shape` → `family` in `return tuple(*", _FALLBACK),
    (
        "(axes)",
        "_inferred: `'scatter' | 'along'` → `'along'`*",
        "a gradient takes the axes of its value",
    ),
    ("(axes)", "_whole_axis: *position >= len(source.shape)*", "an index without new axes has no more items than axes"),
    ("(axes)", "reshaped: `k < len(after)` → `k <= len(after)` in `if k < *", _MEET),
    ("(axes)", "reshaped: `other <= one or i == len(before)` → `other <= one`*", _MEET),
    ("(axes)", "reshaped: `k < len(after) and (other <= one *` → `other <= one or i == len(before)`*", _MEET),
    # the order of sums, and what is only printed or only saves work
    (
        "(sums)",
        "_by_rule: `part is not None and *` → `part is not None`*",
        "what is not active is left out above",
    ),
    ("(handles)", "kept: `gone[0] if len(gone) == 1 else gone` → `gone`*", _ALONE),
    ("(handles)", "kept: `1` → `0` in `return self.apply('expand_dims'*", _ALONE),
    # mirror
    ("(mirror)", "_reduce: `ndim == 2 and axis is not None` → `ndim == 2`*", "no axis and both axes are the same"),
    (
        "(mirror)",
        "convention_of: `node.op == 'getitem' and *` → `len(node.inputs) > 1`*",
        "no other view has two operands",
    ),
    (
        "(mirror)",
        "_index: `made == 2 and ('new',) in items` → *",
        "an index of one item, or making one axis, has no order",
    ),
    ("(mirror)", "_beside: `1` → `2` in `self.next += 1`", "indices may have gaps"),
    ("(mirror)", "run: `if leaf.kind == 'literal': *` → `if False: *", "a number turned round is the number"),
    ("(mirror)", "_turned: `np.ndim(array) == 1 and ndim == 2` → `ndim == 2`*", "a matrix has been turned already"),
    ("(mirror)", "_mirror: `node.inputs if len(out) == 0 else *` → `node.inputs[::-1]`*", "x · y is y · x"),
    ("(mirror)", "_mirror: `self._refuse(node, f'{family} has*", "every family of the table has a case of its own"),
    ("(mirror)", "_reduce: `sorted(turned)` → `turned`*", "the order in which axes are summed does not matter"),
    ("(mirror)", "_moved: `1 - k % 2` → `k % 2 - 1`*", "−1 is the last of two axes, and −0 the first"),
    ("(mirror)", "_moved: `2` → `3` in `settings['axis'] = *", "the axes are recorded as 0 and 1"),
    (
        "(mirror)",
        "*: `replace(node, op=*, spelling=*)` → `replace(node, op=*)`*",
        "a row writes a spelling it does not have in its first one",
    ),
    (
        "(mirror)",
        "_index: `_filled(items, len(source))[::-1] if made*",
        "an index of one item is the same turned round",
    ),
    ("(axes)", "_reshaped: `fits and len(shape) >= len(cell.shape)` → `fits`*", "a broadcast takes no axis away"),
]


def reason(subject: str, text: str) -> str:
    """Why a mutant cannot be told from the original; empty where it can."""
    return next((entry[2] for entry in EQUIVALENT if fits(entry, subject, text)), "")


def fits(entry: tuple[str, str, str], subject: str, text: str) -> bool:
    """Whether an entry of the list is about this mutant."""
    subjects, pattern, _ = entry
    here = any(fnmatchcase(subject, s) for s in subjects.split("|"))
    return here and fnmatchcase(text, _plain(pattern))


def _plain(pattern: str) -> str:
    """Brackets stand for themselves in a mutant, except in ``#[24]``, the second or the fourth of its kind."""
    return "#[".join(part.replace("[", "[[]") for part in pattern.split("#["))
