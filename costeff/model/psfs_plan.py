"""How a scenario says that its report shows PSFS: who has improved, beside usual care and beside no effect."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from costeff.errors import Place
from costeff.model.formula_section import FormulaSection
from costeff.model.scenario_keys import PSFS


@dataclass(frozen=True)
class PsfsPlan:
    """The section `psfs` of a scenario: the file of the scores, None where none were given yet."""

    scores: Path | None = None
    place: Place | None = None


def read_psfs(top: FormulaSection) -> PsfsPlan:
    """The section `psfs` of a scenario file; the scores stand beside it. Raises ScenarioError for a file not there."""
    block = top.block("psfs", "`psfs`")
    block.closed(PSFS)
    if not block.has("scores"):
        return PsfsPlan(None, block.place)
    file = Path(top.document.file).parent / block.text("scores")
    if not file.is_file():
        rule = "a CSV file with the columns person, group, conversation, score, named from the scenario's folder"
        block.refuse("scores", "the file of PSFS scores is not there", rule, "correct the name, or leave `scores` out")
    return PsfsPlan(file, block.place)
