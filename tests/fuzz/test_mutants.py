"""A few dozen mutants of shipped files: none ends in a traceback, and every changed result has a reason.

The thousands of a whole campaign are run by mutants.py.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from mutants import FINDINGS, alike, mutant, ran
from mutations import MUTATIONS
from reasons import reason
from targets import targets

MODEL = """\
parameters: {price: {value: 1.5, unit: DKK, label: {en: Price}}}
flows:
  - {item: care, amount: price}
  - {item: drugs, amount: 2 * price}
run: {draws: 10}
"""


@pytest.mark.filterwarnings("ignore::costeff.documents.numerals.NumberWarning")
def test_quick_mutants_are_refused_alike_or_explained(tmp_path: Path) -> None:
    # A warning of how a number was read is no crash.
    slow = {"case", "rules", "targets"}
    numbers = [n for n in range(120) if (t := mutant(n, 5)[0]).kind not in slow and "tki2" not in t.file.stem][:24]
    known: dict[str, dict[str, float]] = {}
    records = [ran(number, 5, tmp_path, known, lambda: None) for number in numbers]
    assert [record for record in records if record.outcome in FINDINGS] == []
    assert {"refused", "same"} <= {record.outcome for record in records}


def test_a_mutant_is_the_same_each_time() -> None:
    assert [mutant(number, 9)[1:] for number in range(20)] == [mutant(number, 9)[1:] for number in range(20)]


@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_every_mutation_breaks_some_file(name: str) -> None:
    rng, texts = random.Random(1), [target.file.read_text(encoding="utf-8") for target in targets()]
    assert any(new not in (None, text) for text in texts for new in [MUTATIONS[name](rng, text)])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("value: 1.5", "value: 2.5", "a number was changed"),
        ("draws: 10", "draws: 20", "the run's draws"),
        ("amount: price}\n  -", "amount: price * 2}\n  -", "a formula"),
        ("  - {item: drugs, amount: 2 * price}\n", "", "something was left out"),
        ("value: 1.5", "value: '1,5'", None),
        ("unit: DKK", "unit: EUR", None),
        ("en: Price", "en: Cost", None),
        ("  - {item: care, amount: price}\n", "  - {item: care, amount: price}\n" * 2, None),
        ("run:", "# a comment\nrun:", None),
    ],
)
def test_only_what_a_rule_allows_is_explained(old: str, new: str, why: str | None) -> None:
    assert old in MODEL
    said, differs = reason("model", MODEL, MODEL.replace(old, new, 1))
    assert differs
    assert (said or "").startswith(why or "")
    assert (said is None) == (why is None)


def test_rows_of_tables_are_compared() -> None:
    table = "age,rate\n1,0.1\n2,0.2\n3,0.3\n"
    assert (
        reason("table", table, table.replace("0.2", "0.25"))[0]
        == "a number was changed to another that its unit allows"
    )
    assert reason("table", table, table.replace("2,0.2\n", "2,0.2\n2,0.2\n"))[0] is None
    assert reason("table", table, table.replace("0.2", "0;2"))[0] is None


def test_results_are_alike_but_for_rounding() -> None:
    assert alike({"a": 0.1 + 0.2}, {"a": 0.3})
    assert not alike({"a": 0.3}, {"a": 0.3001})
    assert not alike({"a": 0.3}, {"b": 0.3})
