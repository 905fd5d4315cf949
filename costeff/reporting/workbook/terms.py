"""Words of the spreadsheet twin, English and Danish."""

from __future__ import annotations

from costeff.reporting.numbers import check_language

BOOK_TERMS: dict[str, tuple[str, str]] = {
    # sheets (at most 31 characters)
    "sheet_result": ("Result", "Resultat"),
    "sheet_budget": ("By year", "År for år"),
    "sheet_prices": ("Inputs", "Input"),
    "sheet_derived": ("Derived values", "Afledte værdier"),
    "sheet_units": ("Unit prices", "Enhedspriser"),
    "sheet_counted": ("Quantities", "Mængder"),
    "sheet_counted_pv": ("Quantities, discounted", "Mængder, diskonteret"),
    "sheet_cells": ("Calculation", "Beregning"),
    "sheet_cells_pv": ("Calculation, discounted", "Beregning, diskonteret"),
    "sheet_flows": ("Flows", "Pengestrømme"),
    "sheet_flows_pv": ("Flows, discounted", "Pengestrømme, diskonteret"),
    "sheet_simulation": ("Behind the quantities", "Bag mængderne"),
    # result
    "how": (
        "Change a yellow cell on the sheet '{sheet}' and every figure moves. Grey parameters drive the simulation: "
        "changing them needs a new run of costeff.",
        "Ret en gul celle på arket '{sheet}', så ændres alle tal. Grå parametre styrer simuleringen: ændres de, kræver "
        "det en ny kørsel i costeff.",
    ),
    "sign": (
        "Gain: what a party saves or earns under {shown} compared with {comparator}. + is a gain, - a loss.",
        "Gevinst: det, en aktør sparer eller tjener ved {shown} i forhold til {comparator}. + er en gevinst, - et tab.",
    ),
    "plus": ("+ is a gain", "+ er en gevinst"),
    "sign_cost": (
        "Net cost: paid less received. + is a cost.",
        "Nettoudgift: betalt minus modtaget. + er en udgift.",
    ),
    "base_case": (
        "Base case: every parameter at its stated value. Means over draws, as in the reports, differ.",
        "Hovedscenarie: alle parametre har deres angivne værdi. Gennemsnit over trækninger afviger.",
    ),
    "changed": ("Inputs changed", "Ændrede input"),
    "balance": ("Payments add up to zero", "Betalingerne summer til nul"),
    "yes": ("yes", "ja"),
    "no": ("NO", "NEJ"),
    "citizens": ("Number of citizens", "Antal borgere"),
    "perspective": ("Perspective", "Perspektiv"),
    "party": ("Party", "Aktør"),
    "gain": ("Gain (+ = gain)", "Gevinst (+ = gevinst)"),
    "gain_all": ("Gain, all citizens", "Gevinst, alle borgere"),
    "exported": ("Gain as exported", "Gevinst ved eksport"),
    "moved": ("Moved since", "Ændret siden"),
    "mean": (
        "Gain (+ = gain), mean over {draws} draws",
        "Gevinst (+ = gevinst), gennemsnit af {draws} trækninger",
    ),
    "mean_error": ("Monte Carlo error of the mean", "Gennemsnittets usikkerhed fra trækningerne"),
    "settled": ("Sign of the mean is settled", "Gennemsnittets fortegn er afgjort"),
    "unsettled": ("no", "nej"),
    "net_cost": ("Net cost (+ = cost): {strategy}", "Nettoudgift (+ = udgift): {strategy}"),
    "discounted": ("Present values (discounted), {unit}", "Nutidsværdier (diskonteret), {unit}"),
    "undiscounted": ("Not discounted, {unit}", "Ikke diskonteret, {unit}"),
    "gain_by_year": ("Gain by year", "Gevinst pr. år"),
    "cumulated": ("Cumulated gain", "Kumuleret gevinst"),
    "total": ("Total", "I alt"),
    "outside": ("accounts outside society", "konti uden for samfundet"),
    "kr": ("{currency}", "kr."),
    "facts": ("About this workbook", "Om denne projektmappe"),
    # inputs
    "shares_by_year": ("Shares, by year", "Andele, år for år"),
    "name": ("Name", "Navn"),
    "value": ("Value", "Værdi"),
    "was": ("As exported", "Ved eksport"),
    "unit": ("Unit", "Enhed"),
    "kind": ("Kind", "Art"),
    "source": ("Source", "Kilde"),
    "address": ("Address", "Adresse"),
    "note": ("Note", "Note"),
    "may_change": ("May be changed", "Må ændres"),
    "needs_run": ("needs a new run", "kræver ny kørsel"),
    "formula": ("Formula", "Formel"),
    "fixed": ("fixed (no spreadsheet formula)", "fast (ingen regnearksformel)"),
    "factor": ("Discount factor", "Diskonteringsfaktor"),
    # money
    "item": ("Item", "Post"),
    "payer": ("Paid by", "Betales af"),
    "recipient": ("Paid to", "Betales til"),
    "what": ("Time in, event or entry", "Tid i, hændelse eller start"),
    "weight": ("Times", "Gange"),
    "band": ("Weeks", "Uger"),
    "amount": ("Amount", "Beløb"),
    "share": ("Share", "Andel"),
    "unit_price": ("Unit price", "Enhedspris"),
    "counts": ("Counts for parties", "Tæller for aktører"),
    "entry": ("Entry", "Start"),
    "not_positive": ("A number of at least 0", "Et tal på mindst 0"),
    "share_only": ("A share between 0 and 1", "En andel mellem 0 og 1"),
    "number_only": ("A number", "Et tal"),
    "year": ("Year {number}", "År {number}"),
    "per_citizen": ("per citizen", "pr. borger"),
    "whole_case": ("the whole case", "hele casen"),
    "difference": ("Difference", "Forskel"),
}


def book_term(key: str, language: str, **values: object) -> str:
    """The words for `key`, with values put in."""
    check_language(language)
    return BOOK_TERMS[key][language == "da"].format(**values)
