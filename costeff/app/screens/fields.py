"""The controls of each screen: which key of the case file each one edits, and what kind of answer it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from costeff import bundled
from costeff.app.files.edit import KeyPath
from costeff.investment.belief.belief import MEASURES
from costeff.investment.case import REGIMES, VIEWS

SCREENS = ("programme", "citizens", "costs", "effect", "rules")
"""Screens that edit the case, in their order."""
TODAY = ("today", "today_low", "today_high")
PROGRAMME = ("programme", "programme_low", "programme_high")
OPTIONAL = ("today_low", "today_high")
CONSULTANTS = ("capacity", "consultants")


@dataclass(frozen=True)
class Field:
    """One control. `word` is the key of its label; `name` is put into the label (a year, a department).

    `kind`: text, number, money, share, year, whole or choice. `response`: what an answer needs: `prices` from kept
    quantities, a simulation (`simulates`), or nothing but its `words`.
    """

    path: KeyPath
    kind: str
    word: str
    response: str = "prices"
    name: str = ""
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def key(self) -> str:
        """The key as the file has it, joined by points."""
        return ".".join(str(part) for part in self.path)


@dataclass(frozen=True)
class Group:
    """Controls that belong together under a heading; `spread`: the key that can be told apart by year."""

    word: str
    fields: tuple[Field, ...]
    spread: KeyPath = ()


def path_of(key: str) -> KeyPath:
    """The path of a key that is joined by points.

    >>> path_of("inflow.2026")
    ('inflow', 2026)
    """
    return tuple(int(part) if part.isdigit() else part for part in key.split("."))


def groups(screen: str, data: Mapping[str, Any]) -> list[Group]:
    """The controls of a screen for what a case file holds."""
    return {"programme": _programme, "citizens": _citizens, "costs": _costs, "effect": _effect, "rules": _rules}[
        screen
    ](data)


def every_field(data: Mapping[str, Any]) -> dict[str, Field]:
    """All controls of all screens by their key."""
    return {field.key: field for screen in SCREENS for group in groups(screen, data) for field in group.fields}


def _programme(data: Mapping[str, Any]) -> list[Group]:
    departments = _mapping(data, "programme", "departments")
    about = ("target_group", "purpose", "owner", "alternatives", "hearing", "follow_up")
    return [
        Group(
            "app_group_programme",
            (
                Field(("title",), "text", "app_title", "words", optional=True),
                Field(("programme", "label"), "text", "app_programme_label", "words", optional=True),
                Field(("municipality",), "text", "app_municipality", "words", optional=True),
                Field(("author",), "text", "app_author", "words", optional=True),
            ),
        ),
        Group("app_group_departments", tuple(f for name in departments for f in _department(name, departments[name]))),
        Group(
            "app_group_about",
            tuple(Field(("about", key), "text", f"app_about_{key}", "words", optional=True) for key in about),
        ),
    ]


def _department(name: str, entry: Any) -> tuple[Field, ...]:
    """Share of a department, and its own name where the file has one."""
    path: KeyPath = ("programme", "departments", name)
    if not isinstance(entry, dict):
        return (Field(path, "share", "app_department_share", name=name),)
    return (
        Field((*path, "label"), "text", "app_department", "words", name, optional=True),
        Field((*path, "share"), "share", "app_department_share", name=name),
    )


def _citizens(data: Mapping[str, Any]) -> list[Group]:
    capacity = _mapping(data, "capacity")
    groups_shown = [
        _by_year(data, ("inflow",), "number", "app_inflow", "simulates"),
        Group("app_group_entry", (Field(("last_inflow",), "year", "app_last_inflow", "simulates", optional=True),)),
        _by_year(data, ("uptake",), "share", "app_uptake", "simulates", optional=True),
    ]
    if capacity:
        groups_shown += [
            _by_year(data, CONSULTANTS, "number", "app_consultants", "simulates"),
            Group(
                "app_group_places",
                (
                    Field(("capacity", "caseload"), "number", "app_caseload", "simulates"),
                    Field(("capacity", "course"), "whole", "app_course", "simulates"),
                    Field(("capacity", "patience"), "whole", "app_patience", "simulates", optional=True),
                    Field(("capacity", "turnover"), "share", "app_turnover", "simulates", optional=True),
                    Field(("capacity", "vacancy"), "number", "app_vacancy", "simulates", optional=True),
                ),
            ),
        ]
    return groups_shown


def _costs(data: Mapping[str, Any]) -> list[Group]:
    start = tuple(
        Field(("programme", "start_up", year), "money", "app_start_up", name=str(year))
        for year in _mapping(data, "programme", "start_up")
    )
    replaces = tuple(
        Field(("programme", "replaces", item), "share", "app_replaces", name=item)
        for item in _mapping(data, "programme", "replaces")
    )
    return [
        Group(
            "app_group_costs",
            (
                Field(("programme", "variable"), "money", "app_variable", optional=True),
                Field(("programme", "per_consultant"), "money", "app_per_consultant", optional=True),
                Field(("programme", "fixed"), "money", "app_fixed", optional=True),
                *start,
                *replaces,
            ),
        ),
        Group("app_group_own_figures", _own_figures(data)),
    ]


def _own_figures(data: Mapping[str, Any]) -> tuple[Field, ...]:
    """The case's own parameters: amounts and shares that its costs are made of."""
    parameters = _mapping(data, "parameters")
    return tuple(
        Field(("parameters", name, "value"), _kind_of(record), "app_own_figure", name=name)
        for name, record in parameters.items()
        if isinstance(record, dict)
    )


