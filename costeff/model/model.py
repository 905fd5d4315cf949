"""The model: declared elements that have passed every check."""

from __future__ import annotations

from costeff.model.checks.check import check_model
from costeff.model.data import ModelData


class Model(ModelData):
    """A checked model. Build it with `read_model(path)` or directly; `check_model` runs in the constructor.

    Its fields are those of `ModelData`.
    """

    def __post_init__(self) -> None:
        check_model(self)
