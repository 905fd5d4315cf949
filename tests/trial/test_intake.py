"""Anchored in a simulated extract whose truth is known, and in extracts broken one fault at a time."""

from __future__ import annotations

import csv
import pickle
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import PEOPLE, Rehearsed

from costeff.errors import CosteffError, ScenarioError
from costeff.trial.extract import Extract, read_extract
from costeff.trial.lens import read_lens, states_seen
from costeff.trial.quality import Refusals
from costeff.trial.register import read_register
from costeff.trial.weeks import week_of

IDS = re.compile(r"S\d{6}")


def read(rehearsed: Rehearsed, folder: Path) -> Extract:
    return read_extract(folder, rehearsed.plan, rehearsed.lens, rehearsed.study)


def copy(rehearsed: Rehearsed, place: Path) -> Path:
    shutil.copytree(rehearsed.folder, place / "extract")
    return place / "extract"


def change(path: Path, edit: object) -> None:
    """Rewrite the rows (lists of cells, head first) of a CSV by `edit(rows)`."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    edit(rows)  # type: ignore[operator]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def test_everybody_is_read_back_as_the_register_shows_them(rehearsed: Rehearsed) -> None:
    extract, trial = read(rehearsed, rehearsed.folder), rehearsed.trial
    assert extract.quality.refused() == 0
    assert extract.people() == PEOPLE
    assert np.array_equal(extract.trial.strategy, trial.strategy)
    assert [extract.quality.groups[name] for name in rehearsed.plan.strategies] == [30, 60]
    at = np.array([week_of(day) for day in trial.inclusion.astype(object)]) - trial.first_week
    shown = trial.groups[np.arange(PEOPLE)[:, None], at[:, None] + np.arange(rehearsed.plan.follow_up)]
    assert np.array_equal(extract.trial.weeks, states_seen(shown.astype(np.int16), trial.lens, rehearsed.study.model))
    for name in ("diagnosis", "origin", "sex", "employment"):
        assert np.array_equal(extract.trial.attributes[name], trial.attributes[name])
    assert extract.trial.attributes["age"] == pytest.approx(trial.attributes["age"], abs=1e-4)


def test_weeks_before_inclusion_become_attributes(rehearsed: Rehearsed) -> None:
    """Spells and earlier benefit are counted in the register, which shows one week more here and there."""
    extract, trial = read(rehearsed, rehearsed.folder), rehearsed.trial
    simple = trial.attributes["earlier_weeks"] == 0
    spell = extract.trial.attributes["spell_weeks"][simple]
    assert np.array_equal(spell, np.minimum(trial.attributes["spell_weeks"][simple], 104))
    both = extract.trial.attributes["earlier_weeks"] + extract.trial.attributes["spell_weeks"]
    truth = np.minimum(trial.attributes["earlier_weeks"] + trial.attributes["spell_weeks"], 156)
    assert np.all(np.abs(both - truth) <= 1 + (truth == 156) * 156)


@pytest.mark.parametrize("form", ["parquet", "dta", "xpt", "long"])
def test_other_forms_of_the_register_are_the_same(rehearsed: Rehearsed, tmp_path: Path, form: str) -> None:
    import pandas as pd
    import pyreadstat

    frame = pd.read_csv(rehearsed.folder / "register.csv", sep=";", dtype=str, keep_default_na=False)
    weeks = [name for name in frame.columns if name != "person"]
    if form == "long":
        table = frame.melt("person", weeks, "week", "code")
        table = table[table["code"] != ""].sample(frac=1, random_state=1)
        empty = frame["person"][(frame[weeks] == "").all(axis=1)]
        table = pd.concat([table, pd.DataFrame({"person": empty, "week": weeks[0], "code": ""})])
        ends = pd.DataFrame({"person": frame["person"][0], "week": [weeks[0], weeks[-1]], "code": ""})
        path = tmp_path / "register.csv"
        pd.concat([ends, table]).to_csv(path, sep=";", index=False)
    else:
        path = tmp_path / f"register.{form}"
        numbers = frame.copy()
        numbers[weeks] = frame[weeks].apply(pd.to_numeric)
        if form == "parquet":
            numbers.to_parquet(path)
        elif form == "dta":
            pyreadstat.write_dta(numbers, str(path))
        else:
            pyreadstat.write_xport(numbers, str(path), file_format_version=5)
    whole = read_register(rehearsed.folder / "register.csv", rehearsed.lens, Refusals(""))
    refusals = Refusals(path.name)
    other = read_register(path, rehearsed.lens, refusals)
    order = np.argsort(other.ids.astype(str))
    assert refusals.counts == {}
    assert np.array_equal(other.ids[order].astype(str), whole.ids.astype(str))
    assert np.array_equal(other.groups[order], whole.groups)
    assert other.first_week == whole.first_week


def test_a_file_of_sas_says_what_its_table_says() -> None:
    """Written by another program from the same table (tests/oracles/haven.R)."""
    lens, data, refusals = read_lens("dream"), Path(__file__).parent / "data", Refusals("")
    table, other = (read_register(data / f"register.{form}", lens, refusals) for form in ("csv", "sas7bdat"))
    assert refusals.counts == {}
    assert len(other.ids) == 6
    assert list(other.ids) == list(table.ids)
    assert np.array_equal(other.groups, table.groups)
    assert other.first_week == table.first_week
    assert len(np.unique(other.groups)) == 5


def test_a_danish_file_in_windows_1252_is_read(rehearsed: Rehearsed, tmp_path: Path) -> None:
    folder = copy(rehearsed, tmp_path)
    text = (folder / "register.csv").read_text("utf-8").replace("S000001", "Sæby01")
    (folder / "register.csv").write_text(text, "cp1252")
    persons = (folder / "persons.csv").read_text("utf-8").replace("S000001", "Sæby01")
    (folder / "persons.csv").write_text(persons, "utf-8")
    assert read(rehearsed, folder).people() == PEOPLE


def refusals_of(extract: Extract) -> dict[str, dict[str, int]]:
    return {name: one.counts for name, one in extract.quality.files.items() if one.counts}


def set_cell(row: int, column: int, value: str) -> object:
    return lambda rows: rows[row].__setitem__(column, value)


@pytest.mark.parametrize(
    ("file", "edit", "name", "kind", "line"),
    [
        ("register.csv", set_cell(3, 5, "444"), "register", "unknown_code", 4),
        ("register.csv", set_cell(3, 0, ""), "register", "no_person", 4),
        ("register.csv", lambda rows: rows.append(rows[2]), "register", "person_twice", 3),
        ("register.csv", lambda rows: rows[4].append("890"), "register", "row_of_another_length", None),
        (
            "register.csv",
            lambda rows: rows[4].__setitem__(slice(1, 3), ["999", "890"]),
            "register",
            "alive_after_death",
            5,
        ),
        ("persons.csv", lambda rows: rows.append(rows[7]), "persons", "person_twice", 8),
        ("persons.csv", set_cell(2, 1, "placebo"), "persons", "unknown_group", 3),
        ("persons.csv", set_cell(2, 2, "01/02/2024"), "persons", "wrong_date", 3),
        ("persons.csv", set_cell(2, 2, "2031-01-01"), "persons", "before_the_extract", 3),
        ("persons.csv", set_cell(2, 4, "liver"), "persons", "unknown_value", 3),
        ("persons.csv", set_cell(2, 0, "X1"), "persons", "not_in_register", 3),
        ("quality_of_life.csv", set_cell(2, 3, "6"), "quality_of_life", "unknown_value", 3),
        ("quality_of_life.csv", lambda rows: rows.append(rows[2]), "quality_of_life", "person_twice", None),
        ("time.csv", set_cell(2, 3, "coffee"), "time", "unknown_kind", 3),
        ("time.csv", set_cell(2, 4, "-5"), "time", "wrong_number", 3),
        ("process.csv", set_cell(2, 0, "X1"), "process", "not_among_persons", 3),
        ("health_care.csv", set_cell(2, 3, "1.234"), "health_care", "wrong_number", 3),
    ],
)
def test_a_broken_row_is_refused_and_counted(
    rehearsed: Rehearsed, tmp_path: Path, file: str, edit: object, name: str, kind: str, line: int | None
) -> None:
    folder = copy(rehearsed, tmp_path)
    change(folder / file, edit)
    extract = read(rehearsed, folder)
    assert kind in refusals_of(extract)[name]
    if line is not None:
        assert extract.quality.files[name].first[kind] == line
    whole = read(rehearsed, rehearsed.folder)
    assert extract.people() >= whole.people() - 2


@pytest.mark.parametrize(
    ("file", "edit", "complaint", "shown"),
    [
        ("register.csv", lambda rows: rows[0].__setitem__(0, "navn"), "lacks the column 'person'", "line 1"),
        ("register.csv", lambda rows: rows[0].__setitem__(2, "y_2154"), "there is no week 54 in 2021", "1 to 52"),
        (
            "register.csv",
            lambda rows: [row.pop(3) for row in rows],
            "weeks are missing",
            "extract y_2103 to y_2103 too",
        ),
        (
            "register.csv",
            lambda rows: [row.insert(1, row.pop(2)) for row in rows],
            "weeks are out of order",
            "in order of time",
        ),
        ("register.csv", lambda rows: rows[0].__setitem__(2, rows[0][1]), "a column stands twice|same week", "line 1"),
        ("persons.csv", lambda rows: [row.pop(2) for row in rows], "lacks the column 'included'", "line 1"),
        ("stress.csv", lambda rows: [row.pop(4) for row in rows], "lacks the column 'item_3'", "line 1"),
    ],
)
def test_a_broken_table_is_refused_whole(
    rehearsed: Rehearsed, tmp_path: Path, file: str, edit: object, complaint: str, shown: str
) -> None:
    folder = copy(rehearsed, tmp_path)
    change(folder / file, edit)
    with pytest.raises(ScenarioError, match=complaint) as error:
        read(rehearsed, folder)
    assert shown in str(error.value)
    assert file in str(error.value)
    assert not IDS.search(str(error.value))


def test_two_encodings_are_refused_with_their_lines(rehearsed: Rehearsed, tmp_path: Path) -> None:
    folder = copy(rehearsed, tmp_path)
    lines = (folder / "persons.csv").read_bytes().split(b"\r\n")
    lines[3] = lines[3] + "Æ".encode()
    lines[5] = lines[5] + "Ø".encode("cp1252")
    (folder / "persons.csv").write_bytes(b"\r\n".join(lines))
    with pytest.raises(ScenarioError, match="two encodings in one file") as error:
        read(rehearsed, folder)
    assert "line 6" in str(error.value)


def test_an_open_quote_shows_no_row(rehearsed: Rehearsed, tmp_path: Path) -> None:
    for file, complaint in (("register.csv", "several lines for one"), ("persons.csv", "no row of a table")):
        folder = copy(rehearsed, tmp_path / file)
        text = (folder / file).read_text("utf-8").replace("S000005;", '"S000005;', 1)
        (folder / file).write_text(text, "utf-8")
        with pytest.raises(ScenarioError, match=complaint) as error:
            read(rehearsed, folder)
        assert not IDS.search(str(error.value))


def test_death_and_emigration_by_date(rehearsed: Rehearsed, tmp_path: Path) -> None:
    folder = copy(rehearsed, tmp_path)

    def leave(rows: list[list[str]]) -> None:
        rows[0] += ["died", "emigrated"]
        for i, row in enumerate(rows[1:]):
            row += ["2024-09-05" if i == 0 else "", "2024-09-05" if i == 1 else ""]

    change(folder / "persons.csv", leave)
    extract = read(rehearsed, folder)
    weeks, names = extract.trial.weeks, rehearsed.study.model.state_names
    at = [
        week_of(np.datetime64("2024-09-05").astype(object)) - week_of(d)
        for d in extract.trial.inclusion[:2].astype(object)
    ]
    assert set(weeks[0, at[0] + 1 :]) == {names.index("dead")}
    assert names.index("dead") not in weeks[0, : at[0] + 1]
    assert set(weeks[1, at[1] :]) == {-1}
    assert extract.quality.facts["emigrated"] == 1


def test_the_last_weeks_of_an_extract_are_not_final(rehearsed: Rehearsed, tmp_path: Path) -> None:
    folder = copy(rehearsed, tmp_path)
    change(folder / "register.csv", lambda rows: [row.__delitem__(slice(-20, None)) for row in rows])
    extract = read(rehearsed, folder)
    late = extract.trial.inclusion == extract.trial.inclusion.max()
    assert (extract.trial.weeks[late][:, -1] == -1).all()
    assert extract.quality.facts["followed_in_full"] < PEOPLE


def test_no_register_or_two_are_refused(rehearsed: Rehearsed, tmp_path: Path) -> None:
    folder = copy(rehearsed, tmp_path)
    shutil.copy(folder / "register.csv", folder / "register.dta")
    with pytest.raises(ScenarioError, match="two registers"):
        read(rehearsed, folder)
    (folder / "register.csv").unlink()
    with pytest.raises(ScenarioError, match="cannot be read as SAS or Stata"):
        read(rehearsed, folder)
    (folder / "register.dta").unlink()
    with pytest.raises(ScenarioError, match="no register"):
        read(rehearsed, folder)


def test_nothing_with_rows_can_be_saved(rehearsed: Rehearsed) -> None:
    extract = read(rehearsed, rehearsed.folder)
    for rows in (
        extract,
        extract.trial,
        extract.answers["stress"],
        extract.milestones,
        extract.care,
        *extract.time.values(),
    ):
        with pytest.raises(CosteffError, match="rows of persons cannot be saved"):
            pickle.dumps(rows)
        assert not IDS.search(repr(rows))
    assert not IDS.search(str(extract.quality.as_dict()))


def test_a_lens_with_other_codes_refuses_those_it_does_not_know(rehearsed: Rehearsed) -> None:
    groups = tuple(replace(g, codes=g.codes[1:]) if g.name == "sickness_benefit" else g for g in rehearsed.lens.groups)
    refusals = Refusals("register.csv")
    register = read_register(rehearsed.folder / "register.csv", replace(rehearsed.lens, groups=groups), refusals)
    assert refusals.unknown_codes.keys() == {"890"}
    assert register.people() + refusals.counts["unknown_code"] == PEOPLE
