"""Which form a table has: where its costs and effects stand. What could be read in two ways is refused with both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from costeff.analysis.tables import words
from costeff.analysis.tables.affix import Family, by_naming, families
from costeff.analysis.tables.asked import Asked, listed
from costeff.analysis.tables.columns import Columns
from costeff.analysis.tables.long_or_wide import columns_to_name, named_in_rows
from costeff.errors import Place, ResultError

NONE = "none"
"""What a caller writes for the effect of a table that holds costs only."""
RULE = (
    "long: columns strategy, cost, effect and draw; wide: cost_X and effect_X for each strategy X, or c.X and e.X, "
    "X_Cost and X_Eff, Cost_X and QALY_X; every other column is a parameter"
)


@dataclass(frozen=True)
class Form:
    """Where costs and effects stand.

    Parameters
    ----------
    cost, effect : tuple of str
        Columns by strategy of a wide table, or the one column of a long table; no effect: costs or net benefit only.
    strategies : tuple of str
        Of a wide table; empty for a long one.
    strategy : str
        The column of a long table that names the strategy of each row.
    net : bool
        `cost` holds net benefits.
    said : str
        The form in words.
    """

    cost: tuple[str, ...]
    effect: tuple[str, ...]
    strategies: tuple[str, ...] = ()
    strategy: str = ""
    net: bool = False
    said: str = ""

    @property
    def results(self) -> tuple[str, ...]:
        """The columns of costs and effects."""
        return (*self.cost, *self.effect)


def form_of(table: Columns, request: Asked) -> Form:
    """The form of a table of costs, effects and parameters. Raises ResultError where none or several fit."""
    long = _long(table, request)
    one_column = isinstance(request.cost, str) and request.cost in table  # one column, as a long table has it
    if long is not None and (one_column or {"strategy", "cost", "effect"} <= set(table.names)):
        return long
    wide = _wide(table, request)
    if long is not None and wide is not None and len(wide.strategies) > 1:
        raise _two_ways(table, [long.said, wide.said])
    if long is None and wide is not None and request.cost is None:
        refusal = named_in_rows(table, wide.cost, wide.effect, wide.results, _strategy_column(table))
        if refusal is not None:
            raise refusal
    form = long or wide
    if form is None:
        raise _no_costs(table, request)
    return form


def _two_ways(table: Columns, readings: Sequence[str], way_out: str = "") -> ResultError:
    return ResultError(
        "the table can be read in several ways",
        where=table.head(),
        value="; or ".join(readings),
        rule="one column, or one column for each strategy, holds the costs, and one the effects",
        way_out=way_out or "say which in cost= and effect=, or leave columns out in ignore=",
    )


def _no_costs(table: Columns, request: Asked) -> ResultError:
    if len(table.names) == 1:
        return ResultError(
            "the first line holds a single cell",
            where=table.head(),
            value=table.names[0],
            rule="cells are separated by tabs, semicolons or commas, and the first row names the columns",
            way_out="save the table as CSV UTF-8, and delete what stands above the names",
        )
    columns = [name for name in table.names if words.is_strategy(name)]
    if columns:
        missing = [
            kind
            for kind, usual in (("cost", words.is_cost), ("effect", words.is_effect))
            if not any(map(usual, table.names))
        ]
        return ResultError(
            "a long table lacks a column",
            where=table.head(),
            value=", ".join(missing),
            rule=f"{RULE}; columns: {', '.join(table.names)}",
            way_out=f"name the columns: {', '.join(f'{kind}=' for kind in missing or ['cost'])}; effect='none' for a "
            "table of costs only",
        )
    return ResultError(
        "the table has no costs",
        where=table.head(),
        value=", ".join(table.names),
        rule=RULE,
        way_out=columns_to_name(table)
        or "name its columns: cost='c.*', effect='e.*' (* stands for the strategy), or costs and effects in two "
        "tables: effects=; net benefits in net_benefit='nb.*' or as a list; or rename columns in columns=",
    )


def _long(table: Columns, request: Asked) -> Form | None:
    """The long form, or None when no column names the strategy of a row, or none holds the cost."""
    strategy = _strategy_column(table)
    if strategy is None:
        return None
    net = _one(table, request.net_benefit, "net_benefit", words.is_net)
    cost = _one(table, request.cost, "cost", words.is_cost)
    if request.effect == NONE and NONE not in table:
        effect = None
    else:
        effect = _one(table, request.effect, "effect", words.is_effect) or _one(table, None, "effect", words.is_years)
    if cost and effect and not request.net_benefit:
        description = f"a long table: {strategy}, {cost}, {effect}"
        return Form((cost,), (effect,), strategy=strategy, said=description)
    if net and not cost and not effect:
        return Form((net,), (), strategy=strategy, net=True, said=f"a long table of net benefits: {strategy}, {net}")
    if cost and request.effect == NONE:
        return Form((cost,), (), strategy=strategy, said=f"a long table of costs only: {strategy}, {cost}")
    return None


def _strategy_column(table: Columns) -> str | None:
    """The column that names strategies: `strategy`, else the usual one; of an id and a name, the name."""
    usual = [name for name in table.names if words.is_strategy(name)]
    if "strategy" in usual or len(usual) < 2:
        return "strategy" if "strategy" in usual else next(iter(usual), None)
    first = usual[0]
    pairs = {tuple(str(table.columns[name][row]) for name in usual) for row in range(table.rows)}
    if all(len({pair[i] for pair in pairs}) == len(pairs) for i in range(len(usual))):
        column = next((name for name in usual if words.bare(name).endswith("name")), first)
        table.notes.append(f"strategies are named by {column}")
        return column
    raise _two_ways(table, [f"strategies named by {name}" for name in usual])


def strategy_twins(table: Columns, form: Form) -> set[str]:
    """Other columns that name the strategies once more: the id beside the name."""
    return {name for name in table.names if form.strategy and words.is_strategy(name) and name != form.strategy}


def _one(table: Columns, naming: object, what: str, usual: Callable[[str], bool]) -> str | None:
    """The column that is asked for, or the only one with a usual name; the plain name wins over its variants."""
    if isinstance(naming, str):
        return naming if naming in table else None
    candidates = [name for name in table.names if usual(name)]
    if what in candidates:
        return what
    if len(candidates) > 1:
        raise ResultError(
            f"two columns could be the {what}",
            where=table.head(),
            value=", ".join(candidates),
            rule="one column of a long table holds the cost, one the effect",
            way_out=f"say which: {what}='{candidates[0]}', and leave the other out in ignore=",
        )
    return candidates[0] if candidates else None


def _wide(table: Columns, request: Asked) -> Form | None:
    """The wide form, or None when no family of columns holds the costs."""
    where = table.head()
    names = table.names
    if request.net_benefit is not None:
        net = _family(names, request.net_benefit, "net_benefit", where)
        return _only(table, net, request, True)
    costs = [_family(names, request.cost, "cost", where)] if request.cost is not None else _costs(names)
    if request.effect == NONE:
        effects = []
    elif request.effect is not None:
        effects = [_family(names, request.effect, "effect", where)]
    else:
        effects = _effects(names)
    pairs = [(cost, effect) for cost in costs for effect in effects if _match(cost, effect)]
    if request.strategies is not None:
        matches = [pair for pair in pairs if pair[0].order or set(_wanted(request, pair[0])) <= set(pair[0].columns)]
        pairs = [pair for pair in matches if set(_wanted(request, pair[0])) <= set(pair[1].columns)] or matches or pairs
    if len(pairs) > 1:
        ways = " or ".join(f"cost='{cost.pattern}', effect='{effect.pattern}'" for cost, effect in pairs)
        readings = [f"{cost.form} with {effect.form}" for cost, effect in pairs]
        raise _two_ways(table, readings, f"say which: {ways} (* stands for the strategy)")
    if pairs:
        return _paired(table, *pairs[0], request)
    return _unpaired(table, costs, effects, request)


def _no_results(names: Sequence[str]) -> list[str]:
    """Columns without those of increments, net benefits and ratios, whose names end in words of costs and effects."""
    result_columns = {
        column
        for kind in (words.RESULTS, words.INCREMENTS)
        for family in families(names, kind)
        for column in family.columns.values()
    }
    return [name for name in names if name not in result_columns and not words.is_increment(name)]


def _costs(names: Sequence[str]) -> list[Family]:
    """Families of costs."""
    return families(_no_results(names), words.COST, "c")


def _effects(names: Sequence[str]) -> list[Family]:
    """Families of effects; life-years count where nothing else does."""
    candidates = _no_results(names)
    return families(candidates, words.EFFECT, "e") or families(candidates, words.YEARS)


def _family(names: Sequence[str], naming: str | Sequence[str], what: str, where: Place | str) -> Family:
    match = by_naming(names, naming, what, where)
    return Family({}, match, (match,)) if isinstance(match, str) else match


def _match(cost: Family, effect: Family) -> bool:
    """Whether two families speak of the same strategies: names in common, or lists of equal length."""
    if cost.order or effect.order:
        return len(cost.order) == len(effect.order) or not (cost.order and effect.order)
    return bool(cost.columns.keys() & effect.columns.keys())


def _wanted(request: Asked, family: Family) -> tuple[str, ...]:
    return listed(request.strategies or (), family.columns)


def _paired(table: Columns, cost: Family, effect: Family, request: Asked) -> Form:
    """Both families by strategy, in the order of the strategies that are asked for, else of the costs."""
    if cost.order or effect.order:
        return _in_order(table, cost, effect, request)
    names = _wanted(request, cost) if request.strategies is not None else tuple(cost.columns)
    for family, kind in ((cost, "cost"), (effect, "effect")):
        lonely = [name for name in names if name not in family.columns]
        if request.strategies is None:
            lonely += [name for name in family.columns if name not in names]
        if lonely:
            raise _lonely(table, lonely[0], cost, effect, kind, request)
    description = f"a wide table: {cost.form}, {effect.form}"
    if (cost.form, effect.form) == ("c.X", "e.X"):
        description = "a table of BCEA: e.X, c.X"
    return Form(tuple(cost.columns[n] for n in names), tuple(effect.columns[n] for n in names), names, said=description)


def _lonely(table: Columns, name: str, cost: Family, effect: Family, kind: str, request: Asked) -> ResultError:
    """A strategy that has a cost and no effect, or the other way round: or it is a parameter."""
    column = cost.columns.get(name) or effect.columns.get(name)
    other = "effect" if name in cost.columns else "cost"
    both = [n for n in cost.columns if n in effect.columns]
    if column is None:
        return ResultError(
            "the table has no such strategy",
            where=table.head(),
            value=name,
            rule=f"strategies: {', '.join(both)}",
            way_out="correct the name in strategies=",
        )
    if not both:
        return ResultError(
            "costs and effects name different strategies",
            where=table.head(),
            value=f"costs of {', '.join(cost.columns)}; effects of {', '.join(effect.columns)}",
            rule=f"a strategy has one name; read as {cost.form} with {effect.form}",
            way_out="rename columns in columns=, or say where costs and effects stand: cost=, effect=",
        )
    return ResultError(
        "a strategy lacks its cost or its effect",
        where=table.head(),
        value=name,
        rule=f"'{column}' can be read as a result of a strategy '{name}', whose {other} is not there, or as a "
        f"parameter; read as {cost.form} with {effect.form}; columns: {', '.join(table.names)}",
        way_out=f"if it is a parameter, name the strategies: strategies='{','.join(both)}'; if it is neither, name it "
        "in ignore=",
    )


def _in_order(table: Columns, cost: Family, effect: Family, request: Asked) -> Form:
    """Columns that were named one by one, in the order of the strategies."""
    names = listed(request.strategies or (), ())
    columns = [list(f.order) or [f.columns[n] for n in names if n in f.columns] for f in (cost, effect)]
    if not names or any(len(column_names) != len(names) for column_names in columns):
        raise ResultError(
            "columns are named one by one, and strategies are not",
            where=table.head(),
            value=f"costs: {cost.form}; effects: {effect.form}; strategies: {', '.join(names) or 'none'}",
            rule="as many costs, effects and strategies, in the same order",
            way_out="name the strategies in strategies=, in the order of the columns",
        )
    description = f"a wide table: costs {cost.form}, effects {effect.form}"
    return Form(tuple(columns[0]), tuple(columns[1]), names, said=description)


def _unpaired(table: Columns, costs: list[Family], effects: list[Family], request: Asked) -> Form | None:
    """Costs without effects, net benefits without either, or a refusal when an effect stands alone."""
    if costs and not effects:
        if request.cost is None:
            costs = families(_no_results(table.names), words.COST)  # without c.X, which many write for parameters
        wide = [family for family in costs if len(family.columns) > 1] if request.effect is None else costs
        if len(wide) > 1:
            raise _two_ways(table, [f"costs {family.form}" for family in wide])
        if wide and request.effect is None:
            _refuse_another_result(table, wide[0])
        return _only(table, wide[0], request, False) if wide else None
    nets = [family for family in families(table.names, words.NET) if len(family.columns) > 1]
    if nets and not costs:
        if len(nets) > 1:
            raise _two_ways(table, [f"net benefits {family.form}" for family in nets])
        return _only(table, nets[0], request, True)
    if costs:
        name = next(iter(costs[0].columns))
        raise _lonely(table, name, costs[0], effects[0], "effect", request)
    return None


def _refuse_another_result(table: Columns, costs: Family) -> None:
    """Refuse to read costs only where another column stands for each strategy: it may well be the effect."""
    first = next(iter(costs.columns))
    for column in table.names:
        before, middle, after = column.partition(first)
        siblings = [f"{before}{name}{after}" for name in costs.columns]
        if middle and column not in costs.columns.values() and all(name in table for name in siblings):
            raise ResultError(
                "the table has costs, and columns that could be the effects",
                where=table.head(),
                value=", ".join(siblings),
                rule="they can be read as effects, or as parameters beside costs only",
                way_out=f"say which: effect='{before}*{after}', or effect='none'",
            )


def _only(table: Columns, family: Family, request: Asked, net: bool) -> Form:
    """A wide table of one kind of result."""
    kind = "net benefits only" if net else "costs only"
    if family.order:
        names = listed(request.strategies or (), ()) or family.order
        columns = family.order
    else:
        names = _wanted(request, family) if request.strategies is not None else tuple(family.columns)
        unknown = [name for name in names if name not in family.columns]
        if unknown:
            raise ResultError(
                "the table has no such strategy",
                where=table.head(),
                value=unknown[0],
                rule=f"strategies: {', '.join(family.columns)}",
                way_out="correct the name in strategies=",
            )
        columns = tuple(family.columns[name] for name in names)
    if len(names) != len(columns):
        raise ResultError(
            "there are not as many strategies as columns",
            where=table.head(),
            value=f"{', '.join(names)}; {family.form}",
            way_out="name each strategy once in strategies=",
        )
    return Form(columns, (), names, net=net, said=f"a wide table of {kind}: {family.form}")


def results_beside(table: Columns, form: Form) -> set[str]:
    """Columns of other results beside those that are read, such as net benefits or a second effect: no parameters."""
    if form.strategy:
        usual = (words.is_result, words.is_increment, words.is_cost, words.is_effect, words.is_years)
        beside = {name for name in table.names if any(is_one(name) for is_one in usual)}
    else:
        kinds = (words.RESULTS, words.COST, words.EFFECT, words.YEARS)
        by_strategy = [family.columns for kind in kinds for family in families(table.names, kind)]
        whole = [columns for columns in by_strategy if set(form.strategies) <= set(columns)]
        beside = {columns[name] for columns in whole for name in form.strategies}
        for family in families(table.names, words.INCREMENTS):
            beside |= set(family.columns.values()) if set(family.columns) <= set(form.strategies) else set()
        beside |= {name for name in table.names if words.is_result(name) or words.is_increment(name)}
    return beside - set(form.results)
