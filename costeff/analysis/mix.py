"""Several strategies in use at once: the shares of people who get each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.errors import ScenarioError

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData


def read_shares(evaluation: EvaluationData, shares: Mapping[str, float]) -> NDArray[np.float64]:
    """Shares as (strategy,); a strategy left out has none. ScenarioError when unknown, negative or not summing to 1."""
    unknown = [name for name in shares if name not in evaluation.strategies]
    if unknown:
        raise ScenarioError(
            "a share is of an unknown strategy",
            value=", ".join(unknown),
            rule=f"strategies: {', '.join(evaluation.strategies)}",
        )
    values = np.array([float(shares.get(name, 0.0)) for name in evaluation.strategies])
    if not (np.isfinite(values) & (values >= 0)).all() or abs(values.sum() - 1) > 1e-9:
        raise ScenarioError("shares do not make up a whole", value=dict(shares), rule="each 0 or more; they sum to 1")
    return values
