"""Names of variables say what they are: `found` becomes `problems`, `kept` becomes `draws_kept`.

    python tests/test_names.py [FILE or FOLDER ...]      the share, and the names by how often they stand

A variable is a name that some scope binds (a parameter, an assignment, a loop, a `with`, a field of a class);
bound twice in one scope it counts once. A bare participle is a name of one word that is a past participle or a past
tense.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "costeff"

#: Per cent of all variables in costeff/ that may be so named.
MOST = 0.5

#: Past participles and past tenses that do not end in -ed.
IRREGULAR = frozenset((Path(__file__).parent / "data/irregular_participles.txt").read_text("utf-8").split())
#: Nouns that are spelled as a past form, by what they mean here.
NOUNS = frozenset(
    {
        "read",  # a function that reads
        "run",  # one simulation
        "set",  # several things, none twice
        "split",  # how an amount is shared
        "spread",  # the distribution of a parameter
        "put",
        "cut",  # where one thing is divided
        "come",
        "shut",
    }
)
#: Adjectives by which statistics names a quantity: an observed count beside an expected one, fitted values.
TERMS = frozenset({"expected", "fitted", "observed", "simulated", "discounted", "fixed"})
#: Words in -ed that are nouns or no participles.
NO_PARTICIPLES = frozenset({"bed", "breed", "embed", "feed", "hundred", "need", "red", "seed", "shed", "speed", "weed"})

Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
SCOPES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def is_bare_participle(name: str) -> bool:
    """Whether a name is one word, and that word is a past participle or a past tense."""
    word = name.strip("_").lower()
    if "_" in word or word in NOUNS | TERMS | NO_PARTICIPLES:
        return False
    return word in IRREGULAR or (word.endswith("ed") and len(word) > 3)


def variables(scope: Scope) -> Iterator[tuple[int, str]]:
    """(line, name) of every variable of a scope and of the scopes within it; once for each scope."""
    names: dict[str, int] = {}
    inner: list[Scope] = []
    ahead: list[ast.AST] = list(ast.iter_child_nodes(scope))
    while ahead:
        node = ahead.pop()
        if isinstance(node, SCOPES):
            inner.append(node)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, node.lineno)
        elif isinstance(node, ast.arg):
            names.setdefault(node.arg, node.lineno)
        ahead += ast.iter_child_nodes(node)
    yield from ((line, name) for name, line in names.items() if name != "_")
    for part in inner:
        yield from variables(part)


def variables_of(paths: list[Path]) -> list[tuple[Path, int, str]]:
    """(file, line, name) of every variable of these files and folders."""
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return [
        (file, line, name)
        for file in files
        if "_bundled" not in file.parts
        for line, name in variables(ast.parse(file.read_text(encoding="utf-8")))
    ]


def test_variables_say_what_they_are() -> None:
    every = variables_of([PACKAGE])
    bare = Counter(name for _, _, name in every if is_bare_participle(name))
    share = 100 * bare.total() / len(every)
    assert share < MOST, f"{share:.2f} % of {len(every)} variables: {bare.most_common(10)}"


def test_what_counts_as_a_bare_participle() -> None:
    bare = ["found", "told", "kept", "asked", "chosen", "_given", "DRAWN", "counted", "ran"]
    assert [name for name in bare if not is_bare_participle(name)] == []
    fine = [
        "draws",
        "problems",
        "seed",
        "need",
        "draws_kept",
        "as_read",
        "run",
        "spread",
        "red",
        "hundred",
        "given_values",
        "expected",
    ]
    assert [name for name in fine if is_bare_participle(name)] == []


def test_what_counts_as_a_variable() -> None:
    code = """
def f(found, *, told=1):
    kept = found; kept = 2
    with open(told) as seen:
        return [made for made in seen if (lost := made)]
class A:
    fixed: bool
    def g(self): self.asked = lambda sent: sent
"""
    names = [name for _, name in variables(ast.parse(code))]
    assert sorted(names) == sorted(["found", "told", "kept", "seen", "made", "lost", "fixed", "self", "sent"])


def main(asked: list[str]) -> None:
    every = variables_of([Path(name) for name in asked] or [PACKAGE])
    bare = [row for row in every if is_bare_participle(row[2])]
    print(f"{len(bare)} of {len(every)} variables are named by a bare participle: {100 * len(bare) / len(every):.2f} %")
    for name, count in Counter(name for _, _, name in bare).most_common():
        where = Counter(file.name for file, _, row_name in bare if row_name == name)
        print(f"{count:5d}  {name:<16} {', '.join(f'{file} {n}' for file, n in where.most_common(8))}")


if __name__ == "__main__":
    main(sys.argv[1:])
