"""Leaves out of numba's work what takes half of the time of a first compilation and changes nothing.

All of it is inside numba, so only for versions in which it was looked at and only where the methods take what they took
then; with any other numba compiling takes longer and gives the same code. What is left out stands, with what it takes,
in `kernel_passes`, `kernel_parts` and `kernel_lowering`. (All kernels of a first `costeff run tki2` took 43.6
s of processor time before the last two and most of the first came in, and 21.6 s since.)

The replacements hold while one of our kernels compiles, under numba's own lock, so that no other library's functions
are compiled so.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import numba
from numba.core.compiler_lock import global_compiler_lock

from costeff.numerics import kernel_lowering, kernel_parts, kernel_passes

TRIED = ((0, 62), (0, 68))
"""Versions of numba, first and last, whose methods were read and whose kernels gave the same results."""
METHODS = (*kernel_passes.METHODS, *kernel_parts.METHODS, *kernel_lowering.METHODS)


def tried(version: str = numba.__version__) -> bool:
    """Whether a version of numba is one of those that were tried, and its methods take what they took then.

    >>> tried("0.61.2"), tried("0.99.0")
    (False, False)
    """
    numbers = tuple(int(part) for part in version.split(".")[:2])
    return (
        TRIED[0] <= numbers <= TRIED[1]
        and all(method.is_as_read for method in METHODS)
        and getattr(kernel_passes.INLINING, "copy", None) is copy
    )


@contextmanager
def lighter() -> Iterator[None]:
    """Compile with less work inside; what was there before is put back at the end, whatever happens."""
    if not tried():
        yield
        return
    with global_compiler_lock:
        before = [(method, getattr(method.owner, method.name)) for method in METHODS]
        try:
            for method in METHODS:
                method.replace()
            yield
        finally:
            for method, function in before:
                method.put_back(function)
