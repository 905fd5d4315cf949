"""The one reader of YAML files: text to mappings with lines, by ruamel.yaml's round-trip mode, which runs no code.

Every file that costeff reads goes through `read_yaml`: models, parameters, scenarios, cases, rules, designs, targets.
What is wrong is refused with file and line: text that is not YAML, a tag, a key that is missing or stands twice, a
decimal comma that YAML takes for the next item, a number in other than decimal digits, a control character.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from costeff.bundled import YAML_BYTES, plain_file
from costeff.documents.composed import DocumentError, check_document, check_text
from costeff.documents.libyaml import LibyamlComposer, UnlikeError
from costeff.documents.scalars import declared_format, scalar_number, separated_number
from costeff.documents.values import line_at, shown, tag_of
from costeff.errors import CosteffError, Place

RULE = "one YAML mapping in UTF-8, each key once"
_SPECIAL = (".inf", "+.inf", "-.inf", ".nan")


def read_yaml(path: Path, error: type[CosteffError], default: str | None = None) -> tuple[Any, str | None]:
    """The top mapping of a file, and how it writes numbers: its key `numbers`, else `default`.

    Without either, a number that reads two ways comes as `TwoReadings`, which whoever reads an amount refuses. Raises
    `error` with file, line, value, rule and way out.
    """
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    def refuse(what: str, line: int | None, value: object, rule: str, way_out: str) -> NoReturn:
        raise error(what, where=Place(str(path), line), value=value, rule=rule, way_out=way_out)

    plain_file(path, error, most=YAML_BYTES)
    try:
        text = path.read_text(encoding="utf-8-sig")
        check_text(text)
        data = _load(text, default)
    except DocumentError as fault:
        refuse(fault.what, fault.line, fault.value, fault.rule, fault.way_out)
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else None
        start_line = problem.context_mark.line + 1 if problem.context_mark else line
        context = problem.context
        if context and start_line != line:
            context = f"{context} from line {start_line} on"
        what = ", ".join(part for part in (context, problem.problem) if part)
        way_out = "check indentation (spaces only), brackets and quotes on this line and the one before"
        refuse(f"the file is not valid YAML: {what}", line, _line_of(path, line), RULE, way_out)
    except UnicodeDecodeError as problem:
        refuse("the file is not UTF-8 text", None, problem.reason, RULE, "save it as UTF-8")
    except OSError as problem:
        refuse("the file cannot be read", None, problem.strerror, RULE, "check the path")
    except (YAMLError, ValueError, RecursionError) as problem:
        refuse(f"the file is not valid YAML: {_first(problem)}", None, None, RULE, "write plain YAML")
    if not isinstance(data, dict):
        refuse("the file is not a mapping of keys", 1, shown(data), RULE, "start with `key: value`")
    first_tag = _tagged(data)
    if first_tag is not None:
        value, line = first_tag
        refuse("a YAML tag", line, value, "plain YAML without tags (!name, !!name)", "remove the tag")
    return data, data.get("numbers") or default


def _load(text: str, default: str | None) -> Any:
    """What a text holds, by libyaml where it and ruamel.yaml read it alike and it is right; else by ruamel.yaml."""
    from ruamel.yaml.error import YAMLError

    quick = parser(default)
    quick.Composer = LibyamlComposer
    try:
        return quick.load(text)
    except (UnlikeError, YAMLError):
        return parser(default).load(text)


def parser(default: str | None = None) -> Any:
    """ruamel.yaml's round-trip reader, which leaves dates as texts and reads numbers as the file writes them."""
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import RoundTripConstructor

    class Constructor(RoundTripConstructor):
        """Constructors added here do not touch ruamel.yaml's own."""

        declared: str | None = None

        def construct_document(self, node: Any) -> Any:
            """Check the whole document, and find out how it writes numbers, before anything is made of it."""
            self.declared = declared_format(node)
            check_document(node, self.declared)
            return super().construct_document(node)

        def number(self, node: Any) -> Any:
            """A plain scalar that YAML takes for a number."""
            if node.value.lower() in _SPECIAL:
                return self.construct_yaml_float(node)
            return scalar_number(node, self.declared, default)

        def text(self, node: Any) -> Any:
            """A text, or a number that YAML takes for a text, when the file itself says how it writes numbers."""
            value = separated_number(node, self.declared)
            return self.construct_yaml_str(node) if value is None else value

    tag = "tag:yaml.org,2002:"
    Constructor.add_constructor(f"{tag}timestamp", lambda _, node: str(node.value))
    Constructor.add_constructor(f"{tag}int", Constructor.number)
    Constructor.add_constructor(f"{tag}float", Constructor.number)
    Constructor.add_constructor(f"{tag}str", Constructor.text)
    reader = YAML(typ="rt")
    reader.Constructor = Constructor
    return reader


def _tagged(data: Any) -> tuple[str, int] | None:
    """The first tag such as !!python/name, which asks the reader to make an object, with its line; None without one."""
    ahead, checked_ids = [(data, 1)], set[int]()
    while ahead:
        value, line = ahead.pop()
        if tag_of(value):
            return tag_of(value), line
        if isinstance(value, dict | list) and id(value) not in checked_ids:
            checked_ids.add(id(value))
            keys = list(value) if isinstance(value, dict) else range(len(value))
            ahead += [(value[key], line_at(value, key) or line) for key in keys]
    return None


def _first(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return (str(error).splitlines() or [type(error).__name__])[0]


def _line_of(path: Path, line: int | None) -> str | None:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return lines[line - 1].strip()[:80] if line and line <= len(lines) else None
