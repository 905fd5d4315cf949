"""Answers about a model that are worked out once and kept with it.

A checked model never changes, while every batch of draws asks the same of it: which exits it has, which names change on
the way. A changed model is another object, which knows nothing yet.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from costeff.model.data import ModelData

AnyModel = TypeVar("AnyModel", bound="ModelData")
Answer = TypeVar("Answer")


def once_a_model(ask: Callable[[AnyModel], Answer]) -> Callable[[AnyModel], Answer]:
    """`ask`, which depends on the model alone, keeps its answer on the model."""
    name = f"{ask.__module__}.{ask.__qualname__}"

    @wraps(ask)
    def answer(model: AnyModel) -> Answer:
        memory: dict[str, Any] = model.memory
        if name not in memory:
            memory[name] = ask(model)
        return memory[name]  # type: ignore[no-any-return]

    return answer
