"""A text is read alike by libyaml and by ruamel.yaml, or not by libyaml: shipped files, odd ones, ones with faults."""

from __future__ import annotations

import random
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from costeff.documents.libyaml import LibyamlComposer, UnlikeError

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path for folder in ("models", "parameters", "scenarios", "designs") for path in (ROOT / folder).rglob("*.yaml")
)
ODD = [
    "a: {b:c}", "{a:1}", 'a: {"b":1}', 'a: ["b":1]', "a: x#c", "a: |\n  x\n   y\n", "a: >\n  x\n  y\n\n  z\n",
    "a: |+\n  x\n\n", "a: yes", "a: 012", "a: 1:30", "a: x\n  y", "a: ?x", "a: {? x : y}", "a: {x}", "a: [x: 1, y]",
    "a: {x:}", "a: http://x:y", "'a' : b", "a: [a,]", "a: {<<: [{b: 1}], c: 2}", "a: &k [1]\nb: *k", "a: &a:b c",
    "a: *b", "a: !x y", "a: x\xa0y", "a: x\x85y", "a:\tb", "%YAML 1.1\n---\na: yes", "a: 1\n---\nb: 2",
    "a: |#c\n  x", 'a: "x\\\n  y"', "a: 'x\n\n  y'", "? |\n  x\n: y", "a: b\n#c\n  d", "a: -1", "a: - x",
    "key: x:y:z", "a: [:x]", "a: {: 1}", "a: &a b\nc: &a d\ne: *a", "'a\nb': 1", "",
]  # fmt: skip
INSERTED = [*"{}[],:#&*!|>'\"%@`-?~ \n.01aæ", ": ", "- ", "\n  ", "{a: 1}", "<<: ", "? ", " #"]
Tree = tuple[Any, ...]


def tree(node: Any, above: frozenset[int] = frozenset()) -> Tree:
    """A document as composed: tags, texts, how they are quoted, where they begin; what is empty has no place."""
    if id(node) in above:
        return ("itself",)
    if isinstance(node, ScalarNode) and not node.value and not node.style:
        return (str(node.tag),)
    place = (str(node.tag), node.start_mark.line, node.start_mark.column, node.start_mark.index)
    if isinstance(node, ScalarNode):  # ruamel.yaml marks the folds of a block by a bell
        return (*place, node.value.replace("\a", ""), node.style, None if node.style else node.end_mark.index)
    inside = above | {id(node)}
    if isinstance(node, SequenceNode):
        return (*place, bool(node.flow_style), *(tree(item, inside) for item in node.value))
    assert isinstance(node, MappingNode)
    pairs = ((tree(key, inside), tree(value, inside)) for key, value in node.value)
    return (*place, bool(node.flow_style), *pairs)


def composed(text: str, quick: bool) -> Tree | None:
    """The document of a text; None where the reader refuses it. Raises UnlikeError."""
    reader = YAML(typ="rt")
    if quick:
        reader.Composer = LibyamlComposer
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            root = reader.compose(text)
    except YAMLError:
        return None
    return None if root is None else tree(root)


def is_read_alike(text: str) -> bool:
    """Whether libyaml reads a text, and as ruamel.yaml; fails where it reads otherwise."""
    try:
        quick = composed(text, quick=True)
    except UnlikeError:
        return False
    assert quick == composed(text, quick=False), text
    return True


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_file_is_read_alike_and_quickly(path: Path) -> None:
    assert is_read_alike(path.read_text(encoding="utf-8-sig"))


@pytest.mark.parametrize("text", ODD)
def test_an_odd_text_is_read_alike_or_not_quickly(text: str) -> None:
    for around in (text, "z:\n  - " + text.replace("\n", "\n    "), "q: 1\n" + text):
        with suppress(UnlikeError):
            assert composed(around, quick=True) == composed(around, quick=False)


def test_most_odd_texts_are_read_quickly() -> None:
    """Else the test above would compare nothing."""
    assert sum(map(is_read_alike, ODD)) > len(ODD) / 2


def test_texts_that_only_one_of_them_knows_are_not_read_quickly() -> None:
    known = [text for text in ODD if any(mark in text for mark in ("\x85", "\t", "%", '"b":1]', "|#", "&a:b", "!x"))]
    assert len(known) == 7
    assert not [text for text in known if is_read_alike(text)]


def test_files_with_faults_are_read_alike_or_not_quickly() -> None:
    luck = random.Random(20261129)
    texts = [path.read_text(encoding="utf-8-sig").split("\n") for path in FILES]
    alike = 0
    for _ in range(1500):
        lines = luck.choice(texts)
        first = luck.randrange(len(lines))
        part = lines[first : first + luck.randrange(1, 12)]
        indent = min((len(line) - len(line.lstrip()) for line in part if line.strip()), default=0)
        text = "\n".join(line[indent:] for line in part)
        for _ in range(luck.randrange(4)):
            at = luck.randrange(len(text) + 1)
            text = text[:at] + luck.choice(INSERTED) + text[at + luck.randrange(3) :]
        alike += is_read_alike(text)
    assert 500 < alike < 1400
