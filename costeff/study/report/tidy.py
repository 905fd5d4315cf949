"""The report's numbers as tidy CSV files for others to compute with: full precision, English names, decimal points."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from costeff.catalogue import languages
from costeff.cea import acceptability
from costeff.cea.icer import icer_table
from costeff.files import write_whole
from costeff.files.cells import csv_text
from costeff.labels import Label

if TYPE_CHECKING:
    import pandas as pd

    from costeff.study.report.content import Content


FRAMES = ("parties", "items", "effects", "medians", "tornado", "noise", "implied", "parameters")
"""Tables of Content that are written as they stand, with each label split in two."""


def tidy_tables(content: Content) -> dict[str, pd.DataFrame]:
    """Every table of the report by name, one row per observation and one column per variable.

    Parties, items and effects get one row per strategy (`value`), increments apart (`*_increments`). Cost by year, ICER
    tables and acceptability curves carry the perspective in a column; trace and passages the cycle. Labels become
    `label_en` and `label_da`.
    """
    import pandas as pd

    tables = {}
    for name in FRAMES:
        frame = _labelled(getattr(content, name))
        strategies = [s for s in content.strategies if s in frame.columns]
        if name in ("parties", "items", "effects") and strategies:
            keys = [c for c in frame.columns if (c in _KEYS or c.startswith("label_")) and c != "strategy"]
            long = frame.drop_duplicates(keys).melt(keys, strategies, var_name="strategy", value_name="value")
            tables[name] = long
            tables[f"{name}_increments"] = frame.drop(columns=strategies)
        else:
            tables[name] = frame
    views = content.perspectives
    tables["cost_by_year"] = _stacked({v.name: v.by_year for v in views})
    tables["icer_table"] = _stacked({v.name: icer_table(v.evaluation) for v in views})
    tables["ceac"] = _stacked(
        {v.name: acceptability.ceac(v.evaluation, content.wtp).to_dataframe().reset_index() for v in views}
    )
    for name, array in (("trace", content.trace), ("passages", content.passages)):
        tables[name] = array.to_series().rename("share").reset_index() if array.size else pd.DataFrame()
    return tables


_KEYS = ("party", "item", "effect", "inside", "payer", "recipient", "unit", "better", "discounted", "strategy")


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every column of labels split by language."""
    parts = {}
    for name in frame.columns:
        column = frame[name]
        if len(column) and all(isinstance(value, Label) for value in column):
            for language in languages():
                parts[f"{name}_{language}"] = [value[language] for value in column]
        else:
            parts[name] = column.tolist()
    import pandas as pd

    return pd.DataFrame(parts)


def _stacked(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    if not frames:
        return pd.DataFrame()
    parts = []
    for name, frame in frames.items():
        plain = frame.copy()
        plain.attrs = {}
        plain.insert(0, "perspective", name)
        parts.append(plain)
    return pd.concat(parts, ignore_index=True)


def write_csv(content: Content, folder: str | os.PathLike[str]) -> list[Path]:
    """Write every tidy table as folder/name.csv (UTF-8, comma, decimal point) and return the paths, in order of name.

    The folder is made when missing. Each file is written whole or not at all. Raises OSError when that is refused.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, table in sorted(tidy_tables(content).items()):
        path = folder / f"{name}.csv"
        paths.append(write_whole(csv_text(table, lineterminator="\n"), path))
    return paths
