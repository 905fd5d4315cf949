"""PSFS response as rows of a table, as text of a terminal, and one sentence on whether the team is credited."""

from __future__ import annotations

from costeff.catalogue import say
from costeff.psfs.response import PsfsResponse
from costeff.reporting.numbers import write_number, write_percent


def psfs_text(of: PsfsResponse, language: str) -> str:
    """Shares responding with the team, in usual care and under no effect, for each cut and each reference."""
    rows = response_rows(of, language)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    table = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    ending = [psfs_verdict(of, language), say("psfs_note", language)]
    return "\n".join([psfs_heading(of, language), "", *table, "", *ending])


def response_rows(of: PsfsResponse, language: str) -> list[list[str]]:
    """Headings, and a row for each cut and each reference; without scores only what no effect gives."""
    has_scores = bool(of.table["team_people"].any())
    keys = ["cut", "since", *(["team", "usual"] if has_scores else []), "no_effect", *(["gain"] if has_scores else [])]
    rows = [[say(f"psfs_{key}", language) for key in keys]]
    for row in of.table.to_dict("records"):
        usual = row["usual_care"]
        cells = {
            "cut": write_number(row["cut"], language, decimals=1),
            "since": say(f"psfs_since_{row['since']}", language),
            "team": write_percent(row["team"], language) if has_scores else "",
            "usual": write_percent(usual, language) if row["usual_people"] else say("psfs_not_followed", language),
            "no_effect": _interval(row["no_effect"], row["no_effect_lo"], row["no_effect_hi"], language),
            "gain": _interval(row["gain"], row["lo"], row["hi"], language) if has_scores else "",
        }
        rows.append([cells[key] for key in keys])
    return rows


def psfs_heading(of: PsfsResponse, language: str) -> str:
    """Whose scores these are, or that there are none."""
    first = of.table.iloc[0]
    people = {"team": int(first["team_people"]), "usual": int(first["usual_people"])}
    return say("psfs_head", language, **people) if people["team"] else say("psfs_head_none", language)


def psfs_verdict(of: PsfsResponse, language: str) -> str:
    """Whether the team is credited with what is seen, in a sentence."""
    if not of.table["team_people"].any():
        return say("psfs_no_scores", language)
    if not of.controlled:
        return say("psfs_uncontrolled", language)
    with_credit = of.table[of.table["credited"]]
    if not len(with_credit):
        return say("psfs_not_credited", language)
    if len(with_credit) < len(of.table):
        return say("psfs_in_part", language, number=len(with_credit), all=len(of.table))
    return say("psfs_credited", language)


def _interval(middle: float, low: float, high: float, language: str) -> str:
    fields = {"middle": middle, "low": low, "high": high}
    return say("psfs_interval", language, **{key: write_percent(value, language) for key, value in fields.items()})