def _kind_of(record: Mapping[str, Any]) -> str:
    unit = str(record.get("unit", ""))
    return "share" if unit in ("share", "probability") else "money" if unit.isupper() else "number"


def _effect(data: Mapping[str, Any]) -> list[Group]:
    effect = _mapping(data, "effect")
    if not effect:
        return [
            Group("app_group_fidelity", (*_by_year(data, ("fidelity",), "number", "app_fidelity", "simulates").fields,))
        ]
    kind = "share" if effect.get("measure", "share") == "share" else "number"
    weeks = (
        ()
        if effect.get("measure") == "median"
        else (Field(("effect", "weeks"), "whole", "app_effect_weeks", "simulates"),)
    )
    today, own = (
        tuple(Field(("effect", key), kind, f"app_effect_{key}", "simulates", optional=key in OPTIONAL) for key in keys)
        for keys in (TODAY, PROGRAMME)
    )
    measure = Field(("effect", "measure"), "choice", "app_effect_measure", "simulates", choices=MEASURES)
    return [
        Group("app_group_measure", (measure, *weeks)),
        Group("app_group_today", today),
        Group("app_group_own_belief", own),
    ]


def _rules(data: Mapping[str, Any]) -> list[Group]:
    rules = data.get("rules")
    chosen = (
        Field(
            ("rules", "set"),
            "choice",
            "app_rules_set",
            "simulates",
            choices=_rule_sets(str(rules.get("set", ""))) if isinstance(rules, dict) else (),
        ),
        Field(("rules", "regime"), "choice", "app_rules_regime", "simulates", choices=REGIMES),
    )
    levels = tuple(
        Field(("price_index", year), "number", "app_price_index", name=str(year))
        for year in _mapping(data, "price_index")
    )
    figures = tuple(
        Field(
            ("set", name, "value") if isinstance(record, dict) else ("set", name),
            _set_kind(name, record),
            "app_set",
            name=name,
        )
        for name, record in _mapping(data, "set").items()
    )
    coverage = tuple(
        Field(("coverage", name), "share", "app_coverage", name=name) for name in _mapping(data, "coverage")
    )
    return [
        Group("app_group_rules", chosen if isinstance(rules, dict) else ()),
        Group(
            "app_group_years",
            (
                Field(("first_year",), "year", "app_first_year", "simulates"),
                Field(("years",), "whole", "app_years", "simulates"),
                Field(("price_year",), "year", "app_price_year", optional=True),
                *levels,
            ),
        ),
        Group("app_group_set", figures),
        Group(
            "app_group_view",
            (
                Field(("view",), "choice", "app_view", choices=VIEWS, optional=True),
                *coverage,
                Field(("equalisation",), "share", "app_equalisation", optional=True),
                Field(("out_migration",), "share", "app_out_migration", optional=True),
            ),
        ),
        Group(
            "app_group_run",
            (
                Field(("run", "draws"), "whole", "app_draws", "simulates", optional=True),
                Field(("run", "individuals"), "whole", "app_individuals", "simulates", optional=True),
                Field(("run", "seed"), "whole", "app_seed", "simulates", optional=True),
            ),
        ),
    ]


def _rule_sets(name: str) -> tuple[str, ...]:
    """The rule set of the file, and the shipped ones of its country."""
    country = name.partition("_")[0]
    names = sorted(path.stem for path in bundled.data_dir("rules").glob(f"{country}*.yaml")) if country else []
    return tuple(dict.fromkeys([*names, *([name] if name else [])]))


def _set_kind(name: str, record: Any) -> str:
    unit = str(record.get("unit", "")) if isinstance(record, dict) else ""
    return "share" if unit == "share" or name.endswith(("_tax", "_share")) or "_share_" in name else "number"


def _by_year(
    data: Mapping[str, Any], path: KeyPath, kind: str, word: str, response: str, *, optional: bool = False
) -> Group:
    """One control for all years, or one for each year that the file tells apart."""
    value = _below(data, path)
    if isinstance(value, dict):
        fields = tuple(
            Field((*path, year), kind, word, response, str(year)) for year in value if not isinstance(value[year], list)
        )
        return Group(f"app_group_{path[-1]}", fields)
    return Group(f"app_group_{path[-1]}", (Field(path, kind, word, response, optional=optional),), path)


def _below(data: Any, path: KeyPath) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _mapping(data: Mapping[str, Any], *path: str | int) -> Mapping[Any, Any]:
    value = _below(data, path)
    return value if isinstance(value, dict) else {}
