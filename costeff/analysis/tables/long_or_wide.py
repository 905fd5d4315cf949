"""Which form a table has that could be read in both, and what a table in neither form should say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from costeff.analysis.tables import words
from costeff.errors import ResultError

if TYPE_CHECKING:
    from costeff.analysis.tables.columns import Columns

MOST_STRATEGIES = 50


def named_in_rows(
    table: Columns, cost: Sequence[str], effect: Sequence[str], results: Iterable[str], strategy: str | None
) -> ResultError | None:
    """The refusal of a wide table in which a column names a strategy for each row, as a long one has it."""
    if strategy is None or not 1 < len({str(cell) for cell in table.columns[strategy]}) <= MOST_STRATEGIES:
        return None
    first, other = cost[0], effect[0] if effect else "none"
    return ResultError(
        f"column '{strategy}' names strategies, and so do the columns of costs",
        where=table.head(),
        value=", ".join(results),
        rule="a table has one row for each draw, or one for each draw and strategy, with one cost and one effect",
        way_out=f"say which is the cost and which the effect, such as cost='{first}', effect='{other}'; where "
        f"'{strategy}' is a parameter, rename it: columns={{'{strategy}': 'kind'}}",
    )


def columns_to_name(table: Columns) -> str | None:
    """The way out for columns that nearly have the usual names: a number without a mark, or no column of strategies."""
    patterns = [_numbered(table.names, usual) for usual in (words.is_cost, words.is_effect)]
    if all(patterns):
        return f"say which they are: cost='{patterns[0]}*', effect='{patterns[1]}*'"
    if any(map(words.is_cost, table.names)) and any(map(words.is_effect, table.names)):
        few = [name for name in table.names if 1 < len({str(cell) for cell in table.columns[name]}) <= MOST_STRATEGIES]
        return f"say which column names the strategy of a row: columns={{'{few[0]}': 'strategy'}}" if few else None
    return None


def _numbered(names: Sequence[str], usual: Callable[[str], bool]) -> str | None:
    """The word with which names such as cost1 and cost2 begin."""
    starts = [match[1] for name in names if (match := re.fullmatch(r"(\D+)\d+", name)) and usual(match[1])]
    return starts[0] if len(starts) > 1 and len(set(starts)) == 1 else None
