"""The block that a board acts on as plain numbers and texts, for summary.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from costeff.calibrate.validation_words import holdout_sentences
from costeff.catalogue import languages
from costeff.reporting.run_facts import plain
from costeff.study.decision.sentences import answers

if TYPE_CHECKING:
    from costeff.study.decision.board import Board


def plain_board(board: Board) -> dict[str, Any]:
    """Sentences in the first language by question, and their numbers; None where a number does not exist."""
    return {
        "prediction": board.is_simulated,
        "answers": {one.key: list(one.sentences) for one in answers(board, languages()[0])},
        "perspectives": {one.perspective: _numbers(asdict(one)) for one in board.decisions},
        "severity": {name: [asdict(one) for one in classes] for name, classes in board.severity.items()},
        "break_even": None
        if board.even is None
        else {
            "perspective": board.even_perspective,
            "wtp": board.even_wtp,
            **{name: None if one is None else _numbers(asdict(one)) for name, one in board.even.items()},
        },
        "worth": None if board.worth is None else _worth(board),
        "assumptions": board.assumptions,
        "parameters": board.parameters,
        "effect_parameters": [asdict(one) for one in board.effect_parameters],
        "holdouts": holdout_sentences(board.validation, languages()[0]) if board.validation else [],
    }


def _worth(board: Board) -> dict[str, Any]:
    worth = board.worth
    assert worth is not None
    study = None if worth.study is None else {"name": worth.study.name, "learns": list(worth.study.learns)}
    parameters = [asdict(one) for one in worth.parameters]
    numbers: dict[str, Any] = _numbers({"wtp": worth.wtp, "perfect": worth.perfect, "parameters": parameters})
    return numbers | {"study": study}


def _numbers(value: Any) -> Any:
    """Not-a-number as None, in every depth."""
    if isinstance(value, dict):
        return {key: _numbers(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(one) for one in value]
    return plain(value)
