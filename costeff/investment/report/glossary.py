"""Words used on the pages of an investment case, in English and Danish: a word and what it means, divided by a bar."""

from __future__ import annotations

GLOSSARY: dict[str, tuple[str, str]] = {
    "word_present_value": (
        "Present value|what later amounts are worth today, at the discount rate of the rules; used to rank "
        "cases",
        "Nutidsværdi|hvad senere beløb er værd i dag med regelsættets diskonteringsrente; bruges til at "
        "rangordne cases",
    ),
    "word_payback": (
        "Payback time|the first calendar year, counted from 1, from which the cumulated net is at or above 0 "
        "in that "
        "year and in every later one",
        "Tilbagebetalingstid|det første kalenderår, talt fra 1, fra hvilket det kumulerede nettobeløb er på "
        "eller over 0 "
        "i det år og alle senere",
    ),
    "word_permanent": (
        "Permanent change|net of the last year of the horizon, when the programme still takes citizens in",
        "Varig ændring|nettobeløbet i horisontens sidste år, når indsatsen stadig tager borgere ind",
    ),
    "word_need": (
        "Financing need|the lowest point of the expected cumulated net, undiscounted: what must be found before the "
        "money comes back. A limit in a comparison of cases is on this amount",
        "Finansieringsbehov|det laveste punkt på det forventede kumulerede nettobeløb, udiskonteret: det, der skal "
        "findes, før pengene kommer igen. Et loft i en sammenligning af cases gælder dette beløb",
    ),
    "word_deficit": (
        "Deficit in a draw|the lowest point of that draw's own cumulated net; it says how large the risk is",
        "Underskud i en trækning|det laveste punkt på trækningens eget kumulerede nettobeløb; det viser risikoen",
    ),
    "word_no_effect": (
        "No effect|a run in which the programme costs what it costs and replaces the case work that it replaces, "
        "but changes nobody's course",
        "Ingen effekt|en beregning, hvor indsatsen koster det, den koster, og erstatter den sagsbehandling, den "
        "erstatter, men ikke ændrer nogens forløb",
    ),
    "word_interval": (
        "80 % interval|eight draws in ten of the uncertain inputs lie within it",
        "80 %-interval|otte ud af ti trækninger af de usikre forudsætninger ligger inden for det",
    ),
    "word_draw": (
        "Draw|one set of values of all uncertain inputs",
        "Trækning|ét sæt værdier af alle usikre forudsætninger",
    ),
    "word_municipal": (
        "Municipality, without tax|the departments' budgets; with tax: also the tax account after "
        "equalisation",
        "Kommunen, uden skat|forvaltningernes budgetter; med skat: også skattekontoen efter udligning",
    ),
    "word_refund": (
        "Refund ladder|the state's share of the benefit, which falls from 80 to 40, 30 and 20 % by weeks on "
        "benefits",
        "Refusionstrappe|statens andel af ydelsen, der falder fra 80 til 40, 30 og 20 % efter antal uger på "
        "ydelser",
    ),
}
