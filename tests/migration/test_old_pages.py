"""Anchored in the documentation of version 0.1.0: its files, commands and Python run, and warnings name the new words.

The quick pages run here; `python tests/migration/old_pages.py` runs all of them.
"""

from __future__ import annotations

import pytest
from migration.old_pages import PAGES, STOPS, run_page

QUICK = {
    "model_language.md": "",
    "replications_hiv.md": "use `from costeff import load`",
    "replications_krijkamp.md": "use `from costeff import load`",
    "simulation_error.md": "use `from costeff.precision.advice import best_individuals`",
    "value_of_information.md": "use `from costeff.voi.trial_design import TrialDesign`",
}
"""Page to a part of a warning that it must give; '' for none."""


@pytest.mark.parametrize("page", QUICK)
def test_a_page_of_0_1_0_runs(page: str) -> None:
    problems, told = run_page(PAGES / page)
    assert problems == []
    assert not QUICK[page] or any(QUICK[page] in line for line in told)


def test_what_must_stop_is_on_a_page() -> None:
    assert all((PAGES / page).is_file() for page, _ in STOPS)
