"""What a report shows of PSFS scores and of a roll-out, where the scenario speaks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costeff.catalogue import say
from costeff.psfs.read import read_scores
from costeff.psfs.response import PsfsResponse, psfs_response, psfs_without_scores
from costeff.psfs.text import psfs_heading, psfs_verdict, response_rows
from costeff.reporting.numbers import currency_name
from costeff.reporting.tables import Column, html_table
from costeff.rollout.rollout import rollout
from costeff.rollout.text import money_rows, people_reached, reach_rows, rollout_heading

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData
    from costeff.rollout.rollout import Rollout
    from costeff.study.report.content import Content


def psfs_of_result(result: ResultData) -> PsfsResponse | None:
    """Shares responding by the scores of the scenario, or under no effect alone; None where it does not speak of PSFS.

    Raises ResultError for scores that cannot be used.
    """
    plan = result.study.scenario.psfs
    if plan is None:
        return None
    return psfs_without_scores() if plan.scores is None else psfs_response(read_scores(plan.scores))


def rollout_of_result(result: ResultData) -> Rollout | None:
    """The roll-out of the scenario; None without one."""
    return rollout(result) if result.study.scenario.rollout is not None else None


def psfs_section(content: Content, language: str) -> dict[str, Any] | None:
    """The table of shares responding, whether the team is credited, and what no effect rests on."""
    if content.psfs is None:
        return None
    table = _table(response_rows(content.psfs, language), 2, psfs_heading(content.psfs, language))
    return {"verdict": psfs_verdict(content.psfs, language), "table": table, "note": say("psfs_note", language)}


def rollout_section(content: Content, language: str) -> dict[str, Any] | None:
    """Who is reached when and where, and for whom the roll-out pays."""
    of = content.rollout
    if of is None:
        return None
    labels = {view.name: view.label for view in content.perspectives}
    money = say(
        "rollout_money", language, currency=currency_name(content.currency, language), price_year=content.price_year
    )
    return {
        "heading": rollout_heading(of, language),
        "note": of.plan.note[language] if of.plan.note else "",
        "reach": _table(reach_rows(of, language), 1, say("rollout_reach", language)),
        "reached": people_reached(of, language),
        "money": _table(money_rows(of, labels, language), 1, money, as_lists=True),
        "pace": say("rollout_pace", language),
    }


def _table(rows: list[list[str]], words: int, caption: str, *, as_lists: bool = False) -> Any:
    """The first row as headings; its first columns hold words, the others numbers."""
    from markupsafe import Markup

    heads, *body = rows
    columns = [Column(head, i >= words) for i, head in enumerate(heads)]
    return Markup(html_table(columns, body, caption, as_lists=as_lists))
