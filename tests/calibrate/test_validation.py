"""Anchored in the calibration itself and in sums by hand: what a validation file keeps, says, and when it is stale."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from test_calibrate import MODEL, PARAMETERS
from test_effects import with_effects

from costeff import load
from costeff.bundled import available, data_dir
from costeff.calibrate import Calibration, calibrate_command, read_plan
from costeff.calibrate.validation import (
    ComparedFigure,
    NarrowedParameter,
    Validation,
    plan_hashes,
    posterior_hash,
    stale,
)
from costeff.calibrate.validation_file import read_validation, validation_text
from costeff.calibrate.validation_words import holdout_table, missed_table, open_table, sentences, sources_table
from costeff.cli import main
from costeff.errors import ModelError, ScenarioError
from costeff.evidence import read_evidence
from costeff.model import read_model, validation_file

MONEY = """\
parties: {payer: {label: Payer}, firm: {label: Firm}}
flows:
  - {item: benefit, from: payer, to: firm, per: cycle, states: [sick], amount: 100}
perspectives: {payer: {parties: [payer], label: Payer}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three-state model with a calibration written beside it, whose posterior and validation it names."""
    path = tmp_path_factory.mktemp("validation")
    (path / "three.yaml").write_text(MODEL, encoding="utf-8")
    (path / "three_parameters.yaml").write_text(PARAMETERS, encoding="utf-8")
    (path / "three_parameters_targets.yaml").write_text(with_effects(), encoding="utf-8")
    made = calibrate_command(path / "three.yaml", path / "out", draws=80, individuals=200, threads=1)
    assert made.hierarchy is not None
    for name in ("three_posterior.csv", "three_validation.yaml"):
        (path / name).write_text((path / "out" / name).read_text(encoding="utf-8"), encoding="utf-8")
    own = "{distribution: empirical, file: three_posterior.csv, parameters: [h_return, h_relapse]}"
    group = f"groups:\n  posterior: {own}\n"
    calibrated = PARAMETERS
    for name in ("h_return", "h_relapse"):
        value = float(made.posterior[name].median())
        line = next(x for x in PARAMETERS.splitlines() if x.startswith(f"  {name}"))
        own = f"  {name}: {{value: {value}, centre: median, unit: hazard per week, kind: calibrated, source: [s]}}"
        calibrated = calibrated.replace(line, own)
    (path / "after_parameters.yaml").write_text(calibrated + group, encoding="utf-8")
    named = MODEL.replace("./three_parameters.yaml", "./after_parameters.yaml\nvalidation: ./three_validation.yaml")
    (path / "after.yaml").write_text(named + MONEY, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(folder: Path) -> Calibration:
    return calibrate_command(folder / "three.yaml", draws=80, individuals=200, threads=1)


# ---- what is kept ----


def test_file_holds_what_the_calibration_found(folder: Path, made: Calibration) -> None:
    validation = read_validation(folder / "three_validation.yaml")
    assert replace(validation, file="") == made.validation()
    assert made.hierarchy is not None
    fit = made.fit.set_index("target")
    left = made.hierarchy.left_out.set_index("target")
    held = made.hierarchy.holdouts.set_index("target")
    for one in validation.figures:
        row = fit.loc[one.name]
        assert one.published == pytest.approx((row["published"], row["published_low"], row["published_high"]), rel=1e-4)
        assert one.z == pytest.approx(row["z"], rel=1e-4)
        unseen = (held if one.held_out else left).loc[one.name]
        assert one.unseen_z == pytest.approx(unseen["z"], rel=1e-4)
        assert one.predicted == pytest.approx((unseen["predicted"], unseen["low"], unseen["high"]), rel=1e-4)
        assert row["prior_low"] < one.prior[0] < one.prior[1] < row["prior_high"]  # 90 % within 95 %
        assert row["model_low"] < one.posterior[0] < one.posterior[1] < one.posterior[2] < one.posterior[3]
    assert [one.contraction for one in validation.parameters] == pytest.approx(
        made.contraction["contraction"], rel=1e-4
    )
    assert validation.densities["left_out"] == pytest.approx(made.hierarchy.left_out["log_density"].sum(), rel=1e-4)
    assert validation.sds["by_source"][0] == pytest.approx(made.hierarchy.sds["sd"][0], rel=1e-4)


def test_bands_are_quantiles(made: Calibration) -> None:
    """Of a lognormal prior of one hazard, a share from a closed form lies where its hazard's quantile puts it."""
    row = made.fit.set_index("target").loc["work_20"]
    spans = [row[f"model_q{q:02d}"] for q in (5, 25, 75, 95)]
    assert spans == sorted(spans)
    normal = (spans[3] - spans[0]) / (spans[2] - spans[1])
    assert normal == pytest.approx(1.645 / 0.674, rel=0.35)  # 80 draws


def test_summary_is_that_of_the_rows() -> None:
    summary = VALIDATION.summary()
    assert (summary["figures"], summary["sources"], summary["holdouts"]) == (3, 2, 2)
    assert summary["holdouts_inside"] == 1
    assert summary["rms_z_left_out"] == pytest.approx(math.sqrt((0.5**2 + 2.5**2 + 1.0) / 3), rel=1e-3)
    assert (summary["beyond_left_out"], summary["parameters"], summary["narrowed"]) == (1, 2, 1)


def test_edited_file_is_refused(folder: Path, tmp_path: Path) -> None:
    text = (folder / "three_validation.yaml").read_text(encoding="utf-8")
    count = read_validation(folder / "three_validation.yaml").summary()["figures"]
    other = tmp_path / "x.yaml"
    other.write_text(text.replace(f"summary: {{figures: {count}", f"summary: {{figures: {count + 1}"), encoding="utf-8")
    with pytest.raises(ModelError, match="not what the rows give"):
        read_validation(other)
    other.write_text(text.replace("figures:\n", "more: 1\nfigures:\n", 1), encoding="utf-8")
    with pytest.raises(ModelError, match="unknown key 'more'"):
        read_validation(other)


# ---- whose it is ----


def test_hash_is_of_values_not_of_their_order() -> None:
    columns = {"b": np.array([0.1234567, 2.0]), "a": np.array([3.0, 4e-7])}
    text = "a: 3,4e-07\nb: 0.123457,2"
    assert posterior_hash(columns) == hashlib.sha256(text.encode()).hexdigest()
    assert posterior_hash(dict(reversed(columns.items()))) == posterior_hash(columns)
    assert posterior_hash(columns | {"b": np.array([0.123458, 2.0])}) != posterior_hash(columns)


def test_lot_of_usual_care_is_the_committed_one() -> None:
    """The hash that docs/calibration_tki2.md prints for the lot, drawn before the first fit."""
    plan = read_plan(data_dir("parameters") / TARGETS_OF_THE_LOT)
    assert plan_hashes(plan)["holdouts"] == "2b0ff5c0258964a551e60155369a7e0ae913cd094856d756e7514c8bff9bad1a"


TARGETS_OF_THE_LOT = next(f"{x}.yaml" for x in ("tki2_wide_targets", "tki2_targets") if x in available("parameters"))


def test_own_posterior_is_current_and_another_is_not(folder: Path) -> None:
    validation = read_validation(folder / "three_validation.yaml")
    evidence = read_evidence(folder / "after_parameters.yaml")
    assert stale(validation, evidence) == ()
    assert stale(validation, evidence.override({"h_death": 0.002})) == ()
    assert stale(validation, evidence.override({"h_return": 0.1})) == ("h_return",)
    other = replace(validation, hashes={**validation.hashes, "posterior": "0" * 64})
    assert stale(other, evidence) == ("posterior",)
    assert stale(validation, read_evidence(folder / "three_parameters.yaml")) == ("h_return", "h_relapse")


def test_shipped_models_name_validations_of_their_own_posteriors() -> None:
    """None that is shipped is stale."""
    reasons = {}
    for name in available("models"):
        model = read_model(name)
        file = validation_file(model)
        reasons[name] = stale(read_validation(file), load(name).evidence) if file else ()
    assert reasons == dict.fromkeys(available("models"), ())


def test_missing_file_is_refused_before_anything_runs(folder: Path) -> None:
    text = (folder / "after.yaml").read_text(encoding="utf-8")
    (folder / "lost.yaml").write_text(text.replace("./three_validation", "./none"), encoding="utf-8")
    with pytest.raises(ScenarioError, match="no such file"):
        load(folder / "lost.yaml")


# ---- what it says ----


def compared(name: str, use: str, z: float, published: float, source: str = "s") -> ComparedFigure:
    ends, predicted = (published, published - 0.05, published + 0.05), (0.5, 0.4, 0.6)
    return ComparedFigure(
        name, name.title(), source, "return", use, True, ends, (0.1, 0.9), (0.2, 0.3, 0.5, 0.6), 0.1, z, predicted
    )


VALIDATION = Validation(
    "three",
    "2026-11-29",
    100,
    50,
    1,
    dict.fromkeys(("posterior", "targets", "priors", "holdouts"), "0"),
    (
        compared("one", "calibrate", 0.5, 0.45),
        compared("two", "calibrate", -2.5, 0.72),
        compared("three", "calibrate", 1.0, 0.4, "t"),
        compared("four", "holdout", 0.3, 0.45, "u"),
        compared("five", "holdout", -1.8, 0.65, "v"),
    ),
    (
        NarrowedParameter("h_return", (0.08, 0.025, 0.256), (0.06, 0.05, 0.07), 0.8),
        NarrowedParameter("h_relapse", (0.008, 0.002, 0.032), (0.008, 0.0021, 0.031), 0.02),
    ),
    {"return_source": (0.15, 0.05, 0.22), "mine": (0.3, 0.1, 0.5)},
    {"left_out": -3.0, "holdouts": -2.0, "average": -1.0},
)


def test_sentences_say_what_the_numbers_mean() -> None:
    told = " ".join(sentences(VALIDATION, "en"))
    assert "Calibrated to 3 published figures of 2 sources on 2026-11-29" in told
    assert "The misses are 1.58 times as large" in told
    assert "the model is surer than it should be. 1 of 3 figures (33\u202f%)" in told.replace("\u00a0", "\u202f")
    assert "2 figures of 2 sources were held back and never fitted; 1 of them lie" in told
    assert "no more and no fewer misses than chance gives" in told  # 1 of 2 at 0.9: p = 0.19
    assert "average of the published figures of their kind predicts them better" in told
    assert "1 of 2 calibrated parameters are narrowed" in told
    unknown = replace(VALIDATION, figures=tuple(replace(x, left_out_z=None) for x in VALIDATION.figures))
    assert "is not known" in " ".join(sentences(unknown, "en"))
    assert "1 af 2 kalibrerede parametre" in " ".join(sentences(VALIDATION, "da"))


@pytest.mark.parametrize(("z", "verdict"), [(0.7, "less sure"), (1.0, "about right"), (1.2, "surer than")])
def test_verdict_on_the_width(z: float, verdict: str) -> None:
    figures = tuple(replace(one, left_out_z=z) for one in VALIDATION.figures)
    assert verdict in " ".join(sentences(replace(VALIDATION, figures=figures), "en"))


def test_tables_say_which_side_a_figure_lies_on() -> None:
    held = holdout_table(VALIDATION, "en")
    assert held.count("<tr>") == 3
    assert held.index("Four (u)") < held.index("as predicted") < held.index("Five (v)") < held.index("higher than")
    missed = missed_table(VALIDATION, "en")
    assert "Two (s)" in missed
    assert "One (s)" not in missed
    open_rows, sources = open_table(VALIDATION, {}, "en"), sources_table(VALIDATION, "en")
    assert "h_relapse" in open_rows
    assert "h_return" not in open_rows
    assert "return to work" in sources
    assert "mine" in sources


def test_text_of_the_file_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "v.yaml"
    path.write_text(validation_text(VALIDATION), encoding="utf-8")
    assert read_validation(path) == replace(VALIDATION, file=str(path))


# ---- in the report ----


def report_of(study: object, path: Path, language: str = "en") -> str:
    result = study.psa(draws=12, individuals=40, seed=1, threads=1, progress=False)  # type: ignore[attr-defined]
    result.report(path, language)
    return path.read_text(encoding="utf-8")


def test_report_shows_a_current_one(folder: Path, tmp_path: Path) -> None:
    page = report_of(load(folder / "after.yaml"), tmp_path / "r.html", "da")
    assert 'id="validation"' in page
    assert "Kalibreret til" in page
    assert "fit_other" in page


def test_report_says_that_another_does_not_apply(folder: Path, tmp_path: Path) -> None:
    (folder / "set.yaml").write_text("scenario: x\nmodel: ./after.yaml\nset: {h_return: 0.1}\n", encoding="utf-8")
    page = report_of(load(folder / "set.yaml"), tmp_path / "r.html")
    assert "do not use the calibrated draws of: h_return" in page
    assert "Calibrated to" not in page
    assert "fit_other" not in page


def test_report_of_a_model_without_one_has_no_section(folder: Path, tmp_path: Path) -> None:
    text = (folder / "after.yaml").read_text(encoding="utf-8")
    (folder / "plain.yaml").write_text(text.replace("validation: ./three_validation.yaml\n", ""), encoding="utf-8")
    assert 'id="validation"' not in report_of(load(folder / "plain.yaml"), tmp_path / "r.html")


def test_command_writes_it(folder: Path, tmp_path: Path) -> None:
    settings = ["--draws", "40", "--individuals", "60", "--threads", "1", "--out", str(tmp_path / "out")]
    outcome = CliRunner().invoke(main, ["calibrate", str(folder / "three.yaml"), *settings])
    assert outcome.exit_code == 0, outcome.output
    assert "three_validation.yaml" in outcome.output
    assert read_validation(tmp_path / "out" / "three_validation.yaml").draws == 40
