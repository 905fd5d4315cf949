"""How our kernels are written out for LLVM: without what only counted references need, and without copies of tuples.

A kernel has no counted references (`_nrt` in `kernel_cache.OPTIONS`), but numba writes for it what a function with them
needs: a variable is set to zero after its last use, and read before it is written to. Ours pass tuples of some thirty
arrays, 300 numbers, under a new name into each function that is copied in, and numba reads all of one to use one array.
LLVM then takes hundreds of thousands of such moves apart only to find that nothing depends on them (8 s of 47). Here

- nothing is done at a variable's end, and a variable is not read before it is written;
- of a tuple with named fields only the field that is asked for is read;
- two variables that are each assigned once, one as the other, are one variable.

The machine code is as it was. What holds for a function is its own: one that counts references is left to numba.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from numba.core import cgutils, ir, ir_utils, lowering, types
from numba.core.analysis import compute_cfg_from_blocks

from costeff.numerics.kernel_methods import Method


class _Place(NamedTuple):
    """Where a statement stands."""

    block: int
    line: int


def _find_variables(self: Any) -> None:
    """In place of numba's `_find_singly_assigned_variable`: first take out ends of variables and second names."""
    if _is_ours(self):
        blocks = self.func_ir.blocks
        for block in blocks.values():
            block.body = [statement for statement in block.body if not isinstance(statement, ir.Del)]
        second_names = names_of_the_same(blocks, self.typeof)
        for block in blocks.values():
            block.body = [s for s in block.body if not (isinstance(s, ir.Assign) and s.target.name in second_names)]
        ir_utils.replace_vars(blocks, second_names)
    _VARIABLES.numba(self)


def names_of_the_same(blocks: dict[int, Any], type_of: Any) -> dict[str, Any]:
    """Variables that are another one under a second name, with that other one.

    Both are assigned at one place each, and each of these places is passed before every use. (A variable that is read
    in the next turn of a loop, before it is assigned again, is not passed before that use: it is the other one as it
    was a turn ago.)
    """
    assigned, used, copies = defaultdict(list), defaultdict(list), []
    for label, block in blocks.items():
        for line, statement in enumerate(block.body):
            place = _Place(label, line)
            if isinstance(statement, ir.Assign):
                assigned[statement.target.name].append(place)
                if isinstance(statement.value, ir.Var):
                    copies.append(statement)
                used_here = statement.value.list_vars() if hasattr(statement.value, "list_vars") else ()
            else:
                used_here = statement.list_vars()
            for variable in used_here:
                used[variable.name].append(place)
    dominators = compute_cfg_from_blocks(blocks).dominators()

    def is_one(name: str) -> bool:
        return len(assigned[name]) == 1 and all(_is_before(assigned[name][0], use, dominators) for use in used[name])

    def is_second(copy: Any) -> bool:
        names = copy.target.name, copy.value.name
        return type_of(names[0]) == type_of(names[1]) and all(is_one(name) for name in names)

    other = {copy.target.name: copy.value for copy in copies if is_second(copy)}
    return {name: _first(variable, other) for name, variable in other.items()}


def _is_before(first: _Place, second: _Place, dominators: dict[int, set[int]]) -> bool:
    """Whether every way to the second place has passed the first."""
    if first.block == second.block:
        return first.line < second.line
    return first.block in dominators[second.block]


def _first(variable: Any, other: dict[str, Any]) -> Any:
    """The variable that all the others are names of."""
    while variable.name in other:
        variable = other[variable.name]
    return variable


def _write_variable(self: Any, value: Any, name: str, argidx: int | None = None) -> None:
    """In place of numba's `storevar`: do not read what is overwritten."""
    if not _is_ours(self) or argidx is not None or name in self._singly_assigned_vars:
        _STORE.numba(self, value, name, argidx=argidx)
        return
    place = self.getvar(name)
    if value.type != place.type.pointee:
        raise AssertionError(f"{value.type} does not fit into {name}, which holds {place.type.pointee}")
    self.builder.store(value, place)


def _read_expression(self: Any, resty: Any, expr: Any) -> Any:
    """In place of numba's `lower_expr`: read the one field of a tuple, not all of it."""
    if expr.op == "getattr" and _is_ours(self) and expr.value.name not in self._blk_local_varmap:
        tuple_type: Any = self.typeof(expr.value.name)
        if issubclass(type(tuple_type), types.BaseNamedTuple) and expr.attr in tuple_type.fields:
            index = tuple_type.fields.index(expr.attr)
            if tuple_type[index] == resty:
                return self.builder.load(cgutils.gep_inbounds(self.builder, self.getvar(expr.value.name), 0, index))
    return _EXPRESSION.numba(self, resty, expr)


def _is_ours(lower: Any) -> bool:
    """Whether the function that is written out counts no references, keeps no state and is not debugged."""
    return not (lower.context.enable_nrt or lower.func_ir.func_id.is_generator or lower._disable_sroa_like_opt)


_LOWER: Any = lowering.Lower
_VARIABLES = Method(_LOWER, "_find_singly_assigned_variable", "self", _find_variables)
_STORE = Method(_LOWER, "storevar", "self value name argidx", _write_variable)
_EXPRESSION = Method(_LOWER, "lower_expr", "self resty expr", _read_expression)
METHODS = (_VARIABLES, _STORE, _EXPRESSION)
