"""Where compiled kernels are kept, and the one decorator, `kernel`, that every compiled function wears.

Numba's own cache looks only at the file of the function it loads: edit a helper in another file and a new process still
answers with the old number. So the folder here is named by a hash of everything that kernels refer to, wherever it
stands (`kernel_closure`): an edit of that opens a new, empty folder, an edit of anything else leaves it be. Compiled
code is executed when it is read, so the folder must belong to the user and be writable by nobody else, and each file in
it is sealed by a hash: what is damaged is removed and compiled again.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import os
import pickle
import platform
import sys
import tempfile
import threading
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile, _CacheLocator

from costeff.numerics.kernel_closure import follow, remembered
from costeff.numerics.kernel_compile import lighter
from costeff.numerics.kernel_folder import (
    UnsafeFolderError,
    cache_root,
    check_private,
    remove_old,
    temporary_folder,
    tidied,
    warn_once,
)

F = TypeVar("F", bound=Callable[..., Any])

#: Files outside `engine/` that hold kernels; a test checks the list. What they refer to is found by itself.
KERNEL_FILES = (
    "analysis/tally_kernel.py",
    "compile/hazard_sums.py",
    "investment/book_kernel.py",
    "investment/calendar_kernel.py",
    "ledger/line_kernel.py",
    "numerics/quantile_kernels.py",
    "numerics/random.py",
    "numerics/sums.py",
)
# Without numba's runtime (`_nrt`) a kernel cannot allocate, and arrays are passed without counting references, which
# would otherwise cost more than the work between two events.
OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": False, "error_model": "numpy", "_nrt": False}

_PACKAGE = Path(__file__).resolve().parents[1]
# Settings of numba that leave the machine code as it is; every other NUMBA_* variable enters the hash.
_HARMLESS = {"NUMBA_CACHE_DIR", "NUMBA_CACHE_LOCATOR_CLASSES", "NUMBA_DEBUG_CACHE", "NUMBA_NUM_THREADS"}
_log = logging.getLogger("costeff")
_lock = threading.RLock()


class _DamagedError(Exception):
    """A file of the cache is not as it was written."""


@functools.cache
def kernel_files() -> tuple[Path, ...]:
    """Every file that may hold kernels, in a fixed order."""
    others = [path for name in KERNEL_FILES if (path := _PACKAGE / name).is_file()]
    return (*others, *sorted((_PACKAGE / "engine").rglob("*.py")))


@functools.cache
def kernel_hash() -> str:
    """Hash (sha256, hex) of all that kernels refer to, Python, numba, llvmlite, NumPy and numba's own settings.

    >>> len(kernel_hash())
    64
    """
    digest = hashlib.sha256()
    settings = sorted(item for item in os.environ.items() if item[0].startswith("NUMBA_") and item[0] not in _HARMLESS)
    for part in (
        platform.python_implementation(),
        sys.version,
        platform.machine(),
        *(f"{name} {version(name)}" for name in ("numba", "llvmlite", "numpy")),
        *(f"{name}={value}" for name, value in settings),
        _followed(),
    ):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def _followed() -> str:
    """Hash of the statements that kernels refer to; of this file only how a function is compiled."""
    instead = {(Path(__file__).resolve(), "kernel"): "_compile"}
    try:
        root = cache_root()
    except RuntimeError:
        return follow(_PACKAGE, kernel_files(), instead).digest
    return remembered(root, _PACKAGE, kernel_files(), instead)


@functools.cache
def configure() -> Path:
    """Make and return the folder for this process's compiled kernels; the same folder on every call.

    `<cache_root>/kernels-<hash>`, mode 0700. Where it cannot be written, or somebody else could write to it,
    a temporary folder of this process alone, removed at its end; the log (logger `costeff`) says so.
    """
    try:
        root = cache_root()
        folder = root / f"kernels-{kernel_hash()[:12]}"
        root.parent.mkdir(parents=True, exist_ok=True)
        for path in (root, folder):
            path.mkdir(mode=0o700, exist_ok=True)
        check_private(root, folder)
        tempfile.TemporaryFile(dir=folder).close()
        os.utime(folder)  # last use, for remove_old
    except (OSError, RuntimeError, UnsafeFolderError) as error:
        folder = temporary_folder()
        _log.warning(
            "compiled kernels are kept for this process only, so each start compiles again: %s. "
            "Set COSTEFF_CACHE_DIR to a folder that only you can write to.",
            error,
        )
    else:
        remove_old(root, folder)
    return folder


class _Entries(IndexDataCacheFile):
    """Numba's files for one function, its index and compiled code, each with a hash of its content in front.

    Numba believes what it reads: half a file (a power cut, a full disk) ends in a traceback, and of one with a
    changed byte it would run the code. Each entry also holds its own key: when two processes save at once, the
    index of one can name the code of the other.
    """

    _FORM = b"costeff kernel, form 1\n"

    def load(self, key: Any) -> Any:
        entry = super().load(key)
        return entry[1] if entry is not None and entry[0] == key else None

    def save(self, key: Any, data: Any) -> None:
        super().save(key, (key, data))

    def _load_index(self) -> Any:
        try:
            version, stamp, names = self._unsealed(self._index_path)
        except FileNotFoundError:
            return {}
        return names if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: Any) -> None:
        self._seal(self._index_path, (self._version, self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        return self._unsealed(self._data_path(name))

    def _save_data(self, name: str, data: Any) -> None:
        self._seal(self._data_path(name), data)

    def _unsealed(self, path: str) -> Any:
        with open(path, "rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid not in (os.getuid(), 0):
                raise _DamagedError("it belongs to another user")
            content = file.read()
        form, start = self._FORM, len(self._FORM) + 32
        if content[: len(form)] != form or hashlib.sha256(content[start:]).digest() != content[len(form) : start]:
            raise _DamagedError("it is not as it was written")
        return pickle.loads(content[start:])

    def _seal(self, path: str, content: Any) -> None:
        body = self._dump(content)
        with self._open_for_write(path) as file:
            file.write(self._FORM + hashlib.sha256(body).digest() + body)


class _Place(_CacheLocator):
    """Where the code of one function is kept: in our folder, by the module of the function.

    Numba goes by the path of the source file and the time of its last change, so that a second installation, or a copy
    of the clone, compiles everything again. Our folder is named by a hash of all that kernels refer to: in it, the same
    module and line are the same code, wherever the package stands.
    """

    def __init__(self, function: Callable[..., Any], path: Path) -> None:
        self._folder = configure() / ".".join(path.resolve().relative_to(_PACKAGE).with_suffix("").parts)
        self._line = function.__code__.co_firstlineno

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _Place:
        place = cls(py_func, Path(py_file))
        place.ensure_cache_path()
        return place

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_source_stamp(self) -> str:
        return kernel_hash()

    def get_disambiguator(self) -> str:
        return str(self._line)


class _Kept(CompileResultCacheImpl):
    """How numba writes and reads compiled code, at our place."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._locator_classes = [_Place]
        super().__init__(function)


