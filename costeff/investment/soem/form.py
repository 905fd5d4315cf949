"""The exchange table of a SØM-style calculation: its columns, records and words, in English and in Danish."""

from __future__ import annotations

from dataclasses import dataclass

from costeff.investment.soem.form_of_costs import PAYERS

COLUMNS = {
    "record": "type",
    "item": "post",
    "label": "betegnelse",
    "year": "år",
    "payer": "aktør",
    "value": "værdi",
    "unit": "enhed",
    "price_year": "prisår",
    "source": "kilde",
}
"""Columns, English to Danish."""
RECORDS = {
    "setting": "indstilling",
    "payer": "aktør",
    "cost": "omkostning",
    "cost_per_participant": "omkostning pr. deltager",
    "consequence": "konsekvens",
    "price": "pris",
    "index": "indeks",
}
"""What a row can be, English to Danish."""
SETTINGS = {
    "title": "titel",
    "target_group": "målgruppe",
    "participants": "deltagere",
    "success_difference": "succesforskel",
    "start_year": "startår",
    "discount_rate": "diskonteringsrente",
    "price_level": "prisniveau",
}
"""Settings, English to Danish; the first two are text and stand in the label column."""
TEXTS = ("title", "target_group")
NEEDED = ("target_group", "participants", "success_difference", "start_year", "discount_rate")


@dataclass(frozen=True)
class Use:
    """Columns that a record needs and those it may have; all others are empty."""

    needs: tuple[str, ...]
    may: tuple[str, ...] = ()


USES = {
    "setting": Use(("item",), ("label", "value", "source")),
    "payer": Use(("item",), ("label",)),
    "cost": Use(("item", "year", "payer", "value"), ("label", "source")),
    "cost_per_participant": Use(("item", "year", "payer", "value"), ("label", "source")),
    "consequence": Use(("item", "year", "value"), ("label", "unit", "source")),
    "price": Use(("item", "payer", "value", "price_year"), ("label", "source")),
    "index": Use(("year", "value"), ("source",)),
}


def is_danish(language: str) -> bool:
    """Whether a table of the language has the Danish form; those of all other languages have the English one."""
    return language == "da"


def words(group: str, language: str) -> dict[str, str]:
    """English name to the word of the language, for `columns`, `records`, `settings` or `payers`."""
    table = {"columns": COLUMNS, "records": RECORDS, "settings": SETTINGS, "payers": PAYERS}[group]
    return dict(table) if is_danish(language) else {name: name for name in table}
