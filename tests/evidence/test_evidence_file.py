"""Anchored in one small complete file whose figures are known by hand, and in every error with its line number."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from costeff.errors import EvidenceError, Place
from costeff.evidence import (
    Beta,
    Correlation,
    Dirichlet,
    Evidence,
    Gamma,
    Normal,
    Parameter,
    PriceIndex,
    Source,
    Table,
    read_evidence,
    read_price_index,
)

DATA = Path(__file__).parents[1] / "data" / "evidence"
SIMPLE = "parameters:\n  x: {value: 0.3, unit: probability, kind: assumption}\n"


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return read_evidence(DATA / "complete.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in DATA.iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path


def test_the_file_is_read_as_written(evidence: Evidence) -> None:
    cost = evidence.parameters["programme_cost"]
    assert (cost.value, cost.unit, cost.price_year, cost.kind) == (6000, "DKK per individual", 2012, "published")
    assert (cost.source, cost.note, cost.centre) == (("book",), "made up", "mean")
    assert isinstance(cost.distribution, Gamma)
    assert cost.mean == pytest.approx(6000, rel=1e-9)
    low, high = cost.interval()
    assert high - low == pytest.approx(7000, rel=1e-9)
    assert cost.place == Place(str(DATA / "complete.yaml"), 8)
    assert cost.at("interval") == Place(str(DATA / "complete.yaml"), 13)
    assert evidence.parameters["hr_x"].source == ("book", "desk")
    assert evidence.sources["book"].address == "https://example.org/book"
    assert evidence.sources["desk"].seen == "derived"
    assert evidence.parameters["fixed_x"].interval() == (52, 52)
    assert evidence.parameters["p_heart"].group == "diagnosis_mix"
    assert evidence.parameters["p_heart"].interval() == Beta(30, 70).interval()
    assert evidence.title == "Made up"


def test_base_values(evidence: Evidence) -> None:
    base = evidence.base()
    assert base["programme_cost"] == 6000.0
    assert base["hr_x"] == 1.12  # the median, as centre says
    assert (base["p_heart"], base["p_cancer"], base["p_other"]) == (0.3, 0.3, 0.4)
    assert base["a"] == pytest.approx(np.exp(0.02))  # the group's mean, not the rounded 1.0202
    assert base["b"] == pytest.approx(2.0)
    assert (base["h1"], base["h2"]) == (3.0, 25.0)
    assert list(base) == list(evidence.parameters)
    assert all(type(value) is float for value in base.values())


def test_tables_are_step_functions(evidence: Evidence) -> None:
    table = evidence.tables["mortality"]
    assert table.argument == "age"
    assert table.lookup([0, 59.99, 60, 110], "men").tolist() == [0.002, 0.002, 0.02, 0.02]
    with pytest.raises(EvidenceError, match="below the first row"):
        table.lookup(-1, "men")
    with pytest.raises(EvidenceError, match="unknown column") as caught:
        table.lookup(40, "children")
    assert "women, men" in str(caught.value)


def test_prices_move_by_the_index(evidence: Evidence) -> None:
    moved = evidence.at_prices(2024)
    cost, before = moved.parameters["programme_cost"], evidence.parameters["programme_cost"]
    assert cost.value == pytest.approx(6000 * 1.32)
    assert cost.interval() == pytest.approx(tuple(1.32 * limit for limit in before.interval()))
    assert cost.price_year == 2024
    assert before.price_year == 2012
    assert "from 2012 to 2024" in cost.price_note
    assert "made_up" in cost.price_note
    assert "1.320000" in cost.price_note
    assert "assumption" in cost.price_note  # the index values are assumptions, and that is told
    assert moved.parameters["gain"].value == 100
    assert "stated in 2024" in moved.parameters["gain"].price_note
    assert moved.parameters["p_x"] == evidence.parameters["p_x"]
    old, new = evidence.draw(50, 3), moved.draw(50, 3)
    assert np.allclose(new["programme_cost"], 1.32 * old["programme_cost"], rtol=1e-12)
    assert np.allclose(new["b"], 1.2 * old["b"], rtol=1e-12)  # a member of a group, 2018 to 2024
    assert (new["a"] == old["a"]).all()
    assert (new["gain"] == old["gain"]).all()
    assert moved.base()["b"] == pytest.approx(2.4)
    back = moved.at_prices(2012).parameters["programme_cost"]
    assert back.value == pytest.approx(6000)
    assert "from 2024 to 2012" in back.price_note


def test_price_index_factor() -> None:
    index = read_price_index(DATA / "index.csv", "made_up")
    assert index.factor(2012, 2024) == 1.32
    assert index.factor(2024, 2024) == 1.0
    assert index.factor(2012, 2018) * index.factor(2018, 2024) == pytest.approx(1.32)
    with pytest.raises(EvidenceError, match="lacks a year") as caught:
        index.factor(2012, 2030)
    assert "2030" in str(caught.value)
    assert "2012 to 2024" in str(caught.value)


def test_money_without_an_index_stays_or_is_refused() -> None:
    made = Evidence([Parameter("fee", 10.0, "DKK per event", price_year=2020, kind="assumption")])
    assert made.at_prices(2020).parameters["fee"].value == 10.0
    with pytest.raises(EvidenceError, match="'fee' is in prices of another year") as caught:
        made.at_prices(2021)
    assert "2020, asked for 2021" in str(caught.value)


def test_one_index_does_not_move_two_currencies() -> None:
    fees = [Parameter(f"fee_{c}", 10.0, f"{c} per event", price_year=2020, kind="assumption") for c in ("DKK", "NOK")]
    made = Evidence(fees, price_index=PriceIndex("cpi", {2020: 1.0, 2021: 1.5}))
    with pytest.raises(EvidenceError, match="several currencies") as caught:
        made.at_prices(2021)
    assert "NOK (fee_NOK)" in str(caught.value)


def test_prices_that_stood_still_are_of_the_new_year() -> None:
    """An index that is equal in two years moves no money, and the money is of the later year all the same."""
    fee = Parameter("fee", 100.0, "EUR per event", price_year=2020, kind="assumption")
    later = Evidence([fee], price_index=PriceIndex("cpi", {2020: 1.0, 2021: 1.0})).at_prices(2021).parameters["fee"]
    assert (later.value, later.price_year) == (100.0, 2021)
    assert "moved from 2020 to 2021 prices" in later.price_note


def test_money_tables_move_too() -> None:
    wage = Table("wage", "DKK per hour", "age", [18], {"value": [100.0]}, kind="assumption", price_year=2020)
    made = Evidence([], tables=[wage], price_index=PriceIndex("cpi", {2020: 1.0, 2021: 1.5}))
    moved = made.at_prices(2021).tables["wage"]
    assert float(moved.lookup(30)) == 150.0
    assert moved.price_year == 2021
    assert "cpi" in moved.price_note


def test_override_by_a_number(evidence: Evidence) -> None:
    place = Place("s.yaml", 4)
    changed = evidence.override({"p_x": 0.5, "p_other": 0.1}, place)
    p = changed.parameters["p_x"]
    assert (p.value, p.fixed, p.kind, p.place) == (0.5, True, "assumption", place)
    assert p.note.startswith("set here (s.yaml, line 4); the model has 0.3 (assumption)")
    assert "the rest of group 'diagnosis_mix' is drawn as before" in changed.parameters["p_other"].note
    assert changed.correlations == ()
    assert len(evidence.correlations) == 1
    assert changed.base()["p_other"] == 0.1
    assert evidence.base()["p_other"] == 0.4
    for method in ("random", "latin_hypercube", "sobol"):
        old, new = evidence.draw(64, 9, method), changed.draw(64, 9, method)
        assert (new["p_x"] == 0.5).all()
        assert (new["p_other"] == 0.1).all()
        for name in set(evidence.parameters) - {"p_x", "p_other"}:
            if name != "hr_x":  # hr_x was correlated with p_x
                assert (new[name] == old[name]).all(), (method, name)


def test_override_by_a_mapping(evidence: Evidence) -> None:
    mapping = {"value": 0.2, "unit": "share", "distribution": "beta", "se": 0.02, "kind": "published", "source": "book"}
    changed = evidence.override({"p_heart": mapping}, Place("s.yaml", 2))
    p = changed.parameters["p_heart"]
    assert p.group is None
    assert p.distribution == Beta.from_se(0.2, 0.02)
    drawn, before = changed.draw(4000, 1), evidence.draw(4000, 1)
    assert drawn["p_heart"].mean().item() == pytest.approx(0.2, abs=0.002)
    assert (drawn["p_cancer"] == before["p_cancer"]).all()
    assert abs(np.corrcoef(drawn["p_heart"], drawn["p_cancer"])[0, 1]) < 0.08


@pytest.mark.parametrize(
    ("changes", "pieces"),
    [
        ({"hr_y": 1}, ["unknown parameter", "hr_y", "did you mean hr_x"]),
        ({"p_x": 1.5}, ["outside its unit", "1.5", "0 to 1"]),
        ({"p_x": "0.5"}, ["neither a number nor a mapping"]),
        ({"p_x": True}, ["neither a number nor a mapping"]),
        ({"p_x": {"kind": "published"}}, ["'p_x': value, source missing", "add value, source"]),
        ({"nn": 1, "p_x": 2}, ["2 problems", "unknown parameter", "outside its unit"]),
        ({"p_x": {"value": 0.2, "unit": "share", "kind": "published", "source": "none"}}, ["unknown source"]),
    ],
)
def test_wrong_overrides(evidence: Evidence, changes: dict[str, object], pieces: list[str]) -> None:
    with pytest.raises(EvidenceError) as caught:
        evidence.override(changes, Place("s.yaml", 3))
    for piece in (*pieces, "s.yaml, line 3"):
        assert piece in str(caught.value)


def test_parameter_table(evidence: Evidence) -> None:
    table = evidence.at_prices(2024).parameter_table().set_index("name")
    assert list(table.index) == list(evidence.parameters)
    row = table.loc["programme_cost"]
    assert row["value"] == pytest.approx(7920)
    assert row["lo"] < 7920 < row["hi"]
    assert (row["distribution"], row["kind"], row["source"]) == ("gamma", "published", "A book")
    assert row["address"] == "https://example.org/book"
    assert row["price_year"] == 2024
    assert "made up" in row["note"]
    assert "factor" in row["note"]
    assert table.loc["hr_x", "source"] == "A book; Own arithmetic"
    assert table.loc["p_heart", "distribution"] == "dirichlet (diagnosis_mix)"
    assert "97" not in str(table.loc["fixed_x", "lo"])
    assert table.loc["fixed_x", "lo"] == 52


def test_evidence_can_be_built_in_python() -> None:
    made = Evidence(
        [
            Parameter("x", 0.25, "share", Beta(2, 6), kind="published", source=("s",)),
            Parameter("y", 0.4, "share", kind="assumption"),
            Parameter("z", 0.6, "share", kind="assumption"),
        ],
        groups=[Dirichlet(("y", "z"), (4, 6), name="g")],
        sources={"s": Source("T", seen="seen")},
    )
    assert made.parameters["y"].interval() == Beta(4, 6).interval()
    assert made.base() == {"x": 0.25, "y": 0.4, "z": 0.6}


@pytest.mark.parametrize(
    ("make", "pieces"),
    [
        (lambda: Parameter("x", 1.0, "weeks"), ["unknown kind", "none"]),
        (lambda: Parameter("x", 1.5, "share", kind="nn"), ["2 problems"]),
        (
            lambda: Parameter("x", 0.30001, "share", Beta.from_se(0.3, 0.1), kind="assumption"),
            ["the value and the mean", "value 0.30001, mean 0.3", "1e-06"],
        ),
        (lambda: Parameter("x", "1", "share", kind="assumption"), ["not finite"]),  # type: ignore[arg-type]
        (lambda: Evidence([Parameter("x", 1.0, "weeks", kind="assumption")] * 2), ["a name stands twice"]),
        (
            lambda: Evidence(
                [Parameter(n, 0.5, "share", kind="assumption") for n in "xyz"],
                groups=[Dirichlet(("x", "y"), (1, 1), name="g"), Dirichlet(("y", "z"), (1, 1), name="h")],
            ),
            ["a member of 'g' too"],
        ),
        (
            lambda: Evidence(
                [
                    Parameter("x", 0.5, "share", Beta(2, 2), kind="assumption"),
                    Parameter("y", 0.5, "share", kind="assumption"),
                ],
                groups=[Dirichlet(("x", "y"), (1, 1), name="g")],
            ),
            ["a distribution of its own"],
        ),
        (
            lambda: Evidence(
                [
                    Parameter("x", 0.5, "share", Beta(2, 2), kind="assumption"),
                    Parameter("y", 0.5, "share", kind="assumption"),
                ],
                correlations=[Correlation(("x", "y"), 0.1)],
            ),
            ["'y', which is fixed"],
        ),
        (
            lambda: Evidence(
                [Parameter(n, 0.0, "number", Normal(0, 1), kind="assumption") for n in "xy"],
                correlations=[Correlation(("x", "y"), 0.1), Correlation(("y", "x"), 0.1)],
            ),
            ["stated twice"],
        ),
    ],
)
def test_python_objects_are_checked_alike(make: object, pieces: list[str]) -> None:
    with pytest.raises(EvidenceError) as caught:
        make()  # type: ignore[operator]
    for piece in pieces:
        assert piece in str(caught.value)


def test_impossible_correlations_name_the_pair() -> None:
    names = ["x", "y", "z", "w"]
    pairs = [
        Correlation(("z", "w"), 0.1, Place("p.yaml", 5)),
        Correlation(("y", "z"), 0.7, Place("p.yaml", 6)),
        Correlation(("x", "y"), 0.95, Place("p.yaml", 7)),  # 0.95^2 + 0.7^2 > 1, and x and z are not joined
    ]
    parameters = [Parameter(n, 0.0, "number", Normal(0, 1), kind="assumption") for n in names]
    with pytest.raises(EvidenceError, match="cannot all hold") as caught:
        Evidence(parameters, correlations=pairs)
    message = str(caught.value)
    assert "the pair x and y weighs most" in message
    assert "p.yaml, line 7" in message
    assert "0.95" in message
    assert Evidence(parameters, correlations=[*pairs[:2], Correlation(("x", "y"), 0.6)]).correlations


def test_two_hundred_parameters_are_read(tmp_path: Path) -> None:
    families = ["beta", "gamma", "lognormal", "pert"]
    lines = [
        f"  p{i}: {{value: 0.3, unit: ratio, distribution: {families[i % 4]}, interval: [0.2, 0.41], kind: assumption}}"
        for i in range(200)
    ]
    file = tmp_path / "many.yaml"
    file.write_text("parameters:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    made = read_evidence(file)
    assert len(made.parameters) == 200
    assert [p.mean for p in made.parameters.values()] == pytest.approx([0.3] * 200)


INDEXED = """
price_index: {file: index.csv, index: cpi}
parameters:
  fee: {value: 100, unit: DKK, price_year: 2012, kind: assumption}
  pay: {value: 100, unit: DKK, price_year: 2012, index: wages, kind: assumption}
"""
TWO_INDICES = """index,year,value,source,kind,note
cpi,2012,100,s,published,
cpi,2024,121,s,published,
wages,2012,100,s,published,
wages,2024,130,s,published,
"""


def test_a_parameter_may_name_another_index_of_the_price_table(tmp_path):
    (tmp_path / "index.csv").write_text(TWO_INDICES, encoding="utf-8")
    (tmp_path / "p.yaml").write_text(INDEXED, encoding="utf-8")
    moved = read_evidence(tmp_path / "p.yaml").at_prices(2024).parameters
    assert (moved["fee"].value, moved["pay"].value) == (121.0, 130.0)
    assert "by wages, factor 1.300000" in moved["pay"].price_note


def test_an_index_that_the_price_table_lacks_is_refused(tmp_path):
    (tmp_path / "index.csv").write_text(TWO_INDICES, encoding="utf-8")
    (tmp_path / "p.yaml").write_text(INDEXED.replace("index: wages", "index: wage"), encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"p.yaml, line 5: .*unknown price index \(value: wage\)") as caught:
        read_evidence(tmp_path / "p.yaml")
    assert "wages" in str(caught.value)
