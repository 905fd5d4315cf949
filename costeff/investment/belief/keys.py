"""The keys of the section `effect` of a case."""

from __future__ import annotations

from costeff.documents.keys import NUMBER, TEXT, Keys, choice, whole
from costeff.investment.belief.belief import MEASURES

EFFECT = Keys(
    "measure today programme programme_low programme_high",
    measure=choice(*MEASURES),
    weeks=whole(),
    passage=TEXT,
    today=NUMBER,
    today_low=NUMBER,
    today_high=NUMBER,
    programme=NUMBER,
    programme_low=NUMBER,
    programme_high=NUMBER,
    ratio=TEXT,
    other_effects=choice("none", "evidence"),
)
