"""Sums over a row of numbers, in eight parts whose order is the same on every machine.

Part i adds up every eighth number from number i on; the parts stand side by side in vector registers, which a compiler
may not do by itself, because it would have to change the order of a sum.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from costeff.numerics.kernel_cache import kernel_part

PARTS = 8  # rows are read in whole multiples of this

_ROW = types.Array(types.float64, 1, "C")


@kernel_part
def padded(count):
    """The next multiple of PARTS."""
    return (count + 7) // 8 * 8


def _sum_in_parts(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Instructions for the sum, over k below the last argument, of the product of the other arguments at k."""
    from llvmlite import ir

    vector = ir.VectorType(ir.DoubleType(), PARTS)
    *rows, count = args
    starts = [context.make_array(_ROW)(context, builder, row).data for row in rows]
    parts = cgutils.alloca_once_value(builder, ir.Constant(vector, [0.0] * PARTS))
    steps = [ir.Constant(count.type, step) for step in (0, PARTS)]
    with cgutils.for_range_slice(builder, steps[0], count, steps[1], count.type) as (k, _):
        product, *others = (
            builder.load(builder.bitcast(builder.gep(start, [k]), vector.as_pointer()), align=8) for start in starts
        )
        for other in others:
            product = builder.fmul(product, other)
        builder.store(builder.fadd(builder.load(parts), product), parts)
    total = builder.load(parts)
    sums = [builder.extract_element(total, ir.Constant(ir.IntType(32), i)) for i in (0, 4, 1, 5, 2, 6, 3, 7)]
    while len(sums) > 1:
        sums = [builder.fadd(a, b) for a, b in zip(sums[::2], sums[1::2], strict=True)]
    return sums[0]


@intrinsic
def _intrinsic_sum(typing_context: Any, x: Any, count: Any) -> Any:
    """As `sum_of`."""
    return types.float64(_ROW, types.intp), _sum_in_parts


@intrinsic
def _intrinsic_sum_of_products(typing_context: Any, a: Any, x: Any, count: Any) -> Any:
    """As `sum_of_products`."""
    return types.float64(_ROW, _ROW, types.intp), _sum_in_parts


_sum: Any = _intrinsic_sum  # called from compiled code without the typing context
_sum_of_products: Any = _intrinsic_sum_of_products


@kernel_part
def sum_of(x, count):
    """Sum of x[k] for k below `count`, a multiple of PARTS; x is a row of float64."""
    return _sum(x, count)


@kernel_part
def sum_of_products(a, x, count):
    """Sum of a[k] x[k] for k below `count`, a multiple of PARTS; both are rows of float64."""
    return _sum_of_products(a, x, count)
