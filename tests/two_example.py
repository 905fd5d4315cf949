"""Two strategies whose increments are written down, for the tests of words: what is right is worked out by hand."""

from __future__ import annotations

import numpy as np

from costeff import Evaluation
from costeff.labels import Label
from costeff.reporting.numbers import SPACE

LABELS = {"usual_care": Label("Usual care", "Vanlig indsats"), "tki2": Label("TKI2", "TKI2")}


def two(cost: list[float], effect: list[float], **more: object) -> Evaluation:
    """Two strategies; the comparator costs 1000 and gives 1 in every draw, the other differs by the lists."""
    costs = np.array([[1000.0, 1000.0 + step] for step in cost])
    effects = np.array([[1.0, 1.0 + step] for step in effect])
    return Evaluation(
        "municipal", "qaly", ("usual_care", "tki2"), "usual_care", costs, effects, **{"currency": "DKK"} | more
    )  # type: ignore[arg-type]


def plain(texts: list[str]) -> list[str]:
    return [text.replace(SPACE, " ") for text in texts]