class _HealingCache(FunctionCache):
    """Numba's cache of one function; what cannot be read is removed, and what cannot be written is left out.

    Either is said once with the folder's name, and the function is compiled: a cache is never worth a run.
    """

    _impl_class = _Kept

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        locator = self._impl.locator
        self._cache_file = _Entries(self._cache_path, self._impl.filename_base, locator.get_source_stamp())

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:  # reading, unpickling and linking can raise anything
            with contextlib.suppress(OSError):
                for path in Path(self._cache_path).iterdir():
                    if path.name.startswith(f"{self._impl.filename_base}."):
                        path.unlink(missing_ok=True)
            warn_once(
                f"a compiled kernel in {configure()} is damaged; it is removed and compiled again, which "
                f"takes up to a minute. Cause: {_said(error)}"
            )
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except Warning:  # numba's, made an error by who called: a kernel that cannot be cached at all
            raise
        except Exception as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else _said(error)
            warn_once(
                f"compiled kernels cannot be kept in {configure()} ({reason}), so each start compiles again; "
                "results are the same. Free some space there, or set COSTEFF_CACHE_DIR to another folder."
            )


def _said(error: Exception) -> str:
    """An error in one line: its text, with its kind unless it is ours."""
    return str(error) if isinstance(error, _DamagedError) else f"{type(error).__name__}: {error}"


