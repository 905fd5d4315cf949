"""PSFS response as a table of a terminal, and one sentence on whether the team is credited."""

from __future__ import annotations

from costeff.catalogue import say
from costeff.psfs.response import PsfsResponse
from costeff.reporting.numbers import write_number, write_percent


def psfs_text(of: PsfsResponse, language: str) -> str:
    """Shares responding with the team, in usual care and under no effect, for each cut and each reference."""
    keys = ("cut", "since", "team", "usual", "no_effect", "gain")
    rows = [[say(f"psfs_{key}", language) for key in keys]]
    for row in of.table.to_dict("records"):
        usual = (
            write_percent(row["usual_care"], language) if row["usual_people"] else say("psfs_not_followed", language)
        )
        rows.append(
            [
                write_number(row["cut"], language, decimals=1),
                say(f"psfs_since_{row['since']}", language),
                write_percent(row["team"], language),
                usual,
                _interval(row["no_effect"], row["no_effect_lo"], row["no_effect_hi"], language),
                _interval(row["gain"], row["lo"], row["hi"], language),
            ]
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(keys))]
    table = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    first = of.table.iloc[0]
    people = {"team": int(first["team_people"]), "usual": int(first["usual_people"])}
    return "\n".join(
        [say("psfs_head", language, **people), "", *table, "", _verdict(of, language), say("psfs_note", language)]
    )


def _verdict(of: PsfsResponse, language: str) -> str:
    if not of.controlled:
        return say("psfs_uncontrolled", language)
    credited = of.table[of.table["credited"]]
    if not len(credited):
        return say("psfs_not_credited", language)
    if len(credited) < len(of.table):
        return say("psfs_in_part", language, number=len(credited), all=len(of.table))
    return say("psfs_credited", language)


def _interval(middle: float, low: float, high: float, language: str) -> str:
    fields = {"middle": middle, "low": low, "high": high}
    return say("psfs_interval", language, **{key: write_percent(value, language) for key, value in fields.items()})
