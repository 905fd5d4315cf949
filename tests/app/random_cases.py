"""Random changes of a case, one on another, each compared with `invest` of the file as it then stands."""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from app_example import WITH_EFFECT, open_case, settled

from costeff.app.files.edit import KeyPath, with_value
from costeff.app.files.versions import Change
from costeff.app.results.desk import CaseDesk, State
from costeff.errors import CosteffError
from costeff.investment.invest import invest

QUEUE = "capacity: {consultants: 1, caseload: 8, course: 13, patience: 13, leaves: end_of_sickness_benefit}\n"
COSTS = "per_consultant: 600000\n  variable: 0\n  replaces: {casework: 0.25}"
CHOICES: tuple[tuple[KeyPath, tuple[str, ...]], ...] = (
    (("programme", "fixed"), ("0", "90000")),
    (("programme", "per_consultant"), ("500000", "650000")),
    (("set", "municipal_tax"), ("0.24", "0.27")),
    (("set", "casework_overhead"), ("1.2", "1.6")),
    (("inflow", 2026), ("50", "60", "80")),
    (("uptake",), ("0.8", "1")),
    (("capacity", "consultants"), ("1", "1.25")),
    (("capacity", "patience"), ("0", "13")),
    (("view",), ("marginal", "all_municipalities")),
    (("out_migration",), ("0", "0.04")),
    (("effect", "programme"), ("0.58", "0.6")),
    (("rules", "regime"), ("old", "across", "new")),
    (("years",), ("2", "3")),
)
LOG = Path(__file__).with_suffix(".md")


def put(one: CaseDesk, path: KeyPath, scalar: str) -> State:
    """Change one value as an answer on a screen does."""
    key = ".".join(map(str, path))
    one.file.save(lambda text: with_value(text, path, scalar), one.file.read()[1].number, Change(key, "", scalar, "t"))
    return one.state()


def differences(state: State) -> list[str]:
    """What is not the same number, to the last bit, in `invest` of the same file."""
    assert state.latest is not None
    result: Any = state.latest.result
    other = invest(state.latest.case.file, progress=False)
    quantities = {
        "usual care": (result.cash.usual, other.cash.usual),
        "programme": (result.cash.programme, other.cash.programme),
        "present value": (result.npv("public"), other.npv("public")),
        "either half": (result.half, other.half),
        "no effect": (result.without_effect().programme, other.without_effect().programme),
        "citizens": (result.service.waiting, other.service.waiting),
    }
    return [name for name, (own, its) in quantities.items() if not np.array_equal(own, its)]


def random_cases(folder: Path, count: int, seed: int = 1) -> list[dict[str, Any]]:
    """What was changed to what, whether it took a simulation, and whether the numbers are the command line's.

    Every tenth case begins anew; the others change what is there, so that what is kept is used, dropped and used again.
    """
    random = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for number in range(count):
        if number % 10 == 0:
            has_queue = number // 10 % 2 == 0
            text = WITH_EFFECT.replace("variable: 12000  # kr.", COSTS) + QUEUE if has_queue else WITH_EFFECT
            case_desk = open_case(folder / str(number), text)
            settled(case_desk)
            choices = [one for one in CHOICES if has_queue or not {*one[0]} & {"capacity", "per_consultant"}]
        path, scalars = choices[random.integers(len(choices))]
        scalar = scalars[random.integers(len(scalars))]
        state = put(case_desk, path, scalar)
        row = {"key": ".".join(map(str, path)), "value": scalar, "simulated": not state.is_current}
        case_desk.start()
        state = settled(case_desk)
        if state.problem is not None:  # the command line refuses the case with the same words
            try:
                invest(str(case_desk.file.path), progress=False)
                row |= {"equal": False, "what": "only the app refuses"}
            except CosteffError as error:
                row |= {"equal": str(error) == str(state.problem), "what": "both refuse"}
        else:
            others = differences(state)
            row |= {"equal": not others, "what": ", ".join(others)}
        rows.append(row)
    return rows


def main() -> None:
    """Fifty cases; `--log` writes them down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--log", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = random_cases(Path(folder), arguments.count)
    equal, simulated = (sum(bool(row[name]) for row in rows) for name in ("equal", "simulated"))
    said = f"{equal} of {len(rows)} equal to the last bit; {simulated} took a simulation, the others none."
    hows = {True: "simulated", False: "at once"}
    lines = [f"| {r['key']} | {r['value']} | {hows[r['simulated']]} | {r['equal']} | {r['what']} |" for r in rows]
    print("\n".join([*lines, said]))
    if arguments.log:
        day = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
        commit = subprocess.run(
            ("git", "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=True
        ).stdout
        head = ["# Random cases of the app against the command line", "", f"{day}, after {commit.strip()}. {said}", ""]
        table = ["| key | value | how | equal | |", "|---|---|---|---|---|", *lines, ""]
        LOG.write_text("\n".join([*head, *table]), encoding="utf-8")
    raise SystemExit(equal != len(rows))


if __name__ == "__main__":
    main()
