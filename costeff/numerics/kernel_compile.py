"""Leaves out of numba's work what takes half of the time of a first compilation and changes nothing.

All of it inside numba, so only for versions in which it was looked at and only where the methods take what they took
then; with any other numba compiling takes longer and gives the same code:

- Passes over single functions. Parts of our kernels are all inlined, and optimised again in the kernel that they are
  in, so optimising each by itself first is wasted (4 s of 31; the compiled kernel is as fast, its results the same).
- Machine code of parts, and their way in from Python: nobody calls a part but kernels, into which it is copied (5 s of
  39). Who calls one from Python nevertheless gets it compiled then.
- Copies of a function that is inlined. Numba copies it block by block, and with each block the scope that all blocks
  share, with all its variables; one copy of the scope for all blocks is what the original has (5 s of 27).
- Ends and copies of variables (`kernel_lowering`; 8 s of 47).

They hold while one of our kernels compiles, under numba's own lock, so that no other library's functions are compiled
so.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple

import numba
from numba.core import codegen, cpu, dispatcher, inline_closurecall, lowering, targetconfig
from numba.core.compiler_lock import global_compiler_lock

from costeff.numerics import kernel_lowering

TRIED = ((0, 62), (0, 68))
"""Versions of numba, first and last, whose methods were read and whose kernels gave the same results."""


class _Method(NamedTuple):
    """A method of numba that is replaced meanwhile, with the parameters it had when it was read."""

    owner: Any
    name: str
    parameters: str


_PASSES = _Method(codegen.CPUCodeLibrary, "_optimize_functions", "self ll_module")
_INLINE = _Method(
    inline_closurecall.InlineWorker, "inline_ir", "self caller_ir block i callee_ir callee_freevars arg_typs"
)
_FINALIZE = _Method(codegen.CPUCodeLibrary, "finalize", "self")
_EXECUTABLE = _Method(cpu.CPUContext, "get_executable", "self library fndesc env")
_OVERLOAD = _Method(dispatcher._DispatcherBase, "add_overload", "self cres")
_WRAPPER = _Method(lowering.Lower, "create_cpython_wrapper", "self release_gil")
_C_WRAPPER = _Method(lowering.Lower, "create_cfunc_wrapper", "self")
_VARIABLES = _Method(lowering.Lower, "_find_singly_assigned_variable", "self")
_STORE = _Method(lowering.Lower, "storevar", "self value name argidx")
_EXPRESSION = _Method(lowering.Lower, "lower_expr", "self resty expr")
_METHODS = (_PASSES, _INLINE, _FINALIZE, _EXECUTABLE, _OVERLOAD, _WRAPPER, _C_WRAPPER, _VARIABLES, _STORE, _EXPRESSION)
_INLINING: Any = inline_closurecall


def tried(version: str = numba.__version__) -> bool:
    """Whether a version of numba is one of those that were tried, and its methods take what they took then.

    >>> tried("0.61.2"), tried("0.99.0")
    (False, False)
    """
    numbers = tuple(int(part) for part in version.split(".")[:2])
    return (
        TRIED[0] <= numbers <= TRIED[1]
        and all(_takes_as_read(method) for method in _METHODS)
        and getattr(_INLINING, "copy", None) is copy
    )


def _takes_as_read(method: _Method) -> bool:
    """Whether numba has the method and it takes the parameters that it took when it was read."""
    function = getattr(method.owner, method.name, None)
    return function is not None and list(inspect.signature(function).parameters) == method.parameters.split()


@contextmanager
def lighter() -> Iterator[None]:
    """Compile with less work inside; what was there before is put back at the end, whatever happens."""
    if not tried():
        yield
        return
    with global_compiler_lock:
        before = {method: getattr(method.owner, method.name) for method in _METHODS}
        copy_before = _INLINING.copy
        instead = _instead(before)
        try:
            for method, function in instead.items():
                setattr(method.owner, method.name, function)
            yield
        finally:
            _INLINING.copy = copy_before
            for method, function in before.items():
                setattr(method.owner, method.name, function)


def _instead(before: dict[_Method, Callable[..., Any]]) -> dict[_Method, Callable[..., Any]]:
    """What stands in place of each method; for what is no part of a kernel most of them do as before."""
    memos: list[dict[int, Any]] = []
    _INLINING.copy = SimpleNamespace(deepcopy=lambda block: copy.deepcopy(block, memos[-1]))

    def inline_ir(self: Any, *arguments: Any, **options: Any) -> Any:
        memos.append({})
        try:
            return before[_INLINE](self, *arguments, **options)
        finally:
            memos.pop()

    def finalize(self: Any) -> None:
        if _is_part():
            _link(self)
        else:
            before[_FINALIZE](self)

    def get_executable(self: Any, library: Any, fndesc: Any, env: Any) -> Any:
        if _is_part():
            library._ensure_finalized()
            return PartEntry()
        return before[_EXECUTABLE](self, library, fndesc, env)

    def add_overload(self: Any, cres: Any) -> None:
        if isinstance(cres.entry_point, PartEntry):
            cres.entry_point.dispatcher = self
            self.overloads[tuple(cres.signature.args)] = cres  # and not where a call from Python looks first
        else:
            before[_OVERLOAD](self, cres)

    def create_cpython_wrapper(self: Any, release_gil: bool = False) -> None:
        if not _is_part():
            before[_WRAPPER](self, release_gil)

    return {
        _PASSES: _only_layout,
        _INLINE: inline_ir,
        _FINALIZE: finalize,
        _EXECUTABLE: get_executable,
        _OVERLOAD: add_overload,
        _WRAPPER: create_cpython_wrapper,
        _C_WRAPPER: lambda self: None,  # only functions that are given to others as values need it
        _VARIABLES: kernel_lowering.find_variables,
        _STORE: kernel_lowering.write_variable,
        _EXPRESSION: kernel_lowering.read_expression,
    }


class PartEntry:
    """Stands where a function's machine code would: a part that was compiled only to be copied into a kernel.

    Called from Python, it is compiled by itself.
    """

    dispatcher: Any

    def __call__(self, *arguments: Any) -> Any:
        options = {name: value for name, value in self.dispatcher.targetoptions.items() if name != "nopython"}
        return numba.njit(**options)(self.dispatcher.py_func)(*arguments)


def _is_part() -> bool:
    """Whether what numba works on is a function that is always inlined and counts no references."""
    flags = targetconfig.ConfigStack.top_or_none()
    return flags is not None and bool(getattr(flags, "forceinline", False)) and not flags.nrt


def _link(library: Any) -> None:
    """Join a part with the parts that it calls, as numba does before it optimises and writes machine code."""
    library._raise_if_finalized()
    for other in dict.fromkeys(library._linking_libraries):
        if hasattr(library, "_reload_init"):  # since numba 0.68
            library._reload_init.update(other._reload_init)
        library._final_module.link_in(other._get_module_for_linking(), preserve=True)
    library._finalize_dynamic_globals()
    library._finalized = True


def _only_layout(self: Any, ll_module: Any) -> None:
    """What is left of numba's passes over single functions: later passes need the layout of data."""
    ll_module.data_layout = self._codegen._data_layout
