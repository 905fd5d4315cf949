"""Twin of costeff.investment.soem.form_of_costs: the identity by loops. Imports nothing from costeff."""


def net(
    payer: str,
    participants: float,
    difference: float,
    rate: float,
    start: int,
    costs: list[tuple[int, str, float, bool]],
    consequences: list[tuple[str, int, float]],
    prices: list[tuple[str, str, float, int]],
    index: dict[int, float],
    level: int | None,
) -> float:
    """Discounted net gain of one payer. Costs (year, payer, amount, per participant), consequences (item, year,
    units), prices (item, payer, amount, price year)."""
    total = 0.0
    for year, who, amount, each in costs:
        if who == payer:
            total -= amount * (participants if each else 1) / (1 + rate) ** (year - start)
    saved = 0.0
    for item, year, units in consequences:
        for other, who, amount, price_year in prices:
            if other == item and who == payer:
                to = year if level is None else level
                moved = amount if to == price_year else amount * index[to] / index[price_year]
                saved += units * moved / (1 + rate) ** (year - start)
    return total + participants * difference * saved
