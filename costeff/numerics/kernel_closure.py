"""The text that ends up in compiled kernels: the functions that are compiled and everything they refer to by name.

A compiled kernel has its helpers and constants built in, so the cache of compiled code must notice when one of them
changes, in whatever file it stands; and it must not notice a reworded message that no kernel reads. So names are
followed through the syntax trees, from statement to statement.

What is followed is more than is needed, never less: a name of the module that a local variable shares is taken for the
module's, and a statement that might change a constant after it was made (`TABLE[0] = 1`, a loop) belongs to it.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

DECORATORS = ("kernel", "kernel_part", "kernel_outline")
_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Closure:
    """Everything that kernels refer to: a hash of it, and the files (sha256 of each text) that were read to find it."""

    digest: str
    files: dict[Path, str]


@dataclass
class _Module:
    """One file: the statements that make or change each name, and what its imports stand for."""

    path: Path
    statements: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    body: list[ast.stmt] = field(default_factory=list)


def follow(package: Path, files: Iterable[Path], instead: Mapping[tuple[Path, str], str] | None = None) -> Closure:
    """What the kernels of `files` refer to.

    Parameters
    ----------
    package
        Folder of the package; imports of other packages are noted by name and not followed.
    files
        The files that hold kernels: statements that mention one of `DECORATORS`.
    instead
        (file, name) to the name in the same file that is followed in its place.

    Returns
    -------
    Closure
        Its digest changes when, and only when, a statement that kernels refer to changes in more than its
        documentation, comments or layout.

    Raises
    ------
    SyntaxError
        When a file is not Python.
    """
    walk = _Walk(package)
    for path in files:
        walk.start(path)
    walk.finish(instead or {})
    digest = hashlib.sha256("\n".join(sorted(walk.texts)).encode())
    return Closure(digest.hexdigest(), walk.hashes)


def remembered(
    root: Path, package: Path, files: Sequence[Path], instead: Mapping[tuple[Path, str], str] | None = None
) -> str:
    """The digest of `follow`, from a note in the folder `root` when no file that was read for it has changed.

    Following names takes a fifth of a second, comparing the texts of some twenty files a hundredth of that.
    """
    names = "\n".join(str(path) for path in (package, *files))
    key = hashlib.sha256(names.encode() + Path(__file__).read_bytes()).hexdigest()
    note = root / f"followed-{key[:12]}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, AttributeError):  # no note, or one that is damaged
        record = json.loads(_own_text(note))
        if all(_hash(Path(path)) == digest for path, digest in record["files"].items()):
            return str(record["digest"])
    closure = follow(package, files, instead)
    with contextlib.suppress(OSError):  # a folder that cannot be written to: followed again next time
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = {"digest": closure.digest, "files": {str(path): digest for path, digest in closure.files.items()}}
        handle, name = tempfile.mkstemp(dir=root)  # of this user alone, whatever the umask
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(name, note)
    return closure.digest


def _own_text(path: Path) -> str:
    """The text of a file that only this user can have written. Raises OSError for any other."""
    with open(path, encoding="utf-8") as file:
        info = os.fstat(file.fileno())
        if hasattr(os, "getuid") and (info.st_uid != os.getuid() or info.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
            raise PermissionError(f"others could have written {path}")
        return file.read()


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class _Walk:
    """One walk over names; `ahead` holds those that are still to be followed."""

    def __init__(self, package: Path) -> None:
        self.package, self.modules = package, dict[Path, _Module]()
        self.hashes, self.texts = dict[Path, str](), set[str]()
        self.ahead: list[tuple[Path, str]] = []

    def start(self, path: Path) -> None:
        """Put the kernels of a file on the list, and the records that they are handed."""
        module = self.module(path)
        for statement in module.body:
            if not isinstance(statement, ast.Import | ast.ImportFrom) and _mentions_decorator(statement):
                self.take(module, statement)
        self.records(path, set())

    def records(self, path: Path, files_seen: set[Path]) -> None:
        """Take every NamedTuple of a file and of those it imports.

        Kernels read an argument's fields by place, without the name of its class.
        """
        if path in files_seen:
            return
        files_seen.add(path)
        module = self.module(path)
        for statement in module.body:
            if isinstance(statement, ast.ClassDef) and "NamedTuple" in set(_names(statement.bases)):
                self.take(module, statement)
        for module_name, name in module.imports.values():
            if import_path := self.file(module_name) or self.file(f"{module_name}.{name}"):
                self.records(import_path, files_seen)

    def finish(self, instead: Mapping[tuple[Path, str], str]) -> None:
        """Follow every name on the list, and those that their statements mention in turn."""
        visits = set[tuple[Path, str]]()
        while self.ahead:
            path, name = self.ahead.pop()
            name = instead.get((path, name), name)
            if (path, name) in visits:
                continue
            visits.add((path, name))
            module = self.module(path)
            for statement in module.statements.get(name, ()):
                self.take(module, statement)
            if name in module.imports:
                self.follow_import(module, name)

    def take(self, module: _Module, statement: ast.stmt) -> None:
        """Note a statement's text, and put the names it mentions on the list."""
        self.texts.add(f"{self.relative(module.path)}: {_text(statement)}")
        for module_name, name in _imported(statement).values():
            self.into(module_name, name)
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                self.ahead.append((module.path, node.id))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module_name, name = module.imports.get(node.value.id, ("", ""))
                if module_name:  # `tensors.PLAIN`, where `tensors` is an imported module
                    self.into(f"{module_name}.{name}" if name else module_name, node.attr)

    def follow_import(self, module: _Module, name: str) -> None:
        """Note what an imported name stands for, and follow it when it is the package's own."""
        module_name, original = module.imports[name]
        self.texts.add(f"{self.relative(module.path)}: {name} is {module_name} {original}")
        self.into(module_name, original)

    def into(self, module_name: str, name: str) -> None:
        """Follow `name` in the module `module_name`, when it is a module of the package."""
        path = self.file(module_name)
        if path is None or not name or self.file(f"{module_name}.{name}"):
            return  # of another package, or a module, of which single names are followed where they are used
        module = self.module(path)
        if name in module.statements or name in module.imports:
            self.ahead.append((path, name))
        else:  # made in a way that the syntax tree does not show: the whole file counts
            self.texts.add(f"{self.relative(path)} {self.hashes[path]}")

    def module(self, path: Path) -> _Module:
        """The file, read once."""
        if path not in self.modules:
            self.hashes[path] = _hash(path)
            self.modules[path] = _read(path, ast.parse(path.read_bytes()))
        return self.modules[path]

    def file(self, module_name: str) -> Path | None:
        """The file of a module of the package, or None."""
        first, *rest = module_name.split(".")
        if first != self.package.name:
            return None
        path = self.package.joinpath(*rest)
        for candidate in (path / "__init__.py", path.with_suffix(".py")):
            if candidate.is_file() and candidate != self.package.with_suffix(".py"):
                return candidate
        return None

    def relative(self, path: Path) -> str:
        """The file's name in the package, the same on every machine."""
        return path.relative_to(self.package).as_posix()


