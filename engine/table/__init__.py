"""The rows of the table of operations, by what they do; each with its gradient rule above it.

In a rule ``g`` is the gradient that arrives at the result, ``y`` the result, then the operands; attributes come by
keyword. All are handles (`engine.ref.Ref`): writing NumPy on them appends nodes. Each rule returns one gradient per
operand (None: has none), with the shape of the result; `engine.backward` sums over broadcast axes. Formulas are those
of any calculus text; the matrix product is notes eqs. (1)-(2): ∂L/∂B = ∂L/∂A Cᵀ, ∂L/∂C = Bᵀ ∂L/∂A.
"""
