"""Anchored in the shipped models: what has a default perspective takes each model's first, and works on all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import click
import pytest
from case_example import example_result
from click.testing import CliRunner

import costeff
from costeff import Result, Study, load
from costeff.bundled import available
from costeff.cli import main
from costeff.errors import CosteffError, ModelError, ResultError
from costeff.investment.report.write_comparison import cases_content
from costeff.study.printing import compared, printed

HEALTH_CARE = ("hiv", "krijkamp", "sick_sicker", "sick_sicker_age", "sick_sicker_residence")
FIRST = dict.fromkeys(HEALTH_CARE, "health_care") | {"tki2": "municipal", "tki2_reduced": "municipal"}
FIRST |= {"connect": "societal", "expert-at-work": "nav"}
FIRST |= dict.fromkeys(("followup-teams", "followup-teams-young", "haderslev", "haderslev-places"), "municipality")
BY_LIVES = {"connect", "expert-at-work", "krijkamp", "tki2", "tki2_reduced"}
TINY = {"individuals": 4, "seed": 1, "progress": False}


@cache
def study(name: str) -> Study:
    made = load(name)
    engine = "flow" if name == "haderslev-places" else "microsim" if name in BY_LIVES else "cohort"
    return replace(made, scenario=replace(made.scenario, options={**made.scenario.options, "engine": engine}))


@cache
def result(name: str) -> Result:
    return study(name).psa(4, **TINY)


def attribute(name: str) -> str:
    if name.startswith("haderslev"):
        return "origin" if name == "haderslev" else "waits_in"
    return "diagnosis" if name.startswith(("connect", "expert", "tki2")) else "start_state"


def two_values(name: str) -> dict[str, tuple[float, float]]:
    """Two parameters, shares or rates, certain or not, with values near the base case."""
    base = study(name).evidence.base()
    chosen = [p for p, value in base.items() if 0 < value < 1][:2]
    return {p: (0.99 * base[p], base[p]) for p in chosen}


def two_way(name: str) -> str:
    (first, a), (second, b) = two_values(name).items()
    grid = study(name).two_way(first, second, first_values=a, second_values=b, individuals=4, batches=1)
    return str(grid.attrs["perspective"])


def threshold(name: str) -> str:
    (parameter, (low, high)), *_ = two_values(name).items()
    found = study(name).threshold(parameter, low=low, high=high, points=2, individuals=4, batches=2)
    return str(found.attrs["perspective"])


def global_sensitivity(name: str) -> str:
    asked = {"method": "regression", "size": 100, "strategy": study(name).model.strategy_names[-1], **TINY}
    if all(p.fixed for p in study(name).evidence.parameters.values()):
        with pytest.raises(CosteffError, match="no parameter varies"):
            study(name).gsa(**asked)
        return FIRST[name]
    return str(study(name).gsa(**asked).attrs["perspective"])


def compared_with_itself(name: str) -> str:
    head = compared([("one", result(name)), ("two", result(name))]).split(":")[0]
    return head.split(", ")[-1]


METHODS: dict[str, Callable[[str], str]] = {
    "perspective": lambda name: result(name).perspective().perspective,
    "tornado": lambda name: result(name).tornado(individuals=4).attrs["perspective"],
    "compare": compared_with_itself,
    "one_way": lambda name: study(name).one_way(individuals=4, batches=1, joint_draws=2).attrs["perspective"],
    "two_way": two_way,
    "threshold": threshold,
    "gsa": global_sensitivity,
    "subgroups": lambda name: (
        next(iter(study(name).subgroups(attribute(name), draws=3, **TINY).values()))[1].perspective
    ),
}


def test_all_shipped_models_are_here() -> None:
    assert set(FIRST) == set(available("models"))


@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_takes_the_first_perspective(method: str, name: str) -> None:
    assert METHODS[method](name) == FIRST[name]


def test_a_model_without_perspectives_says_so() -> None:
    made = replace(study("hiv").model, perspectives=())
    with pytest.raises(ModelError, match="declares no perspective") as caught:
        made.perspective_name()
    assert "declare one under `perspectives`" in str(caught.value)
    assert made.perspective_name("state") == "state", "unknown names are refused where they are used"


def test_a_result_without_perspectives_says_so(tmp_path: Path) -> None:
    """It has parties and effects, but nobody's answer."""
    base = study("hiv")
    bare = replace(base, model=replace(base.model, perspectives=()), scenario=replace(base.scenario, primary=()))
    one = bare.psa(4, **TINY)
    assert one.summary()["decision"] is None
    for make in (lambda: printed(one), lambda: one.write(tmp_path / "out")):
        with pytest.raises(ModelError, match="declares no perspective"):
            make()
    assert not (tmp_path / "out").exists()


