"""Writes a simulated trial as the files of an extract: register, persons, questionnaires, time, process, health care.

Amounts, minutes and answers are invented: they rehearse the reading, and say nothing about any trial.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from costeff.files import whole_file
from costeff.model.model import Model
from costeff.trial.instruments import Instrument, read_instrument, scores
from costeff.trial.lens import BLANK
from costeff.trial.simulate import SimulatedTrial
from costeff.trial.weeks import column_of

NOTE = "SIMULATED.txt"
MILESTONE_SHARES = (0.9, 0.85, 0.8, 0.6, 0.7)
CARE_MEANS = (9000.0, 2500.0, 1800.0, 6000.0, 3000.0)
PROFILES = 4000


def write_simulated(trial: SimulatedTrial, folder: Path, model: Model, form: str = "csv") -> list[str]:
    """Write the files of an extract; returns their names. Every file is whole, or absent."""
    luck = np.random.default_rng([trial.seed, 7])
    names = [_write_register(trial, folder, form), _table(folder, "persons.csv", _persons(trial, model))]
    lost_from = _lost_from(trial, luck)
    for one in trial.plan.questionnaires:
        instrument = read_instrument(one.instrument)
        names.append(_table(folder, f"{one.name}.csv", _answers(trial, one.name, instrument, lost_from, luck, model)))
    if trial.plan.registration:
        names.append(_table(folder, "time.csv", _time(trial, luck)))
    if trial.plan.process:
        names.append(_table(folder, "process.csv", _process(trial, luck)))
    if trial.plan.health_care:
        names.append(_table(folder, "health_care.csv", _care(trial, luck)))
    with whole_file(str(folder / NOTE)) as draft:
        text = (
            f"Simulated: nobody in these files exists. Plan {trial.plan.name}, hash {trial.plan.short_hash()}, "
            f"seed {trial.seed}, {trial.people} people.\n"
        )
        draft.write_text(text, encoding="utf-8")
    return [*names, NOTE]


def _write_register(trial: SimulatedTrial, folder: Path, form: str) -> str:
    """The wide register: one row for each person, one column for each week."""
    codes = np.array([group.codes[0] or BLANK for group in trial.lens.groups], object)
    columns = [column_of(trial.first_week + w) for w in range(trial.groups.shape[1])]
    name = f"register.{form}"
    if form == "csv":
        with whole_file(str(folder / name)) as draft, draft.open("w", encoding="utf-8", newline="") as file:
            file.write(";".join(["person", *columns]) + "\r\n")
            for own, row in zip(trial.ids(), trial.groups, strict=True):
                file.write(";".join([own, *codes[row]]) + "\r\n")
        return name
    import pyarrow as pa
    from pyarrow import parquet

    arrays = [pa.array(trial.ids())]
    dictionary = pa.array(codes.tolist())
    arrays += [pa.DictionaryArray.from_arrays(pa.array(column), dictionary) for column in trial.groups.T]
    with whole_file(str(folder / name)) as draft:
        parquet.write_table(pa.table(arrays, names=["person", *columns]), draft)
    return name


def _persons(trial: SimulatedTrial, model: Model) -> Iterator[Sequence[object]]:
    columns = [one for one in trial.plan.attributes if one.column]
    attributes_by_name = {a.name: a for a in model.attributes}
    yield ["person", "group", "included", "consultant", *(one.column for one in columns)]
    for i, own in enumerate(trial.ids()):
        cells = []
        for one in columns:
            value = trial.attributes[one.name][i]
            categories = attributes_by_name[one.name].categories
            cells.append(list(categories)[int(value)] if categories else f"{value:.4f}".replace(".", ","))
        yield [own, trial.plan.strategies[trial.strategy[i]], trial.inclusion[i], trial.consultant[i], *cells]


def _lost_from(trial: SimulatedTrial, luck: np.random.Generator) -> np.ndarray:
    """Week from which each person answers no more; dropout by group."""
    assert trial.plan.rehearsal is not None
    share = np.array([trial.plan.rehearsal.dropout.get(name, 0.0) for name in trial.plan.strategies])
    drops = luck.random(trial.people) < share[trial.strategy]
    return np.where(drops, luck.uniform(4, trial.plan.follow_up, trial.people), np.inf)


def _answers(
    trial: SimulatedTrial,
    name: str,
    instrument: Instrument,
    lost_from: np.ndarray,
    luck: np.random.Generator,
    model: Model,
) -> Iterator[Sequence[object]]:
    """Answers near each planned week and at the end of the course, some of them missing by group."""
    plan = next(one for one in trial.plan.questionnaires if one.name == name)
    assert trial.plan.rehearsal is not None
    shares = trial.plan.rehearsal.missing.get(name, {})
    missing = np.array([shares.get(group, 0.0) for group in trial.plan.strategies])[trial.strategy]
    ranges = [
        (1, len(i.levels)) if instrument.preference_based else (int(i.levels[0]), int(i.levels[1]))
        for i in instrument.items
    ]
    profiles = np.column_stack([luck.integers(low, high + 1, PROFILES) for low, high in ranges])
    values = scores(instrument, profiles)
    order = np.argsort(values)
    profiles, values = profiles[order], values[order]
    low, high = values[0], values[-1]
    working = model.state_names.index("work") if "work" in model.state_names else -1
    level = trial.attributes.get("utility", luck.beta(8, 3, trial.people))
    yield ["person", "date", *(item.name for item in instrument.items)]
    for i, own in enumerate(trial.ids()):
        weeks = [*plan.weeks, *([luck.uniform(10, 22)] if plan.end_of_course else [])]
        for week in sorted(weeks):
            if week > 0 and (week > lost_from[i] or luck.random() < missing[i]):
                continue
            state = trial.weeks[i, min(int(week), trial.weeks.shape[1] - 1)]
            if not model.states[state].alive:
                continue
            wish = float(np.clip(level[i] - 0.08 * (state != working) + luck.normal(0, 0.05), 0, 1))
            target = wish if instrument.preference_based else low + (high - low) * (1 - wish)
            at = min(int(np.searchsorted(values, target)), len(values) - 1)
            day = trial.inclusion[i] + round(week * 7 + (luck.uniform(0, 14) if week else 0))
            yield [own, day, *profiles[at]]


def _time(trial: SimulatedTrial, luck: np.random.Generator) -> Iterator[Sequence[object]]:
    assert trial.plan.registration is not None
    kinds = trial.plan.registration.kinds
    own_kinds = [name for name, kind in kinds.items() if kind == "citizen"]
    shared_kinds = [name for name, kind in kinds.items() if kind == "shared"]
    yield ["date", "consultant", "person", "kind", "minutes"]
    months = set()
    for i, own in enumerate(trial.ids()):
        if not trial.consultant[i]:
            continue
        for _ in range(int(luck.poisson(6)) + 1):
            day = trial.inclusion[i] + int(luck.integers(0, 180))
            months.add((trial.consultant[i], day.astype("datetime64[M]")))
            yield [day, trial.consultant[i], own, luck.choice(own_kinds), 15 * int(luck.integers(1, 7))]
    for consultant, month in sorted(months, key=str):
        for name in shared_kinds:
            yield [month.astype("datetime64[D]"), consultant, "", name, 60 * int(luck.integers(1, 6))]


def _process(trial: SimulatedTrial, luck: np.random.Generator) -> Iterator[Sequence[object]]:
    yield ["person", "measure", "date"]
    last = len(trial.plan.strategies) - 1
    for i, own in enumerate(trial.ids()):
        if trial.true_strategy[i] != last:
            continue
        has_had: set[str] = set()
        for k, measure in enumerate(trial.plan.process):
            share = MILESTONE_SHARES[k % len(MILESTONE_SHARES)]
            if all(before in has_had for before in measure.after) and luck.random() < share:
                has_had.add(measure.name)
                yield [own, measure.name, trial.inclusion[i] + int(luck.integers(7 * (k + 1), 7 * (k + 5)))]


def _care(trial: SimulatedTrial, luck: np.random.Generator) -> Iterator[Sequence[object]]:
    yield ["person", "date", "kind", "amount"]
    for i, own in enumerate(trial.ids()):
        for k, kind in enumerate(trial.plan.health_care):
            for _ in range(int(luck.poisson(1.5))):
                amount = luck.gamma(0.5, CARE_MEANS[k % len(CARE_MEANS)] / 0.5)
                day = trial.inclusion[i] + int(luck.integers(0, 364))
                yield [own, day, kind, f"{amount:.2f}".replace(".", ",")]


def _table(folder: Path, name: str, rows: Iterator[Sequence[object]]) -> str:
    with whole_file(str(folder / name)) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return name
