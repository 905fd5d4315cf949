"""The price level of a case beyond the years of the price index: a projection that the case states."""

from __future__ import annotations

from dataclasses import replace

from costeff.errors import ScenarioError
from costeff.evidence import Evidence
from costeff.investment.case import Case


def at_case_prices(evidence: Evidence, case: Case) -> Evidence:
    """The evidence with the price index carried on by the growth that the case states (`price_index`).

    Raises EvidenceError for a projection that does not follow the last year of the index, and ScenarioError for a price
    year that neither the index nor the projection has.
    """
    index, where = evidence.price_index, case.places.get("price_index")
    if index is None:
        if case.price_index:
            raise ScenarioError(
                "there is no price index to project",
                where=where,
                value=", ".join(map(str, case.price_index)),
                rule="`price_index` carries the index of the parameter file on by the growth stated",
                way_out="remove `price_index`, or name an index in the parameter file",
            )
        return evidence
    if case.price_index:
        index = index.projected(case.price_index, where)
    if case.price_year not in index.values:
        first, last = min(index.values), max(index.values)
        missing = range(last + 1, case.price_year + 1)
        template = ", ".join(f"{year}: GROWTH" for year in missing) if len(missing) <= 5 else f"{last + 1}: GROWTH, ..."
        raise ScenarioError(
            "there is no price index for this price year",
            where=case.places.get("price_year"),
            value=case.price_year,
            rule=f"the index has figures for {first} to {last}; later years are projections, which the case states",
            way_out=f"write `price_index: {{{template}}}` in the case, with the growth of prices and wages on the year "
            "before that you reckon with (3.4 % is 1.034) and where it is from under `basis`, or choose a year up to "
            f"{last}"
            if case.price_year > last
            else "choose a year that the index has",
        )
    return replace(evidence, price_index=index)
