"""All checks of a model, and their verdicts as a table and as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costeff.analysis.load import load
from costeff.analysis.study import StudyData
from costeff.catalogue import say
from costeff.errors import ScenarioError
from costeff.problems import closest
from costeff.verification import (  # noqa: F401  each registers its checks
    by_hand,
    by_words,
    clocks,
    decisions,
    declarations,
    discounting,
    health,
    kinds_of_money,
    lives,
    money,
    names,
    price_years,
    strategies,
    uncertainty,
    whole_names,
)
from costeff.verification.subject import Subject
from costeff.verification.verdict import CHECKS, SUBJECTS, Check, Verdict

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Verification:
    """The verdicts on a model.

    Parameters
    ----------
    model : str
        Its name.
    checks : tuple of Check
        What was checked, by subject.
    verdicts : tuple of Verdict
        How each check ended.

    Examples
    --------
    >>> verification = verify("hiv", only=["shares_sum"])
    >>> verification.table()[["check", "verdict"]].to_dict("records")
    [{'check': 'shares_sum', 'verdict': 'pass'}]
    """

    model: str
    checks: tuple[Check, ...]
    verdicts: tuple[Verdict, ...]

    def __iter__(self) -> Iterator[tuple[Check, Verdict]]:
        return iter(zip(self.checks, self.verdicts, strict=True))

    @property
    def failures(self) -> tuple[str, ...]:
        """Names of the checks that failed."""
        return tuple(check.name for check, verdict in self if verdict.standing == "fail")

    def __repr__(self) -> str:
        standings = [verdict.standing for verdict in self.verdicts]
        counts = ", ".join(f"{name}: {standings.count(name)}" for name in ("fail", "pass", "not applicable"))
        return f"Verification: model {self.model}, {counts}"

    def table(self, language: str = "en") -> pd.DataFrame:
        """One row per check: name, subject, number in TECH-VER's list, verdict, what was expected, what came.

        Parameters
        ----------
        language : str
            Of the texts: a code such as "en" or "da".

        Returns
        -------
        DataFrame
            In the order of the subjects.

        Examples
        --------
        >>> verify("hiv", only=["shares_sum"]).table()["expected"][0]
        'At each point of time the shares of people in the states sum to 1.'
        """
        import pandas as pd

        return pd.DataFrame(self.rows(language))

    def rows(self, language: str = "en") -> list[dict[str, Any]]:
        """The rows of `table` as mappings.

        Parameters
        ----------
        language : str
            Of the texts.

        Returns
        -------
        list of dict
            One for each check.

        Examples
        --------
        >>> verify("hiv", only=["shares_sum"]).rows()[0]["tech_ver"]
        '8'
        """
        return [
            {
                "check": one.name,
                "subject": one.subject,
                "tech_ver": one.item,
                "verdict": verdict.standing,
                "expected": say(f"verify_{one.name}", language),
                "came": say(verdict.key, language, **verdict.fields),
            }
            for one, verdict in self
        ]

    def to_json(self, language: str = "en") -> str:
        """The model, the number of checks that failed, and the rows of `table`, as JSON.

        Parameters
        ----------
        language : str
            Of the texts.

        Returns
        -------
        str
            JSON text.

        Examples
        --------
        >>> import json
        >>> json.loads(verify("hiv", only=["shares_sum"]).to_json())["failures"]
        0
        """
        content = {"model": self.model, "failures": len(self.failures), "checks": self.rows(language)}
        return json.dumps(content, ensure_ascii=False, indent=2)


def verify(model: StudyData[Any] | str | os.PathLike[str], only: Collection[str] = ()) -> Verification:
    """Run a model where the answer is known and say of each check what was expected and what came.

    The checks follow TECH-VER (Büyükkaramikli and others 2019). They need no second model, and do not find what no
    run of one model can show.

    Parameters
    ----------
    model : Study, str or path
        What `load` takes or gives.
    only : collection of str
        Names of checks. Default: all.

    Returns
    -------
    Verification
        A verdict for each check.

    Raises
    ------
    CosteffError
        For a model that cannot be read, or a check that does not exist.

    Examples
    --------
    >>> verify("hiv", only=["shares_sum", "dead_stay_dead"]).failures
    ()
    """
    for name in only:
        if name not in CHECKS:
            way_out = closest(name, CHECKS, "see docs/verify.md")
            raise ScenarioError("unknown check", value=name, rule="a name of the table of checks", way_out=way_out)
    subject = Subject(model if isinstance(model, StudyData) else load(model))
    own_checks = sorted(
        (c for c in CHECKS.values() if not only or c.name in only), key=lambda c: SUBJECTS.index(c.subject)
    )
    return Verification(subject.model.name, tuple(own_checks), tuple(one.run(subject) for one in own_checks))
