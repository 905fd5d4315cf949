"""Follows one value through the source by its syntax: from call to parameter, field to attribute, key to key.

Nothing is run. A place is (module, function, name): a variable or parameter of a function, or with an empty function a
field of a class or a key of a mapping, which any function may read.
"""

from __future__ import annotations

import ast
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import costeff

PACKAGE = Path(costeff.__file__).parent
PASSED_ON = {"list", "tuple", "float", "sorted", "set", "concatenate", "stack"}
"""Calls through which a value stays what it is."""


@dataclass(frozen=True)
class Place:
    """Where a value is."""

    module: str
    function: str
    name: str

    def __str__(self) -> str:
        inside = f" in {self.function}" if self.function else ""
        return f"{self.module.replace('.', '/')}.py: {self.name}{inside}"


@dataclass
class Module:
    """One file: its functions and classes by name, and what its imports stand for."""

    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)


@cache
def modules() -> dict[str, Module]:
    """Every module of costeff by dotted name."""
    every: dict[str, Module] = {}
    for path in PACKAGE.rglob("*.py"):
        if "_bundled" in path.parts:
            continue
        name = ".".join(("costeff", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        one = every[name] = Module()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                one.functions.setdefault(node.name, node)
            elif isinstance(node, ast.ClassDef):
                one.classes[node.name] = node
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    one.imports[alias.asname or alias.name] = (node.module, alias.name)
    return every


@cache
def imported(module: str) -> frozenset[str]:
    """The modules that one imports."""
    every = {one for home, part in modules()[module].imports.values() for one in (home, f"{home}.{part}")}
    return frozenset(every & modules().keys())


@cache
def below(module: str) -> frozenset[str]:
    """The module and all that it imports, directly or through others."""
    seen: set[str] = set()
    ahead = {module}
    while ahead:
        seen |= ahead
        ahead = {one for name in ahead for one in imported(name)} - seen
    return frozenset(seen)


def resolved(module: str, called: ast.expr) -> tuple[str, str] | None:
    """The module and name of a function or class of costeff that an expression calls."""
    here = modules()[module]
    if isinstance(called, ast.Name):
        if called.id in here.functions or called.id in here.classes:
            return module, called.id
        return here.imports.get(called.id)
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        there = here.imports.get(called.value.id)
        return (f"{there[0]}.{there[1]}", called.attr) if there else None
    return None


def is_value(expression: ast.expr, place: Place) -> bool:
    """Whether an expression is the value at the place, as it is or part of it."""
    if isinstance(expression, ast.Name):
        return bool(place.function) and expression.id == place.name
    if isinstance(expression, ast.Attribute):
        return not place.function and expression.attr == place.name
    if isinstance(expression, ast.Subscript):
        key = expression.slice
        keyed = isinstance(key, ast.Constant) and key.value == place.name and not place.function
        return keyed or is_value(expression.value, place)
    if isinstance(expression, ast.Call):
        called = expression.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        return name in PASSED_ON and any(is_value(one, place) for one in expression.args)
    if isinstance(expression, ast.ListComp):
        return any(is_value(one.iter, place) for one in expression.generators)
    if isinstance(expression, ast.Tuple):
        return any(is_value(one, place) for one in expression.elts)
    if isinstance(expression, ast.IfExp):
        return is_value(expression.body, place) or is_value(expression.orelse, place)
    if isinstance(expression, ast.BinOp):
        return is_value(expression.left, place) or is_value(expression.right, place)
    return False


_KINDS = (ast.For, ast.Assign, ast.AugAssign, ast.Dict, ast.Call)


@cache
def nodes(function: ast.FunctionDef) -> tuple[ast.AST, ...]:
    """The parts of a function's body by which values go on."""
    return tuple(node for node in ast.walk(function) if isinstance(node, _KINDS))


def words(node: ast.AST) -> frozenset[str]:
    """Names, attributes and texts in a function or a part: it passes on no value under another name."""
    every = ast.walk(node)
    return frozenset(
        node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else str(node.value)
        for node in every
        if isinstance(node, ast.Name | ast.Attribute | ast.Constant)
    )


@cache
def functions() -> tuple[tuple[str, ast.FunctionDef], ...]:
    """Every function with its module, in the order of the files."""
    return tuple((name, function) for name, module in modules().items() for function in module.functions.values())


@cache
def functions_by_word() -> dict[str, set[int]]:
    """Where each word stands: numbers of functions, and of all functions of a module under its name in brackets."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for number, (name, function) in enumerate(functions()):
        numbers[f"[{name}]"].add(number)
        for word in words(function):
            numbers[word].add(number)
    return numbers


def steps(place: Place) -> Iterator[Place]:
    """Where the value at a place goes next."""
    by_word = functions_by_word()
    own = by_word.get(f"[{place.module}]", set())
    with_name = by_word.get(place.name, set())
    callers = by_word.get(place.function, set()) if place.function and is_returned(place) else set()
    # A function can read the fields of classes that its module knows, through whatever hands them on.
    for number in sorted((own & with_name if place.function else own | with_name) | callers):
        name, function = functions()[number]
        known = name == place.module if place.function else place.module in below(name)
        if known and place.function in ("", function.name) and (number in with_name or not place.function):
            yield from steps_inside(place, name, function)
        if number in callers:
            yield from answered(place, name, function)


@cache
def nodes_by_word(function: ast.FunctionDef) -> dict[str, list[int]]:
    """Numbers of the parts that hold a word, and under ** of calls that take a mapping apart."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, node in enumerate(nodes(function)):
        apart = {"**"} if isinstance(node, ast.Call) and any(one.arg is None for one in node.keywords) else set()
        for word in words(node) | apart:
            numbers[word].append(number)
    return numbers


def steps_inside(place: Place, module: str, function: ast.FunctionDef) -> Iterator[Place]:
    """Where the value goes from the body of one function."""
    by_word = nodes_by_word(function)
    for number in sorted({*by_word.get(place.name, []), *by_word.get("**", [])}):
        node = nodes(function)[number]
        if isinstance(node, ast.For) and is_value(node.iter, place) and isinstance(node.target, ast.Name):
            yield Place(module, function.name, node.target.id)
        elif isinstance(node, ast.Assign) and is_value(node.value, place):
            yield from bound(module, function, node.targets)
        elif isinstance(node, ast.AugAssign) and is_value(node.value, place):
            yield from bound(module, function, [node.target])
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and is_value(value, place):
                    yield Place(module, "", key.value)
        elif isinstance(node, ast.Call):
            yield from passed(place, module, node)


def bound(module: str, function: ast.FunctionDef, targets: list[ast.expr]) -> Iterator[Place]:
    """The names that targets of an assignment bind or change."""
    for target in targets:
        for one in target.elts if isinstance(target, ast.Tuple) else [target]:
            while isinstance(one, ast.Subscript):
                one = one.value
            if isinstance(one, ast.Name):
                yield Place(module, function.name, one.id)


@cache
def is_returned(place: Place) -> bool:
    """Whether the function gives the value back, alone or beside others."""
    function = modules()[place.module].functions.get(place.function)
    returns = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)] if function else []
    return any(value is not None and is_value(value, place) for value in returns)