def _read(path: Path, tree: ast.Module) -> _Module:
    """The names that a file's own statements make or change, and its imports."""
    module = _Module(path, body=tree.body)
    for statement in tree.body:
        module.imports.update({} if isinstance(statement, _DEFINITION) else _imported(statement))
        for name in _made(statement):
            module.statements.setdefault(name, []).append(statement)
    return module


def _made(statement: ast.stmt) -> set[str]:
    """The names that a statement of a module makes or may change."""
    if isinstance(statement, _DEFINITION):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return set()
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return set(_names(targets))
    inner = {node.name for node in ast.walk(statement) if isinstance(node, _DEFINITION)}
    return inner | set(_names([statement]))  # a loop, a condition, a call: it may change whatever it mentions


def _imported(statement: ast.stmt) -> dict[str, tuple[str, str]]:
    """Name -> (module, name in it, '' for the module itself) of each import in a statement."""
    imports: dict[str, tuple[str, str]] = {}
    for node in ast.walk(statement):
        if isinstance(node, ast.ImportFrom):
            imports |= {alias.asname or alias.name: (node.module or "", alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.split(".")[0]
                imports[alias.asname or whole] = (whole, "")
    return imports


def _names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Every plain name in some parts of a syntax tree."""
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                yield part.id


def _mentions_decorator(statement: ast.stmt) -> bool:
    names = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(statement)
        if isinstance(node, ast.Name | ast.Attribute)
    }
    return not names.isdisjoint(DECORATORS)


def _text(statement: ast.stmt) -> str:
    """The statement's syntax tree without documentation strings, comments and places."""
    docstrings = {
        id(node.body[0])
        for node in ast.walk(statement)
        if isinstance(node, _DEFINITION) and ast.get_docstring(node, clean=False) is not None
    }
    return _dump(statement, docstrings)


def _dump(node: object, left_out: set[int]) -> str:
    if isinstance(node, ast.AST):
        fields = ", ".join(_dump(value, left_out) for _, value in ast.iter_fields(node))
        return f"{type(node).__name__}({fields})"
    if isinstance(node, list):
        return f"[{', '.join(_dump(part, left_out) for part in node if id(part) not in left_out)}]"
    return repr(node)
