"""The checklist as a document of headings, paragraphs and tables, which Word and the browser set alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from costeff.calibrate.validation_words import holdout_sentences, sentences
from costeff.catalogue import say
from costeff.reporting.note import Note, NoteBlock, NoteTable
from costeff.study.checklist.cheers import Item, cheers
from costeff.study.decision.board import board_of
from costeff.study.decision.phrases import prediction
from costeff.study.decision.sentences import answers
from costeff.study.decision.table import table_heads, table_rows
from costeff.study.report.validation import validation_of_result

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData

QUESTIONS = (
    *("concept_face", "concept_cross", "input_face", "input_fit", "code_review", "extremes", "traces", "units"),
    *("outcome_face", "outcome_cross", "other_inputs", "compared", "others"),
)
"""The questions of AdViSHE, in its order."""


def checklist(
    result: ResultData,
    language: str,
    check_answers: Mapping[str, str] | None = None,
    appendix: Sequence[NoteBlock] = (),
) -> Note:
    """What to do, as on the first screen of the report, then CHEERS 2022, AdViSHE's questions, and the `appendix`.

    `check_answers` says what checks of the model say to AdViSHE's questions, by their name.
    """
    scenario, items = result.study.scenario, cheers(result, language)
    title = scenario.title[language] if scenario.file else result.model.title[language]
    blank = sum(item.is_blank for item in items)
    about = {"scenario": scenario.name, "model": result.model.name, "draws": int(result.draws), "seed": result.seed}
    blocks = [
        NoteBlock(paragraphs=[say("checklist_intro", language, filled=len(items) - blank, blank=blank)]),
        *_what_to_do(result, language),
        NoteBlock(say("checklist_cheers", language), page=True, table=_cheers_table(items, language)),
        NoteBlock(
            say("checklist_validation", language),
            table=_advishe_table(result, language, check_answers or {}),
            page=True,
        ),
        *appendix,
    ]
    return Note(say("checklist_title", language, title=title), say("checklist_line", language, **about), blocks)


def _what_to_do(result: ResultData, language: str) -> list[NoteBlock]:
    """The five questions with their answers, and the decision of each primary perspective."""
    board = board_of(result)
    rows = [[one.question, " ".join(one.sentences)] for one in answers(board, language)]
    heads = [say("checklist_question", language), say("checklist_answer", language)]
    nature = [prediction(board, language)] if board.is_simulated else []
    decisions = [list(row) for row in table_rows(board, language)]
    return [
        NoteBlock(say("board", language), nature, NoteTable(heads, rows, 2)),
        NoteBlock(say("board_table", language), table=NoteTable(table_heads(language), decisions, 3)),
    ]


def _cheers_table(items: Sequence[Item], language: str) -> NoteTable:
    blank = say("checklist_blank", language)
    rows = [[item.title, " ".join(item.texts) or blank] for item in items]
    return NoteTable([say("checklist_item", language), say("checklist_text", language)], rows, 2)


def _advishe_table(result: ResultData, language: str, check_answers: Mapping[str, str]) -> NoteTable:
    own = dict(check_answers) | _from_validation(result, language)
    blank = say("checklist_blank", language)
    rows = [[say(f"advishe_{name}", language), own.get(name, blank)] for name in QUESTIONS]
    return NoteTable([say("checklist_question", language), say("checklist_answer", language)], rows, 2)


def _from_validation(result: ResultData, language: str) -> dict[str, str]:
    """What the calibration behind the results says of its fit and of figures that were held back."""
    validation, reasons = validation_of_result(result)
    if validation is None or reasons:
        return {"input_fit": say("advishe_no_fit", language)}
    whole, of_holdouts = sentences(validation, language), holdout_sentences(validation, language)
    fit = [text for text in whole if text not in of_holdouts]
    comparison = {"compared": " ".join(of_holdouts)} if of_holdouts else {}
    return {"input_fit": " ".join(fit)} | comparison
