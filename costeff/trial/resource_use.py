"""Use of health care as dated amounts with a payer, from registers of contacts, fees and medicine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from costeff.trial.intake import TrialPeople
from costeff.trial.persons import PersonRows
from costeff.trial.quality import Refusals
from costeff.trial.register_rows import plain_id
from costeff.trial.table_text import date, number, rows

HEALTH_CARE = "health_care.csv"
DAYS = 7


@dataclass(frozen=True, eq=False, repr=False)
class CareCosts(PersonRows):
    """Kroner (kinds, N, weeks) by week since inclusion. `kinds` with the payer of each; `missing` ones have no row."""

    kinds: tuple[str, ...]
    payers: tuple[str, ...]
    by_week: np.ndarray
    missing: tuple[str, ...]

    def people(self) -> int:
        """How many people there are."""
        return int(self.by_week.shape[1])

    def of_parties(self, parties: tuple[str, ...]) -> np.ndarray:
        """Kroner (N,) paid by some parties."""
        return np.asarray(self.weeks_of_parties(parties).sum(axis=1))

    def weeks_of_parties(self, parties: tuple[str, ...]) -> np.ndarray:
        """Kroner (N, weeks) paid by some parties, by week since inclusion."""
        own = [i for i, payer in enumerate(self.payers) if payer in parties]
        return np.asarray(self.by_week[own].sum(axis=0))


def read_care(folder: Path, people: TrialPeople, weeks: int, refusals: Refusals) -> CareCosts | None:
    """`health_care.csv`: person, date, kind, amount; amounts from the day of inclusion until `weeks` weeks after it.

    None without the file. Rows of an unknown kind or person, without a date or an amount are refused and counted; those
    outside the time are left out.
    """
    path = folder / HEALTH_CARE
    if not path.is_file():
        return None
    kinds = tuple(people.plan.health_care)
    by_week, has_rows = np.zeros((len(kinds), people.people(), weeks)), np.zeros(len(kinds), bool)
    for line, cells in rows(path, ("person", "date", "kind", "amount"), refusals):
        at, when, kroner = (people.row_of.get(plain_id(cells["person"])), date(cells["date"]), number(cells["amount"]))
        if cells["kind"] not in kinds:
            refusals.refuse("unknown_kind", line)
        elif when is None:
            refusals.refuse("wrong_date", line)
        elif kroner is None or kroner < 0:
            refusals.refuse("wrong_number", line)
        elif at is None:
            refusals.refuse("not_among_persons", line)
        else:
            kind = kinds.index(cells["kind"])
            has_rows[kind] = True
            week = int((np.datetime64(when) - people.inclusion[at]).astype(int)) // DAYS
            if 0 <= week < weeks:
                by_week[kind, at, week] += kroner
    payers = tuple(people.plan.health_care[kind][0] for kind in kinds)
    return CareCosts(
        kinds, payers, by_week, tuple(kind for kind, there in zip(kinds, has_rows, strict=True) if not there)
    )
