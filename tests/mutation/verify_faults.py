"""How many faults of each kind `costeff verify` sees: python verify_faults.py [kind] [--other | --fresh-3 | ...]

Each kind is put at five random places into each of four models. A fault is refused by the reader, seen by a check, or
missed; one that leaves every number of a run as it was is counted apart. --other takes five other places and other
models; its faults were looked at when later checks were written. --fresh takes models and places that were drawn once,
after the checks were written; two checks more were written from what it missed, and --fresh-2 was drawn after them, of
the same models. Four checks more were written from what that missed; --fresh-3 was drawn after them, its models too.
From what that missed of one kind two more came, and --fresh-4 was drawn after them, its models anew; short names in
words came from that, and --fresh-5 is after it. --fresh-6 was drawn for one kind, prices put on the year of the
analysis, after its check was written.
--log writes verify_faults.md, or that name with what was asked for.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from mutation.model_faults import FAULTS  # noqa: E402  # found through the line above

from costeff.analysis.load import load  # noqa: E402
from costeff.analysis.study import StudyData  # noqa: E402
from costeff.errors import CosteffError  # noqa: E402
from costeff.simulation.simulate import Simulated  # noqa: E402
from costeff.verification import subject as subjects  # noqa: E402
from costeff.verification.verify import verify  # noqa: E402

MODELS = ("sick_sicker", "sick_sicker_age", "hiv", "tki2_reduced")
OTHER_MODELS = ("sick_sicker", "tki2_reduced", "haderslev", "connect")
FRESH_MODELS = ("expert-at-work", "connect", "haderslev", "followup-teams")
PLACES = 5


def drawn_models(words: str, number: int = 4) -> tuple[str, ...]:
    """Some of the models that come with costeff, drawn with these words as the seed."""
    every = sorted(file.stem for file in (ROOT / "models").glob("*.yaml"))
    return tuple(random.Random(words).sample(every, number))


DRAWINGS = {
    "fresh": ("fresh 20261130 ", FRESH_MODELS),
    "fresh-2": ("second 20261130 ", FRESH_MODELS),
    "fresh-3": ("third 20261130 ", drawn_models("third 20261130 models")),
    "fresh-4": ("fourth 20261130 ", drawn_models("fourth 20261130 models")),
    "fresh-5": ("fifth 20261130 ", drawn_models("fifth 20261130 models")),
    "fresh-6": ("sixth 20261130 ", drawn_models("sixth 20261130 models", 8)),
}
"""What begins the seeds of each drawing, and its models."""
KEPT_OF_A_SCENARIO = ("scenario", "title", "model", "set", "options")
SEED_FAULT = "a seed per strategy"
OF_PARAMETERS = ("a price year off", "a price put on the analysis year")
"""Kinds that change the file of parameters, not the model."""


def faulty(name: str, kind: str, rng: random.Random, folder: Path) -> tuple[str | None, Path]:
    """The model with one fault, written to a file; None where the model has no place for it."""
    yaml = YAML(typ="rt")  # keeps the order of keys, in which names are declared
    yaml.width = 100_000
    model = yaml.load((ROOT / "models" / f"{name}.yaml").read_text(encoding="utf-8"))
    file = ROOT / "parameters" / f"{model['parameters']}.yaml"
    parameters = yaml.load(file.read_text(encoding="utf-8"))
    place = FAULTS[kind](model, parameters, rng) if kind else ""
    for table in (ROOT / "parameters").glob("*.csv"):  # beside the parameters, which name it
        shutil.copy(table, folder)
    for data, path in ((parameters, folder / "p.yaml"), (model, folder / f"{name}.yaml")):
        if data is model and kind in OF_PARAMETERS:
            model["parameters"] = "p.yaml"
        with path.open("w", encoding="utf-8") as out:
            yaml.dump(data, out)
    scenario_file = ROOT / "scenarios" / f"{name}.yaml"
    if not scenario_file.exists() or "set" not in (scenario := yaml.load(scenario_file.read_text(encoding="utf-8"))):
        return place, folder / f"{name}.yaml"
    own = {key: scenario[key] for key in KEPT_OF_A_SCENARIO if key in scenario}  # figures that the model requires
    with (folder / "scenario.yaml").open("w", encoding="utf-8") as out:
        yaml.dump(own | {"model": str(folder / f"{name}.yaml")}, out)
    return place, folder / "scenario.yaml"


def check_unbroken(name: str) -> None:
    """A copy without a fault is neither refused nor failed; else a fault would be said to be seen that is not."""
    with tempfile.TemporaryDirectory() as folder:
        _, file = faulty(name, "", random.Random(0), Path(folder))
        failures = verify(load(file)).failures
    if failures:
        raise SystemExit(f"{name} without a fault: {failures}")


def numbers(study: StudyData[Any]) -> np.ndarray:
    """Everything that a run counts and prices."""
    run = subjects.Subject(study).run(engine=subjects.LIVES)
    costs = [run.cost(p) for p in study.model.perspectives]
    return np.concatenate([x.ravel() for x in (run.time, run.flows.amount, run.effects().value, *costs)])


def seed_per_strategy(*args: Any, seed: int, **options: Any) -> Simulated:
    """The engine with another seed for every strategy but the first."""
    from costeff.simulation.simulate import simulate

    first, other = (simulate(*args, seed=s, **options) for s in (seed, seed + 1))
    quantities = first.quantities
    mixed = {}
    for field, axis in (("time", 1), ("events", 1), ("passages", 1), ("trace", 0), ("come_and_gone", 0)):
        a, b = getattr(quantities, field), getattr(other.quantities, field)
        if a is None:  # only systems count who comes and goes
            continue
        mixed[field] = np.concatenate([a.take([0], axis), b.take(range(1, b.shape[axis]), axis)], axis)
    return replace(first, quantities=replace(quantities, **mixed))


def ending_of(name: str, kind: str, rng: random.Random) -> tuple[str, str]:
    """(how the fault ended, where it was and who saw it)."""
    if kind == SEED_FAULT:
        original, subjects.simulate = subjects.simulate, seed_per_strategy
        try:
            failures = verify(name).failures
        finally:
            subjects.simulate = original
        return ("seen" if failures else "missed"), ", ".join(failures[:2])
    with tempfile.TemporaryDirectory() as folder:
        place, file = faulty(name, kind, rng, Path(folder))
        if place is None:
            return "no place", ""
        try:
            study = load(file)
            verification = verify(study)
        except CosteffError as error:
            return "refused", f"{place}: {str(error).splitlines()[0].split(': ', 1)[-1][:90]}"
        if verification.failures:
            return "seen", f"{place}: {', '.join(verification.failures[:2])}"
        before, after = numbers(load(name)), numbers(study)
        same = before.shape == after.shape and np.array_equal(before, after)
        return ("same numbers" if same else "missed"), place


def main(arguments: list[str]) -> None:
    warnings.simplefilter("ignore")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    other = "--other" in arguments
    fresh = next((word for word in DRAWINGS if f"--{word}" in arguments), "")
    models, first = (DRAWINGS[fresh][1] if fresh else OTHER_MODELS if other else MODELS), PLACES if other else 0
    seed_words = DRAWINGS[fresh][0] if fresh else ""
    for name in models:
        check_unbroken(name)
    head = f"{datetime.now(UTC):%Y-%m-%d}, commit {commit}, models {', '.join(models)}, {PLACES} places each."
    lines = [
        "| kind | refused by the reader | seen by a check | missed | same numbers | share caught |",
        "|---|---|---|---|---|---|",
    ]
    detail = []
    asked = [word for word in arguments if not word.startswith("--")]
    for kind in (k for k in (*FAULTS, SEED_FAULT) if not asked or any(word in k for word in asked)):
        counts: Counter[str] = Counter()
        for name in models:
            for at in range(first, first + (1 if kind == SEED_FAULT else PLACES)):
                ending, place = ending_of(name, kind, random.Random(f"{seed_words}{kind} {name} {at}"))
                counts[ending] += 1
                detail.append(f"- {kind}, {name}: {ending}. {place}".rstrip(". "))
        caught, real = counts["refused"] + counts["seen"], counts["refused"] + counts["seen"] + counts["missed"]
        share = f"{100 * caught / real:.0f} %" if real else "-"
        row = [kind, counts["refused"], counts["seen"], counts["missed"], counts["same numbers"], share]
        lines.append("| " + " | ".join(str(x) for x in row) + " |")
        print(lines[-1], flush=True)
        print("\n".join(d for d in detail if d.startswith(f"- {kind},")), flush=True)
    if "--log" in arguments:
        text = "\n".join(["# Faults that `costeff verify` sees", "", head, "", *lines, "", *detail, ""])
        file = Path(__file__).with_name(f"verify_faults{'_other' * other}{fresh and f'_{fresh}'}.md".replace("-", "_"))
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