def _compile(function: F) -> F:
    """The function as numba compiles it, on its first call; all flags stand in OPTIONS."""
    dispatcher: Any = numba.njit(**OPTIONS)(function)
    if hasattr(dispatcher, "stats"):  # else numba is switched off and this is the plain function
        compile_all = dispatcher.compile

        def compile_lightly(signature: Any) -> Any:
            with lighter():
                return compile_all(signature)

        dispatcher.compile = compile_lightly
    return dispatcher  # type: ignore[no-any-return]


def kernel(function: F) -> F:
    """Compile `function` with numba on its first call (no GIL, strict IEEE), cached in `configure()`.

    A function from a file that is not among `kernel_files()`, or made inside another function, is compiled without a
    cache, because an edit to its helpers could not be seen. One set of flags for all kernels: numba leaves flags out of
    its key.

    >>> @kernel
    ... def twice(x):
    ...     return 2.0 * x
    >>> twice(1.5)
    3.0
    """
    is_kernel_file = Path(function.__code__.co_filename).resolve() in kernel_files()
    if not is_kernel_file or "<locals>" in function.__qualname__:
        return _compile(function)
    folder = configure()
    config: Any = numba.config
    with _lock:
        # Numba reads this when it decorates, and only then, so it does not matter who imported numba before; a list of
        # the user's own is for other libraries' functions, and is put back.
        before, config.CACHE_LOCATOR_CLASSES = config.CACHE_LOCATOR_CLASSES, ""
        try:
            dispatcher: Any = _compile(function)
            cache = _HealingCache(function)
            tidied(Path(cache.cache_path))
        except OSError as error:
            warn_once(f"compiled kernels cannot be kept in {folder}, so each start compiles again: {error}")
            return dispatcher  # type: ignore[no-any-return]
        finally:
            config.CACHE_LOCATOR_CLASSES = before
    if hasattr(dispatcher, "stats"):  # else numba is switched off and this is the plain function
        dispatcher._cache = cache  # as numba's own `enable_caching` does
    return dispatcher  # type: ignore[no-any-return]


def is_compiled(module: str, function: str) -> bool:
    """True when a compiled form of this kernel lies in the cache, so that a first call will not take long."""
    return any(configure().rglob(f"{module}.{function}-*.nbi"))


@functools.cache
def announce(module: str, function: str, wait: str = "about a minute") -> None:
    """Say on stderr, once per process, that this kernel is about to be compiled, unless it lies in the cache."""
    if not is_compiled(module, function):
        _say(f"costeff: compiling kernels for this machine, once; {wait}")


@functools.cache
def _say(line: str) -> None:
    """Write the line to stderr, unless this process has written it before."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def kernel_part(function: F) -> F:
    """Compile `function` into each kernel that calls it (always inlined), so that a call costs nothing.

    A call between compiled functions passes every array with its reference count; inside a sojourn that would cost more
    than the work. Its text is in the callers' cache key, as `kernel_hash` follows names.
    """
    dispatcher: F = numba.njit(forceinline=True, **OPTIONS)(function)
    return dispatcher


def kernel_outline(function: F) -> F:
    """Copy `function` into each kernel that calls it before anything is compiled.

    For functions that are called once or take many arrays: a part is compiled by itself as well, and all that it
    calls with it, at every level of calls. With every function a part, the event kernel takes a minute and a half.
    """
    dispatcher: F = numba.njit(inline="always", **OPTIONS)(function)
    return dispatcher
