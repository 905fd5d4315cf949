"""Anchored in identities, and in a normal model of two municipalities that is conditioned by whole matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from costeff.trial.learning.elsewhere import elsewhere_row, elsewhere_rows

Z = ndtri((np.arange(4000) + 0.5) / 4000)
PRIOR = np.exp(0.1 + 0.25 * Z)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.72, 1.0])
def test_a_new_place_is_that_of_the_joint_normal(share: float) -> None:
    """Two places with common part and own parts; one is measured with an error of 0.2 and shows 0.5."""
    variance, error, seen = 0.25**2, 0.2, 0.5
    joint = variance * np.array([[1.0, 1 - share], [1 - share, 1.0]])
    gain = joint[:, :1] / (joint[0, 0] + error**2)
    mean = 0.1 + gain[:, 0] * (seen - 0.1)
    covariance = joint - gain @ joint[:1]
    row = elsewhere_row("hr", PRIOR, np.exp(mean[0] + covariance[0, 0] ** 0.5 * Z), share)
    assert np.log(row.elsewhere.middle) == pytest.approx(mean[1], abs=1e-3)
    width = np.log(row.elsewhere.high / row.elsewhere.low) / 3.92
    assert width == pytest.approx(covariance[1, 1] ** 0.5, rel=2e-3)


def test_ends_of_the_share() -> None:
    posterior = np.exp(0.4 + 0.1 * Z)
    same, other = (elsewhere_row("hr", PRIOR, posterior, share) for share in (0.0, 1.0))
    assert same.elsewhere.high == pytest.approx(same.here.high, rel=1e-3)
    assert other.elsewhere.high == pytest.approx(np.percentile(PRIOR, 97.5), rel=1e-3)
    assert same.elsewhere.low < same.here.high
    assert [row.name for row in elsewhere_rows({"hr": PRIOR}, {"hr": posterior}, {"hr": 0.5, "other": 0.5})] == ["hr"]
