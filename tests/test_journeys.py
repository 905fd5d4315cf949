"""Anchored in docs/architecture.md: two values pass few files under few names, from what a user types to its end."""

from __future__ import annotations

import ast
from pathlib import Path

from journeys import Place, journey, modules

ARCHITECTURE = Path(__file__).parents[1] / "docs" / "architecture.md"


def option_of(module: str, option: str) -> Place:
    """The parameter of a command that a click option gives its value to."""
    for function in modules()[module].functions.values():
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and any(
                isinstance(one, ast.Constant) and one.value == option for one in decorator.args
            ):
                name = option.removeprefix("--")
                assert name in [one.arg for one in function.args.args]
                return Place(module, function.name, name)
    raise AssertionError(f"{module} has no option {option}")


def field_of_key(module: str, key: str) -> Place:
    """The field of a class that a reader fills from a key of a YAML section: `Class(field=section.formulas(key))`."""
    for function in modules()[module].functions.values():
        for node in ast.walk(function):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            for keyword in node.keywords:
                value = keyword.value
                if isinstance(value, ast.Call) and any(
                    isinstance(a, ast.Constant) and a.value == key for a in value.args
                ):
                    assert keyword.arg is not None
                    return Place(modules()[module].imports[node.func.id][0], "", keyword.arg)
    raise AssertionError(f"{module} reads no key {key}")


def written(way: list[Place]) -> str:
    return "\n".join(str(place) for place in way)


def crossed(way: list[Place]) -> set[str]:
    """Names under which the value enters functions, fields and keys."""
    return {place.name for place in way}


def test_wtp_reaches_a_figure_of_value_of_information() -> None:
    start = option_of("costeff.voi.command", "--wtp")
    way = journey(start, lambda place: place.module.startswith("costeff.voi.figures") and bool(place.function))
    print(written(way))
    assert way[0] == start
    assert way[-1].module.startswith("costeff.voi.figures")
    assert len({place.module for place in way}) <= 8
    assert len(crossed(way)) <= 3
    assert written(way) in ARCHITECTURE.read_text(encoding="utf-8")


def test_a_hazard_ratio_reaches_the_kernel() -> None:
    start = field_of_key("costeff.model.strategy_sections", "ratio")
    way = journey(start, lambda place: place.module == "costeff.engine.events.lives" and not place.function)
    print(written(way))
    assert way[-1] == Place("costeff.engine.events.lives", "", "ratio")
    assert len(crossed(way)) <= 4
    assert written(way) in ARCHITECTURE.read_text(encoding="utf-8")


def test_a_way_that_is_not_there_is_not_found() -> None:
    start = option_of("costeff.voi.command", "--wtp")
    assert journey(start, lambda place: place.module == "costeff.engine.events.search") == []
