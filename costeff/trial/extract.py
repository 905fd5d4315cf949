"""Everything of an extract, read once: people, questionnaires, registered time, steps of the programme, health care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from costeff.analysis.study import StudyData
from costeff.errors import ScenarioError
from costeff.trial.answers import Answers, read_answers
from costeff.trial.intake import TrialPeople, read_people
from costeff.trial.lens import Lens
from costeff.trial.persons import PersonRows
from costeff.trial.plan import AnalysisPlan
from costeff.trial.process import Milestones, read_milestones
from costeff.trial.programme_cost import TIME, RegisteredTime, read_time
from costeff.trial.quality import Quality
from costeff.trial.resource_use import CareCosts, read_care

WEEKS_OF_COST = 52


@dataclass(frozen=True, eq=False, repr=False)
class Extract(PersonRows):
    """What an extract holds, in memory. `time` is by group; `steps` and `care` are None without their file."""

    plan: AnalysisPlan
    lens: Lens
    study: StudyData
    trial: TrialPeople
    quality: Quality
    answers: Mapping[str, Answers]
    time: Mapping[str, RegisteredTime]
    milestones: Milestones | None
    care: CareCosts | None

    def people(self) -> int:
        """How many people there are."""
        return self.trial.people()


def read_extract(folder: str | Path, plan: AnalysisPlan, lens: Lens, study: StudyData) -> Extract:
    """Read a folder. Raises ScenarioError for a file that is no table; rows that do not fit are refused and counted."""
    place = Path(folder)
    if not place.is_dir():
        raise ScenarioError(
            "no such folder",
            value=str(place),
            rule="an extract is a folder with a register and persons.csv",
            way_out="check the path, or write a rehearsal with `costeff trial simulate`",
        )
    trial, quality = read_people(place, plan, lens, study.model)
    answers = {}
    for one in plan.questionnaires:
        answers_read = read_answers(place, one, trial, quality.of(one.name, f"{one.name}.csv"))
        if answers_read is not None:
            answers[one.name] = answers_read
    time: Mapping[str, RegisteredTime] = {}
    if plan.registration:
        group_of = {own: plan.strategies[trial.strategy[row]] for own, row in trial.row_of.items()}
        time = read_time(place, plan.registration, group_of, plan.strategies[-1], quality.of("time", TIME))
    milestones = read_milestones(place, trial, quality.of("process", "process.csv"))
    care = read_care(place, trial, WEEKS_OF_COST, quality.of("health_care", "health_care.csv"))
    return Extract(plan, lens, study, trial, quality, answers, time, milestones, care)
