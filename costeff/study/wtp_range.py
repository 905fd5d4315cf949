"""The values of willingness to pay at which curves of a result are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData

WTP_POINTS = 101


def wtp_range(result: ResultData) -> np.ndarray:
    """The scenario's stated willingness-to-pay range; empty when it states none. There is no default threshold."""
    wtp = result.study.scenario.wtp
    return np.unique(np.linspace(*wtp.range, WTP_POINTS)) if wtp else np.array([])