def functions() -> Iterator[tuple[str, inspect.Parameter]]:
    """Every parameter that names perspectives, of every function and method of the library."""
    for module in pkgutil.walk_packages(costeff.__path__, "costeff."):
        if module.name.endswith("__main__"):
            continue
        here = importlib.import_module(module.name)
        classes = [one for _, one in inspect.getmembers(here, inspect.isclass) if one.__module__ == here.__name__]
        for owner in (here, *classes):
            for name, function in inspect.getmembers(owner, inspect.isfunction):
                for parameter in inspect.signature(function).parameters.values():
                    if parameter.name in ("perspective", "perspectives", "parties"):
                        yield f"{module.name}.{name}", parameter


def test_no_default_names_a_perspective() -> None:
    found = list(functions())
    assert len(found) > 20
    # a table's own perspective is called "as given", by every function that reads one
    named = [name for name, parameter in found if parameter.default and isinstance(parameter.default, str)]
    named = [name for name in named if not name.endswith(".read_psa")]
    assert named == []
    options = [
        (command.name, option)
        for command in main.commands.values()
        for option in command.params
        if isinstance(option, click.Option) and "--perspective" in option.opts
    ]
    assert {name for name, _ in options} >= {"voi", "gsa", "compare", "dsa", "threshold"}
    assert [name for name, option in options if isinstance(option.default, str)] == []


def test_scenarios_that_share_little_are_compared_with_what_differs_in_columns() -> None:
    said = compared([("sick_sicker", result("sick_sicker")), ("hiv", result("hiv"))])
    head, _, columns, *rows = said.splitlines()
    assert head.startswith("Increment of the strategy named below against the comparator named below, health_care: ")
    assert "the money named below" in head
    assert columns.split()[:4] == ["scenario", "strategy", "comparator", "money"]
    assert "USD 2020" in rows[0]
    assert "GBP" in rows[1]
    assert "nan" not in said.lower()


def test_scenarios_under_different_first_perspectives_say_which() -> None:
    said = compared([("tki2", result("tki2")), ("hiv", result("hiv"))])
    assert "the perspective named below" in said
    rows = said.splitlines()[3:]
    assert ["municipal" in rows[0], "health_care" in rows[1]] == [True, True]
    with pytest.raises(CosteffError, match="unknown perspective"):
        compared([("tki2", result("tki2")), ("hiv", result("hiv"))], "municipal")


def test_cases_are_ranked_for_the_decider_of_their_model() -> None:
    one, two = example_result(name="one"), example_result(name="two", effect=0.5)
    assert cases_content([one, two]).decider == cases_content([one, two], "municipal").decider
    state = replace(one, decider="state")
    assert cases_content([state, replace(two, decider="state")]).decider == cases_content([one, two], "state").decider
    with pytest.raises(ResultError, match="not for the same parties") as caught:
        cases_content([state, two])
    assert "state (one), municipal (two)" in str(caught.value)
    assert "--perspective" in str(caught.value)


def test_the_shell_takes_the_first_perspective_too() -> None:
    few = ["--individuals", "4", "--seed", "1", "--quiet"]
    for command in (["compare", "hiv", "--draws", "3"], ["voi", "hiv", "--wtp", "100", "--draws", "60"]):
        ended = CliRunner().invoke(main, [*command, *few])
        assert ended.exit_code == 0, ended.output
        assert "health_care" in ended.output
