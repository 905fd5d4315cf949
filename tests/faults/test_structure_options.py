"""What the calibration kept of the structure of usual care in TKI2 does what it says."""

from __future__ import annotations

import numpy as np
import pytest
from test_audit_logic import lives

PLAIN = {"hr_return_age10": 1.0, "hr_return_women": 1.0, "hr_relapse_age10": 1.0, "hr_pension_age10": 1.0}


def test_the_grave_are_more_among_those_who_are_still_sick() -> None:
    """At the start by Bayes, later by life: with no way out for them the share of lasting non-return is theirs."""
    grave = {"p_grave_other": 0.3, "hr_return_grave": 0.0, "hr_return_light": 1.0, "h_light_before": 0.05}
    rates = dict.fromkeys((f"h_sick_full_work_{i}" for i in (1, 2, 3, 4)), 0.05)
    end = lives("sick_full", **rates, **grave)
    expected = 0.3 / (0.3 + 0.7 * np.exp(-0.05 * 5))  # after four weeks of wage and one of benefit before the start
    assert end["sick_full"][80] == pytest.approx(expected, abs=0.07)
    late = lives("sick_full", **rates, **grave, spell_min=20.0, spell_max=20.0)
    expected = 0.3 / (0.3 + 0.7 * np.exp(-0.05 * 24))
    assert late["sick_full"][65] == pytest.approx(expected, abs=0.08)


def test_early_pension_is_for_the_grave_and_before_the_reassessment() -> None:
    grave = {"p_grave_other": 1.0, "hr_pension_grave": 1.0, "h_sick_full_early_pension": 0.05} | PLAIN
    found = lives("sick_full", **grave)["disability_pension"]
    assert found[10] == pytest.approx(1 - np.exp(-0.5), abs=0.1)
    assert found[60] == found[21], "no more after 22 weeks of benefit, one of them before the start"
    assert lives("sick_full", p_grave_other=0.0, h_sick_full_early_pension=0.05)["disability_pension"][60] == 0


def test_resource_course_to_social_assistance() -> None:
    found = lives("resource_course", h_resource_course_social_assistance=0.02)["social_assistance"]
    assert found[100] == pytest.approx(1 - np.exp(-2.0), abs=0.07)
