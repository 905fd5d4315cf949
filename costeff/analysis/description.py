"""A study described as a reviewer would check it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.model import describe, describe_html

if TYPE_CHECKING:
    from costeff.analysis.study import StudyData


def describe_study(study: StudyData, language: str = "en") -> str:
    """What a reviewer would check: states, clocks, transitions, flows, every parameter and assumption.

    Parameters
    ----------
    study : Study
        The model, its evidence and the settings of the scenario.
    language : str
        Of the texts: "en", "da" or "nb".

    Returns
    -------
    str
        The text, in paragraphs.

    Examples
    --------
    >>> from costeff import load
    >>> study = load("sick_sicker")
    >>> describe_study(study).splitlines()[0]
    'Sick-Sicker, constant rates'
    """
    return describe(study.model, study.evidence, language)


def study_html(study: StudyData) -> str:
    """The same for a notebook."""
    return describe_html(study.model, study.evidence)
