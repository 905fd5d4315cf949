"""Lives that changed with what nobody uses or with the order of the file; defaults that only one model knew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff.cli import main
from costeff.errors import CosteffError

ROOT = Path(__file__).parents[2]
MODEL = (ROOT / "models" / "sick_sicker.yaml").read_text(encoding="utf-8")
SCENARIO = "scenario: own\ntitle: {en: Own, da: Egen}\nmodel: own_model.yaml\n"
H, S1 = "  H: {label: {en: Healthy, da: Rask}}\n", "  S1: {label: {en: Sick, da: Syg}}\n"
UNUSED = "  unused: {label: {en: Unused, da: Ubrugt}, alive: false}\n"
LIVES = "the lives of the model without the change, row by row"


def lives(folder: Path, text: str) -> list[tuple[object, ...]]:
    folder.mkdir()
    (folder / "own_model.yaml").write_text(text, encoding="utf-8")
    (folder / "own.yaml").write_text(SCENARIO, encoding="utf-8")
    found = costeff.load(str(folder / "own.yaml")).histories(individuals=200, seed=1)
    return [tuple(map(str, row)) for row in found.to_numpy().tolist()]


def permuted_exits(text: str) -> str:
    lines = text.splitlines(keepends=True)
    exits = [i for i, line in enumerate(lines) if line.startswith("  - {from: ")]
    own = [lines[i] for i in exits]
    return "".join(own[exits[0] - i - 1] if i in exits else line for i, line in enumerate(lines))


def idle_exit(text: str) -> str:
    first = "  - {from: H, to: S1, probability"
    return text.replace(first, f"  - {{from: H, to: S2, probability: 0, leg: idle}}\n{first}")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda text: text.replace(H, UNUSED + H),
            marks=fault(
                kind="an unused state changes everybody's life",
                given="Sick-Sicker with an unused state declared first",
                right=LIVES,
            ),
        ),
        pytest.param(
            lambda text: text.replace(S1, UNUSED + S1),
            marks=fault(
                kind="an unused state changes everybody's life",
                given="Sick-Sicker with an unused state declared second",
                right=LIVES,
            ),
        ),
        pytest.param(
            idle_exit,
            marks=fault(
                kind="an exit of probability 0 changes everybody's life",
                given="Sick-Sicker with such an exit from H",
                right=LIVES,
            ),
        ),
        pytest.param(
            permuted_exits,
            marks=fault(
                kind="lives depend on the order of the file",
                given="Sick-Sicker with its exits in reverse order",
                right=LIVES,
            ),
        ),
        pytest.param(
            lambda text: text.replace(H + S1, S1 + H),
            marks=fault(
                kind="lives depend on the order of the file", given="Sick-Sicker with S1 declared before H", right=LIVES
            ),
        ),
    ],
    ids=["first", "second", "probability 0", "exits", "states"],
)
def test_what_happens_to_nobody_changes_nobody(tmp_path: Path, change: Callable[[str], str]) -> None:
    changed = change(MODEL)
    assert changed != MODEL
    before, after = lives(tmp_path / "before", MODEL), lives(tmp_path / "after", changed)
    assert len(before) > 800
    assert sum(one != two for one, two in zip(before, after, strict=False)) + abs(len(before) - len(after)) == 0


FEW = ("--individuals", "4", "--draws", "3", "--seed", "1", "--quiet")
RIGHT = "the answer under the model's first perspective, health_care"


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(
            command,
            marks=fault(kind="a default that only one model knows", given=f"costeff {' '.join(command)}", right=RIGHT),
        )
        for command in (
            ("voi", "sick_sicker", "--wtp", "100000", *FEW, "--draws", "60"),
            ("compare", "sick_sicker", "sick_sicker_published", *FEW),
            ("compare", "sick_sicker", "hiv", *FEW),
            ("gsa", "hiv", "--method", "regression", "--size", "120", "--individuals", "4", "--quiet"),
        )
    ],
)
def test_a_command_works_on_any_model(command: tuple[str, ...]) -> None:
    ended = CliRunner().invoke(main, command)
    assert (ended.exit_code, "health_care" in ended.output) == (0, True), ended.output[-300:]


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(
            name,
            marks=fault(
                kind="a default that only one model knows", given=f"load('{name}').run(4).tornado()", right=RIGHT
            ),
        )
        for name in ("sick_sicker", "hiv", "krijkamp")
    ],
)
def test_a_method_works_on_any_model(scenario: str) -> None:
    result = costeff.load(scenario).run(4, 1, progress=False)
    try:
        perspective = result.tornado(individuals=4).attrs["perspective"]
    except CosteffError as refused:
        perspective = str(refused)
    assert perspective == "health_care"
