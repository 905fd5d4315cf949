"""Whether the parts of the evidence fit together: names, sources, groups, correlations, price indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from costeff.errors import EvidenceError
from costeff.evidence.correlation import Correlation, blocks, check_definite
from costeff.evidence.distributions.joint import Group
from costeff.evidence.parameter import Parameter
from costeff.evidence.prices import PriceIndex
from costeff.evidence.source import Source
from costeff.evidence.tables import Table
from costeff.problems import closest, split


def name_problems(parameters: Mapping[str, Parameter], tables: Mapping[str, Table]) -> list[EvidenceError]:
    """Parameters whose names cannot be used."""
    problems = []
    for name, parameter in parameters.items():
        if not name.isidentifier() or name == "draw" or name in tables:
            problems.append(
                parameter.problem(
                    "name",
                    "a name that cannot be used",
                    name,
                    "letters, digits and _, not a digit first, not 'draw', and not the name of a table",
                    "rename it",
                )
            )
    return problems


def index_problems(parameters: Mapping[str, Parameter], price_index: PriceIndex | None) -> list[EvidenceError]:
    """Parameters that name a price index which is not there."""
    names = [] if price_index is None else [price_index.name, *price_index.others]
    return [
        p.problem(
            "index",
            "unknown price index",
            p.index,
            f"indices of the price table: {', '.join(names) or 'none given'}",
            closest(p.index, names, "name one of these, or drop `index`"),
        )
        for p in parameters.values()
        if p.index and p.index not in names
    ]


def source_problems(
    parameters: Mapping[str, Parameter], tables: Mapping[str, Table], sources: Mapping[str, Source]
) -> list[EvidenceError]:
    """Parameters and tables that name a source which is not there."""
    holders: list[Parameter | Table] = [*parameters.values(), *tables.values()]
    rule = f"a source is a key of `sources`: {', '.join(sources) or 'none given'}"
    return [
        EvidenceError(
            f"{holder.name!r} names an unknown source",
            where=holder.at("source") if isinstance(holder, Parameter) else holder.place,
            value=key,
            rule=rule,
            way_out=closest(key, sources, "add it there"),
        )
        for holder in holders
        for key in holder.source
        if key not in sources
    ]


def group_problems(groups: Mapping[str, Group], parameters: dict[str, Parameter]) -> list[EvidenceError]:
    """Check the members of every group, and give each its marginal distribution."""
    problems: list[EvidenceError] = []
    group_of: dict[str, str] = {}
    for group in groups.values():
        for name in group.members:
            parameter = parameters.get(name)
            if parameter is None:
                hint = closest(name, parameters, "declare it under `parameters`")
                problems.append(group.problem("an unknown member", name, "members stand under `parameters`", hint))
            elif name in group_of:
                problems.append(group.problem(f"a member of {group_of[name]!r} too", name, "one group per parameter"))
            elif parameter.group is None and not parameter.fixed:
                problems.append(
                    parameter.problem(
                        "distribution",
                        "a group member with a distribution of its own",
                        parameter.spread.family,
                        f"group {group.name!r} draws it",
                        "drop the distribution, or take it out of the group",
                    )
                )
            else:
                group_of[name] = group.name
                try:
                    member = replace(parameter, distribution=group.marginal(name), group=group.name)
                    parameters[name] = member
                except EvidenceError as error:
                    problems.extend(split(error))
    return problems


def correlation_problems(
    correlations: Sequence[Correlation], parameters: Mapping[str, Parameter]
) -> list[EvidenceError]:
    """Correlations of parameters that are unknown, drawn together or fixed, stated twice, or impossible together."""
    problems: list[EvidenceError] = []
    pairs: set[frozenset[str]] = set()
    for pair in correlations:
        for name in pair.parameters:
            parameter = parameters.get(name)
            if parameter is None:
                hint = closest(name, parameters, "declare it under `parameters`")
                problems.append(pair.problem("a correlation of an unknown parameter", "known names", name, hint))
            elif parameter.group or parameter.fixed:
                what = f"drawn by group {parameter.group!r}" if parameter.group else "fixed"
                problems.append(
                    pair.problem(
                        f"a correlation of {name!r}, which is {what}",
                        "correlations join uncertain parameters drawn one by one",
                        way_out="drop the pair, or give the parameter a distribution of its own",
                    )
                )
        if frozenset(pair.parameters) in pairs:
            problems.append(pair.problem("a correlation stated twice", "one statement per pair", way_out="keep one"))
        pairs.add(frozenset(pair.parameters))
    if problems:
        return problems
    checks = (check_definite(correlations, block) for block in blocks(correlations, list(parameters)))
    return [problem for problem in checks if problem is not None]
