"""The file of a validation: `costeff calibrate --out` writes it, a model names it, a report reads it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costeff.calibrate.keys import USES, VALIDATION, VALIDATION_FIGURE, VALIDATION_PARAMETER, VALIDATION_RUN
from costeff.calibrate.validation import ComparedFigure, NarrowedParameter, Validation
from costeff.documents.section import Document, Section

HEAD = """\
# Written by `costeff calibrate {model} --out FOLDER`, not by hand. A model names it under `validation`; its report then
# shows it, if the draws it was made with are those that the model's parameters have.
"""


def validation_text(validation: Validation) -> str:
    """The file as text: a few lines of summary, then one line for each figure and each parameter."""
    v = validation
    lines = [
        HEAD.format(model=v.model) + f"validation: {json.dumps(v.model)}",
        f"date: {v.date}",
        f"run: {_flow({'draws': v.draws, 'individuals': v.individuals, 'seed': v.seed})}",
        "hashes:",
        *(f"  {name}: {json.dumps(text)}" for name, text in v.hashes.items()),
        f"summary: {_flow(v.summary())}",
        f"sds: {_flow({name: list(values) for name, values in v.sds.items()})}",
        f"densities: {_flow(v.densities)}",
        "figures:",
        *(f"  - {_flow(_figure_row(figure))}" for figure in v.figures),
        "parameters:",
    ]
    for one in v.parameters:
        own = {"prior": list(one.prior), "posterior": list(one.posterior), "contraction": one.contraction}
        lines.append(f"  - {_flow({'name': one.name, **own})}")
    return "\n".join(lines) + "\n"


def _figure_row(figure: ComparedFigure) -> dict[str, Any]:
    texts = {key: getattr(figure, key) for key in ("name", "title", "source", "family", "use") if getattr(figure, key)}
    numbers: dict[str, Any] = {key: list(getattr(figure, key)) for key in ("published", "prior", "posterior")}
    row = {**texts, "share": figure.share, **numbers, "z": figure.z}
    row |= {} if figure.left_out_z is None else {"left_out_z": figure.left_out_z}
    return row | ({"predicted": list(figure.predicted)} if figure.predicted else {})


def _flow(row: Mapping[str, Any]) -> str:
    """A mapping on one line: keys bare, texts in quotes."""
    return "{" + ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in row.items()) + "}"


def read_validation(path: str | os.PathLike[str]) -> Validation:
    """A validation from its file.

    Raises ModelError with file, line, value, rule and way out; also for a summary that its rows do not give.
    """
    document = Document(str(path), numbers="en")
    top = document.load(Path(path), Section)
    top.closed(VALIDATION)
    figures = top.listed("figures", "figure", _figure)
    parameters = top.listed("parameters", "parameter", _parameter)
    head: dict[str, Any] = {}
    with document.collecting():
        run, hashes = top.block("run", "`run`"), top.block("hashes", "`hashes`")
        run.closed(VALIDATION_RUN)
        sds, densities = top.block("sds", "`sds`"), top.block("densities", "`densities`")
        head = {
            "model": top.text("validation"),
            "date": top.date("date"),
            **{key: run.whole(key, least=0) for key in VALIDATION_RUN},
            "hashes": {key: hashes.text(key) for key in ("posterior", "targets", "priors", "holdouts")},
            "sds": {name: sds.numbers(name, 3) for name in sds.data},
            "densities": {name: densities.number(name) for name in densities.data},
        }
    document.finish()
    validation = Validation(**head, figures=tuple(figures), parameters=tuple(parameters), file=str(path))
    with document.collecting():
        _same_summary(top.block("summary", "`summary`"), validation)
    document.finish()
    return validation


def _same_summary(block: Section, validation: Validation) -> None:
    """Refuse a summary that the rows below it do not give: one of them was edited."""
    for name, value in validation.summary().items():
        if abs(block.number(name) - value) > 1e-9:
            rule = f"{value:g}, by the rows of this file"
            block.refuse(name, f"`{name}` is not what the rows give", rule, "calibrate again and take its file whole")


def _figure(block: Section) -> ComparedFigure:
    block.closed(VALIDATION_FIGURE)
    return ComparedFigure(
        block.text("name"),
        block.text("title"),
        block.text("source", ""),
        block.text("family", ""),
        block.choice("use", USES),
        block.boolean("share"),
        block.numbers("published", 3),
        block.numbers("prior", 2),
        block.numbers("posterior", 4),
        block.number("z"),
        block.number("left_out_z") if block.has("left_out_z") else None,
        block.numbers("predicted", 3) if block.has("predicted") else (),
    )


def _parameter(block: Section) -> NarrowedParameter:
    block.closed(VALIDATION_PARAMETER)
    prior, posterior = block.numbers("prior", 3), block.numbers("posterior", 3)
    return NarrowedParameter(block.text("name"), prior, posterior, block.number("contraction"))
