"""Sizes without bounds and figures beyond all sense: each ended in a traceback, never ended, or gave a number."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff.cli import main
from costeff.errors import CosteffError
from costeff.evidence import Lognormal

ROOT = Path(__file__).parents[2]


def refusal(words: list[str]) -> str:
    ended = CliRunner().invoke(main, words)
    assert (ended.exit_code, type(ended.exception)) == (2, SystemExit), repr(ended.exception)
    assert "Way out" in ended.output
    return ended.output


def size(kind: str, words: list[str], match: str) -> object:
    marks = fault(kind=f"no bound on {kind}", given=" ".join(words), right=f"exit 2 at once: {match}")
    return pytest.param(words, match, id=" ".join(words), marks=marks)


@pytest.mark.parametrize(
    ("words", "match"),
    [
        size("draws", ["--draws", "1000000000000"], "too many draws"),
        size("draws", ["--draws", "9" * 40], "too many draws"),
        size("the horizon", ["--horizon", "1000000000 years"], "horizon is too long"),
        size("the horizon", ["--horizon", "99999999999999999999 cycles"], "horizon is too long"),
    ],
)
def test_sizes_on_the_command_line(words: list[str], match: str) -> None:
    assert re.search(match, refusal(["run", "sick_sicker", "--quiet", *words]))


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(
            run,
            id=run,
            marks=fault(kind="no bound on sizes in a file", given=f"run: {run}", right="refused, with the limit"),
        )
        for run in (f"{{draws: {'9' * 40}, individuals: 2}}", f"{{draws: 0x{'f' * 30}, individuals: 2}}")
    ],
)
def test_sizes_in_a_scenario(tmp_path: Path, run: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f"scenario: s\nmodel: sick_sicker\nrun: {run}\n", encoding="utf-8")
    with pytest.raises(CosteffError, match=r"at most|decimal digits"):
        costeff.load(file).psa(progress=False)


@fault(kind="no bound on the horizon in a model", given="horizon: 10000000 years", right="refused, with the limit")
@pytest.mark.parametrize("horizon", ["10000000 years", "2026 years", "501 cycles"])
def test_a_model_without_end(tmp_path: Path, horizon: str) -> None:
    text = (ROOT / "models" / "sick_sicker.yaml").read_text(encoding="utf-8")
    (tmp_path / "m.yaml").write_text(text.replace("75 years", horizon), encoding="utf-8")
    assert "horizon is too long" in refusal(["describe", str(tmp_path / "m.yaml")])
    (tmp_path / "s.yaml").write_text(f"scenario: s\nmodel: sick_sicker\noptions:\n  horizon: {horizon}\n", "utf-8")
    assert "s.yaml, line 4: the horizon is too long" in refusal(["describe", str(tmp_path / "s.yaml")])


@fault(
    kind="a file without bound is read for minutes",
    given="a scenario with 50 MB of comments",
    right="refused by size at once",
)
def test_a_file_of_comments(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("scenario: s\nmodel: sick_sicker\n" + "# comment\n" * 300_000, encoding="utf-8")
    assert "too large" in refusal(["describe", str(file)])


def parameters(folder: Path, old: str, new: str) -> Path:
    """A scenario of the shipped model whose parameter file is changed."""
    for file in (ROOT / "parameters").glob("*.csv"):
        shutil.copy(file, folder)
    text = (ROOT / "parameters" / "tki2.yaml").read_text(encoding="utf-8")
    assert re.search(old, text, re.M)
    (folder / "p.yaml").write_text(re.sub(old, new, text, count=1, flags=re.M), encoding="utf-8")
    (folder / "s.yaml").write_text("scenario: s\nmodel: tki2\nparameters: ./p.yaml\n", encoding="utf-8")
    return folder / "s.yaml"


@fault(
    kind="a price index may jump",
    given="the wage index is 0.5 in one year beside 19,351 and 21,092",
    right="refused: prices jump",
)
def test_a_price_index_that_jumps(tmp_path: Path) -> None:
    file = parameters(tmp_path, "price_index", "price_index")
    index = (tmp_path / "price_index.csv").read_text(encoding="utf-8")
    name = re.search(r"index: (\w+)}", (tmp_path / "p.yaml").read_text(encoding="utf-8"))[1]  # type: ignore[index]
    year = re.findall(rf"^{name},(\d{{4}}),", index, re.M)[1]
    broken = re.sub(rf"^({name},{year}),[^,]+", r"\1,0.5", index, flags=re.M)
    (tmp_path / "price_index.csv").write_text(broken, encoding="utf-8")
    with pytest.raises(CosteffError, match="prices jump"):
        costeff.load(file)


@fault(
    kind="a look-up table steps over missing rows",
    given="mortality without the ages 60 to 64",
    right="refused: rows are missing",
)
def test_a_table_with_ages_missing(tmp_path: Path) -> None:
    file = parameters(tmp_path, "price_index", "price_index")
    table = (tmp_path / "mortality.csv").read_text(encoding="utf-8")
    (tmp_path / "mortality.csv").write_text(re.sub(r"^6[0-4],.*\n", "", table, flags=re.M), encoding="utf-8")
    with pytest.raises(CosteffError, match="age goes from 59 to 65"):
        costeff.load(file)


@fault(kind="a kind that does not exist", given="a price index row of kind `tublished`", right="refused: unknown kind")
def test_a_price_index_of_an_unknown_kind(tmp_path: Path) -> None:
    file = parameters(tmp_path, "price_index", "price_index")
    index = (tmp_path / "price_index.csv").read_text(encoding="utf-8")
    (tmp_path / "price_index.csv").write_text(index.replace("published", "tublished", 1), encoding="utf-8")
    with pytest.raises(CosteffError, match="unknown kind"):
        costeff.load(file)


@fault(kind="a spread beyond all sense", given="a lognormal with meanlog 2,000", right="refused: beyond all sense")
def test_a_median_beyond_all_sense() -> None:
    with pytest.raises(CosteffError, match="meanlog is beyond all sense"):
        Lognormal(2000.0, 0.1)


@fault(kind="a spread beyond all sense", given="a lognormal with sdlog 1e300", right="refused: beyond all sense")
def test_a_spread_beyond_all_sense(tmp_path: Path) -> None:
    text = (ROOT / "parameters" / "sick_sicker.yaml").read_text(encoding="utf-8")
    assert "sdlog: 0.02}" in text
    (tmp_path / "p.yaml").write_text(text.replace("sdlog: 0.02}", "sdlog: 1.0e+300}", 1), encoding="utf-8")
    (tmp_path / "s.yaml").write_text("scenario: s\nmodel: sick_sicker\nparameters: ./p.yaml\n", encoding="utf-8")
    for file in (ROOT / "parameters").glob("*.csv"):
        shutil.copy(file, tmp_path)
    with pytest.raises(CosteffError, match="sdlog is beyond all sense"):
        costeff.load(tmp_path / "s.yaml")


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        pytest.param(
            old,
            new,
            match,
            id=new.strip(),
            marks=fault(kind="a figure of a case beyond all sense", given=new.strip(), right=f"refused: {match}"),
        )
        for old, new, match in [
            (r"^inflow:.*\n(  .*\n)*", "inflow: 1000000000000000\n", "`inflow` is beyond all sense"),
            (r"^inflow:.*\n(  .*\n)*", "inflow: 1.0e+308\n", "`inflow` is beyond all sense"),
            (r"^  start_up:.*\n(    .*\n)*", "  start_up: {2026: 2.5e+302}\n", "beyond all sense"),
        ]
    ],
)
def test_figures_of_a_case(tmp_path: Path, old: str, new: str, match: str) -> None:
    text = (ROOT / "scenarios" / "tki2-aarhus-investment.yaml").read_text(encoding="utf-8")
    assert re.search(old, text, re.M)
    (tmp_path / "c.yaml").write_text(re.sub(old, new, text, count=1, flags=re.M), encoding="utf-8")
    assert match in refusal(["invest", str(tmp_path / "c.yaml"), "--draws", "2", "--individuals", "4", "--quiet"])


@fault(kind="amounts beyond exact sums are passed over", given="care at 1e12 a year", right="the output says so")
def test_amounts_beyond_exact_sums(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("scenario: s\nmodel: sick_sicker\nset: {c_S1: 1.0e+12}\n", encoding="utf-8")
    ended = CliRunner().invoke(main, ["run", str(file), "--engine", "cohort", "--draws", "2", "--quiet"])
    assert ended.exit_code == 0, ended.output
    assert "sums are rounded in their last digits" in ended.output


@fault(kind="sizes without bounds", given="a clock that begins at 1e9 for some", right="refused: too many cycles")
def test_a_clock_that_spans_too_much(tmp_path: Path) -> None:
    file = ROOT / "models" / "tki2_reduced.yaml"
    text = file.read_text(encoding="utf-8")
    begin = "initial: floor(age * cycles_per_year)"
    assert begin in text
    far = text.replace(begin, "initial: floor(age * (cycles_per_year - 100000000))", 1)
    (tmp_path / "m.yaml").write_text(far, encoding="utf-8")
    for beside in (ROOT / "parameters").iterdir():
        if beside.is_file():
            shutil.copy(beside, tmp_path)
    with pytest.raises(CosteffError, match="spans more cycles than can be tabulated"):
        costeff.load(tmp_path / "m.yaml").run(individuals=200)
