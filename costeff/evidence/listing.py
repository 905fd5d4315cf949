"""The table of all parameters, for `describe` and the documentation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costeff.evidence.distributions.joint import Group
from costeff.evidence.parameter import Parameter
from costeff.evidence.source import Source

if TYPE_CHECKING:
    import pandas as pd


def parameter_table(
    parameters: Mapping[str, Parameter], groups: Mapping[str, Group], sources: Mapping[str, Source]
) -> pd.DataFrame:
    """One row per parameter, in the order given; columns as `Evidence.parameter_table` says."""
    return frame_of(parameter_rows(parameters.values(), groups, sources))


def frame_of(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of `parameter_rows` as a table."""
    import pandas as pd

    return pd.DataFrame(rows).astype({"price_year": "Int64"}) if rows else pd.DataFrame(rows)


def parameter_rows(
    parameters: Iterable[Parameter], groups: Mapping[str, Group], sources: Mapping[str, Source]
) -> list[dict[str, Any]]:
    """What the table says of each parameter, in the order given."""
    import pandas as pd

    rows = []
    for p in parameters:
        lo, hi = p.interval()
        limits = p.spread.declared or (math.nan, math.nan)
        references = [sources[key] for key in p.source]
        rows.append(
            {
                "name": p.name,
                "value": p.value,
                "unit": p.unit,
                "lo": lo,
                "hi": hi,
                "declared_lo": limits[0],
                "declared_hi": limits[1],
                "centre": p.centre,
                "distribution": f"{groups[p.group].family} ({p.group})" if p.group else p.spread.family,
                "rule": p.spread.rule,
                "kind": p.kind,
                "source": "; ".join(s.title for s in references),
                "address": "; ".join(s.address for s in references if s.address),
                "price_year": pd.NA if p.price_year is None else p.price_year,
                "note": "; ".join(part for part in (p.note, p.price_note) if part),
            }
        )
    return rows
