"""The friendly face: `load`, `Study`, `Result`. Each method calls a function of a lower layer. Rank 9."""

from __future__ import annotations

from costeff.study.result import Result
from costeff.study.study import Study, load

__all__ = ["Result", "Study", "load"]
