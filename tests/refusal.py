"""How a formula is refused, and its value as an array: shared by the tests of formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from costeff.errors import FormulaError, Place
from costeff.model.formulas.expression import Expression

PLACE = Place("model.yaml", 7)


def refusal(text: Any, env: dict[str, Any] | None = None) -> str:
    """The message with which a formula is refused, at reading (env None) or at evaluation."""
    if env is None:
        with pytest.raises(FormulaError) as caught:
            Expression(text, PLACE)
    else:
        formula = Expression(text, PLACE)
        with pytest.raises(FormulaError) as caught:
            formula.evaluate(env)
    message = str(caught.value)
    assert message.startswith("model.yaml, line 7: ")
    assert "Rule: " in message
    assert "Way out: " in message
    return message


def array(text: str, **env: Any) -> NDArray[np.float64]:
    return np.asarray(Expression(text).evaluate(env))
