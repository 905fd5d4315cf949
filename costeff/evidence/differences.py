"""What differs from the model: each figure that was set, beside the model's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from costeff.evidence.parameter import Parameter
from costeff.evidence.source import Setter, Source

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "name",
    "unit",
    "price_year",
    "value",
    "lo",
    "hi",
    "distribution",
    "kind",
    "source",
    "note",
    "set_by",
    "setter",
    "place",
    "made_certain",
    "model_value",
    "model_lo",
    "model_hi",
    "model_distribution",
    "model_kind",
    "model_source",
    "model_price_year",
)


def differences(parameters: Iterable[Parameter], sources: Mapping[str, Source]) -> pd.DataFrame:
    """One row per figure that a scenario, a case or a program set in the place of the model's.

    Parameters
    ----------
    parameters
        Of an `Evidence`; those that replace none are passed over.
    sources
        Of the same.

    Returns
    -------
    DataFrame
        The columns `COLUMNS`. Amounts are at the prices of the evidence, the model's too where an index leads there
        (`model_price_year` says). `set_by` is scenario, case or program, `setter` its name, `place` file and line;
        `made_certain` marks a known number in the place of an uncertain one.

    Examples
    --------
    >>> from costeff.evidence import Evidence
    >>> e = Evidence([Parameter("wait", 4.0, "weeks", kind="assumption")]).override({"wait": 6})
    >>> e.differences()[["name", "model_value", "value", "kind"]].to_dict("records")
    [{'name': 'wait', 'model_value': 4.0, 'value': 6.0, 'kind': 'assumption'}]
    """
    import pandas as pd

    rows, parameters = [], list(parameters)
    for p in parameters:
        if p.replaces is None:
            continue
        by = p.set_by or Setter()
        place = "" if p.place is None else Path(p.place.file).name
        if p.place is not None and p.place.line is not None:
            place += f":{p.place.line}"
        rows.append(
            _stated(p, sources, "")
            | _stated(p.replaces, sources, "model_")
            | {
                "name": p.name,
                "unit": p.unit,
                "note": p.note,
                "set_by": by.kind,
                "setter": by.name,
                "place": place,
                "made_certain": p.made_certain,
            }
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table.attrs["notes"] = {p.note: dict(p.notes) for p in parameters if p.replaces is not None and p.notes}
    return table


def _stated(p: Parameter, sources: Mapping[str, Source], prefix: str) -> dict[str, object]:
    lo, hi = p.interval()
    titles = "; ".join(sources[key].title for key in p.source if key in sources)
    row = {
        "value": float(p.value),
        "lo": lo,
        "hi": hi,
        "distribution": p.spread.family,
        "kind": p.kind,
        "source": titles,
        "price_year": p.price_year,
    }
    return {prefix + key: value for key, value in row.items()}
