"""Every derived figure that costeff ships is worked out again from what it names; a published one has a source."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import numpy as np
import pytest
from fault import fault
from ruamel.yaml import YAML

from costeff.errors import EvidenceError
from costeff.evidence import read_evidence
from costeff.model import Expression

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *(
        f for f in sorted((ROOT / "parameters").glob("*.yaml")) if "targets" not in f.name
    ),  # priors go with the posterior
    *sorted((ROOT / "parameters" / "rules").glob("*.yaml")),
    *sorted((ROOT / "scenarios").glob("*.yaml")),
]
BASE = {name: p.value for name, p in read_evidence(ROOT / "parameters" / "tki2.yaml").parameters.items()}
KINDS = ("published", "derived", "calibrated", "assumption")


def records(node: object, name: str = "") -> list[tuple[str, dict]]:
    """Every figure of a file (a mapping with a value and a kind), with its name."""
    if isinstance(node, dict):
        if "value" in node and node.get("kind") in KINDS:
            return [(name, node)]
        return [found for key, inner in node.items() for found in records(inner, str(key))]
    return [found for inner in node for found in records(inner, name)] if isinstance(node, list) else []


def figures(kind: str) -> list[tuple[str, str, dict]]:
    """File, name and record of every figure of a kind."""
    read = YAML(typ="safe").load
    return [
        (str(file.relative_to(ROOT)), name, record)
        for file in FILES
        for name, record in records(read(file))
        if record["kind"] == kind
    ]


def half_a_digit(value: float) -> float:
    """Half a unit in the last digit that a figure states."""
    text = repr(value)
    return 0.5 * 10.0 ** -(len(text.partition(".")[2]) if "." in text and not text.endswith(".0") else 0)


DERIVED = figures("derived")


def test_there_are_derived_figures() -> None:
    assert len(DERIVED) >= 50


@fault("a derived figure that nothing works out again", "kind: derived", "a formula that gives the value as stated")
@pytest.mark.parametrize(("file", "name", "record"), DERIVED, ids=[f"{f}:{n}" for f, n, _ in DERIVED])
def test_a_derived_figure_follows_from_what_it_names(file: str, name: str, record: dict) -> None:
    formula = record.get("derived_from")
    if name == "implied":
        assert pooled([1.12, 1.51, 0.80], [(0.97, 1.29), (1.31, 1.74), (0.63, 1.03)]) == pytest.approx(
            (record["value"], *record["interval"]), abs=0.005
        )
        return
    if "counts" in record:  # its family works the posterior out, as tests/evidence/test_counts.py holds it to
        mean = read_evidence(ROOT / file).parameters[name].spread.mean
        assert abs(mean - record["value"]) <= half_a_digit(record["value"]) * 1.0001
        return
    assert formula, "derived_from"
    result = float(Expression(formula).evaluate(BASE))
    assert abs(result - record["value"]) <= half_a_digit(record["value"]) * 1.0001, (formula, result)


def pooled(ratios: list[float], intervals: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Random-effects mean of ratios with its interval (DerSimonian and Laird 1986)."""
    logs = np.log(ratios)
    errors = np.array([math.log(high / low) / 3.92 for low, high in intervals])
    weight = errors**-2.0
    fixed = (weight * logs).sum() / weight.sum()
    excess = (weight * (logs - fixed) ** 2).sum() - (len(ratios) - 1)
    between = max(0.0, excess / (weight.sum() - (weight**2).sum() / weight.sum()))
    weight = 1 / (errors**2 + between)
    mean, error = (weight * logs).sum() / weight.sum(), weight.sum() ** -0.5
    return math.exp(mean), math.exp(mean - 1.96 * error), math.exp(mean + 1.96 * error)


def test_figures_in_formulas_are_figures_of_the_files() -> None:
    """What a formula quotes in kroner stands in a file as a published figure, so that one cannot change alone."""
    amounts = {f"{record['value']:g}" for _, _, record in figures("published")}
    with (ROOT / "parameters" / "price_index.csv").open(encoding="utf-8") as file:
        amounts |= {row["value"] for row in csv.DictReader(file) if row["kind"] == "published"}
    quoted = {number for _, _, r in DERIVED for number in re.findall(r"(?<![.\d])\d{4,}", r.get("derived_from", ""))}
    assert len(quoted) > 8
    assert quoted - {"17558"} - amounts == set()  # 17,558 a month is in the source, the file holds it by the week


def test_the_price_index_and_mortality() -> None:
    with (ROOT / "parameters" / "price_index.csv").open(encoding="utf-8") as file:
        derived = [row for row in csv.DictReader(file) if row["kind"] == "derived"]
    assert [(row["year"], row["value"]) for row in derived] == [("2022", str(round(18964 / 0.98)))]
    with (ROOT / "parameters" / "mortality.csv").open(encoding="utf-8") as file:
        rows = {int(row["age"]): row for row in csv.DictReader(file)}
    for age in range(20, 101):
        low = age - age % 5
        high = min(low + 5, 100)
        for sex in ("women", "men"):
            ends = [math.log(float(rows[a][sex])) for a in (low, high)]
            share = (age - low) / 5
            expected = math.exp(ends[0] + share * (ends[1] - ends[0]))
            assert float(rows[age][sex]) == pytest.approx(expected, abs=6e-7, rel=1e-4), (age, sex)


def test_programme_and_trial_shares() -> None:
    """Of the trial's design: tests/evidence/test_random_effects.py works out the 0.72."""
    design = YAML(typ="safe").load(ROOT / "designs" / "tki2_trial.yaml")
    assert design["between"]["kind"] == "derived"
    assert set(design["between"]["shares"].values()) == {0.72}


PUBLISHED = figures("published")


@pytest.mark.parametrize(("file", "name", "record"), PUBLISHED, ids=[f"{f}:{n}" for f, n, _ in PUBLISHED])
def test_a_published_figure_names_its_source(file: str, name: str, record: dict) -> None:
    assert record.get("source") or name in ("discount",)


@fault("a published figure without a source", "kind: published and no source", "refused with the way out")
def test_a_published_figure_without_a_source_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("parameters:\n  x: {value: 1, unit: ratio, kind: published}\n", encoding="utf-8")
    with pytest.raises(EvidenceError, match="no source") as told:
        read_evidence(file)
    assert "line 2" in str(told.value)


def test_what_is_used_for_something_else_is_no_published_figure() -> None:
    """Those that the audit found to measure something else than the model reads are assumptions or derived."""
    evidence = read_evidence(ROOT / "parameters" / "tki2.yaml").parameters
    kinds = {
        name: evidence[name].kind for name in ("programme_cost", "utility_not_working", "hr_death_other", "atp_month")
    }
    assert kinds == {
        "programme_cost": "assumption",
        "utility_not_working": "assumption",
        "hr_death_other": "derived",
        "atp_month": "assumption",
    }
    transferred = [n for n, p in evidence.items() if p.kind == "published" and "transferred" in p.note]
    assert transferred == []
