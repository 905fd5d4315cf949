"""Where compiled kernels are kept, and the one decorator, `kernel`, that every compiled function wears.

Numba's own cache looks only at the file of the function it loads: edit a helper in another file and a new process still
answers with the old number. So the folder here is named by a hash of everything that kernels refer to, wherever it
stands (`kernel_closure`): an edit of that opens a new, empty folder, an edit of anything else leaves it be. Compiled
code is executed when it is read, so the folder must belong to the user and be writable by nobody else, and each file in
it is sealed by a hash: what is damaged is removed and compiled again.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import logging
import os
import pickle
import platform
import shutil
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile

from costeff.numerics.kernel_closure import follow, remembered
from costeff.numerics.kernel_compile import lighter

F = TypeVar("F", bound=Callable[..., Any])

#: Files outside `engine/` that hold kernels; a test checks the list. What they refer to is found by itself.
KERNEL_FILES = (
    "analysis/tally_kernel.py",
    "compile/hazard_sums.py",
    "numerics/quantile_kernels.py",
    "numerics/random.py",
    "numerics/sums.py",
)
# Without numba's runtime (`_nrt`) a kernel cannot allocate, and arrays are passed without counting references, which
# would otherwise cost more than the work between two events.
OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": False, "error_model": "numpy", "_nrt": False}
KEEP_DAYS = 30

_PACKAGE = Path(__file__).resolve().parents[1]
# Settings of numba that leave the machine code as it is; every other NUMBA_* variable enters the hash.
_HARMLESS = {"NUMBA_CACHE_DIR", "NUMBA_CACHE_LOCATOR_CLASSES", "NUMBA_DEBUG_CACHE", "NUMBA_NUM_THREADS"}
_log = logging.getLogger("costeff")
_lock = threading.RLock()


class _UnsafeFolderError(Exception):
    """The folder exists, but somebody else could have put code into it."""


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


def cache_root() -> Path:
    """The user's cache folder for costeff: COSTEFF_CACHE_DIR, or the system's usual place.

    Raises RuntimeError when no home directory can be found.
    """
    if custom_root := os.environ.get("COSTEFF_CACHE_DIR"):
        return Path(custom_root).expanduser().absolute()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / "costeff" / "cache" if base else Path.home() / "AppData" / "Local" / "costeff" / "cache"
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(xdg):
        return Path(xdg) / "costeff"
    home = Path.home()
    if not home.is_absolute():
        raise RuntimeError("no home directory")
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "costeff"


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
        _check_private(root, folder)
        tempfile.TemporaryFile(dir=folder).close()
        os.utime(folder)  # last use, for _remove_old
    except (OSError, RuntimeError, _UnsafeFolderError) as error:
        folder = _temporary_folder()
        _log.warning(
            "compiled kernels are kept for this process only, so each start compiles again: %s. "
            "Set COSTEFF_CACHE_DIR to a folder that only you can write to.",
            error,
        )
    else:
        _remove_old(root, folder)
    return folder


def _check_private(root: Path, folder: Path) -> None:
    """Raise _UnsafeFolderError unless only this user can put files into `folder`, or swap it for another."""
    if not hasattr(os, "getuid"):  # Windows: LOCALAPPDATA is private to the user by its access list
        return
    me, others = os.getuid(), stat.S_IWGRP | stat.S_IWOTH
    info = folder.lstat()
    if not stat.S_ISDIR(info.st_mode):
        raise _UnsafeFolderError(f"{folder} is not a plain folder")
    if info.st_uid != me:
        raise _UnsafeFolderError(f"{folder} belongs to another user")
    if info.st_mode & others:
        raise _UnsafeFolderError(f"{folder} can be written to by other users")
    above = root.stat()
    if above.st_uid not in (me, 0):
        raise _UnsafeFolderError(f"{root} belongs to another user")
    if above.st_mode & others and not above.st_mode & stat.S_ISVTX:
        raise _UnsafeFolderError(f"{root} can be written to by other users")


def _temporary_folder() -> Path:
    folder, owner = Path(tempfile.mkdtemp(prefix="costeff-kernels-")), os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # a forked child must not remove its parent's folder
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def _remove_old(root: Path, current: Path) -> None:
    """Remove folders of earlier kernels not used for KEEP_DAYS days, and notes as old; whatever resists stays."""
    oldest = time.time() - KEEP_DAYS * 86_400
    for path in (*root.glob("kernels-*"), *root.glob("followed-*.json")):
        try:
            info = path.lstat()
        except OSError:
            continue
        if stat.S_ISREG(info.st_mode) and path.suffix == ".json" and info.st_mtime < oldest:
            with contextlib.suppress(OSError):
                path.unlink()
        if path != current and stat.S_ISDIR(info.st_mode) and info.st_mtime < oldest:
            shutil.rmtree(path, ignore_errors=True)


def _tidied(folder: Path) -> None:
    """Make sure that only this user can write to a folder that numba made in ours; raises OSError.

    Numba makes it under the user's umask. What lies in a folder that others could write to is not trusted.
    """
    if not hasattr(os, "getuid"):
        return
    info = folder.lstat()
    plain = stat.S_ISDIR(info.st_mode) and info.st_uid == os.getuid()
    if plain and not info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return
    if plain and not any(folder.iterdir()):
        folder.chmod(0o700)  # made just now
        return
    _warn_once(
        f"others could write to the compiled kernels in {folder}; they are removed and compiled again, which "
        "takes up to a minute"
    )
    if stat.S_ISDIR(info.st_mode):
        shutil.rmtree(folder)
    else:
        folder.unlink()
    folder.mkdir(mode=0o700)


@functools.cache
def _warn_once(line: str) -> None:
    """Log a warning (logger `costeff`) unless this process has logged it before."""
    _log.warning("%s", line)


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


class _HealingCache(FunctionCache):
    """Numba's cache of one function; what cannot be read is removed, and what cannot be written is left out.

    Either is said once with the folder's name, and the function is compiled: a cache is never worth a run.
    """

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
            _warn_once(
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
            _warn_once(
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
        # Numba reads these two when it decorates, and only then (numba/core/caching.py, `from_function`), so
        # it does not matter who imported numba before; putting them back leaves other libraries' caches be.
        before = config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES
        config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES = str(folder), ""
        try:
            dispatcher: Any = _compile(function)
            cache = _HealingCache(function)
            # When the folder goes away in between, numba chooses one of its own, which may be stale.
            if not Path(cache.cache_path).is_relative_to(folder):
                raise OSError(f"numba would keep them in {cache.cache_path}")
            _tidied(Path(cache.cache_path))
        except (OSError, RuntimeError) as error:  # RuntimeError: numba finds no folder at all
            _warn_once(f"compiled kernels cannot be kept in {folder}, so each start compiles again: {error}")
            return dispatcher  # type: ignore[no-any-return]
        finally:
            config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES = before
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
