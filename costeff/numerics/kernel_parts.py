"""Parts of kernels without machine code of their own: nobody calls a part but kernels, into which it is copied.

Numba makes machine code of each part by itself, and a way in from Python (5 s of 39). Here a part is only joined with
the parts that it calls. Who calls one from Python nevertheless gets it compiled then.
"""

from __future__ import annotations

from typing import Any

import numba
from numba.core import codegen, cpu, dispatcher, lowering, targetconfig

from costeff.numerics.kernel_methods import Method
from costeff.numerics.kernel_passes import counts_references


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
    return not counts_references() and bool(targetconfig.ConfigStack.top_or_none().forceinline)


def _finalize(self: Any) -> None:
    """Join a part with the parts that it calls, as numba does before it optimises and writes machine code."""
    if not _is_part():
        _FINALIZE.numba(self)
        return
    self._raise_if_finalized()
    for other in dict.fromkeys(self._linking_libraries):
        if hasattr(self, "_reload_init"):  # since numba 0.68
            self._reload_init.update(other._reload_init)
        self._final_module.link_in(other._get_module_for_linking(), preserve=True)
    self._finalize_dynamic_globals()
    self._finalized = True


def _executable(self: Any, library: Any, fndesc: Any, env: Any) -> Any:
    """What is called from Python: for a part, what stands for it."""
    if not _is_part():
        return _EXECUTABLE.numba(self, library, fndesc, env)
    library._ensure_finalized()
    return PartEntry()


def _add_overload(self: Any, cres: Any) -> None:
    """Keep what was compiled for these types; a part not where a call from Python looks first."""
    if isinstance(cres.entry_point, PartEntry):
        cres.entry_point.dispatcher = self
        self.overloads[tuple(cres.signature.args)] = cres
    else:
        _OVERLOAD.numba(self, cres)


def _wrap(self: Any, release_gil: bool = False) -> None:
    """Make the way in from Python, for what has one."""
    if not _is_part():
        _WRAPPER.numba(self, release_gil)


def _wrap_for_c(self: Any) -> None:
    """Make no way in from C: only functions that are given to others as values need it."""


_FINALIZE = Method(codegen.CPUCodeLibrary, "finalize", "self", _finalize)
_EXECUTABLE = Method(cpu.CPUContext, "get_executable", "self library fndesc env", _executable)
_OVERLOAD = Method(dispatcher._DispatcherBase, "add_overload", "self cres", _add_overload)
_WRAPPER = Method(lowering.Lower, "create_cpython_wrapper", "self release_gil", _wrap)
_C_WRAPPER = Method(lowering.Lower, "create_cfunc_wrapper", "self", _wrap_for_c)
METHODS = (_FINALIZE, _EXECUTABLE, _OVERLOAD, _WRAPPER, _C_WRAPPER)
