"""A header of two rows, as merged cells make it: strategies above and measures below, or the other way round."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from costeff.analysis.tables import words

_KINDS = (words.is_cost, words.is_effect, words.is_net, words.is_years, words.is_result, words.is_increment)


def joined(upper: Sequence[str], lower: Sequence[str]) -> list[str] | None:
    """One name for each column, as Cost_A; None where it cannot be told which strategy and measure a column is of.

    A cell that is merged over several columns stands over the first of them, so it counts for the empty ones after it.
    Every measure must then stand once for every strategy; a column with one name in the two rows keeps it.

    >>> joined(["sim", "Usual", "", "New", "", ""], ["", "Cost", "QALY", "Cost", "QALY", "price"])
    ['sim', 'Cost_Usual', 'QALY_Usual', 'Cost_New', 'QALY_New', 'price']
    >>> joined(["Cost", "", "QALY", ""], ["Usual", "New", "Usual", "New"])
    ['Cost_Usual', 'Cost_New', 'QALY_Usual', 'QALY_New']
    >>> joined(["Usual", "", "New", ""], ["Cost", "QALY", "Cost", "visits"]) is None
    True
    """
    pairs = [(above.strip(), below.strip()) for above, below in zip_longest(upper, lower, fillvalue="")]
    result_flags = [any(is_measure(name) for is_measure in _KINDS) for name in (below for _, below in pairs)]
    if any(result_flags):
        return _named(pairs, result_flags, measure_below=True)
    over = _spread(pairs)
    return _named(pairs, [any(is_measure(name) for is_measure in _KINDS) for name in over], measure_below=False)


def _spread(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """The cell above each column, counted for the empty ones after it; one without a cell below stands alone."""
    over, last = [], ""
    for above, below in pairs:
        last = (above or last) if below else ""
        over.append(above or last)
    return over


def _named(pairs: Sequence[tuple[str, str]], result_flags: Sequence[bool], *, measure_below: bool) -> list[str] | None:
    """Names from measure and strategy, where each strategy has each measure once."""
    over = _spread(pairs)
    names, cells = [], []
    for (above, below), group, is_result in zip(pairs, over, result_flags, strict=True):
        measure, strategy = (below, group) if measure_below else (group, below)
        if is_result and measure and strategy:
            word = re.sub(r"\W+", "_", measure).strip("_")
            cells.append((word, strategy))
            names.append(f"{word}_{strategy}")
        elif is_result or (above and below and not measure_below):
            return None
        else:
            names.append(below or above)
    strategies = {strategy for _, strategy in cells}
    measures = {measure for measure, _ in cells}
    whole = len(cells) == len(set(cells)) == len(strategies) * len(measures)
    unique = max(Counter(names).values(), default=0) <= 1
    return names if whole and unique and len(strategies) > 1 else None
