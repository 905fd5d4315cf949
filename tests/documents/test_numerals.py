"""Anchored in how people type numbers: what is written in a format and read with it declared is equal; read without, it
is equal or refused with both readings, and never another number. 10,000 numbers for each way in.
"""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given, settings
from typed_numbers import HUNDRED, Typed

from costeff import read_psa
from costeff.documents.numerals import (
    FORMATS,
    QuotedNumber,
    TwoReadings,
    advice,
    clear,
    is_near_zero,
    read,
    readings,
    refuse_two_readings,
    two_ways,
    whole,
    write,
)
from costeff.documents.reader import read_yaml
from costeff.documents.table_numerals import table_format
from costeff.errors import CosteffError
from costeff.evidence.tables import read_columns
from costeff.investment.read import read_case
from costeff.model import read_scenario
from costeff.shell.number import Number, WholeRange

ten_thousand = settings(max_examples=100, deadline=None)


@ten_thousand
@given(HUNDRED)
def test_text(numbers: list[Typed]) -> None:
    for number in numbers:
        assert read(number.text, number.form) == number.value
        found = readings(number.text)
        assert found[number.form] == number.value
        assert two_ways(number.text) == (len(set(found.values())) == 2)
        for form in FORMATS:
            again = write(number.value, form)
            assert not two_ways(again)
            assert read(again, form) == number.value
            exact = whole(number.text, form)
            assert exact is None or exact == read(number.text, form)


def refusal(read_it: Callable[[], Any]) -> tuple[Any, str]:
    """What was read, or the message of the refusal."""
    try:
        return read_it(), ""
    except CosteffError as error:
        return None, str(error)
    except click.BadParameter as error:
        return None, error.message


@ten_thousand
@given(HUNDRED)
def test_without_a_declaration_a_text_is_equal_or_refused_with_both_readings(numbers: list[Typed]) -> None:
    for n in numbers:
        value, message = refusal(lambda n=n: clear(n.text))
        if message:
            assert two_ways(n.text)
            assert write(abs(n.value)) in message
        else:
            assert value == n.value


@ten_thousand
@given(HUNDRED)
def test_command_line(numbers: list[Typed]) -> None:
    for n in numbers:
        for kind in (Number(), WholeRange()):
            value, message = refusal(lambda n=n, kind=kind: kind.convert(n.text, None, None))
            if message:
                assert (two_ways(n.text) and write(abs(n.value)) in message) or "not a whole number" in message
            else:
                assert value == n.value


@ten_thousand
@given(HUNDRED)
def test_yaml_declared(numbers: list[Typed]) -> None:
    for form in FORMATS:
        own = [n for n in numbers if n.form == form]
        lines = [f"numbers: {form}", *(f"plain{i}: {n.text}" for i, n in enumerate(own))]
        lines += [f'quoted{i}: {{value: "{n.text}"}}' for i, n in enumerate(own[:10])]
        data = yaml_of("\n".join(lines))
        for i, n in enumerate(own):
            assert data[f"plain{i}"] == n.value
        for i, n in enumerate(own[:10]):
            quoted = data[f"quoted{i}"]["value"]  # digits alone in quotes stay a text, as in any YAML
            assert quoted == n.value if isinstance(quoted, float) else quoted.lstrip("-").isdigit()


@ten_thousand
@given(HUNDRED)
def test_yaml_undeclared(numbers: list[Typed]) -> None:
    data = yaml_of("\n".join(f"x{i}: {n.text}" for i, n in enumerate(numbers)))
    for i, n in enumerate(numbers):
        value = data[f"x{i}"]
        if isinstance(value, str):  # no reader of numbers takes it, and the message says what it may be
            assert write(abs(n.value)) in advice(value)
        elif isinstance(value, TwoReadings):
            with pytest.raises(CosteffError, match="can be read as"):
                refuse_two_readings(value, "an amount", None)
        else:
            assert value == n.value


@ten_thousand
@given(HUNDRED)
def test_yaml_flow(numbers: list[Typed]) -> None:
    """Inside { } a comma ends a value: the number is whole, or the file is refused and the comma named."""
    for n in numbers[:20]:
        text = f"x: {{value: {n.text}, unit: share}}"
        value, message = refusal(lambda text=text: yaml_of(text)["x"]["value"])
        if message:
            assert "decimal comma" in message, (n, message)
            assert write(abs(n.value)) in message, (n, message)
        else:
            assert isinstance(value, TwoReadings | str) or value == n.value


@ten_thousand
@given(HUNDRED)
def test_table(numbers: list[Typed]) -> None:
    """A table is written in one format: what its cells tell is right, and where none tells it is refused."""
    for form in FORMATS:
        for size in (1, 3, 60):
            own = [n for n in numbers if n.form == form][:size]
            cells = [(f"row {i}", n.text) for i, n in enumerate(own)]
            found, message = refusal(lambda cells=cells: table_format([cells]))
            assert "can be read in two ways" in message or all(read(n.text, found) == n.value for n in own)