def answered(place: Place, module: str, function: ast.FunctionDef) -> Iterator[Place]:
    """What a caller binds to the answer of the function, or appends it to."""
    for node in nodes(function):
        value = node.value if isinstance(node, ast.Assign) else node
        if isinstance(value, ast.Call) and resolved(module, value.func) == (place.module, place.function):
            if isinstance(node, ast.Assign):
                yield from bound(module, function, node.targets)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append":
            inner = node.args[0]
            if isinstance(inner, ast.Call) and resolved(module, inner.func) == (place.module, place.function):
                yield from bound(module, function, [node.func.value])  # type: ignore[attr-defined]


def passed(place: Place, module: str, node: ast.Call) -> Iterator[Place]:
    """Parameters of a function, or fields of a class, that a call gives the value to."""
    there = resolved(module, node.func)
    if there is None or there[0] not in modules():
        return
    home = modules()[there[0]]
    if there[1] in home.functions:
        arguments = home.functions[there[1]].args
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        inside = there[1]
    elif there[1] in home.classes:
        body = home.classes[there[1]].body
        names = [one.target.id for one in body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
        inside = ""
    else:
        return
    for position, value in enumerate(node.args):
        if position < len(names) and is_value(value, place):
            yield Place(there[0], inside, names[position])
    for keyword in node.keywords:
        if keyword.arg and is_value(keyword.value, place):
            yield Place(there[0], inside, keyword.arg)
        elif keyword.arg is None and not place.function and module == place.module and place.name in names:
            yield Place(there[0], inside, place.name)  # a mapping with this key is taken apart: Class(**mapping)


def journey(start: Place, reached: Callable[[Place], bool]) -> list[Place]:
    """The shortest way of the value from its start to a place where `reached` holds; [] when there is none."""
    before: dict[Place, Place | None] = {start: None}
    ahead = deque([start])
    while ahead:
        place = ahead.popleft()
        if reached(place):
            way = [place]
            while (last := before[way[-1]]) is not None:
                way.append(last)
            return way[::-1]
        for following in steps(place):
            if following not in before:
                before[following] = place
                ahead.append(following)
    return []
