"""Anchors: 200 random tables in each form, written out and read back; frontier, CEAC and EVPI by plain numpy."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from costeff import Evaluation, read_psa
from costeff.analysis.tables.asked import listed
from costeff.analysis.tables.related import unexplained
from costeff.cea.stratified import stratified, whole_population
from costeff.cli import main

Floats = NDArray[np.float64]
TABLES = 200
NAMES = ("Sædvanlig indsats", "New, 10 mg", "ØST; hjælp", "A", "b c", "Dr. Å", "100", "x-y", "C=D", "over_all")
PARAMETERS = ("hr (return)", "pris, kr.", "andel æøå", "u.S1", "p_HD", "tid;uge", "n visits", "log=x")


@dataclass
class Truth:
    """What a table is made of."""

    strategies: list[str]
    cost: Floats
    effect: Floats
    parameters: dict[str, Floats]

    @property
    def draws(self) -> int:
        return len(self.cost)


def truth(seed: int, draws: int | None = None) -> Truth:
    """Costs to two decimals, effects and parameters to five; 2 to 4 strategies, up to 3 parameters, with odd names."""
    rng = np.random.default_rng(seed)
    n, count = draws or int(rng.integers(2, 9)), int(rng.integers(2, 5))
    names = [str(name) for name in rng.choice(NAMES, count, replace=False)]
    known = [str(name) for name in rng.choice(PARAMETERS, int(rng.integers(0, 4)), replace=False)]
    cost = rng.normal(rng.uniform(500, 90_000, count), 300, (n, count)).round(2)
    effect = rng.normal(rng.uniform(0.1, 9, count), 0.05, (n, count)).round(5)
    return Truth(names, cost, effect, {name: rng.normal(1, 0.3, n).round(5) for name in known})


def wide(case: Truth, cost: str, effect: str) -> pd.DataFrame:
    columns = {cost.replace("*", name): case.cost[:, s] for s, name in enumerate(case.strategies)}
    columns |= {effect.replace("*", name): case.effect[:, s] for s, name in enumerate(case.strategies)}
    return pd.DataFrame({"draw": np.arange(1, case.draws + 1)} | columns | case.parameters)


def long(case: Truth, draw: str, strategy: str, cost: str, effect: str) -> pd.DataFrame:
    count = len(case.strategies)
    repeated = {name: np.repeat(values, count) for name, values in case.parameters.items()}
    return pd.DataFrame(
        {
            draw: np.repeat(np.arange(1, case.draws + 1), count),
            strategy: case.strategies * case.draws,
            cost: case.cost.ravel(),
            effect: case.effect.ravel(),
            **repeated,
        }
    )


WIDE = {
    "cost_X, effect_X": ("cost_*", "effect_*"),
    "BCEA": ("c.*", "e.*"),
    "dampack": ("*_Cost", "*_Eff"),
    "Cost_X, QALY_X": ("Cost_*", "QALY_*"),
    "cost_X, qaly_X": ("cost_*", "qaly_*"),
    "X cost, X effectiveness": ("* cost", "* effectiveness"),
    "omkostning_X, effekt_X": ("omkostning_*", "effekt_*"),
}
LONG = {
    "draw, strategy, cost, effect": ("draw", "strategy", "cost", "effect"),
    "iteration, strategy, cost, qaly": ("iteration", "strategy", "cost", "qaly"),
    "hesim": ("sample", "strategy_id", "costs", "qalys"),
    "sim, arm, Total Cost, Benefit": ("sim", "arm", "Total Cost", "Benefit"),
}
FORMS: dict[str, Callable[[Truth], pd.DataFrame]] = {
    **{name: (lambda case, form=form: wide(case, *form)) for name, form in WIDE.items()},
    **{name: (lambda case, form=form: long(case, *form)) for name, form in LONG.items()},
}


WAYS = ((",", ".", "csv"), (";", ",", "csv"), (";", ".", "csv"), ("\t", ",", "tsv"), ("\t", ".", "txt"))


def written(table: pd.DataFrame, folder: Path, seed: int) -> Path:
    """The table with its rows shuffled, separated and with decimals as another program might."""
    rng = np.random.default_rng(seed)
    mark, decimal, ending = WAYS[seed % len(WAYS)]
    encoding = ("utf-8", "utf-8-sig", "utf-16")[seed % 3]
    file = folder / f"psa.{ending}"
    shuffled = table.sample(frac=1, random_state=int(rng.integers(1 << 30)))
    shuffled.to_csv(file, index=False, sep=mark, decimal=decimal, encoding=encoding)
    return file


def check(evaluation: Evaluation, case: Truth) -> None:
    order = [evaluation.strategies.index(name) for name in case.strategies]
    assert set(evaluation.strategies) == set(case.strategies)
    np.testing.assert_array_equal(evaluation.cost[:, order], case.cost)
    np.testing.assert_array_equal(evaluation.effect[:, order], case.effect)
    assert set(evaluation.parameters) == set(case.parameters)
    for name, values in case.parameters.items():
        np.testing.assert_array_equal(evaluation.parameters[name], values)


@pytest.mark.parametrize("form", FORMS)
def test_200_random_tables_in_each_form(form: str, tmp_path: Path) -> None:
    """What was written is read, to the last digit and draw by draw, whatever the names, marks and order of rows."""
    for seed in range(TABLES):
        case = truth(seed)
        check(read_psa(written(FORMS[form](case), tmp_path, seed)), case)


def test_200_random_tables_in_three_files(tmp_path: Path) -> None:
    """Costs, effects and parameters in a file each, without prefixes: row by row, or by the draw when all have it."""
    for seed in range(TABLES):
        case, files = truth(seed), []
        keyed = seed % 2 == 1
        tables = [pd.DataFrame(values, columns=case.strategies) for values in (case.cost, case.effect)]
        tables += [pd.DataFrame(case.parameters)] if case.parameters else []
        for k, table in enumerate(tables):
            numbered = pd.DataFrame({"iteration": np.arange(case.draws)}).join(table)
            shuffled = numbered.sample(frac=1, random_state=seed + k)
            folder = tmp_path / str(k)
            folder.mkdir(exist_ok=True)
            file = folder / "savi.csv"
            (shuffled if keyed else table).to_csv(file, index=False, sep=";", decimal=",", quoting=csv.QUOTE_NONNUMERIC)
            files.append(file)
        check(read_psa(files[0], effects=files[1], parameters=files[2] if case.parameters else None), case)


def test_200_random_workbooks_and_frames(tmp_path: Path) -> None:
    """In memory with the draw in the index, in a column or by row; each tenth as a workbook, with row names of R."""
    for seed in range(TABLES):
        case = truth(seed)
        form = list(FORMS.values())[seed % len(FORMS)]
        table = form(case)
        check(read_psa(table.sample(frac=1, random_state=seed)), case)
        if "draw" in table and "strategy" not in table:
            check(read_psa(table.set_index("draw").rename_axis("whatever").sample(frac=1, random_state=seed)), case)
            check(read_psa(table.drop(columns="draw")), case)
            results = table.drop(columns=list(case.parameters))
            if case.parameters:
                inputs = pd.DataFrame(case.parameters, index=pd.Index(table["draw"], name="run"))
                check(read_psa(results.set_index("draw"), parameters=inputs.sample(frac=1, random_state=seed)), case)
        if seed % 10 == 0:
            table.to_excel(tmp_path / "psa.xlsx", index=False, startrow=seed % 3)
            check(read_psa(tmp_path / "psa.xlsx"), case)
            table.reset_index(drop=True).rename(index=lambda row: row + 1).to_csv(tmp_path / "psa.csv")
            check(read_psa(tmp_path / "psa.csv"), case)


def test_200_random_tables_of_one_result(tmp_path: Path) -> None:
    """Costs only and net benefits only: the other result is 0, and a net benefit is what it was."""
    for seed in range(TABLES):
        case = truth(seed)
        for form, sign, results in (("cost_*", 1, "costs only"), ("nmb_*", -1, "net benefits only")):
            columns = {form.replace("*", name): case.cost[:, s] for s, name in enumerate(case.strategies)}
            evaluation = read_psa(written(pd.DataFrame({"sim": range(case.draws)} | columns), tmp_path, seed))
            assert evaluation.attrs["results"] == results
            np.testing.assert_array_equal(evaluation.cost, sign * case.cost)
            assert not evaluation.effect.any()


def frontier(cost: Floats, effect: Floats) -> set[int]:
    """Positions on the frontier: neither another strategy nor a mix of two gives as much for less."""
    kept = set()
    for s in range(len(cost)):
        others = [t for t in range(len(cost)) if t != s]
        beaten = any(cost[t] <= cost[s] and effect[t] >= effect[s] for t in others)
        for low, high in itertools.permutations(others, 2):
            if effect[low] <= effect[s] <= effect[high] and effect[low] < effect[high]:
                part = (effect[s] - effect[low]) / (effect[high] - effect[low])
                beaten |= bool((1 - part) * cost[low] + part * cost[high] < cost[s])
        if not beaten:
            kept.add(s)
    return kept


@pytest.mark.parametrize("form", FORMS)
def test_frontier_ceac_and_evpi_of_every_form(form: str, tmp_path: Path) -> None:
    """Against plain numpy on what the table was made of, after it was written out and read back."""
    for seed in range(5):
        case = truth(1000 + seed, draws=200)
        evaluation = read_psa(written(FORMS[form](case), tmp_path, seed), comparator=case.strategies[0])
        table = evaluation.icer_table()
        efficient = set(table.loc[table["status"].isin(["reference", "efficient"]), "strategy"])
        expected = frontier(case.cost.mean(axis=0), case.effect.mean(axis=0))
        assert efficient == {case.strategies[s] for s in expected}
        for wtp in (0.0, 20_000.0, 300_000.0):
            benefit = wtp * case.effect - case.cost
            best = np.bincount(benefit.argmax(axis=1), minlength=len(case.strategies)) / case.draws
            chance = evaluation.ceac(wtp)["probability"].sel(strategy=case.strategies)
            np.testing.assert_allclose(chance.values.ravel(), best, atol=1e-12)
            perfect = benefit.max(axis=1).mean() - benefit.mean(axis=0).max()
            assert evaluation.evpi(wtp)["evpi"].item() == pytest.approx(perfect, rel=1e-9, abs=1e-6)


def test_names_in_a_list() -> None:
    """The whole text is one name first; quotes give the rest a way out."""
    known = ["a", "b", "a,b", "drug, 10 mg"]
    assert listed(["a,b"], known) == ("a,b",)
    assert listed(['"a","b"'], known) == ("a", "b")
    assert listed(["a", "b"], known) == ("a", "b")
    assert listed(["drug, 10 mg"], known) == ("drug, 10 mg",)
    assert listed(['b,"drug, 10 mg"'], known) == ("b", "drug, 10 mg")
    assert listed(["x,b"], known) == ("x", "b")


def test_subgroups_in_a_column(tmp_path: Path) -> None:
    """One evaluation for each, the whole population by the shares, and the same from the shell."""
    case = truth(3, draws=60)
    price = case.cost[:, 1]
    parts = [wide(case, "cost_*", "effect_*").assign(grp=name, price=price) for name in ("young", "old")]
    parts[1].iloc[:, 1] *= 2
    table = pd.concat(parts).sample(frac=1, random_state=1)
    groups = read_psa(table, subgroup="grp")
    assert set(groups) == {"young", "old"}
    np.testing.assert_array_equal(groups["old"].cost[:, 0], 2 * case.cost[:, 0])
    shares = {"young": 0.25, "old": 0.75}
    whole = whole_population({name: (shares[name], groups[name]) for name in groups})
    np.testing.assert_allclose(whole.cost[:, 0], 1.75 * case.cost[:, 0])
    np.testing.assert_array_equal(whole.parameters["price"], price)
    file = tmp_path / "psa.csv"
    table.to_csv(file, index=False)
    asked = ["voi", str(file), "--wtp", "1000", "--subgroup", "grp", "--share", "young=0.25", "--share", "old=0.75"]
    ran = CliRunner().invoke(main, asked)
    assert ran.exit_code == 0, ran.output
    gain = stratified({name: (shares[name], groups[name]) for name in groups}, 1000)["value"].item()
    assert f"Deciding for each subgroup gains {gain:,.0f}" in ran.output


def related(seed: int, shape: Callable[[Floats], Floats], share: float) -> Evaluation:
    """One parameter of five explains a share of the variance of a cost, in some shape."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(600, 5))
    signal = shape(drawn)
    signal = np.sqrt(share) * (signal - signal.mean()) / signal.std() if share else 0 * signal
    cost = np.column_stack([np.zeros(600), signal + np.sqrt(1 - share) * rng.normal(size=600)])
    return Evaluation(
        "payer", "qaly", ("a", "b"), "a", cost, 0 * cost, parameters=dict(zip("vwxyz", drawn.T, strict=True))
    )


@pytest.mark.parametrize(
    ("shape", "share"),
    [
        (lambda x: x[:, 0], 0.1),
        (lambda x: x.sum(axis=1), 0.1),
        (lambda x: x[:, 0] * x[:, 1], 0.1),
        (lambda x: np.exp(2 * x[:, 0]), 0.3),
        (lambda x: (x[:, 0] > 1.5).astype(float), 0.1),
        (lambda x: x[:, 0] ** 2, 0.1),
    ],
)
def test_parameters_that_matter_never_warn(shape: Callable[[Floats], Floats], share: float) -> None:
    """100 tables in each shape, none of which warns; without a relation at least 70 of 100 do."""
    assert sum(unexplained(related(seed, shape, share)) is not None for seed in range(100)) <= 1
    assert sum(unexplained(related(seed, shape, 0.0)) is not None for seed in range(100)) >= 70
