"""What differs from the model, for the first page of a report or case and for the terminal, in English and Danish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costeff.catalogue import say
from costeff.labels import Label
from costeff.messages import translated
from costeff.reporting.numbers import write_interval, write_number
from costeff.reporting.tables import Column, Row, html_table

if TYPE_CHECKING:
    import pandas as pd


def differences_heading(language: str) -> str:
    """The heading of the table.

    >>> differences_heading("en")
    'What differs from the model'
    """
    return say("changed_heading", language)


def differences_table(frame: pd.DataFrame | None, labels: Mapping[str, Label], language: str) -> str:
    """The table as HTML, '' when nothing differs; `frame` as `Evidence.differences` gives it."""
    heads, texts = difference_rows(frame, labels, language)
    rows: list[Row] = [list(row) for row in texts]
    return html_table([Column(head) for head in heads], rows, say("changed_heading", language)) if rows else ""


def difference_rows(
    frame: pd.DataFrame | None, labels: Mapping[str, Label], language: str
) -> tuple[list[str], list[list[str]]]:
    """(headings, rows of text) of the table: input, unit, in the model, here, source or note."""
    heads = [say(f"changed_{key}", language) for key in ("parameter", "unit", "model", "here", "about")]
    rows = [] if frame is None else _records(frame)
    return heads, [
        [_name(x, labels, language), str(x["unit"]), _model(x, language), _here(x, language), _about(x, language)]
        for x in rows
    ]


def certain_sentences(frame: pd.DataFrame | None, labels: Mapping[str, Label], language: str) -> list[str]:
    """A sentence for each uncertain parameter that was set to a known number."""
    if frame is None:
        return []
    return [
        say(
            "changed_certain",
            language,
            name=_name(row, labels, language),
            family=row["model_distribution"],
            interval=write_interval(row["model_lo"], row["model_hi"], language),
            value=write_number(row["value"], language),
        )
        for row in _records(frame)
        if row["made_certain"]
    ]


def difference_lines(frame: pd.DataFrame | None, labels: Mapping[str, Label], language: str) -> list[str]:
    """The same for a terminal: a heading, a line per figure and the sentences; [] when nothing differs."""
    if frame is None or not len(frame):
        return []
    lines = [
        "  "
        + say(
            "changed_line",
            language,
            name=_name(row, labels, language),
            here=_here(row, language),
            about=_about(row, language),
            model=_model(row, language),
        )
        for row in _records(frame)
    ]
    sentences = [f"  {sentence}" for sentence in certain_sentences(frame, labels, language)]
    return [f"{say('changed_heading', language)}:", *lines, *sentences]


def plain_differences(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows for summary.json and case.json: numbers, texts and None."""
    return [
        {key: None if value != value or value is None else value for key, value in row.items()}
        for row in _records(frame.astype(object))
    ]


def set_here(row: Mapping[str, Any], language: str) -> str:
    """Who set a figure: 'set here (case ours), case.yaml:12'."""
    setter_text = say(f"changed_{row['set_by']}", language, name=row["setter"])
    return f"{setter_text}, {row['place']}" if row["place"] else setter_text


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows, each with its note in other languages where it has one."""
    notes = frame.attrs.get("notes", {})
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    return [{**row, "notes": notes.get(row["note"], {})} for row in rows]


def _name(row: Mapping[str, Any], labels: Mapping[str, Label], language: str) -> str:
    name = str(row["name"])
    return f"{labels[name][language]} ({name})" if name in labels else name


def _number(row: Mapping[str, Any], prefix: str, language: str) -> str:
    """A value with its interval where it is uncertain."""
    value = write_number(row[f"{prefix}value"], language)
    lo, hi = row[f"{prefix}lo"], row[f"{prefix}hi"]
    return value if lo == hi else f"{value} ({write_interval(lo, hi, language)})"


def _model(row: Mapping[str, Any], language: str) -> str:
    """The model's value, its kind and source; its price year where it is not that of the figure here."""
    about = [say(f"kind_{row['model_kind']}", language), *([row["model_source"]] if row["model_source"] else [])]
    year = row["model_price_year"]
    if year == year and year is not None and year != row["price_year"]:
        about.insert(0, say("changed_prices", language, year=int(year)))
    return f"{_number(row, 'model_', language)}, {', '.join(about)}"


def _here(row: Mapping[str, Any], language: str) -> str:
    kind = row["kind"]
    return f"{_number(row, '', language)}, {say(f'kind_{kind}', language)}"


def _about(row: Mapping[str, Any], language: str) -> str:
    """The source, the setter's own note, and who set it."""
    own = "" if str(row["note"]).startswith("set here (") else str(row["notes"].get(language, row["note"]))
    return "; ".join(part for part in (row["source"], translated(own, language), set_here(row, language)) if part)
