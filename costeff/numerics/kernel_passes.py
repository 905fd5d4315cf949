"""What numba does with a whole function and our kernels can do without: copies, comparisons, a round of optimisation.

- Passes over single functions. Parts of our kernels are all inlined, and optimised again in the kernel that they are
  in, so optimising each by itself first is wasted (4 s of 31; the compiled kernel is as fast, its results the same).
- The first of two rounds of optimisation, after which numba looks for counted references: we have none (1 s of 25).
- Copies of a function that is inlined. Numba reads the function anew each time and then copies it twice, once to change
  it and once to hand back what nobody takes (5 s of 27).
- Comparing all settings of a compilation, one by one, wherever a function is looked up (1 s of 28).
- Going through all of a function for each variable that is assigned twice: blocks that do not name it stay (1 s of 25).
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from numba.core import codegen, inline_closurecall, ir, ssa, targetconfig

from costeff.numerics.kernel_methods import Method

INLINING: Any = inline_closurecall
_hashes: dict[type, int] = {}
_names: list[dict[int, set[str]]] = []  # by block, of the function whose variables are renamed


def counts_references() -> bool:
    """Whether what numba works on counts references, as all but our kernels do."""
    return bool(getattr(targetconfig.ConfigStack.top_or_none(), "nrt", True))


def _only_layout(self: Any, ll_module: Any) -> None:
    """What is left of passes over single functions: later passes need the layout of data."""
    ll_module.data_layout = self._codegen._data_layout


def _optimize(self: Any) -> None:
    """One round of optimisation, where no references are looked for."""
    if counts_references():
        _OPTIMIZE.numba(self)
        return
    passes, builder = self._codegen._module_pass_manager()
    with self._recorded_timings.record("Module passes (full optimization)", builder):
        passes.run(self._final_module, builder)


def _inline(self: Any, caller_ir: Any, block: Any, i: int, function: Any, arg_typs: Any = None) -> Any:
    """Inline the function that was read, not a copy of it."""
    copying, INLINING.copy = INLINING.copy, SimpleNamespace(deepcopy=lambda block: block)
    try:
        return _INLINE.numba(self, caller_ir, block, i, function, arg_typs)
    finally:
        INLINING.copy = copying


def _hash(self: Any) -> int:
    """Numba's hash of settings, which is one for all settings of a kind."""
    if type(self) not in _hashes:
        _hashes[type(self)] = _HASH.numba(self)
    return _hashes[type(self)]


def _is_equal(self: Any, other: Any) -> Any:
    """Settings of which the same were set to the same are equal; others may be."""
    return (isinstance(other, type(self)) and self._values == other._values) or _EQUAL.numba(self, other)


def _run_ssa(blocks: dict[int, Any]) -> Any:
    """Remember which variables each block names before any gets a new name."""
    _names.append({label: _names_in(block) for label, block in blocks.items()})
    try:
        return _ASSIGNMENTS.numba({label: _same_statements(block) for label, block in blocks.items()})
    finally:
        _names.pop()


def _rewrite(blocks: dict[int, Any], states: dict[str, Any], handler: Any) -> dict[int, Any]:
    """Rewrite the blocks that name the variable."""
    with_it = {label: block for label, block in blocks.items() if states["varname"] in _names[-1][label]}
    return {**blocks, **_REWRITE.numba(with_it, states, handler)}


def _names_in(block: Any) -> set[str]:
    """The variables that a block assigns or uses."""
    names = {variable.name for statement in block.body for variable in statement.list_vars()}
    return names | {statement.target.name for statement in block.body if isinstance(statement, ir.Assign)}


def _same_statements(block: Any) -> Any:
    """A block of its own with the statements of another."""
    new = ir.Block(scope=block.scope, loc=block.loc)
    new.body = list(block.body)
    return new


_LIBRARY: Any = codegen.CPUCodeLibrary
_SETTINGS: Any = targetconfig.TargetConfig
_PASSES = Method(_LIBRARY, "_optimize_functions", "self ll_module", _only_layout)
_OPTIMIZE = Method(_LIBRARY, "_optimize_final_module", "self", _optimize)
_INLINE = Method(INLINING.InlineWorker, "inline_function", "self caller_ir block i function arg_typs", _inline)
_HASH = Method(_SETTINGS, "__hash__", "self", _hash)
_EQUAL = Method(_SETTINGS, "__eq__", "self other", _is_equal)
_ASSIGNMENTS = Method(ssa, "_run_ssa", "blocks", _run_ssa)
_REWRITE = Method(ssa, "_run_block_rewrite", "blocks states handler", _rewrite)
METHODS = (_PASSES, _OPTIMIZE, _INLINE, _HASH, _EQUAL, _ASSIGNMENTS, _REWRITE)