CASE = """\
case: mine
{numbers}scenario: tki2
first_year: 2026
years: 1
inflow: {text}
programme: {{departments: {{msb: 1}}}}
"""
SCENARIO = """\
scenario: mine
{numbers}model: sick_sicker
wtp: {{effect: qaly, range: [0, 90000000000], at: {text}}}
"""


@settings(max_examples=10, deadline=None)
@given(HUNDRED)
def test_case_and_scenario_files(numbers: list[Typed]) -> None:
    for n in [n for n in numbers if n.value > 0][:15]:
        for text, reader, value in (
            (CASE, lambda path: sum(read_case(path).inflow), n.value),
            (SCENARIO, lambda path: read_scenario(path).wtp.at, n.value),
        ):
            quoted = f'"{n.text}"' if "," in n.text else n.text
            declared = text.format(numbers=f"numbers: {n.form}\n", text=quoted)
            assert reader(file_of(declared)) == pytest.approx(value, rel=1e-12)
            path = file_of(text.format(numbers="", text=quoted))
            found, message = refusal(lambda reader=reader, path=path: reader(path))
            assert write(n.value) in message or found == pytest.approx(value, rel=1e-12)


_FOLDER: list[Path] = []


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    _FOLDER[:] = [tmp_path_factory.mktemp("numbers")]


def file_of(text: str) -> Path:
    path = _FOLDER[0] / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def yaml_of(text: str) -> dict[str, Any]:
    return read_yaml(file_of(text), CosteffError)[0]


@pytest.mark.parametrize("shell", ["C", "da_DK.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8"])
def test_the_locale_of_the_shell_changes_nothing(shell: str) -> None:
    code = "import locale\ntry: locale.setlocale(locale.LC_ALL, '')\nexcept locale.Error: pass\n"
    code += "from costeff.documents.numerals import readings, write\n"
    code += "print(readings('1.000'), readings('0,3'), write(1234.5))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": shell, "LC_NUMERIC": shell, "LANG": shell},
    )
    assert done.stdout.strip() == "{'en': 1.0, 'da': 1000.0} {'da': 0.3} 1234.5"


NO_NUMBERS = [
    "\uff11\uff10",
    "\u0663",
    "1_000",
    "0x10",
    "0o10",
    "1.00.000",
    "1,00,000",
    "1.000,000,5",
    "",
    "-",
    ".",
    ",",
]


@pytest.mark.parametrize("text", [*NO_NUMBERS, "1e", "12 kr.", "1 00"])
def test_what_is_no_number_in_either_format(text: str) -> None:
    assert readings(text) == {}
    with pytest.raises(CosteffError, match="not a number"):
        clear(text)


def test_numbers_that_know_their_text_survive_a_copy() -> None:
    for number in (TwoReadings("1.500"), QuotedNumber("0,3", "da")):
        again = copy.deepcopy(number)
        assert (again, again.text) == (number, number.text)
    with pytest.raises(ValueError, match="not a number in Danish"):
        QuotedNumber("x", "da")


@pytest.mark.parametrize("text", ["1e-2000", "-3.5E-400", "0.1e-323"])
def test_no_number_is_read_as_zero_but_zero(text: str, tmp_path: Path) -> None:
    """Anchored in what floats can hold: from about 5e-324."""
    document, quoted, table, draws = (tmp_path / name for name in ("a.yaml", "b.yaml", "rates.csv", "draws.csv"))
    quoted.write_text(f'numbers: da\na: "{text.replace(".", ",")}"\n', "utf-8")
    document.write_text(f"a: {text}\n", "utf-8")
    table.write_text(f"age,rate\n40,0.000\n41,{text}\n", "utf-8")
    draws.write_text(f"cost_a,cost_b,qaly_a,qaly_b\n0,2,1,1.5\n1,{text},1,1.5\n", "utf-8")
    for read_it, line in (
        (lambda: clear(text), ""),
        (lambda: read_yaml(document, CosteffError), "a.yaml, line 1"),
        (lambda: read_yaml(quoted, CosteffError), "b.yaml, line 2"),
        (lambda: read_columns(table), "rates.csv, line 3"),
        (lambda: read_psa(draws, cost="cost_*", effect="qaly_*"), "draws.csv, line 3"),
    ):
        with pytest.raises(CosteffError, match="too near to 0 to be told from it") as caught:
            read_it()
        assert line in str(caught.value)
    assert clear("0.000e5") == 0.0
    assert not is_near_zero("5e-324", 5e-324)
