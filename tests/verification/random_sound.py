"""Checks of `costeff verify` on 50 random models without a fault: python tests/verification/random_sound.py [--log]

The models of tests/random_models.py, with what a careful author adds, and parameters that are named after what reads
them. A check that fails is a false alarm. --log writes random_sound.md, with the date and the commit.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from random_models import models  # noqa: E402  # found through the line above

import costeff as ce  # noqa: E402
from costeff.analysis.study import StudyData  # noqa: E402
from costeff.labels import Label  # noqa: E402
from costeff.model import Expression, Flow, Model, Party, Perspective, Scenario, Share, Transition  # noqa: E402
from costeff.verification.verify import Verification, verify  # noqa: E402

MODELS = 50


def sound(model: Model) -> Model:
    """The model with what a careful author would not leave out, and without what nothing reads.

    There is a way into each living state, a death in each, and no clock without a reader. Someone refunds the
    first flow, and those who receive it pay a tax of it.
    """
    living = [s.name for s in model.states if s.alive]
    moves = list(model.transitions)
    entered = {t.target for t in moves}
    moves += [
        Transition(f"on_{b}", a, b, "time_in_state", hazard=Expression(0.02))
        for a, b in pairwise(living)
        if b not in entered
    ]
    death = Transition("death", living[0], "dead", "age", hazard=Expression("0.02 * (t + 1)"), lifelong="death")
    deaths = [t for t in moves if t.target == "dead"] or [death]
    mortal = {t.source for t in moves if t.target == "dead"}
    moves += [replace(deaths[0], name=f"death_{s}", source=s) for s in living if s not in mortal]
    read = {t.clock for t in moves} | {d.clock for d in model.deadlines} | {b.clock for b in model.bands}
    first = model.flows[0]
    refund = Flow(
        "one_refund", "fund", first.payer, Label("refund", "refusion"), of="one", shares=(Share((Expression(0.4),)),)
    )
    tax = Flow("tax", first.recipient, "fund", Label("tax", "skat"), of="one", shares=(Share((Expression(0.1),)),))
    return replace(
        model,
        transitions=tuple(moves),
        clocks=tuple(c for c in model.clocks if c.name in read),
        parties=(*model.parties, Party("fund", Label("fund", "fond"))),
        flows=(*model.flows, refund, tax),
    )


def with_names(model: Model) -> tuple[Model, list[ce.Parameter]]:
    """The model whose hazards, amounts and ratios read parameters of their own, named after exit, item and leg."""
    scale = ce.Parameter("scale", 1.0, "ratio", kind="assumption")
    parameters = {"scale": scale}

    def own(name: str, formula: Expression, unit: str, value: float, clock: str = "") -> Expression:
        year = 2024 if unit.startswith("DKK") else None
        parameters[name] = ce.Parameter(name, value, unit, kind="assumption", price_year=year, clock=clock)
        if unit.startswith("hazard"):  # a hazard of 0 would leave its parameter without a say
            return Expression(f"{formula.text} + 0.01 * {name} + 0 * t")
        return Expression(f"({formula.text}) * {name}")

    moves = []
    for number, t in enumerate(model.transitions, 1):
        assert t.hazard is not None
        name = f"h_{t.source}_{t.target}_{number}"
        moves.append(replace(t, hazard=own(name, t.hazard, "hazard per month", 0.9, t.clock)))
    flows = tuple(
        replace(f, amounts={s: own(f"c_{f.item}_{s}", a, "DKK per month", 3.0) for s, a in f.amounts.items()})
        for f in model.flows
    )
    effects = tuple(
        replace(e, ratio=(own("hr_leg", e.ratio[0], "ratio", 0.8), *e.ratio[1:])) for e in model.strategy_effects
    )
    if effects:
        legs = tuple(sorted({leg for e in effects for leg in e.legs}))
        parameters["hr_leg"] = replace(parameters["hr_leg"], legs=legs)
    changed = replace(model, transitions=tuple(moves), flows=flows, strategy_effects=effects)
    return changed, list(parameters.values())


def study_of_random(model: Model) -> StudyData:
    """A random model as a study, in which someone pays; units are not checked, it has none."""
    model, parameters = with_names(sound(model))
    payer = Perspective("payer", Label("payer", "payer"), ("payer",))
    model = replace(model, perspectives=(payer,))
    scenario = Scenario("random", Label("random", "random"), model="random")
    study = object.__new__(StudyData)
    vars(study).update(model=model, evidence=ce.Evidence(parameters), scenario=scenario)
    return study


def verified(model: Model) -> Verification:
    """Every check."""
    return verify(study_of_random(model))


def main(arguments: list[str]) -> int:
    warnings.simplefilter("ignore")
    standings: dict[str, Counter[str]] = {}
    alarms: list[str] = []
    verified_models = 0

    def look_at(model: Model) -> None:
        nonlocal verified_models
        if verified_models == MODELS:
            return
        verified_models += 1
        for one, verdict in verified(model):
            standings.setdefault(one.name, Counter())[verdict.standing] += 1
            if verdict.standing == "fail":
                alarms.append(f"model {verified_models}: {one.name}, {dict(verdict.fields)}")

    options = settings(
        max_examples=MODELS // 2,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
    )
    for cohort in (False, True):
        seed(2026)(options(given(models(cohort=cohort))(look_at)))()
    commit = ["git", "rev-parse", "--short", "HEAD"]
    head = subprocess.run(commit, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    rows = [f"| `{n}` | {c['pass']} | {c['not applicable']} | {c['fail']} |" for n, c in standings.items()]
    text = "\n".join(
        [
            "# Random models without a fault",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, commit {head}: {verified_models} models, {len(standings)} checks, "
            f"{len(alarms)} false alarms. Every check is run.",
            "",
            "| check | passed | not applicable | failed |",
            "|---|---|---|---|",
            *rows,
            "",
            *alarms,
        ]
    )
    print(text)
    if "--log" in arguments:
        Path(__file__).with_suffix(".md").write_text(text.rstrip() + "\n", encoding="utf-8")
    return 1 if alarms or verified_models < MODELS else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
