"""What the budget note says, as blocks that Word and the browser set alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.investment.note.answers import five_answers, short_answer
from costeff.investment.report.about import about_rows, risk_rows
from costeff.investment.report.belief import belief_rows, belief_sentences
from costeff.investment.report.budget import YEARS_SHOWN, level_note, level_rows
from costeff.investment.report.department_rows import department_cells
from costeff.investment.report.on_top import on_top_sentence
from costeff.investment.report.stamp import stamp_line
from costeff.investment.report.start_designs import start_columns, start_sentences
from costeff.reporting.note import Note, NoteBlock, NoteTable
from costeff.reporting.numbers import currency_name

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent

BUDGET_YEARS = 5
"""The budget year and four years after it."""


def budget_note(content: CaseContent, language: str) -> Note:
    """The two pages: the answer and five questions of a finance officer, what it rests on; starts as an annex."""
    years = min(BUDGET_YEARS, len(content.years))
    heads, rows = department_cells(content, language, years)
    unit = say("thousand_unit", language, currency=currency_name(content.currency, language), year=content.price_year)
    names = [text for text in (content.municipality, content.programme[language]) if text]
    first = [
        NoteBlock(
            paragraphs=[text for text in (short_answer(content, language), on_top_sentence(content, language)) if text]
        ),
        NoteBlock(
            say("note_questions", language),
            table=NoteTable(
                [say("note_question", language), say("note_answer", language)], five_answers(content, language), 2
            ),
        ),
        NoteBlock(
            say("by_department", language),
            table=NoteTable(heads, rows, 2, f"{unit}, {say('undiscounted', language)}. {say('sign', language)}."),
        ),
    ]
    return Note(
        f"{say('note_title', language)}: {', '.join(names)}",
        _line(content, language),
        [*first, *_second(content, language)],
    )


def _line(content: CaseContent, language: str) -> str:
    return stamp_line(content.case, content.stamp, language)


def _second(content: CaseContent, language: str) -> list[NoteBlock]:
    blocks = []
    if content.belief is not None:
        heads = ["", *(say(key, language) for key in ("belief_column", "evidence_column", "no_effect_column"))]
        table = NoteTable(heads, belief_rows(content, language))
        blocks.append(
            NoteBlock(say("belief_heading", language), belief_sentences(content, language)[:1], table, page=True)
        )
    levels = level_rows(content, language)
    if levels:
        years = [str(year) for year in content.years[:YEARS_SHOWN]]
        heads = [say("level_benefit", language), *years, say("level_now", language), say("level_share", language)]
        note = [level_note(content, language)]
        blocks.append(NoteBlock(say("level_heading", language), note, NoteTable(heads, levels), page=not blocks))
    texts = about_rows(content, language)
    if texts:
        heads = [say("about_what", language), say("about_said", language)]
        blocks.append(NoteBlock(say("about_heading", language), table=NoteTable(heads, texts, 2), page=not blocks))
    risks = risk_rows(content, language)
    if risks:
        heads = [say("about_risk", language), say("about_answer", language)]
        blocks.append(NoteBlock(say("about_risks", language), table=NoteTable(heads, risks, 2)))
    blocks.append(NoteBlock(say("read_with", language), _reservations(content, language)))
    if content.start_designs:  # an annex
        table = NoteTable(*start_columns(content, language))
        blocks.append(NoteBlock(say("start_heading", language), start_sentences(content, language), table, page=True))
    return blocks


def _reservations(content: CaseContent, language: str) -> list[str]:
    keys = ["note_prediction", "note_frames", "note_annex"]
    missing = [] if "risks" in content.about else ["note_no_risks"]
    return [say(key, language) for key in (*keys[:2], *missing, keys[2])]
