"""Numbers read otherwise than typed, and YAML that says something twice or crashes its reader."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff.cli import main
from costeff.errors import CosteffError
from costeff.evidence import read_evidence
from costeff.investment.read import read_case
from costeff.model import read_scenario
from costeff.rules import load_rules
from costeff.voi.trial_file import read_trial

CASE = """\
case: mine
title: Mine
scenario: tki2
first_year: 2026
years: 2
price_year: 2026
inflow: {2026: 40, 2027: 60}
uptake: 0.8
programme:
  departments: {mso: 0.4, msb: rest}
  variable: 12000
  start_up: {2026: 250000}
capacity:
  consultants: {2026: 1, 2027: 2}
  caseload: 25
  course: 26
  leaves: end_of_sickness_benefit
  turnover: 0.2
  vacancy: 13
set: {relative_uptake: 1}
run: {draws: 2, individuals: 4, seed: 1}
"""
TWO_WAYS = "Two readings of one number"
COMMA = "A decimal comma inside { } or [ ]"
ONE = "parameters: {{x: {{value: {}, unit: weeks, kind: assumption}}}}"
ECHO = "What was read is not shown"
YAML = "YAML that says something twice, or crashes"


def file_of(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def changed(old: str, new: str) -> str:
    assert old in CASE
    return CASE.replace(old, new)


def refusal(read: Callable[[], Any]) -> str:
    """The message with which a file is refused; a crash, of whatever kind, is told apart from it."""
    try:
        read()
    except CosteffError as error:
        return str(error)
    except Exception as error:
        pytest.fail(f"the reader crashed: {type(error).__name__}: {error}"[:200])
    pytest.fail("the file was read")


@pytest.mark.parametrize(
    ("old", "new", "text", "right"),
    [
        pytest.param(old, new, text, right, marks=fault(TWO_WAYS, f"`{new}` in a case", "refused with both readings"))
        for old, new, text, right in (
            ("2026: 40", "2026: 1.000", "1.000", "1000"),
            ("2026: 40", "2026: [10, 1.250, 10, 10]", "1.250", "1250"),
            ("inflow: {2026: 40, 2027: 60}", "inflow: 2.500", "2.500", "2500"),
            ("variable: 12000", "variable: 12.000", "12.000", "12000"),
            ("variable: 12000", "fixed: 100.000", "100.000", "100000"),
            ("variable: 12000", "per_consultant: 650.000", "650.000", "650000"),
            ("variable: 12000", "variable: 12.000 * relative_uptake", "12.000", "12000"),
            ("2026: 250000", "2026: 250.000", "250.000", "250000"),
            ("consultants: {2026: 1, 2027: 2}", "consultants: 1.000", "1.000", "1000"),
            ("caseload: 25", "caseload: 1.025", "1.025", "1025"),
            ("vacancy: 13", "vacancy: 1.300", "1.300", "1300"),
            ("draws: 2", "draws: 1.000", "1.000", "1000"),
            ("individuals: 4", "individuals: 2.000", "2.000", "2000"),
        )
    ],
)
def test_amounts_of_a_case(old: str, new: str, text: str, right: str, tmp_path: Path) -> None:
    path = file_of(tmp_path, changed(old, new))
    with pytest.raises(CosteffError) as caught:
        read_case(path)
    message = str(caught.value)
    assert f"{text} can be read as " in message
    assert f"or as {right} (Danish)" in message
    assert "mine.yaml, line " in message


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(given, marks=fault(TWO_WAYS, f"`set: {{{given}}}` in a case", "refused with both readings"))
        for given in (
            "programme_cost: 12.000",
            "programme_cost: {value: 12.000, unit: DKK per individual, price_year: 2026, kind: assumption}",
            "programme_cost: {value: 9000, unit: DKK per individual, price_year: 2026, kind: assumption, "
            "distribution: gamma, interval: [8.000, 10.000]}",
            "retirement_age: 67.000",
        )
    ],
)
def test_amounts_set_in_a_case(given: str, tmp_path: Path) -> None:
    path = file_of(tmp_path, changed("set: {relative_uptake: 1}", f"set: {{{given}}}"))
    with pytest.raises(CosteffError, match=r"0 can be read as .* or as .*0 \(Danish\)"):
        costeff.invest(path, progress=False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("uptake: 0.8", "uptake: 0.800"),
        ("turnover: 0.2", "turnover: 0.125"),
        ("{mso: 0.4", "{mso: 0.400"),
        ("relative_uptake: 1", "relative_uptake: 1.125"),
        ("relative_uptake: 1", "relative_uptake: 1.000"),
    ],
)
def test_shares_and_ratios_are_read(old: str, new: str, tmp_path: Path) -> None:
    case = read_case(file_of(tmp_path, changed(old, new)))
    assert case.set["relative_uptake"] == (float(new.split(": ")[1]) if "relative" in new else 1)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(given, marks=fault(TWO_WAYS, f"`{given}` in a scenario", "refused with both readings"))
        for given in (
            "set: {programme_cost: 12.000}",
            "wtp: {effect: qaly, range: [0, 1.000]}",
            "wtp: {effect: qaly, range: [0, 1000000], at: 300.000}",
            "options: {horizon: 1.000 years}",
            "run: {draws: 1.000}",
        )
    ],
)
def test_amounts_of_a_scenario(given: str, tmp_path: Path) -> None:
    path = file_of(tmp_path, f"scenario: mine\nmodel: tki2\n{given}\n")
    with pytest.raises(CosteffError, match=r"can be read as .* or as .*000 \(Danish\)"):
        costeff.load(path)


@fault(TWO_WAYS, "`cost: {fixed: 250.000}` in a study design", "refused with both readings")
def test_amounts_of_a_design(tmp_path: Path) -> None:
    from costeff.bundled import data_dir

    text = (data_dir("designs") / "tki2_trial.yaml").read_text(encoding="utf-8")
    start = text.index("fixed: ")
    end = text.index(",", start)
    path = file_of(tmp_path, text[:start] + "fixed: 250.000" + text[end:])
    with pytest.raises(CosteffError, match=r"250.000 can be read as 250 .* or as 250000"):
        read_trial(path)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(options, marks=fault(TWO_WAYS, f"`costeff {' '.join(options)}`", "refused with both readings"))
        for options in (
            ["compare", "tki2-aarhus-investment", "--limit", "5.000"],
            ["compare", "tki2-aarhus-investment", "--limit", "5,000"],
            ["voi", "tki2", "--wtp", "20.000"],
            ["dsa", "sick_sicker", "--wtp", "20.000"],
            ["gsa", "sick_sicker", "--wtp", "1.500", "--strategy", "AB"],
            ["threshold", "sick_sicker", "--parameter", "c_H", "--target", "5.000"],
            ["dsa", "sick_sicker", "--range", "c_H", "1.800", "2.200"],
            ["voi", "tki2", "--wtp", "300000", "--population", "2.500"],
            ["voi", "tki2", "--wtp", "300000", "--implementation", "uptake=0.1,then=0.6,cost=500.000"],
            ["run", "tki2", "--horizon", "5.000 years"],
            ["run", "tki2", "--target-error", "2.000", "--max-draws", "4"],
        )
    ],
)
def test_command_line(options: list[str]) -> None:
    runs = ["--individuals", "4", "--quiet", *([] if "--max-draws" in options else ["--draws", "16"])]
    cohort = ["--engine", "cohort", "--perspective", "health_care"]
    small = {"dsa": cohort, "threshold": [*cohort, "--points", "2"], "gsa": [*cohort, "--size", "8"]}
    done = CliRunner().invoke(main, [*options, *small.get(options[0], runs)])
    assert "can be read as " in done.output, (done.exit_code, done.output[:300])
    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        pytest.param(old, new, piece, marks=fault(COMMA, f"`{new}` in a case", "the comma named, the number offered"))
        for old, new, piece in (
            ("uptake: 0.8", "uptake: {2026: 0,5, 2027: 0,75}", "write 0.5"),
            ("2026: 40", "2026: 1,500", "1500 .* 1.5"),
            ("2026: 40", "2026: [10, 12,5, 10, 10]", "write 12.5"),
            ("relative_uptake: 1", "relative_uptake: 0,3", "write 0.3"),
            ("2026: 250000", "2026: 250.000,50", "write 250000.5"),
            ("2026: 250000", "2026: 4,250,000", "write 4250000"),
        )
    ],
)
def test_decimal_comma_in_a_case(old: str, new: str, piece: str, tmp_path: Path) -> None:
    with pytest.raises(CosteffError, match=f"decimal comma(?s:.*){piece}"):
        read_case(file_of(tmp_path, changed(old, new)))


def evidence_of(folder: Path, parameter: str) -> Any:
    text = f"parameters:\n  refund: {{{parameter}, kind: assumption}}\n"
    return read_evidence(file_of(folder, text))


@fault(COMMA, "`refund: {value: 0,3, unit: share}` in a parameter file", "the comma named, never `drop it`")
def test_decimal_comma_in_a_parameter_file(tmp_path: Path) -> None:
    with pytest.raises(CosteffError) as caught:
        evidence_of(tmp_path, "value: 0,3, unit: share")
    assert "decimal comma" in str(caught.value)
    assert "write 0.3" in str(caught.value)
    assert "drop" not in str(caught.value)


@fault("A way out that misleads", "`turnover: 15`", "write 0.15 for 15 %")
def test_a_percentage_typed_as_a_share(tmp_path: Path) -> None:
    with pytest.raises(CosteffError, match=r"write 0\.15 for 15 %"):
        read_case(file_of(tmp_path, changed("turnover: 0.2", "turnover: 15")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(text, words, marks=fault(YAML, f"parameter file with `{shown}`", f"refused in its line: {words}"))
        for shown, text, words in (
            ("labels: {a: {a: ... 1,500 deep", "labels: " + "{a: " * 1500 + "1" + "}" * 1500, "nested too deeply"),
            ("value of 5,000 digits", ONE.format("9" * 5000), "the number is too large"),
            ("value of 400 digits", ONE.format("9" * 400), "the number is too large"),
            ("value: 0x and 5,000 f", ONE.format("0x" + "f" * 5000), "write it in decimal digits"),
            ("value: 0o10", ONE.format("0o10"), "write 8"),
            ("value: 1_000", ONE.format("1_000"), "write 1000"),
            ("labels: &l {<<: *l}", "parameters: {}\nlabels: &l {<<: *l}", "a mapping is merged into itself"),
            ("title: !!python/object/apply:os.system", "title: !!python/object/apply:os.system [ls]", "a YAML tag"),
            ("? [a, b] as a key", "parameters: {[a, b]: 1}", "a key is not a text"),
            ("~: 0.5 (no key)", "parameters: {~: 0.5}", "a key is missing"),
            (
                "a key given by two merged mappings",
                "parameters:\n  a: &a {unit: weeks}\n  b: &b {unit: days}\n  c: {<<: [*a, *b], value: 1}",
                "two merged mappings give the key 'unit'",
            ),
        )
    ],
)
def test_parameter_files_that_crashed_their_reader(text: str, words: str, tmp_path: Path) -> None:
    path = file_of(tmp_path, text)
    told = refusal(lambda: read_evidence(path))
    assert f"{path}, line " in told
    assert words in told


@pytest.mark.parametrize(
    "date",
    [
        pytest.param("2024-13-45", marks=fault(YAML, "`seen: 2024-13-45` unquoted in a parameter file", "refused")),
        pytest.param("2026-02-30", marks=fault(YAML, "`seen: 2026-02-30` unquoted in a parameter file", "refused")),
    ],
)
def test_a_mistyped_date(date: str, tmp_path: Path) -> None:
    text = f"sources: {{a: {{title: A, seen: {date}}}}}\nparameters: {{}}\n"
    told = refusal(lambda: read_evidence(file_of(tmp_path, text)))
    assert "line 1" in told
    assert date in told


@fault(YAML, "an unquoted date, `note: 2024-01-31`, where a text belongs", "read as the text 2024-01-31")
def test_a_correct_date_is_a_text(tmp_path: Path) -> None:
    read = evidence_of(tmp_path, "value: 1, unit: weeks, note: 2024-01-31")
    assert read.parameters["refund"].note == "2024-01-31"


@fault(YAML, "a rules file with a null key in place of `covered`", "refused with file and line")
def test_rules_with_a_null_key(tmp_path: Path) -> None:
    from costeff.bundled import data_dir

    text = (data_dir("rules") / "denmark.yaml").read_text(encoding="utf-8")
    start = text.index("covered:", text.index("resource_course:"))
    path = file_of(tmp_path, text[:start] + "null:" + text[start + len("covered:") :])
    assert "a key is missing" in refusal(lambda: load_rules(path, costeff.load("tki2").model))


@fault(YAML, "a rules file without `covered`", "refused: `covered` is missing")
def test_rules_without_covered(tmp_path: Path) -> None:
    from costeff.bundled import data_dir

    text = (data_dir("rules") / "denmark.yaml").read_text(encoding="utf-8")
    start = text.index("covered:", text.index("resource_course:"))
    path = file_of(tmp_path, text[:start] + "cover:" + text[start + len("covered:") :])
    assert "lacks `covered`" in refusal(lambda: load_rules(path, costeff.load("tki2").model))


@fault(YAML, "`run: &r {<<: *r}` in a scenario", "refused with file and line")
def test_a_mapping_merged_into_itself(tmp_path: Path) -> None:
    path = file_of(tmp_path, "scenario: mine\nmodel: tki2\nrun: &r {<<: *r}\n")
    assert "line 3: a mapping is merged into itself" in refusal(lambda: read_scenario(path))


def table_of(folder: Path, rows: str, unit: str = "DKK") -> Any:
    file_of(folder, rows, "rates.csv")
    table = f"{{file: rates.csv, unit: {unit}, price_year: 2026, kind: assumption}}"
    text = f"parameters: {{}}\ntables: {{rates: {table}}}\n"
    return read_evidence(file_of(folder, text)).tables["rates"].columns["rate"].tolist()


@pytest.mark.parametrize(
    ("rows", "right"),
    [
        pytest.param(rows, right, marks=fault("A table from a Danish spreadsheet", repr(rows), f"read as {right}"))
        for rows, right in (
            ("age;rate\n0;0,1\n50;0,25\n", [0.1, 0.25]),
            ("age;rate\n0;1.234,5\n50;1.500\n", [1234.5, 1500.0]),
            ("age\trate\n0\t0,1\n50\t12\n", [0.1, 12.0]),
            ('age,rate\n0,"1,234.5"\n50,"1,500"\n', [1234.5, 1500.0]),
        )
    ],
)
def test_danish_tables(rows: str, right: list[float], tmp_path: Path) -> None:
    assert table_of(tmp_path, rows) == right


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(rows, marks=fault(TWO_WAYS, f"a look-up table {rows!r}", "refused with both readings"))
        for rows in ("age,rate\n0,950\n50,1.500\n", "age;rate\n0;950\n50;1.500\n", 'age,rate\n0,950\n50,"1,500"\n')
    ],
)
def test_a_look_up_table_that_reads_two_ways(rows: str, tmp_path: Path) -> None:
    with pytest.raises(CosteffError, match=r"rates.csv, line 3: .*can be read as .* \(English\) or as .* \(Danish\)"):
        table_of(tmp_path, rows)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(rows, marks=fault(TWO_WAYS, f"a PSA table {rows!r}", "refused with both readings"))
        for rows in (
            "cost_a,effect_a\n950,1\n1.500,1\n",
            "cost_a;effect_a\n950;1\n1,500;1\n",
            'cost_a,effect_a\n950,1\n"1,500",1\n',
            "cost_a\teffect_a\n950\t1\n1.500\t1\n",
        )
    ],
)
def test_a_psa_table_that_reads_two_ways(rows: str, tmp_path: Path) -> None:
    file = file_of(tmp_path, rows, "psa.csv")
    with pytest.raises(CosteffError, match=r"psa.csv, line 3: .*can be read as .* \(English\) or as .* \(Danish\)"):
        costeff.read_psa(file)


@fault("A table from a Danish spreadsheet", "PSA table with `1.500,5` and `1.500`", "read as 1500.5 and 1500")
def test_thousands_of_a_psa_table(tmp_path: Path) -> None:
    file = file_of(tmp_path, "cost_a;effect_a\n1.500,5;1\n1.500;1\n", "psa.csv")
    assert costeff.read_psa(file).cost[:, 0].tolist() == [1500.5, 1500.0]


SOEM = """\
record,item,label,year,payer,value,unit,price_year,source
setting,title,T,,,,,,
setting,target_group,G,,,,,,
setting,participants,,,,100,,,
setting,success_difference,,,,1,,,
setting,start_year,,,,2026,,,
setting,discount_rate,,,,0,,,
setting,price_level,,,,2026,,,
cost,programme,P,2026,municipality,12.000,,,
consequence,well,W,2026,,1,citizens,,
price,well,S,,municipality,5000,,2026,
"""


@fault(TWO_WAYS, "a SØM table with `12.000` and commas between its columns", "refused with both readings")
def test_a_soem_table_that_reads_two_ways(tmp_path: Path) -> None:
    file = file_of(tmp_path, SOEM, "soem.csv")
    done = CliRunner().invoke(main, ["soem", str(file)])
    assert "12.000 can be read as 12 (English) or as 12000 (Danish)" in done.output, done.output


@pytest.mark.parametrize(
    ("language", "words"),
    [
        pytest.param(language, words, marks=fault(ECHO, "`variable: 12`", f"{words!r} is printed"))
        for language, words in (("en", "12 DKK per citizen"), ("da", "12 kr. pr. borger"))
    ],
)
def test_what_was_read_is_shown(language: str, words: str, tmp_path: Path) -> None:
    text = changed("variable: 12000", "variable: 12")
    text = text[: text.index("capacity:")] + text[text.index("set:") :]  # staff that 12 kr. do not pay are refused
    path = file_of(tmp_path, text)
    done = CliRunner().invoke(main, ["invest", str(path), "--quiet", "--language", language])
    assert done.exit_code == 0, done.output
    assert words in done.output.replace("\u00a0", " ")


@fault(TWO_WAYS, "a formula with a full-width letter, in a case", "refused: not the letter it looks like")
def test_a_letter_that_looks_like_another(tmp_path: Path) -> None:
    with pytest.raises(CosteffError, match="would be read as 'f'"):
        read_case(file_of(tmp_path, changed("variable: 12000", "variable: \uff46ixed_fee * 2")))


@pytest.mark.parametrize("shell", ["C", "da_DK.UTF-8"])
@fault(TWO_WAYS, "`--limit 5.000` in a Danish and in an English shell", "refused with both readings in both")
def test_the_shell_decides_nothing(shell: str) -> None:
    import os

    done = subprocess.run(
        [sys.executable, "-m", "costeff.cli", "compare", "no-such-case", "--limit", "5.000"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": shell, "LC_NUMERIC": shell},
    )
    assert "5.000 can be read as 5 (English) or as 5000 (Danish)" in done.stderr
