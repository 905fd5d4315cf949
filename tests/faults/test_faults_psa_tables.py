"""Tables of draws from other programs: read as they are, or refused with the right name, line and way out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff.cli import main
from costeff.errors import CosteffError

OTHERS, AS_WRITTEN = "tables of other programs", "tables as spreadsheets and R write them"
UNCLEAR, INDEX = "unclear or wrong refusals of a table", "an index that is left out of account"
NUMBERED, UNUSED = "the number of the draw taken for a parameter", "options that are left unused in silence"
SHELL = "the shell lacks what its messages advise"
DRAWS = 60
_RNG = np.random.default_rng(14)
COST = np.column_stack([_RNG.normal(1000, 50, DRAWS), _RNG.normal(1500, 80, DRAWS)]).round(2)
EFFECT = np.column_stack([_RNG.normal(5, 0.1, DRAWS), _RNG.normal(5.3, 0.1, DRAWS)]).round(4)
PRICE = COST[:, 1] - 1400


def wide(cost: str, effect: str, names: tuple[str, str] = ("Usual", "New")) -> pd.DataFrame:
    """One row per draw; X in the names of columns stands for the strategy."""
    columns = {
        form.replace("X", names[s]): values[:, s] for form, values in ((cost, COST), (effect, EFFECT)) for s in (0, 1)
    }
    return pd.DataFrame(columns | {"price": PRICE})


def long(draw: str, strategy: str, cost: str, effect: str) -> pd.DataFrame:
    """One row per draw and strategy."""
    return pd.DataFrame(
        {
            draw: np.repeat(np.arange(1, DRAWS + 1), 2),
            strategy: ["Usual", "New"] * DRAWS,
            cost: COST.ravel(),
            effect: EFFECT.ravel(),
            "price": np.repeat(PRICE, 2),
        }
    )


def written(folder: Path, table: pd.DataFrame | str, **form: object) -> Path:
    file = folder / "psa.csv"
    if isinstance(table, str):
        file.write_text(table, encoding="utf-8")
    else:
        table.to_csv(file, **{"index": False, **form})
    return file


def shell(*words: object) -> tuple[int, str]:
    ended = CliRunner().invoke(main, [str(word) for word in words])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), repr(ended.exception)
    return ended.exit_code, ended.output


KNOWN = {
    "BCEA": wide("c.X", "e.X"),
    "dampack": wide("X_Cost", "X_Eff"),
    "Cost_X, QALY_X": wide("Cost_X", "QALY_X"),
    "cost_X, qaly_X": wide("cost_X", "qaly_X"),
    "X costs, X QALYs": wide("X costs", "X QALYs"),
    "omkostning_X, effekt_X": wide("omkostning_X", "effekt_X"),
    "iteration, strategy, cost, qaly": long("iteration", "strategy", "cost", "qaly"),
    "sim, arm, costs, benefit": long("sim", "arm", "costs", "benefit"),
    "hesim": long("sample", "strategy_id", "costs", "qalys").assign(grp_id=1),
    "heemod": long(".index", ".strategy_names", ".cost", ".effect"),
    "psa_id, Treatment, Total Cost, Eff": long("psa_id", "Treatment", "Total Cost", "Eff"),
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=fault(kind=OTHERS, given=name, right="mean costs 1,000 and 1,500")) for name in KNOWN],
)
def test_known_forms(name: str, tmp_path: Path) -> None:
    evaluation = costeff.read_psa(written(tmp_path, KNOWN[name]))
    assert evaluation.strategies == ("Usual", "New")
    np.testing.assert_array_equal(evaluation.cost, COST)
    np.testing.assert_array_equal(evaluation.effect, EFFECT)
    assert list(evaluation.parameters) == ["price"]


@fault(kind=OTHERS, given="a workbook (.xlsx)", right="read like a text table")
def test_a_workbook(tmp_path: Path) -> None:
    file = tmp_path / "psa.xlsx"
    wide("cost_X", "effect_X").to_excel(file, index=False)
    np.testing.assert_array_equal(costeff.read_psa(file).cost, COST)


@fault(
    kind=OTHERS,
    given="costs, effects and parameters in a file each, without prefixes (SAVI)",
    right="joined row by row",
)
def test_three_files(tmp_path: Path) -> None:
    for name, values in (("costs", COST), ("effects", EFFECT)):
        pd.DataFrame(values, columns=["Usual", "New"]).to_csv(tmp_path / f"{name}.csv", index=False)
    pd.DataFrame({"price": PRICE}).to_csv(tmp_path / "parameters.csv", index=False)
    code, said = shell(
        "voi",
        tmp_path / "costs.csv",
        "--effects-file",
        tmp_path / "effects.csv",
        "--parameters",
        tmp_path / "parameters.csv",
        "--wtp",
        "1000",
    )
    assert code == 0, said
    assert "price" in said


@fault(kind=OTHERS, given="net benefits only: nmb_Usual, nmb_New", right="read; any --wtp but 0 is refused")
def test_net_benefits_only(tmp_path: Path) -> None:
    benefit = pd.DataFrame(20_000 * EFFECT - COST, columns=["nmb_Usual", "nmb_New"]).assign(price=PRICE)
    file = written(tmp_path, benefit)
    evaluation = costeff.read_psa(file)
    np.testing.assert_allclose(evaluation.nmb(0).values.reshape(DRAWS, 2), benefit.iloc[:, :2])
    code, said = shell("voi", file, "--wtp", "20000")
    assert (code, "--wtp 0" in said) == (2, True)


DRAW_NAMES = ("Simulation", "iteration", "sim", ".draw", "psa_id", "X", "", "Unnamed: 0", "sample", "trækning")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=fault(kind=NUMBERED, given=f"a column '{name}' 1, 2, ...", right="parameters: price"))
        for name in DRAW_NAMES
    ],
)
def test_the_draw_is_no_parameter(name: str, tmp_path: Path) -> None:
    table = wide("cost_X", "effect_X")
    table.insert(0, name, np.arange(1, DRAWS + 1))
    evaluation = costeff.read_psa(written(tmp_path, table.sample(frac=1, random_state=1)))
    assert list(evaluation.parameters) == ["price"]
    np.testing.assert_array_equal(evaluation.cost, COST)  # rows in the order of their draws


@fault(kind=INDEX, given="results and parameters in memory, the draw in the index", right="joined by the draw")
def test_a_named_index_joins() -> None:
    table = wide("cost_X", "effect_X").rename_axis("draw")
    shuffled = table.sample(frac=1, random_state=1)
    evaluation = costeff.read_psa(shuffled.drop(columns="price"), parameters=table[["price"]])
    paid = evaluation.cost[:, 1] - evaluation.parameters["price"]
    assert np.ptp(paid) < 1e-9, paid[:3]


@fault(
    kind=INDEX,
    given="two tables whose unnamed indices differ",
    right="refused: joined row by row they would be mixed up",
)
def test_an_index_that_says_otherwise_is_refused() -> None:
    table = wide("cost_X", "effect_X")
    shuffled = table.sample(frac=1, random_state=1)
    with pytest.raises(CosteffError, match="different labels"):
        costeff.read_psa(shuffled.drop(columns="price"), parameters=table[["price"]])


GOOD = "cost_A,effect_A,cost_B,effect_B\n1.5,1,2.5,2\n1.25,1,2.75,2\n"
COSTS = [[1.5, 2.5], [1.25, 2.75]]
HANDLED = {
    "a title above the header": "PSA of TKI2; run 3\n\n" + GOOD,
    "a title row as spreadsheets write it": "PSA,,,\n" + GOOD,
    "sep=; above the header": "sep=;\n" + GOOD.replace(",", ";"),
    "comments above and below": "# made in R\n# seed 1\n" + GOOD + "# end\n",
    "rows of separators below": GOOD + ",,,\n,,,\n",
    "separators at the end of each line": GOOD.replace("\n", ",\n"),
    "separators at the end of each row but not of the header": GOOD.replace("5,2\n", "5,2,\n"),
    "a blank line above the header": "\n" + GOOD,
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=fault(kind=AS_WRITTEN, given=name, right=str(COSTS))) for name in HANDLED]
)
def test_what_stands_around_a_table(name: str, tmp_path: Path) -> None:
    assert costeff.read_psa(written(tmp_path, HANDLED[name])).cost.tolist() == COSTS


@fault(
    kind="results taken for parameters",
    given="Inc_Cost, inc_qaly_New, ICER, NMB_New, ly_New beside costs and effects",
    right="parameters: p",
)
def test_other_results_are_no_parameters() -> None:
    table = wide("cost_X", "effect_X").rename(columns={"price": "p"})
    more = ("Inc_Cost", "inc_qaly_New", "ICER", "NMB_Usual", "NMB_New", "ly_Usual", "ly_New")
    assert list(costeff.read_psa(table.assign(**dict.fromkeys(more, 1.0))).parameters) == ["p"]
    rows = long("draw", "strategy", "cost", "effect").assign(nmb=range(2 * DRAWS), icer=range(2 * DRAWS))
    assert list(costeff.read_psa(rows).parameters) == ["price"]


@fault(kind=AS_WRITTEN, given="Excel's Unicode text (UTF-16 with tabs)", right=str(COSTS))
def test_unicode_text(tmp_path: Path) -> None:
    (tmp_path / "psa.txt").write_bytes(GOOD.replace(",", "\t").encode("utf-16"))
    assert costeff.read_psa(tmp_path / "psa.txt").cost.tolist() == COSTS


@fault(kind=AS_WRITTEN, given='a header "p;x" in a table with commas', right="separated by commas")
def test_a_semicolon_in_quotes_separates_nothing(tmp_path: Path) -> None:
    rows = GOOD.replace("effect_B\n", 'effect_B,"p;x"\n').replace("5,2\n", "5,2,7\n")
    assert list(costeff.read_psa(written(tmp_path, rows)).parameters) == ["p;x"]


@fault(kind=AS_WRITTEN, given="an ignored column with points among decimal commas", right="[[1.5, 2.5]]")
def test_ignored_columns_tell_nothing_of_numbers(tmp_path: Path) -> None:
    rows = "model;draw;cost_A;cost_B;effect_A;effect_B\n2.1;1;1,5;2,5;1;2\n"
    assert costeff.read_psa(written(tmp_path, rows), ignore=["model"]).cost.tolist() == [[1.5, 2.5]]


REFUSED = {
    "NA in a cost": (GOOD.replace("1.25", "NA"), "line 3.*missing or not finite.*'NA'"),
    "#DIV/0! in a cost": (GOOD.replace("1.25", "#DIV/0!"), "line 3.*missing or not finite.*#DIV/0!"),
    "#DIVISION/0! of a Danish Excel": (GOOD.replace("1.25", "#DIVISION/0!"), "line 3.*missing or not finite"),
    "an empty cost": (GOOD.replace("1.25", ""), "line 3.*missing or not finite.*empty"),
    "an open quote": (GOOD.replace("1.25", '"1.25') + "1,2,3,4\n" * 5, "line 3: a quote opens"),
    "an open quote that a later one closes": (GOOD.replace("1.25", '"1.25') + '1,2,3,"4\n', "line 3: a quote opens"),
    "a header in two rows": (",A,,B,\ndraw,cost,effect,cost,visits\n1,2,3,4,5\n", "line 1: the header stands in two"),
    "no header": ("1.5,1,2.5,2\n1.25,1,2.75,2\n", "line 1: the table has no header"),
    "a column twice": (GOOD.replace("effect_B", "cost_A"), "line 1: column names are not unique.*cost_A"),
    "cells separated by blanks": (GOOD.replace(",", " "), "line 1: the first line holds a single cell"),
    "a note below": (GOOD + "Source: our model,,,\n", "line 4: a row holds a single cell.*Source"),
    "a row of means below": ("draw," + GOOD.replace("\n1", "\n1,1") + "Mean,1,1,2,2\n", "line 4.*names of draws.*Mean"),
    "a strategy that is NA": ("sim,strategy,cost,effect\n1,A,2,3\n1,NA,3,4\n", "line 3: column 'strategy'.*empty"),
    "a draw that is NA": ("sim,cost_A,effect_A\n1,1,2\nNA,1,3\n", "line 3: column 'sim' has an empty cell"),
    "costs and utilities": ("cost_A,cost_B,utility_A,utility_B\n1,2,3,4\n", "could be the effects.*utility_A"),
    "strategies that differ in case": (
        GOOD.replace("effect_A", "effect_a").replace("effect_B", "effect_b"),
        "name different strategies.*costs of A, B; effects of a, b",
    ),
    "R's write.table": ('"cost_A" "effect_A"\n"1" 1.5 2\n', "line 1: the cells of a line are not separated"),
    "shares written with %": (
        GOOD.replace("cost_B", "p").replace("2.5,", "12 %,").replace("2.75,", "13 %,"),
        "line 1|line 2: column 'p'.*12 %",
    ),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=fault(kind=UNCLEAR, given=name, right=REFUSED[name][1])) for name in REFUSED]
)
def test_what_is_wrong_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(CosteffError) as caught:
        costeff.read_psa(written(tmp_path, REFUSED[name][0]))
    assert pd.Series([str(caught.value)]).str.contains(f"(?s){REFUSED[name][1]}").item(), str(caught.value)


@fault(kind=UNCLEAR, given="a Danish Excel's CSV (Windows-1252)", right="names the encoding and line 2")
def test_the_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "psa.csv").write_bytes("draw;strategy;cost;effect\n1;sædvanlig;1;1\n".encode("cp1252"))
    with pytest.raises(CosteffError, match=r"line 2: .*Windows-1252"):
        costeff.read_psa(tmp_path / "psa.csv")


GAPS = [[1, 2, 3, 5, 8, 9, 12, 15], [1, 2, 4, 6, 8, 10], [1, 2, 7], [10, 20, 40, 50, 80]]


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param(numbers, marks=fault(kind="draws that are missing", given=str(numbers), right="draws are missing"))
        for numbers in GAPS
    ],
)
def test_missing_draws(numbers: list[int]) -> None:
    table = wide("cost_X", "effect_X").iloc[: len(numbers)].assign(draw=numbers)
    with pytest.raises(CosteffError, match="draws are missing"):
        costeff.read_psa(table)


@fault(kind=UNCLEAR, given="comparator=2 where strategies are 1 and 2", right="accepted")
def test_a_comparator_may_be_a_number() -> None:
    assert costeff.read_psa(wide("cost_X", "effect_X", ("1", "2")), comparator=2).comparator == "2"


@fault(kind=UNCLEAR, given="costeff dsa of a table with one strategy", right="nothing to compare")
def test_one_strategy_is_nothing_to_compare(tmp_path: Path) -> None:
    table = wide("cost_X", "effect_X")[["cost_New", "effect_New", "price"]]
    code, said = shell("dsa", written(tmp_path, table))
    assert (code, "nothing to compare" in said) == (2, True), said


@fault(kind="parameters that are no numbers", given="texts (low, high) and yes/no", right="levels of a parameter")
def test_texts_and_yes_no_are_levels(tmp_path: Path) -> None:
    table = wide("cost_X", "effect_X").assign(dose=["low", "high"] * 30, late=[True, False, False] * 20)
    evaluation = costeff.read_psa(written(tmp_path, table))
    assert evaluation.levels == {"dose": ("high", "low"), "late": ("False", "True")}
    assert evaluation.parameters["late"].tolist() == [1.0, 0.0, 0.0] * 20


@fault(kind="parameters that are no numbers", given="a text among numbers", right="refused with its line")
def test_a_text_among_numbers_is_an_error(tmp_path: Path) -> None:
    table = wide("cost_X", "effect_X").assign(dose=["low", *[1.0] * 59])
    with pytest.raises(CosteffError, match="line 2: column 'dose' holds a cell that is not a number"):
        costeff.read_psa(written(tmp_path, table))


OPTIONS = {
    "a column of notes": (["--ignore", "note"], {"note": [f"run {i}" for i in range(DRAWS)]}),
    "a parameter cost_drug": (["--strategies", "Usual,New"], {"cost_drug": PRICE}),
    "a parameter effect_size": (["--strategies", "Usual,New"], {"effect_size": PRICE}),
    "fewer is better": (["--effect-sign", "-1"], {}),
    "a parameter whose name has a comma": (["--group", "price, DKK"], {"price, DKK": PRICE}),
    "other names of columns": (["--map", "cost_New=cost_Newest", "--map", "effect_New=effect_Newest"], {}),
    "patterns for cost and effect": (["--cost", "cost_*", "--effect", "effect_*"], {}),
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=fault(kind=SHELL, given=name, right=" ".join(OPTIONS[name][0]))) for name in OPTIONS],
)
@pytest.mark.parametrize("command", ["voi", "dsa"])
def test_the_shell_reads_what_python_reads(name: str, command: str, tmp_path: Path) -> None:
    options, columns = OPTIONS[name]
    options = ["--parameter", options[1]] if command == "dsa" and options[0] == "--group" else options
    file = written(tmp_path, wide("cost_X", "effect_X").assign(**columns))
    code, said = shell(command, file, "--wtp", "1000", *options)
    assert code == 0, said


@fault(kind=SHELL, given="an error about a column", right="names --ignore, not ignore=")
def test_the_shell_names_its_own_options(tmp_path: Path) -> None:
    code, said = shell("voi", written(tmp_path, GOOD.replace("1.25", "x")), "--wtp", "1")
    assert (code, "--ignore" in said, "ignore=" in said) == (2, True, False), said


@pytest.mark.parametrize(
    "option",
    [
        pytest.param(option, marks=fault(kind=UNUSED, given=f"costeff voi psa.csv {option}", right="refused"))
        for option in ("--perspective x", "--draws 10", "--individuals 10", "--horizon 5")
    ],
)
def test_options_of_a_run_are_refused_for_a_table(option: str, tmp_path: Path) -> None:
    code, said = shell("voi", written(tmp_path, wide("cost_X", "effect_X")), "--wtp", "1000", *option.split())
    assert (code, option.split()[0] in said) == (2, True), said


@fault(kind="rows that do not belong together", given="parameters whose rows were shuffled", right="a warning")
def test_parameters_that_explain_nothing() -> None:
    rng = np.random.default_rng(3)
    hr, price = rng.normal(0.8, 0.1, 1000), rng.normal(500, 50, 1000)
    table = pd.DataFrame({"cost_A": 0.0, "cost_B": price, "effect_A": 0.0, "effect_B": 1 - hr})
    with pytest.warns(UserWarning, match=r"explain nothing of any cost or effect \(adjusted R2"):
        costeff.read_psa(table, parameters=pd.DataFrame({"hr": rng.permutation(hr), "price": rng.permutation(price)}))


@fault(
    kind="tables that can be read in two ways",
    given="cost_X with effect_X and with qaly_X",
    right="refused with both readings",
)
def test_two_effects_are_ambiguous() -> None:
    table = wide("cost_X", "effect_X").assign(qaly_Usual=1.0, qaly_New=2.0)
    with pytest.raises(CosteffError, match="cost_X with effect_X; or cost_X with qaly_X"):
        costeff.read_psa(table)


@fault(kind=OTHERS, given="a workbook whose sheet has a title and an empty row", right="read")
def test_a_workbook_with_a_title(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["PSA of today"],
        [],
        ["cost_A", "effect_A", "cost_B", "effect_B"],
        [1.5, 1, 2.5, 2],
        [],
        [1.25, 1, 2.75, 2],
    ):
        book.active.append(row)
    book.create_sheet("Notes")
    book.save(tmp_path / "psa.xlsx")
    assert costeff.read_psa(tmp_path / "psa.xlsx").cost.tolist() == COSTS
