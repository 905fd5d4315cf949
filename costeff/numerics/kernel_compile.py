"""Leaves out of numba's work what takes a third of the time of a first compilation and changes nothing.

Two things, both inside numba, so both only for versions in which they were looked at and only where the methods are as
they were then; with any other numba compiling takes longer and gives the same code:

- Passes over single functions. Parts of our kernels are all inlined, and optimised again in the kernel that they are
  in, so optimising each by itself first is wasted (4 s of 31; the compiled kernel is as fast, its results the same).
- Copies of a function that is inlined. Numba copies it block by block, and with each block the scope that all blocks
  share, with all its variables; one copy of the scope for all blocks is what the original has (5 s of 27).

They hold while one of our kernels compiles, under numba's own lock, so that no other library's functions are compiled
so.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numba
from numba.core import codegen, inline_closurecall
from numba.core.compiler_lock import global_compiler_lock

TRIED = ((0, 62), (0, 68))
"""Versions of numba, first and last, whose methods were read and whose kernels gave the same results."""
_LIBRARY: Any = codegen.CPUCodeLibrary
_INLINER: Any = inline_closurecall.InlineWorker
_INLINING: Any = inline_closurecall


def tried(version: str = numba.__version__) -> bool:
    """Whether a version of numba is one of those that were tried, and its methods take what they took then.

    >>> tried("0.61.2"), tried("0.99.0")
    (False, False)
    """
    numbers = tuple(int(part) for part in version.split(".")[:2])
    passes, inline = getattr(_LIBRARY, "_optimize_functions", None), getattr(_INLINER, "inline_ir", None)
    return (
        TRIED[0] <= numbers <= TRIED[1]
        and passes is not None
        and inline is not None
        and list(inspect.signature(passes).parameters) == ["self", "ll_module"]
        and getattr(_INLINING, "copy", None) is copy
    )


@contextmanager
def lighter() -> Iterator[None]:
    """Compile with less work inside; what was there before is put back at the end, whatever happens."""
    if not tried():
        yield
        return
    with global_compiler_lock:
        before = _LIBRARY._optimize_functions, _INLINER.inline_ir, _INLINING.copy
        memos: list[dict[int, Any]] = []

        def inline_ir(self: Any, *arguments: Any, **options: Any) -> Any:
            memos.append({})
            try:
                return before[1](self, *arguments, **options)
            finally:
                memos.pop()

        _LIBRARY._optimize_functions = _only_layout
        _INLINER.inline_ir = inline_ir
        _INLINING.copy = SimpleNamespace(deepcopy=lambda block: copy.deepcopy(block, memos[-1]))
        try:
            yield
        finally:
            _LIBRARY._optimize_functions, _INLINER.inline_ir, _INLINING.copy = before


def _only_layout(self: Any, ll_module: Any) -> None:
    """What is left of numba's passes over single functions: later passes need the layout of data."""
    ll_module.data_layout = self._codegen._data_layout
